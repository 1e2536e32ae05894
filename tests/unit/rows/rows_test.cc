// Where rows and cells are found, and how they are handed over.
#include <doctest/doctest.h>

#include "tests/unit/rows/collect.hh"

using namespace fconn;
using namespace fconn::rows;
using namespace fconn::rows::test;
using support::Cell;

namespace {

/// Both ways must agree; gives the whole-body one.
Collected both(std::string_view text, const Projection& projection, ReaderLimits limits = {}) {
  Collected whole = read_whole(text, projection, limits);
  if (streamable(projection)) {
    for (const std::uint32_t window : {16U, 64U, 1024U}) {
      limits.window_bytes = window;
      const Collected stream = read_stream(
          text, projection, [] { return std::size_t{5}; }, limits);
      CHECK(stream.good == whole.good);
      CHECK(stream.rows == whole.rows);
      CHECK(stream.body_cells == whole.body_cells);
      CHECK(stream.count == whole.count);
      CHECK(stream.first_row == whole.first_row);
      CHECK(stream.last_row == whole.last_row);
      CHECK(stream.rows_missing == whole.rows_missing);
      CHECK(stream.failure.text == whole.failure.text);
    }
  }
  return whole;
}

std::vector<std::string> texts(const Collected& all) {
  std::vector<std::string> out;
  for (const support::SlowRow& row : all.rows) out.push_back(row.text);
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("rows: a list gives its elements, an object is one, null and a missing path none") {
  const Projection root{{}, KeyPath{}, {}};
  const Projection nested{{}, KeyPath{"data", "items"}, {}};
  CHECK(texts(both("[{\"a\":1}, 2 ,\"x\",null,[]]", root)) ==
        Texts{"{\"a\":1}", "2", "\"x\"", "null", "[]"});
  CHECK(texts(both(" {\"a\": 1} ", root)) == Texts{"{\"a\": 1}"});
  CHECK(texts(both("null", root)) == Texts{});
  CHECK(texts(both("[]", root)) == Texts{});
  CHECK(texts(both(R"({"data":{"x":1,"items":[1,2],"y":[3]}})", nested)) == Texts{"1", "2"});
  CHECK(texts(both(R"({"data":{"items":{"id":7}}})", nested)) == Texts{"{\"id\":7}"});
  for (const char* none : {"{}", "[1]", "3", R"({"data":null})", R"({"data":[1]})",
                           R"({"data":{"items":null}})", R"({"items":[1]})", R"({"data":"x"})"}) {
    const Collected all = both(none, nested);
    CHECK(all.good);
    CHECK(all.rows.empty());
    CHECK(all.first_row.empty());
  }
}

TEST_CASE(
    "a body that says something and nothing on the way to the rows is told from one without") {
  const Projection root{{}, KeyPath{}, {}};
  const Projection one{{}, KeyPath{"items"}, {}};
  const Projection deep{{{"error"}}, KeyPath{"data", "o", "nodes"}, {}};
  const auto missing = [](const char* text, const Projection& projection) {
    const Collected all = both(text, projection);
    CHECK(all.good);
    return all.rows_missing;
  };
  CHECK_FALSE(missing("null", root));
  CHECK_FALSE(missing("{}", root));
  for (const char* none : {"null", "{}", R"({"items":null})", R"({"items":[]})", R"({"items":{}})",
                           R"({"error":null,"items":[{"id":1}]})"}) {
    CHECK_FALSE(missing(none, one));
  }
  for (const char* lost :
       {R"({"error":"busy"})", "[]", "[{\"items\":[]}]", "3", R"({"Items":[]})"}) {
    CHECK(missing(lost, one));
  }
  for (const char* none : {"{}", R"({"data":{"o":{}}})", R"({"data":{"o":{"nodes":null}}})",
                           R"({"error":1,"data":{"x":2,"o":""}})"}) {
    CHECK_FALSE(missing(none, deep));
  }
  for (const char* lost :
       {R"({"data":null,"error":["x"]})", R"({"data":{}})", R"({"data":{"o":null}})",
        R"({"data":[{"o":{"nodes":[]}}]})", R"({"o":{"nodes":[]}})"}) {
    CHECK(missing(lost, deep));
  }
}

TEST_CASE("rows that are a scalar are a shape failure that names the path") {
  const Projection nested{{}, KeyPath{"data", "items"}, {}};
  const Collected text = both(R"({"data":{"items":"x"}})", nested);
  CHECK(text.failure.kind == value::FailureKind::shape);
  CHECK(text.failure.text ==
        "the rows at `.data.items` are a string, not a list, an object or null");
  CHECK(both("true", {{}, KeyPath{}, {}}).failure.text ==
        "the rows at `.` are a truth value, not a list, an object or null");
  CHECK(both(R"({"data":{"items": 12}})", nested).failure.text.find("a number") !=
        std::string::npos);
}

TEST_CASE("cells come at any depth, trimmed, missing ones as such") {
  const Projection projection{{{"meta", "next"}, {"meta"}, {"gone"}},
                              KeyPath{"rows"},
                              {{"id"}, {"a", "b", "c"}, {"a"}, {}, {"a", "b"}, {"id"}}};
  const Collected all =
      both(R"({"rows":[{"id": 1 ,"a":{"b":{"c":"x"}}},{"a":{"b":[{"c":1}]}},{"a":null},5],)"
           R"("meta": { "next" : "n" } })",
           projection);
  REQUIRE(all.good);
  CHECK(all.body_cells == std::vector<Cell>{Cell("\"n\""), Cell("{ \"next\" : \"n\" }"), Cell()});
  REQUIRE(all.rows.size() == 4);
  CHECK(all.rows[0].cells == std::vector<Cell>{Cell("1"), Cell("\"x\""),
                                               Cell("{\"b\":{\"c\":\"x\"}}"),
                                               Cell("{\"id\": 1 ,\"a\":{\"b\":{\"c\":\"x\"}}}"),
                                               Cell("{\"c\":\"x\"}"), Cell("1")});
  CHECK(all.rows[1].cells[1] == Cell());
  CHECK(all.rows[1].cells[4] == Cell("[{\"c\":1}]"));
  CHECK(all.rows[2].cells[2] == Cell("null"));
  CHECK(all.rows[2].cells[4] == Cell());
  CHECK(all.rows[3].cells[3] == Cell("5"));
  CHECK(all.first_row == all.rows[0].text);
  CHECK(all.last_row == "5");
  CHECK(all.count == 4);
}

TEST_CASE("keys with escapes match, keys that only look alike don't") {
  const Projection projection{
      {}, KeyPath{"d\xC3\xA9j\xC3\xA0"}, {{"a\"b"}, {"\xF0\x9F\x98\x80"}, {"customer_id"}, {""}}};
  const Collected all = both(R"({"d\u00e9j\u00E0":[{"a\"b":1,"\uD83D\ude00":2,"customer_iD":9,)"
                             R"("customer\u005Fid":3,"customer_id ":8,"":4,"a\\\"b":7}]})",
                             projection);
  REQUIRE(all.rows.size() == 1);
  CHECK(all.rows[0].cells == std::vector<Cell>{Cell("1"), Cell("2"), Cell("3"), Cell("4")});
}

TEST_CASE("of duplicate keys the last one counts, with all that lay in it") {
  const Projection projection{{{"m", "n"}}, KeyPath{"rows"}, {{"a"}, {"b", "c"}}};
  const Collected all =
      both(R"({"m":{"n":1},"rows":[{"a":1,"b":{"c":1},"a":2,"b":{"d":1}}],"m":3})", projection);
  REQUIRE(all.rows.size() == 1);
  CHECK(all.rows[0].text == R"({"a":1,"b":{"c":1},"a":2,"b":{"d":1}})");
  CHECK(all.rows[0].cells == std::vector<Cell>{Cell("2"), Cell()});
  CHECK(all.body_cells == std::vector<Cell>{Cell()});
}

TEST_CASE("a second value for the rows can't be undone, so it fails") {
  const Projection nested{{}, KeyPath{"data", "items"}, {}};
  for (const char* text : {R"({"data":{"items":[1],"items":[2]}})",
                           R"({"data":{"items":[1]},"data":{}})", R"({"data":1,"data":{}})"}) {
    const Collected all = both(text, nested);
    CHECK(all.failure.kind == value::FailureKind::protocol);
    CHECK(all.failure.text.find("twice") != std::string::npos);
  }
}

TEST_CASE("rows and cells with line breaks are minified, others stay as they are") {
  const Projection projection{{}, KeyPath{}, {{"a"}, {"b"}, {}}};
  for (const std::string line : {"\n", "\r\n", "\r"}) {
    const std::string row = "{ \"a\" : [ 1,\"x  y\" ]," + line + "\"b\" : \"\\\" {\" }";
    const Collected all = both("[" + row + "," + line + "{ \"a\": 1 }]", projection);
    REQUIRE(all.rows.size() == 2);
    CHECK(all.rows[0].text == "{\"a\":[1,\"x  y\"],\"b\":\"\\\" {\"}");
    CHECK(all.rows[0].cells ==
          std::vector<Cell>{Cell("[1,\"x  y\"]"), Cell("\"\\\" {\""), Cell(all.rows[0].text)});
    CHECK(all.rows[1].text == "{ \"a\": 1 }");
  }
}

TEST_CASE("cells of the body may lie in the one row") {
  const Projection projection{{{"data", "next"}}, KeyPath{"data"}, {{"id"}, {"n\"ext"}}};
  const Collected all = both(R"({"data":{"id":1,"n\"ext":3,"next":"x"}})", projection);
  REQUIRE(all.rows.size() == 1);
  CHECK(all.rows[0].cells == std::vector<Cell>{Cell("1"), Cell("3")});
  CHECK(all.body_cells == std::vector<Cell>{Cell("\"x\"")});
  const Collected root = both(R"({"id":1,"next":"x"})", {{{"next"}}, KeyPath{}, {{"id"}}});
  CHECK(root.rows.size() == 1);
  CHECK(root.body_cells == std::vector<Cell>{Cell("\"x\"")});
  CHECK(both("[1]", {{{"next"}}, KeyPath{}, {}}).body_cells == std::vector<Cell>{Cell()});
}

TEST_CASE("a body cell that holds the rows needs the whole body") {
  CHECK_FALSE(streamable({{{}}, KeyPath{"data"}, {}}));
  CHECK_FALSE(streamable({{{"data"}}, KeyPath{"data"}, {}}));
  CHECK_FALSE(streamable({{{"data"}}, KeyPath{"data", "items"}, {}}));
  CHECK_FALSE(streamable({{{}}, std::nullopt, {}}));
  CHECK(streamable({{{"data", "total"}, {"date"}}, KeyPath{"data"}, {}}));
  CHECK(streamable({{{"data"}}, std::nullopt, {}}));
  const std::string body = R"({"data": {"items": [1, 2] , "n": 3} })";
  const Projection projection{
      {{}, {"data"}, {"data", "items"}, {"data", "n"}}, KeyPath{"data", "items"}, {}};
  const Collected all = read_whole(body, projection);
  CHECK(texts(all) == Texts{"1", "2"});
  CHECK(all.body_cells == std::vector<Cell>{Cell(body), Cell("{\"items\": [1, 2] , \"n\": 3}"),
                                            Cell("[1, 2]"), Cell("3")});
}

TEST_CASE("limits name themselves") {
  ReaderLimits limits;
  limits.max_row_bytes = 100;
  limits.max_envelope_bytes = 100;
  const std::string big = "\"" + repeated("x", 200) + "\"";
  const Projection projection{{{"c"}}, KeyPath{"rows"}, {}};
  const Collected row = read_whole("{\"rows\":[1," + big + "]}", projection, limits);
  CHECK(row.failure.kind == value::FailureKind::limit);
  CHECK(row.failure.text.find("max_row_bytes") != std::string::npos);
  for (const std::uint32_t window : {16U, 4096U}) {
    limits.window_bytes = window;
    const auto stream = [&](const std::string& text) {
      return read_stream(
                 text, projection, [] { return std::size_t{33}; }, limits)
          .failure;
    };
    CHECK(stream("{\"rows\":[1," + big + "]}").text.find("max_row_bytes") != std::string::npos);
    CHECK(stream("{\"c\":" + big + "}").text.find("max_envelope_bytes") != std::string::npos);
    CHECK(stream("{\"c\":[1,[" + repeated("1,", 100) + "2]]}").kind == value::FailureKind::limit);
    // Rows and skipped parts far beyond the limits in sum are fine.
    CHECK(stream("{\"x\":[" + repeated("[{\"y\":null}],", 1000) + "1],\"rows\":[" +
                 repeated("{\"y\":1},", 1000) + "2],\"c\":3}")
              .text.empty());
  }
}

TEST_CASE("a handler's failure ends the reading") {
  class Refusing final : public RowHandler {
   public:
    value::Result<void> row(std::string_view, std::span<const std::string_view>) override {
      ++calls;
      return value::fail(value::FailureKind::rule, "enough");
    }
    int calls = 0;
  };
  const CompiledProjection compiled({{}, KeyPath{}, {}});
  const std::string body = "[1,2,3]" + std::string(padding, ' ');
  Refusing refusing;
  JsonReader reader;
  const auto result = reader.read(std::string_view(body).substr(0, 7), compiled, refusing);
  REQUIRE_FALSE(result);
  CHECK(result.error().text == "enough");
  CHECK(refusing.calls == 1);
  JsonStream stream(compiled, refusing);
  CHECK(stream.feed("[1,2,3]"));
  CHECK_FALSE(stream.finish());
  CHECK_FALSE(stream.feed("x"));
  CHECK(refusing.calls == 2);
  // The reader is good for the next body.
  Collector collector;
  CHECK(reader.read(std::string_view(body).substr(0, 7), compiled, collector));
  CHECK(collector.rows.size() == 3);
}

TEST_CASE("minifying keeps strings") {
  std::string out = "x";
  append_minified(" { \"a b\" : [ 1 , \"\\\" \\\\\" ] }\r\n", out);
  CHECK(out == "x{\"a b\":[1,\"\\\" \\\\\"]}");
}
