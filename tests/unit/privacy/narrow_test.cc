#include <doctest/doctest.h>

#include "interpreter/privacy/narrowing_sink.hh"
#include "tests/unit/privacy/support.hh"

namespace fconn::privacy {
namespace {

ir::Field field(std::string name, std::vector<std::string> categories,
                std::vector<ir::Field> below = {}) {
  ir::Field out;
  out.name = std::move(name);
  out.categories = std::move(categories);
  out.fields = std::move(below);
  return out;
}

ir::Collection people() {
  ir::Collection out;
  out.name = "people";
  out.fields = {
      field("id", {"system.operations"}), field("name", {"user.name"}),
      field("contact", {},
            {field("mail", {"user.contact.email"}), field("note", {"system.operations"})}),
      field("all", {"user.content"})};
  return out;
}

Policy targeting(std::vector<std::string> targets) {
  Policy policy;
  policy.targets = std::move(targets);
  return policy;
}

TEST_CASE("rows keep what is targeted, with its bytes") {
  struct Case {
    std::string_view about, row, narrowed;
  };
  const Case cases[] = {
      {"order and spelling", R"({"id":1,"contact":{"note":"n","mail":"a\u0040b"}, "name" : 1.50})",
       R"({"contact":{"mail":"a\u0040b"},"name":1.50})"},
      {"nulls stay", R"({"name":null,"contact":{"mail":null}})",
       R"({"name":null,"contact":{"mail":null}})"},
      {"empty ones go, at all depths",
       R"({"all":{"a":[],"b":{"c":{}},"d":[[],1, {"e":[ ]}]},"contact":{"note":1}})",
       R"({"all":{"d":[1]}})"},
      {"whole values keep their bytes", R"({"all":{ "a" : [1, 2] }})",
       R"({"all":{ "a" : [1, 2] }})"},
      {"a brace in a string is no object", R"({"all":["{}"]})", R"({"all":["{}"]})"},
      {"nothing left is still a row", R"({"id":1})", "{}"},
      {"a row that is no object", R"("ada@example.com")", "{}"},
      {"a row that is a list", R"([{"name":"Ada"}])", "{}"},
      {"a scalar where an object is declared", R"({"contact":"ada@example.com"})",
       R"({"contact":"ada@example.com"})"},
      {"lists of objects", R"({"contact":[{"mail":"a"},{"note":"n"},{"mail":"b"}]})",
       R"({"contact":[{"mail":"a"},{"mail":"b"}]})"},
  };
  const ir::Collection collection = people();
  const Policy policy = targeting({"user"});
  const Narrower narrower(collection, policy);
  CHECK(narrower.fields().size() == 3);
  for (const Case& c : cases) {
    CAPTURE(c.about);
    std::string out;
    narrower.narrow(c.row, out);
    CHECK(out == c.narrowed);
  }
}

TEST_CASE("a category covers its own alone") {
  const ir::Collection collection = people();
  CHECK(Narrower(collection, targeting({"user.contact"})).fields().size() == 1);
  CHECK(!Narrower(collection, targeting({"user.cont"})).keeps_anything());
}

class Collected : public value::Sink {
 public:
  value::Result<void> write(std::string_view, std::string_view,
                            const value::RowBatch& batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      rows.emplace_back(batch.row(i));
      hashes.push_back(batch.hash(i));
    }
    request = batch.provenance.request;
    return {};
  }
  value::Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }
  value::Result<void> close() override { return {}; }

  std::vector<std::string> rows;
  std::vector<value::RowHash> hashes;
  std::string request;
};

TEST_CASE("batches keep their count, hashes and provenance; a stranger's rows don't get through") {
  const ir::Collection collection = people();
  const Policy policy = targeting({"user.name"});
  Narrowers narrowers;
  narrowers["shop"].emplace("people", Narrower(collection, policy));
  Collected inner;
  const auto sink = make_narrowing(inner, narrowers);
  value::RowBatch batch;
  for (const std::string_view row :
       {R"({"id":1,"name":"a"})", R"({"id":2,"name":"b"})", R"({"id":3})"}) {
    batch.text() += row;
    batch.end_row({row.size(), static_cast<std::uint32_t>(batch.size())});
  }
  batch.drop(1);
  batch.provenance.request = "r7";
  REQUIRE(sink->write("shop", "people", batch));
  CHECK(inner.rows == std::vector<std::string>{R"({"name":"a"})", "{}"});
  CHECK(inner.hashes.at(1) == batch.hash(2));
  CHECK(inner.request == "r7");
  CHECK(!sink->write("shop", "others", batch));
  CHECK(inner.rows.size() == 2);
}

}  // namespace
}  // namespace fconn::privacy
