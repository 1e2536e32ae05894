#include <doctest/doctest.h>

#include <algorithm>

#include "interpreter/formats/csv.hh"
#include "interpreter/formats/ndjson.hh"

using namespace fconn;
using formats::CsvShape;

namespace {

/// What a decoder makes of a text in pieces of `size` bytes, or "! " and the failure.
std::string decoded(std::unique_ptr<formats::Decoder> decoder, std::string_view text,
                    std::size_t size) {
  std::string out;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, size);
    text.remove_prefix(piece.size());
    if (auto done = decoder->feed(piece, out); !done) return "! " + done.error().text;
  }
  if (auto done = decoder->finish(out); !done) return "! " + done.error().text;
  out.erase(std::remove(out.begin(), out.end(), '\n'), out.end());
  return out;
}

/// The same in pieces of every size that matters.
std::string read(std::string_view text, CsvShape shape = {}) {
  const std::string whole = decoded(formats::csv_decoder(shape), text, 1U << 20U);
  for (const std::size_t size : {1U, 2U, 3U, 5U, 7U}) {
    CHECK(decoded(formats::csv_decoder(shape), text, size) == whole);
  }
  return whole;
}

std::string written(std::string_view json, char delimiter = ',') {
  value::Arena arena;
  const auto rows = value::parse_json(json, arena);
  REQUIRE(rows.has_value());
  std::string out;
  auto done = formats::append_csv(*rows, delimiter, std::nullopt, arena, out);
  return done ? out : "! " + done.error().text;
}

constexpr std::string_view start = "! this isn't a CSV text that can be read: ";

}  // namespace

TEST_CASE("CSV that is read") {
  struct {
    std::string_view text, json;
  } const cases[] = {
      {"", "[]"},
      {"a,b\n", "[]"},
      {"a,b", "[]"},
      {"\n\r\n\na,b\n\n", "[]"},
      {"a,b\n1,2", R"([{"a":"1","b":"2"}])"},
      {"a,b\r\n1,2\r\n", R"([{"a":"1","b":"2"}])"},
      {"a,b\r1,2\r3,4", R"([{"a":"1","b":"2"},{"a":"3","b":"4"}])"},
      {"a,b\n,\n", R"([{"a":"","b":""}])"},
      {"a\n\"\"\n\n1\n", R"([{"a":""},{"a":"1"}])"},
      {"\xEF\xBB\xBF"
       "a\n1\n",
       R"([{"a":"1"}])"},
      {"\xEF\xBB\xBF"
       "\"a\"\n1\n",
       R"([{"a":"1"}])"},
      {"a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", R"([{"a":"x, y","b":"say \"hi\""}])"},
      {"a,b\n\"line 1\nline 2\r\nline 3\",2\n",
       "[{\"a\":\"line 1\\nline 2\\r\\nline 3\",\"b\":\"2\"}]"},
      {"a,b\n 1 , 2 \n", R"([{"a":" 1 ","b":" 2 "}])"},
      {"a,b\n\"1\",\"2\"", R"([{"a":"1","b":"2"}])"},
      {"a;b\n1;2\n", R"([{"a;b":"1;2"}])"},
      {"\"a \"\"q\"\"\",\n1,2\n", R"([{"a \"q\"":"1","":"2"}])"},
      {"a\n\xC3\xA9\xF0\x9F\x98\x80\n", "[{\"a\":\"\xC3\xA9\xF0\x9F\x98\x80\"}]"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(read(c.text) == c.json);
  }
  CHECK(read("1;\"2;3\"\n4;5", {';', false}) == R"([["1","2;3"],["4","5"]])");
}

TEST_CASE("CSV that isn't read, and the line") {
  struct {
    std::string_view text, why;
  } const cases[] = {
      {"a,b\n1,2\n3\n", "line 3 has 1 field, and line 1 has 2 fields"},
      {"a,b\n1,2,3\n", "line 2 has 3 fields, and line 1 has 2 fields"},
      {"a,b\n\"x\ny\r\nz\",1\n\n2\n", "line 6 has 1 field, and line 1 has 2 fields"},
      {"\n\na\n1,2", "line 4 has 2 fields, and line 3 has 1 field"},
      {"a,b\r1,2\r3", "line 3 has 1 field, and line 1 has 2 fields"},
      {"a,b,a\n", "two columns are called \"a\" on line 1"},
      {"a,,\n", "two columns are called \"\" on line 1"},
      {"a\nx\"y\n", "on line 2 a quote stands inside a field that doesn't begin with one"},
      {"a\n\"x\"y\n", "on line 2 something follows the quote that ends a field"},
      {"a\n1\n\"x\ny", "a field that begins with a quote on line 3 never ends"},
      {"a\n\xFF\n", "line 2 holds bytes that aren't UTF-8"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(read(c.text) == std::string(start) + std::string(c.why));
  }
}

TEST_CASE("a row of CSV has a bound") {
  auto decoder = formats::csv_decoder({});
  const std::string piece(std::size_t{1} << 20U, 'x');
  std::string out;
  REQUIRE(decoder->feed("a\n\"", out).has_value());
  for (int i = 0; i < 16; ++i) {
    auto done = decoder->feed(piece, out);
    if (!done) {
      CHECK(done.error().kind == value::FailureKind::limit);
      CHECK(done.error().text == "the CSV row that begins on line 2 is longer than 16 MiB");
      return;
    }
  }
  FAIL("the row was taken");
}

TEST_CASE("CSV that is written is read back") {
  struct {
    std::string_view json, text;
  } const cases[] = {
      {"[]", ""},
      {R"([{"a":1,"b":null}])", "a,b\r\n1,\r\n"},
      {R"([{"a":1},{"b":true,"a":1.50}])", "a,b\r\n1,\r\n1.50,true\r\n"},
      {R"([{"a, b":"x\"y","c":"1\n2"}])", "\"a, b\",c\r\n\"x\"\"y\",\"1\n2\"\r\n"},
      {R"([{"a":[1,"x"],"b":{"c":1}}])", "a,b\r\n\"[1,\"\"x\"\"]\",\"{\"\"c\"\":1}\"\r\n"},
      {R"([{"a":""},{"a":null}])", "a\r\n\"\"\r\n\"\"\r\n"},
      {R"([[1,2],["x",null]])", "1,2\r\nx,\r\n"},
      {R"([[1,2],[3]])", "! the rows of a CSV text have different lengths"},
      {R"([{}])", "! a CSV text needs a column"},
      {R"([[]])", "! a CSV row needs a field"},
      {R"([{"a":1},[1]])",
       "! the rows of a CSV text must be all objects or all lists, and row 2 is list"},
      {R"([1])", "! the rows of a CSV text must be all objects or all lists, and row 1 is int"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.json);
    CHECK(written(c.json) == c.text);
  }
  CHECK(read(written(R"([{"\uFEFFa":"1"}])")) ==
        "[{\"\xEF\xBB\xBF"
        "a\":\"1\"}]");
  CHECK(written(R"([["a;b","c,d"]])", ';') == "\"a;b\";c,d\r\n");
  CHECK(read(written(R"([{"a":"x, \"y\"\r\nz","b":" "}])")) ==
        R"([{"a":"x, \"y\"\r\nz","b":" "}])");
}

TEST_CASE("lines of JSON") {
  struct {
    std::string_view text, json;
  } const cases[] = {{"", "[]"},
                     {"\n \r\n", "[]"},
                     {"{\"a\":1}\n{\"a\":2}\n", R"([{"a":1},{"a":2}])"},
                     {"{\"a\":1}\r\n\r\n{\"a\":2}", "[{\"a\":1}\r,{\"a\":2}]"},
                     {"\xEF\xBB\xBF{}\n", "[{}]"}};
  for (const auto& c : cases) {
    CAPTURE(c.text);
    for (const std::size_t size : {1U, 2U, 64U}) {
      CHECK(decoded(formats::ndjson_decoder(), c.text, size) == c.json);
    }
  }
}
