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
}

}  // namespace
}  // namespace fconn::sink::test
