#include "tests/unit/sink/sink_support.hh"

namespace fconn::sink::test {
namespace {

Report report() {
  Report out;
  out.title = "Access report";
  out.asked = {{"email", "ada@example.com"}};
  ReportCollection orders{"orders", "What was bought.", {}};
  orders.fields = {{"email", {"user.contact.email"}}, {"lines", {"user.content"}}};
  out.instances = {{"shop", "The Shop", {orders, {"empty", "", {}}}}};
  return out;
}

std::string page(const std::function<void(value::Sink&)>& fill) {
  const Folder folder;
  auto output = Output::create(folder / "report.html");
  REQUIRE(output);
  const auto sink = make_html(**output, report());
  fill(*sink);
  REQUIRE(sink->close());
  return read(folder / "report.html");
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("the report shows what was asked, each value and its category") {
  const std::string html = page([](value::Sink& sink) {
    REQUIRE(
        sink.write("shop", "orders",
                   batch({R"({"email":"ada@example.com","lines":[{"text":"a"},{"text":"b"}]})"})));
    REQUIRE(sink.finish("shop", "orders", {}));
  });
  CHECK(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  CHECK(html.ends_with("</html>\n"));
  CHECK(holds(html, "<th scope=\"row\">email</th><td>ada@example.com</td>"));
  CHECK(holds(html, "What was bought."));
  CHECK(holds(html,
              "<th scope=\"row\">lines[2].text</th><td class=\"category\">user.content</td>"
              "<td>b</td>"));
  CHECK(holds(html, "<th scope=\"row\">user.contact.email</th><td>shop: orders</td>"));
  CHECK(holds(html, "<p>1 record.</p>"));
}

TEST_CASE("rows can't bring markup or script into the report") {
  const std::string html = page([](value::Sink& sink) {
    REQUIRE(
        sink.write("shop", "orders", batch({R"({"<b>":"<script>alert(1)</script>\u0000\"&'"})"})));
  });
  CHECK_FALSE(holds(html, "<script"));
  CHECK_FALSE(holds(html, "<b>"));
  CHECK(holds(html, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  CHECK(holds(html, "default-src 'none'"));
}

TEST_CASE("what isn't complete is said, with its reason") {
  const std::string html = page([](value::Sink& sink) {
    value::Outcome failed;
    failed.state = value::CollectionState::failed;
    failed.reason = "the server said 500";
    REQUIRE(sink.finish("shop", "orders", failed));
    REQUIRE(sink.write("shop", "empty", batch({"1"})));
  });
  CHECK(holds(html, "0 records; <strong>failed</strong>: the server said 500."));
  CHECK(holds(html, "1 record; <strong>interrupted</strong>."));
  CHECK(holds(html,
              "<strong>This report isn't complete.</strong> There may be more in shop: orders, "
              "shop: empty;"));
}

TEST_CASE("a report without data says whether that is all") {
  const auto found = [](value::CollectionState state, std::uint64_t unlike) {
    return page([&](value::Sink& sink) {
      value::Outcome outcome;
      outcome.state = state;
      outcome.unlike = unlike;
      outcome.skips["no such <person>"] = 2;
      REQUIRE(sink.finish("shop", "orders", outcome));
    });
  };
  const std::string all = found(value::CollectionState::complete, 0);
  CHECK(holds(all, "<p>No data was found.</p>"));
  CHECK_FALSE(holds(all, "isn't complete"));
  CHECK(holds(all, "<p>Gave no records: 2 answers: no such &lt;person&gt;.</p>"));
  CHECK(
      holds(found(value::CollectionState::capped, 0), "No data was found in what could be read."));
  const std::string left_out = found(value::CollectionState::complete, 1);
  CHECK(holds(left_out, "There may be more in shop: orders;"));
  CHECK(holds(left_out, "<p>Left out: 1 record, as an earlier one with the same key"));
}

}  // namespace
}  // namespace fconn::sink::test
