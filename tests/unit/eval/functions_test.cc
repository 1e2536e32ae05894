// Library functions beyond their examples, and what stands beside the evaluator.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/eval/support.hh"

using namespace eval_test;
using fconn::ir::ScalarType;

TEST_CASE("the table is complete and documented") {
  const auto& table = fconn::eval::intrinsics();
  for (const std::string_view name : {"lower",
                                      "upper",
                                      "trim",
                                      "trim_start",
                                      "trim_end",
                                      "split",
                                      "join",
                                      "replace",
                                      "slice",
                                      "contains",
                                      "starts_with",
                                      "ends_with",
                                      "quote",
                                      "format",
                                      "title",
                                      "pascal_case",
                                      "snake_case",
                                      "camel_case",
                                      "length",
                                      "first",
                                      "last",
                                      "keys",
                                      "values",
                                      "pairs",
                                      "sort",
                                      "unique",
                                      "group_by",
                                      "sum",
                                      "min",
                                      "max",
                                      "range",
                                      "zip",
                                      "flatten",
                                      "merge",
                                      "pick",
                                      "omit",
                                      "difference",
                                      "without_nulls",
                                      "without_empty",
                                      "int",
                                      "number",
                                      "string",
                                      "bool",
                                      "json",
                                      "parse_json",
                                      "base64",
                                      "base64_decode",
                                      "base64url",
                                      "base64url_decode",
                                      "hex",
                                      "hex_decode",
                                      "percent",
                                      "form_encode",
                                      "md5",
                                      "sha1",
                                      "sha256",
                                      "sha512",
                                      "hmac_sha1",
                                      "hmac_sha256",
                                      "hmac_sha512",
                                      "jwt",
                                      "unix",
                                      "iso8601",
                                      "parse_time",
                                      "format_time",
                                      "add_time",
                                      "seconds",
                                      "random_string",
                                      "csv",
                                      "parse_csv",
                                      "parse_xml",
                                      "xpath",
                                      "file",
                                      "now",
                                      "uuid"}) {
    CAPTURE(name);
    CHECK(fconn::eval::find_intrinsic(name) != nullptr);
  }
  CHECK(fconn::eval::find_intrinsic("nonsense") == nullptr);
  CHECK(std::is_sorted(table.begin(), table.end(),
                       [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const auto& one : table) {
    CAPTURE(one.name);
    CHECK(one.summary.size() > 10);
    CHECK(one.summary.back() == '.');
    CHECK((one.function != nullptr));
    CHECK(one.examples.size() >= 2);
    for (const auto& parameter : one.parameters) {
      CHECK_FALSE(parameter.name.empty());
      CHECK(parameter.optional == !parameter.default_text.empty());
    }
  }
}

TEST_CASE("descriptions of types") {
  using fconn::eval::Type;
  CHECK(describe(Type::any) == "anything");
  CHECK(describe(Type::number) == "int or number");
  CHECK(describe(Type::string | Type::list | Type::object) == "string, list or object");
}

TEST_CASE("letters outside ASCII") {
  World world;
  const auto lower = [&](std::string text) { return world.shown(call("lower", {str(text)})); };
  const auto upper = [&](std::string text) { return world.shown(call("upper", {str(text)})); };
  CHECK(lower("ÀÉÎÕÜÞ×ĀŐŻŸ") == "\"àéîõüþ×āőżÿ\"");
  CHECK(upper("àéîõüþ÷āőżÿ") == "\"ÀÉÎÕÜÞ÷ĀŐŻŸ\"");
  CHECK(lower("ΆΈΌΏΑΩ ЀЯЂ ՀԱ ẠỸ") == "\"άέόώαω ѐяђ հա ạỹ\"");
  CHECK(upper("άέόώαω ѐяђ հա ạỹ ς") == "\"ΆΈΌΏΑΩ ЀЯЂ ՀԱ ẠỸ Σ\"");
  CHECK(upper("中文 ß") == "\"中文 ß\"");
}

TEST_CASE("every capital goes down and comes back") {
  World world;
  const std::string capitals =
      "ABCXYZÀÖØÞĀĮĲĶĹŇŊŶŹŽǍǛǞǮǸȞȢȲΑΡΣΫϘϮЀЏАЯѠҀҊҾӀӁӍӐԮԱՖ"
      "Ḁ"
      "Ẕ"
      "Ạ"
      "Ỿ";
  const auto low = world.evaluate(call("lower", {str(capitals)}));
  REQUIRE(low.has_value());
  CHECK(low->view() != capitals);
  CHECK(world.shown(call("upper", {str(std::string(low->view()))})) == "\"" + capitals + "\"");
}

TEST_CASE("positions count characters") {
  World world;
  const auto slice = [&](Expr of, std::int64_t from, Expr to) {
    return world.shown(call("slice", {std::move(of), num(from), std::move(to)}));
  };
  CHECK(slice(str("añ😀b"), 1, num(3)) == "\"ñ😀\"");
  CHECK(slice(str("añ😀b"), -2, null()) == "\"😀b\"");
  CHECK(slice(str("ab"), -9, num(1)) == "\"a\"");
  CHECK(slice(str("ab"), 2, num(1)) == "\"\"");
  CHECK(slice(str("ab"), INT64_MIN, num(INT64_MAX)) == "\"ab\"");
  CHECK(world.shown(call("length", {str("añ😀")})) == "3");
  CHECK(world.shown(call("trim", {str(" \u00a0x\u3000\n"), null()})) == "\"x\"");
  CHECK(world.shown(call("trim", {str("éaé"), str("é")})) == "\"a\"");
}

TEST_CASE("format") {
  World world;
  struct Case {
    Expr value;
    std::string pattern, result;
  };
  for (const Case& c : std::vector<Case>{{dec("2.345"), "%05.1f", "002.3"},
                                         {num(-7), "%05d", "-0007"},
                                         {num(7), "%+d", "+7"},
                                         {num(7), "% d", " 7"},
                                         {num(7), "%5d|", "    7|"},
                                         {num(7), "%-5d|", "7    |"},
                                         {num(255), "%04X", "00FF"},
                                         {str("héé"), "%.2s", "hé"},
                                         {str("x"), "100%% %s", "100% x"},
                                         {dec("3.0"), "%d", "3"},
                                         {num(INT64_MIN), "%d", "-9223372036854775808"},
                                         {dec("0.5"), "%.0f", "0"},
                                         {yes(), "%6s", "  true"}}) {
    CAPTURE(c.pattern);
    CHECK(world.shown(call("format", {c.value, str(c.pattern)})) == '"' + c.result + '"');
  }
  for (const Case& c : std::vector<Case>{{num(1), "%q", ""},
                                         {num(1), "none", ""},
                                         {num(1), "%d%d", ""},
                                         {str("a"), "%d", ""},
                                         {dec("1.5"), "%d", ""},
                                         {num(1), "%9999d", ""},
                                         {num(1), "%", ""},
                                         {dec("1e300"), "%f", ""}}) {
    CAPTURE(c.pattern);
    CHECK(world.shown(call("format", {c.value, str(c.pattern)})).substr(0, 2) == "! ");
  }
}

TEST_CASE("times") {
  World world;
  const auto iso = [&](std::string text) { return world.shown(call("iso8601", {str(text)})); };
  CHECK(iso("2024-05-06") == "\"2024-05-06T00:00:00Z\"");
  CHECK(iso("2024-05-06 07:08") == "\"2024-05-06T07:08:00Z\"");
  CHECK(iso("2024-05-06T07:08:09.120+0530") == "\"2024-05-06T01:38:09.12Z\"");
  CHECK(iso("2024-05-06T07:08:09.1234567Z") == "\"2024-05-06T07:08:09.123456Z\"");
  CHECK(iso("2016-12-31T23:59:60Z") == "\"2017-01-01T00:00:00Z\"");
  CHECK(iso("0000-01-01") == "\"0000-01-01T00:00:00Z\"");
  for (const std::string bad :
       {"", "2024", "2024-13-01", "2023-02-29", "2024-05-06T", "2024-05-06T24:00:00Z",
        "2024-05-06T07:08:09Zx", "2024-05-06T07:08:09.Z", "2024-05-06T07:08:09+25:00", "today",
        "0000-01-01T00:00:00+01:00"}) {
    CAPTURE(bad);
    CHECK(iso(bad).substr(0, 2) == "! ");
  }
  CHECK(world.shown(call("unix", {str("1969-12-31T23:59:59.5Z")})) == "-1");
  CHECK(world.shown(call("iso8601", {dec("-0.5")})) == "\"1969-12-31T23:59:59.5Z\"");
  CHECK(world.shown(call("iso8601", {num(INT64_MAX)})).substr(0, 2) == "! ");
  CHECK(world.shown(call("iso8601", {num(253402300799)})) == "\"9999-12-31T23:59:59Z\"");
  CHECK(world.shown(call("iso8601", {num(253402300800)})).substr(0, 2) == "! ");
  CHECK(world.shown(call("now", {})) == "\"2024-05-06T07:08:09Z\"");
  world.clock.extra_ms = 40;
  CHECK(world.shown(call("now", {})) == "\"2024-05-06T07:08:09.04Z\"");
}

TEST_CASE("times in other formats") {
  World world;
  const std::string time = "2024-01-09T13:04:05.25Z";
  struct Case {
    std::string format, text;
  };
  for (const Case& c :
       std::vector<Case>{{"%Y-%m-%dT%H:%M:%S.%f%z", "2024-01-09T13:04:05.250000+0000"},
                         {"%F %T", "2024-01-09 13:04:05"},
                         {"%a %A %b %B %e", "Tue Tuesday Jan January  9"},
                         {"%y %j %I %p %%", "24 009 01 PM %"},
                         {"%a, %d %b %Y %T %Z", "Tue, 09 Jan 2024 13:04:05 GMT"},
                         {"%Y%m%dT%H%M%SZ", "20240109T130405Z"},
                         {"%FT%T.%LZ", "2024-01-09T13:04:05.250Z"},
                         {"%s", "1704805445"}}) {
    CAPTURE(c.format);
    CHECK(world.shown(call("format_time", {str(time), str(c.format)})) == '"' + c.text + '"');
  }
  const auto parse = [&](std::string text, std::string format) {
    return world.shown(call("parse_time", {str(text), str(format)}));
  };
  CHECK(parse("2024-01-09T13:04:05.25+0100", "%Y-%m-%dT%H:%M:%S.%f%z") ==
        "\"2024-01-09T12:04:05.25Z\"");
  CHECK(parse("Tue, 9 jan 24 12:00 AM", "%a, %d %b %y %I:%M %p") == "\"2024-01-09T00:00:00Z\"");
  CHECK(parse("2024 060", "%Y %j") == "\"2024-02-29T00:00:00Z\"");
  CHECK(parse("1704805445", "%s") == "\"2024-01-09T13:04:05Z\"");
  // RFC 9110, section 5.6.7: the three forms of a date in HTTP.
  CHECK(parse("Sun, 06 Nov 1994 08:49:37 GMT", "%a, %d %b %Y %T %Z") == "\"1994-11-06T08:49:37Z\"");
  CHECK(parse("Sunday, 06-Nov-94 08:49:37 GMT", "%A, %d-%b-%y %T %Z") ==
        "\"1994-11-06T08:49:37Z\"");
  CHECK(parse("Sun Nov  6 08:49:37 1994", "%a %b %e %T %Y") == "\"1994-11-06T08:49:37Z\"");
  CHECK(parse("Sun, 06 Nov 1994 09:49:37 CET", "%a, %d %b %Y %T %Z").substr(0, 2) == "! ");
  CHECK(parse("Sun, 06 Nov 1994 03:49:37 -0500", "%a, %d %b %Y %T %z") ==
        "\"1994-11-06T08:49:37Z\"");
  // No zone has summer time here: an hour that a clock on the wall skips is an hour like others.
  CHECK(parse("2024-03-31 02:30", "%F %H:%M") == "\"2024-03-31T02:30:00Z\"");
  CHECK(parse("99", "%y") == "\"1999-01-01T00:00:00Z\"");
  CHECK(parse("2024-01-09x", "%F").substr(0, 2) == "! ");
  CHECK(parse("2024", "%Q").find("`%Q`") != std::string::npos);
  CHECK(parse("2024", "%Y%").substr(0, 2) == "! ");
  CHECK(world.shown(call("format_time", {str(time), str("%Q")})).find("`%Q`") != std::string::npos);
}

TEST_CASE("decoders refuse what isn't encoded") {
  World world;
  for (const std::string bad : {"a", "ab=c", "a===", "YQ=", "YQ===", "Y Q", "YT-_"}) {
    CAPTURE(bad);
    CHECK(world.shown(call("base64_decode", {str(bad)})).substr(0, 2) == "! ");
  }
  CHECK(world.shown(call("base64_decode", {str("YT\r\npi")})) == "\"a:b\"");
  CHECK(world.shown(call("base64_decode", {str("")})) == "\"\"");
  CHECK(world.shown(call("base64url_decode", {str("YT+/")})).substr(0, 2) == "! ");
  CHECK(world.shown(call("hex_decode", {str("abc")})).substr(0, 2) == "! ");
  CHECK(world.shown(call("hex_decode", {str("zz")})).substr(0, 2) == "! ");
}

TEST_CASE("lists are ordered exactly") {
  World world;
  const auto list = [](std::vector<Expr> elements) { return node(Op::list, std::move(elements)); };
  CHECK(world.shown(call("sort", {list({dec("9007199254740993.5"), num(9007199254740993)}),
                                  null()})) == "[9007199254740993,9007199254740993.5]");
  CHECK(world.shown(call("sort", {list({num(1), str("a")}), null()})).find("mixture") !=
        std::string::npos);
  CHECK(world.shown(call("max", {list({yes()})})).substr(0, 2) == "! ");
  CHECK(world.shown(call("unique", {list({dec("9007199254740993.0"), num(9007199254740992),
                                          num(9007199254740993)}),
                                    null()})) == "[9007199254740993.0,9007199254740992]");
  CHECK(world.shown(call("sum", {list({num(INT64_MAX), num(1)})})).substr(0, 2) == "! ");
  world.cells = {R"([{"k":"b","n":1},{"n":2},{"k":"a"}])"};
  CHECK(world.shown(call("sort", {cell(0), str("k")})) == R"([{"k":"a"},{"k":"b","n":1},{"n":2}])");
  CHECK(world.shown(call("group_by", {cell(0), str("k")})).substr(0, 2) == "! ");
}

TEST_CASE("random texts are drawn from the alphabet and differ") {
  World world;
  const auto one = world.evaluate(call("random_string", {num(20), str("äb")}));
  REQUIRE(one.has_value());
  CHECK(one->view().find_first_not_of("äb") == std::string_view::npos);
  CHECK(world.shown(call("uuid", {})) != world.shown(call("uuid", {})));
  CHECK(world.shown(call("random_string", {num(-1), str("a")})).substr(0, 2) == "! ");
  CHECK(world.shown(call("random_string", {num(10001), str("a")})).substr(0, 2) == "! ");
  CHECK(world.shown(call("random_string", {num(1), str("")})).substr(0, 2) == "! ");
}

TEST_CASE("casts change only what loses nothing") {
  struct Case {
    std::string_view from;
    ScalarType type;
    bool ok;
    std::string_view to;
  };
  for (const Case& c : std::vector<Case>{
           {"\"12\"", ScalarType::integer, true, "12"},
           {"12.0", ScalarType::integer, true, "12"},
           {"12.5", ScalarType::integer, false, "12.5"},
           {"\"012\"", ScalarType::integer, false, "\"012\""},
           {"\"x\"", ScalarType::integer, false, "\"x\""},
           {"12", ScalarType::string, true, "\"12\""},
           {"1.50", ScalarType::string, true, "\"1.50\""},
           {"true", ScalarType::string, true, "\"true\""},
           {"[1]", ScalarType::string, false, "[1]"},
           {"\"1.50\"", ScalarType::number, true, "1.50"},
           {"1", ScalarType::boolean, true, "true"},
           {"\"false\"", ScalarType::boolean, true, "false"},
           {"2", ScalarType::boolean, false, "2"},
           {"\"yes\"", ScalarType::boolean, false, "\"yes\""},
           {"\"2024-05-06\"", ScalarType::datetime, true, "\"2024-05-06\""},
           {"\"today\"", ScalarType::datetime, false, "\"today\""},
           {"null", ScalarType::integer, true, "null"},
           {"{}", ScalarType::object, true, "{}"},
           {"{}", ScalarType::list, false, "{}"},
           {"7", ScalarType::any, true, "7"},
       }) {
    fconn::value::Arena arena;
    bool ok = !c.ok;
    const Value result = fconn::eval::cast(Value::raw(c.from), c.type, arena, ok);
    CAPTURE(c.from);
    CHECK(ok == c.ok);
    CHECK(fconn::value::to_json(result) == c.to);
  }
}

TEST_CASE("constants are folded, references aren't") {
  fconn::value::Arena arena;
  const auto folded = [&](const Expr& expr) {
    const auto value = fconn::eval::constant(expr, arena);
    return value ? fconn::value::to_json(*value) : std::string("none");
  };
  CHECK(folded(node(Op::add, {num(1), num(2)})) == "3");
  CHECK(folded(call("upper", {str("a")})) == "\"A\"");
  CHECK(folded(node(Op::list_for, {local(3), node(Op::list, {num(1)})}, "1", 3)) == "[1]");
  CHECK(folded(local(0)) == "none");
  CHECK(folded(param(0)) == "none");
  CHECK(folded(node(Op::status)) == "none");
  CHECK(folded(call("now", {})) == "none");
  CHECK(folded(node(Op::call_fn)) == "none");
  CHECK(folded(node(Op::divide, {num(1), num(0)})) == "none");
}

TEST_CASE("text_of") {
  fconn::value::Arena arena;
  CHECK(*fconn::eval::text_of(Value::raw("1.50"), arena) == "1.50");
  CHECK(*fconn::eval::text_of(Value::raw("\"a\\tb\""), arena) == "a\tb");
  CHECK(*fconn::eval::text_of(Value::boolean(false), arena) == "false");
  CHECK_FALSE(fconn::eval::text_of(Value::raw("null"), arena).has_value());
  CHECK_FALSE(fconn::eval::text_of(Value::raw("{}"), arena).has_value());
}
