#include <doctest/doctest.h>

#include "interpreter/value/value.hh"

using fconn::value::Arena;
using fconn::value::compare_numbers;
using fconn::value::decoded;
using fconn::value::equal;
using fconn::value::parse_json;
using fconn::value::Value;

namespace {

struct Case {
  std::string_view a, b;
  bool same;
};

const Case cases[] = {
    {"1", "1", true},
    {"1", "1.0", true},
    {"1", "10e-1", true},
    {"100", "1e2", true},
    {"0", "-0.0", true},
    {"0", "0e99999999999999999999", true},
    {"1", "\"1\"", false},
    {"1", "true", false},
    {"1", "2", false},
    {"0.1", "0.10", true},
    {"0.1", "0.01", false},
    {"9007199254740993", "9007199254740992.0", false},
    {"9007199254740993", "9007199254740993.0", true},
    {"123456789012345678901234567890", "123456789012345678901234567891", false},
    {"123456789012345678901234567890", "1.2345678901234567890123456789e29", true},
    {"1e400", "1e401", false},
    {"-1", "1", false},
    {"null", "null", true},
    {"null", "false", false},
    {"null", "0", false},
    {"\"a\"", "\"\\u0061\"", true},
    {"\"a\\nb\"", "\"a\\u000ab\"", true},
    {"\"a\"", "\"A\"", false},
    {"[1, 2]", "[1.0,2]", true},
    {"[1,2]", "[2,1]", false},
    {"[1]", "[1,1]", false},
    {"{\"a\":1,\"b\":[]}", "{\"b\":[],\"a\":1.0}", true},
    {"{\"a\":1}", "{\"b\":1}", false},
    {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
    {"{\"a\":1,\"a\":2}", "{\"a\":2}", true},
    {"[]", "{}", false},
};

}  // namespace

TEST_CASE("equality is exact and typed, whether values are raw or parsed") {
  Arena arena;
  for (const Case& c : cases) {
    CAPTURE(c.a);
    CAPTURE(c.b);
    const Value a = *parse_json(c.a, arena);
    const Value b = *parse_json(c.b, arena);
    CHECK(equal(a, b, arena) == c.same);
    CHECK(equal(b, a, arena) == c.same);
    CHECK(equal(Value::raw(c.a), b, arena) == c.same);
    CHECK(equal(a, Value::raw(c.b), arena) == c.same);
    CHECK(equal(Value::raw(c.a), Value::raw(c.b), arena) == c.same);
  }
}

TEST_CASE("values of kinds that JSON doesn't have") {
  Arena arena;
  CHECK(equal(Value::duration(5), Value::duration(5), arena));
  CHECK_FALSE(equal(Value::duration(5), Value::of(5), arena));
  CHECK_FALSE(equal(Value::bytes("a"), Value::string("a"), arena));
  CHECK(equal(Value::xml("<a/>"), Value::xml("<a/>"), arena));
}

TEST_CASE("numbers are ordered by their digits") {
  struct Order {
    std::string_view a, b;
  };
  Arena arena;
  for (const Order& o :
       {Order{"1", "2"}, Order{"-2", "-1"}, Order{"-1", "0"}, Order{"0", "0.001"},
        Order{"0.09", "0.1"}, Order{"9", "10"}, Order{"9.99", "10"}, Order{"1e9", "1e10"},
        Order{"-1e10", "-1e9"}, Order{"9007199254740992.5", "9007199254740993"},
        Order{"9223372036854775807", "9223372036854775808"}, Order{"1e-400", "1e400"},
        Order{"-1.5", "-1.25"}}) {
    CAPTURE(o.a);
    CAPTURE(o.b);
    const Value a = *parse_json(o.a, arena);
    const Value b = *parse_json(o.b, arena);
    CHECK(compare_numbers(a, b) < 0);
    CHECK(compare_numbers(b, a) > 0);
    CHECK(compare_numbers(a, a) == 0);
  }
}
