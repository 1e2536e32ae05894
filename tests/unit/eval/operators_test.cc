#include <doctest/doctest.h>

#include "tests/unit/eval/support.hh"

using namespace eval_test;
using fconn::value::FailureKind;

namespace {

struct Case {
  Op op;
  Expr a, b;
  std::string_view result;
};

std::string both(const Case& c) { return World().shown(node(c.op, {c.a, c.b})); }

}  // namespace

TEST_CASE("arithmetic is exact on integers and keeps decimals short") {
  const std::int64_t most = INT64_MAX;
  for (const Case& c : std::vector<Case>{
           {Op::add, num(1), num(2), "3"},
           {Op::add, num(most - 1), num(1), "9223372036854775807"},
           {Op::subtract, num(-most), num(1), "-9223372036854775808"},
           {Op::multiply, num(1L << 31), num(1L << 31), "4611686018427387904"},
           {Op::divide, num(6), num(3), "2"},
           {Op::divide, num(7), num(2), "3.5"},
           {Op::divide, num(1), num(3), "0.3333333333333333"},
           {Op::divide, num(6), dec("1.5"), "4.0"},
           {Op::modulo, num(7), num(3), "1"},
           {Op::modulo, num(-7), num(3), "-1"},
           {Op::modulo, num(INT64_MIN), num(-1), "0"},
           {Op::add, dec("0.1"), dec("0.2"), "0.3"},
           {Op::add, num(1), dec("0.5"), "1.5"},
           {Op::subtract, dec("1.5"), dec("1.5"), "0.0"},
           {Op::multiply, dec("1e300"), dec("1e5"), "1e+305"},
           {Op::add, str("a"), str("b"), "\"ab\""},
           {Op::add, str(""), str(""), "\"\""},
           {Op::add, node(Op::list, {num(1)}), node(Op::list, {num(2)}), "[1,2]"},
           {Op::add, time_span(1000), time_span(500), "1500"},
           {Op::subtract, time_span(1000), time_span(1500), "-500"},
           {Op::multiply, time_span(1000), num(3), "3000"},
           {Op::divide, time_span(3000), num(2), "1500"},
           {Op::divide, time_span(3000), time_span(1500), "2"},
           {Op::add, str("2024-02-28T12:00:00Z"), time_span(86400000), "\"2024-02-29T12:00:00Z\""},
           {Op::subtract, str("2024-03-01"), time_span(1), "\"2024-02-29T23:59:59.999Z\""},
       }) {
    CAPTURE(c.result);
    CHECK(both(c) == c.result);
  }
}

TEST_CASE("arithmetic that has no result says why") {
  for (const Case& c : std::vector<Case>{
           {Op::add, num(INT64_MAX), num(1), "fit into a number of 64 bits"},
           {Op::subtract, num(INT64_MIN), num(1), "64 bits"},
           {Op::multiply, num(INT64_MAX), num(2), "64 bits"},
           {Op::divide, num(INT64_MIN), num(-1), "64 bits"},
           {Op::add, dec("12345678901234567890"), num(1), "doesn't fit into 64 bits"},
           {Op::multiply, num(1), dec("-12345678901234567890"), "doesn't fit into 64 bits"},
           {Op::divide, num(1), num(0), "divisor is 0"},
           {Op::divide, num(1), dec("0.0"), "divisor is 0"},
           {Op::modulo, num(1), num(0), "divisor is 0"},
           {Op::modulo, dec("1.5"), num(1), "two ints"},
           {Op::multiply, dec("1e300"), dec("1e300"), "too large"},
           {Op::add, num(1), str("1"), "int and string"},
           {Op::subtract, str("b"), str("a"), "string and string"},
           {Op::add, null(), num(1), "is null here; write `?? …`"},
           {Op::add, num(1), member(null(), "count"), "`.count` is null here"},
           {Op::multiply, time_span(INT64_MAX), num(2), "too long a time"},
           {Op::add, str("soon"), time_span(1), "2024-05-06T07:08:09Z"},
       }) {
    const std::string shown = both(c);
    CAPTURE(shown);
    CHECK(shown.substr(0, 2) == "! ");
    CHECK(shown.find(c.result) != std::string::npos);
  }
}

TEST_CASE("order compares numbers, strings and durations, each with its own kind") {
  CHECK(both({Op::less, num(1), dec("1.5"), ""}) == "true");
  CHECK(both({Op::less_equal, num(2), dec("2.0"), ""}) == "true");
  CHECK(both({Op::greater, str("b"), str("a"), ""}) == "true");
  CHECK(both({Op::greater_equal, time_span(1), time_span(2), ""}) == "false");
  CHECK(both({Op::less, num(1), str("2"), ""}).find("int and string") != std::string::npos);
  CHECK(both({Op::less, yes(), yes(), ""}).substr(0, 2) == "! ");
  CHECK(both({Op::greater, member(null(), "id"), num(1), ""}) ==
        "! `.id` is null here; write `?? …` to say what else to use");
}

TEST_CASE("equality never fails") {
  CHECK(both({Op::equal, num(1), dec("1.0"), ""}) == "true");
  CHECK(both({Op::equal, num(1), str("1"), ""}) == "false");
  CHECK(both({Op::not_equal, null(), num(0), ""}) == "true");
  CHECK(both({Op::equal, node(Op::list), node(Op::object), ""}) == "false");
}

TEST_CASE("logic takes bool and null, and looks at the right side only when it must") {
  const Expr bad = node(Op::add, {null(), num(1)});
  CHECK(both({Op::or_, yes(), bad, ""}) == "true");
  CHECK(both({Op::and_, yes(false), bad, ""}) == "false");
  CHECK(both({Op::and_, null(), bad, ""}) == "false");
  CHECK(both({Op::or_, null(), null(), ""}) == "false");
  CHECK(both({Op::or_, yes(false), bad, ""}).substr(0, 2) == "! ");
  CHECK(both({Op::or_, num(1), yes(), ""}).find("true or false") != std::string::npos);
  CHECK(World().shown(node(Op::not_, {null()})) == "true");
  CHECK(World().shown(node(Op::if_else, {null(), bad, num(2)})) == "2");
  CHECK(World().shown(node(Op::if_else, {yes(), num(1), bad})) == "1");
  CHECK(World().shown(node(Op::if_else, {str("x"), num(1), num(2)})).substr(0, 2) == "! ");
  CHECK(both({Op::coalesce, null(), num(2), ""}) == "2");
  CHECK(both({Op::coalesce, yes(false), bad, ""}) == "false");
}

TEST_CASE("a raw null counts as null everywhere") {
  World world;
  world.cells = {"null", "\"x\""};
  CHECK(world.shown(node(Op::coalesce, {cell(0), num(2)})) == "2");
  CHECK(world.shown(node(Op::coalesce, {cell(1), num(2)})) == "\"x\"");
  CHECK(world.shown(node(Op::equal, {cell(0), null()})) == "true");
  CHECK(world.shown(node(Op::not_, {cell(0)})) == "true");
  CHECK(world.shown(node(Op::add, {cell(0), num(1)})).find("null here") != std::string::npos);
}

TEST_CASE("in looks for an equal element") {
  const Expr list = node(Op::list, {num(1), str("a")});
  CHECK(both({Op::in, dec("1.0"), list, ""}) == "true");
  CHECK(both({Op::in, str("1"), list, ""}) == "false");
  CHECK(both({Op::in, num(1), null(), ""}) == "false");
  CHECK(both({Op::in, str("a"), str("abc"), ""}).find("contains") != std::string::npos);
}

TEST_CASE("matches takes a pattern of the connector or one made at run time") {
  World world;
  world.connector.patterns = {{"^a+$", {}}, {"(", {}}};
  const auto matches = [&](Expr text, std::int64_t pattern) {
    return world.shown(node(Op::matches, {std::move(text)}, "", pattern));
  };
  CHECK(matches(str("aaa"), 0) == "true");
  CHECK(matches(str("ab"), 0) == "false");
  CHECK(matches(null(), 0) == "false");
  CHECK(matches(num(1), 0).find("a string is needed") != std::string::npos);
  CHECK(matches(str("a"), 1).find("regular expression") != std::string::npos);
  CHECK(world.shown(node(Op::matches_dynamic, {str("héllo"), str("h.llo")})) == "true");
  CHECK(world.shown(node(Op::matches_dynamic, {str("a"), str("[")})).substr(0, 2) == "! ");
}

TEST_CASE("negation") {
  CHECK(World().shown(node(Op::negate, {num(3)})) == "-3");
  CHECK(World().shown(node(Op::negate, {dec("1.50")})) == "-1.50");
  CHECK(World().shown(node(Op::negate, {dec("-1.50")})) == "1.50");
  CHECK(World().shown(node(Op::negate, {num(INT64_MIN)})).find("64 bits") != std::string::npos);
  CHECK(World().shown(node(Op::negate, {str("a")})).find("a number is needed") !=
        std::string::npos);
}

TEST_CASE("a condition is bool or null") {
  World world;
  fconn::eval::Evaluator evaluator(world.connector, world.clock, world.random);
  CHECK(*evaluator.test(yes(), world.environment(), world.arena));
  CHECK_FALSE(*evaluator.test(null(), world.environment(), world.arena));
  const auto wrong = evaluator.test(num(1), world.environment(), world.arena);
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().kind == FailureKind::shape);
}

TEST_CASE("a failure quotes the expression and has its place") {
  World world;
  world.connector.files = {{"a.fconn", "keep .count + 1 > 2"}};
  Expr count = member(null(), "count");
  count.span = {{0}, 5, 11};
  const auto failed = world.evaluate(node(Op::add, {count, num(1)}));
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().text == "`.count` is null here; write `?? …` to say what else to use");
  CHECK(failed.error().where == count.span);
  CHECK(failed.error().kind == FailureKind::shape);
}
