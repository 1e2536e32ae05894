#include <doctest/doctest.h>

#include "interpreter/value/utf8.hh"
#include "interpreter/value/value.hh"

using fconn::value::append_json_string;
using fconn::value::Arena;
using fconn::value::FailureKind;
using fconn::value::parse_json;
using fconn::value::to_json;
using fconn::value::Value;

namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

}  // namespace

TEST_CASE("valid JSON comes back compact, with its numbers as spelt") {
  struct Case {
    std::string_view in, out;
  };
  for (const Case& c :
       {Case{" [ 1 , 2.50 , -0, 1E+2 ] ", "[1,2.50,-0,1E+2]"},
        Case{R"({"a":{"b":[true,false,null]}})", R"({"a":{"b":[true,false,null]}})"},
        Case{R"("\u00e9\/\ud83d\ude00\u0000")", "\"é/😀\\u0000\""}, Case{"{}", "{}"},
        Case{"[[],{}]", "[[],{}]"}, Case{R"({"a":1,"b":2,"a":3})", R"({"a":3,"b":2})"},
        Case{"\t\"x\"\r\n", "\"x\""}, Case{"\"\x7f\"", "\"\x7f\""}}) {
    Arena arena;
    const auto value = parse_json(c.in, arena);
    CAPTURE(c.in);
    REQUIRE(value.has_value());
    CHECK(to_json(*value) == c.out);
  }
}

TEST_CASE("what isn't JSON is refused with its offset") {
  struct Case {
    std::string_view in;
    std::string_view at;
  };
  for (const Case& c : {Case{"", "byte 0,"},
                        Case{"  ", "byte 2,"},
                        Case{"[1 2]", "byte 3,"},
                        Case{"[1,]", "byte 3,"},
                        Case{"{\"a\"}", "byte 4,"},
                        Case{"{\"a\":1,}", "byte 7,"},
                        Case{"{a:1}", "byte 1,"},
                        Case{"01", "byte 1,"},
                        Case{"-", "byte 1,"},
                        Case{"1.", "byte 2,"},
                        Case{"1e", "byte 2,"},
                        Case{"+1", "byte 0,"},
                        Case{".5", "byte 0,"},
                        Case{"tru", "byte 0,"},
                        Case{"nullx", "byte 4,"},
                        Case{"'a'", "byte 0,"},
                        Case{"\"a", "byte 2,"},
                        Case{"\"\\x\"", "byte 2,"},
                        Case{"\"\\u12G4\"", "byte 5,"},
                        Case{"\"\\ud800\"", "byte 7,"},
                        Case{"\"\\udc00\"", "byte 7,"},
                        Case{"\"\\ud800\\u0041\"", "byte 13,"},
                        Case{"\"\n\"", "byte 1,"},
                        Case{"\"\xff\"", "byte 1,"},
                        Case{"\"\xed\xa0\x80\"", "byte 1,"},
                        Case{"[", "byte 1,"},
                        Case{"{", "byte 1,"},
                        Case{"1 2", "byte 2,"},
                        Case{"NaN", "byte 0,"},
                        Case{"\xef\xbb\xbf{}", "byte 0,"}}) {
    Arena arena;
    const auto value = parse_json(c.in, arena);
    CAPTURE(c.in);
    REQUIRE_FALSE(value.has_value());
    CHECK(value.error().kind == FailureKind::protocol);
    CHECK(value.error().text.find(c.at) != std::string::npos);
  }
}

TEST_CASE("nesting is bounded") {
  Arena arena;
  CHECK(parse_json(nested(512), arena).has_value());
  const auto deeper = parse_json(nested(513), arena);
  REQUIRE_FALSE(deeper.has_value());
  CHECK(deeper.error().kind == FailureKind::limit);
  CHECK_FALSE(parse_json(std::string(100000, '{'), arena).has_value());
}

TEST_CASE("strings are escaped as little as JSON allows and are always valid UTF-8") {
  CHECK(quoted("a/b é 😀") == "\"a/b é 😀\"");
  CHECK(quoted("\"\\\b\f\n\r\t\x01\x1f") == R"("\"\\\b\f\n\r\t\u0001\u001f")");
  CHECK(quoted(std::string_view("\0", 1)) == R"("\u0000")");
  CHECK(quoted("a\xff\xc3z") == "\"a\xEF\xBF\xBD\xEF\xBF\xBDz\"");
  CHECK(quoted("\xed\xa0\x80").find('\xed') == std::string::npos);
}

TEST_CASE("kinds that JSON doesn't have") {
  CHECK(to_json(Value::duration(1500)) == "1500");
  CHECK(to_json(Value::bytes("\xff\x01")) == "\"/wE=\"");
  CHECK(to_json(Value::bytes("abc")) == "\"YWJj\"");
  CHECK(to_json(Value::bytes("a")) == "\"YQ==\"");
  CHECK(to_json(Value::bytes("")) == "\"\"");
  CHECK(to_json(Value::xml("<a b=\"c\"/>")) == R"("<a b=\"c\"/>")");
}

TEST_CASE("raw text is copied byte for byte, except that it is put on one line") {
  CHECK(to_json(Value::raw(R"({"a": 1.50, "b":"\/"})")) == R"({"a": 1.50, "b":"\/"})");
  CHECK(to_json(Value::raw("{\n  \"a b\": [\r\n1,\n2]\n}")) == R"({"a b":[1,2]})");
}

TEST_CASE("UTF-8 is read strictly and broken bytes one at a time") {
  using fconn::value::count_code_points;
  using fconn::value::valid_utf8;
  CHECK(valid_utf8("plain text that is longer than a word"));
  CHECK(valid_utf8("é€😀"));
  for (const std::string_view bad :
       {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf8", "\xe2\x82", "eight by\xff"}) {
    CHECK_FALSE(valid_utf8(bad));
  }
  CHECK(count_code_points("é€😀") == 3);
  CHECK(count_code_points("a\xff\xfe") == 3);
}
