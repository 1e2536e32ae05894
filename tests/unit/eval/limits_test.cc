#include <doctest/doctest.h>

#include "tests/unit/eval/support.hh"

using namespace eval_test;
using fconn::value::FailureKind;

TEST_CASE("steps are bounded: at the limit an expression holds, one past it doesn't") {
  World world;
  const Expr sum = node(Op::add, {num(1), node(Op::add, {num(2), num(3)})});  // five operations
  world.limits.max_steps = 5;
  CHECK(world.shown(sum) == "6");
  world.limits.max_steps = 4;
  const auto failed = world.evaluate(sum);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().kind == FailureKind::limit);
  CHECK(failed.error().text.find("more than 4 steps") != std::string::npos);
}

TEST_CASE("bytes are bounded") {
  World world;
  const Expr text = node(Op::add, {str(std::string(600, 'a')), str(std::string(400, 'b'))});
  const Expr both = node(Op::list, {text, num(1)});
  world.limits.max_bytes = 1000;
  CHECK(world.evaluate(both).has_value());
  world.limits.max_bytes = 999;
  const auto failed = world.evaluate(both);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().kind == FailureKind::limit);
}

TEST_CASE("doubling can't go on for ever") {
  World world;
  Expr text = str("0123456789");
  Expr list = node(Op::list, {num(1), num(2)});
  for (int i = 0; i < 40; ++i) {
    fconn::ir::Function twice;
    twice.params = 1;
    twice.locals = 1;
    twice.body = node(Op::add, {local(0), local(0)});
    fconn::ir::Function pair = twice;
    pair.body = node(Op::list, {local(0), local(0)});
    world.connector.functions = {twice, pair};
    text = node(Op::call_fn, {text}, "", 0);
    list = node(Op::call_fn, {list}, "", 1);
  }
  CHECK(world.evaluate(text).error().kind == FailureKind::limit);
  // The same list twice, forty times over: little memory, but an endless JSON text.
  CHECK(world.evaluate(list).has_value());
  CHECK(world.evaluate(call("json", {list})).error().kind == FailureKind::limit);
  CHECK(world.evaluate(call("string", {list})).error().kind == FailureKind::limit);
  CHECK(world.written(list).error().kind == FailureKind::limit);
  CHECK(world.evaluate(node(Op::equal, {list, list})).error().kind == FailureKind::limit);
  CHECK(world.evaluate(node(Op::in, {list, node(Op::list, {list})})).error().kind ==
        FailureKind::limit);
  CHECK(world.evaluate(call("unique", {node(Op::list, {list, list}), null()})).error().kind ==
        FailureKind::limit);
}

TEST_CASE("library functions that multiply are bounded") {
  World world;
  world.limits.max_bytes = 4 << 20;
  const Expr many = call("range", {num(0), num(100'000)});
  const Expr word = str(std::string(1000, 'x'));
  CHECK(world.evaluate(many).has_value());
  CHECK(world.evaluate(call("range", {num(0), num(100'001)})).error().kind == FailureKind::limit);
  CHECK(world.evaluate(call("range", {num(INT64_MIN), num(INT64_MAX)})).error().kind ==
        FailureKind::limit);
  CHECK(world.evaluate(call("join", {many, word})).error().kind == FailureKind::limit);
  const Expr lists = node(Op::list_for, {many, call("range", {num(0), num(100)})}, "1", 0);
  CHECK(world.evaluate(call("flatten", {lists})).error().kind == FailureKind::limit);
  CHECK(world.evaluate(call("replace", {word, str("x"), str(std::string(10'000, 'y'))}))
            .error()
            .kind == FailureKind::limit);
}

TEST_CASE("nesting is bounded") {
  World world;
  Expr deep = num(1);
  for (int i = 0; i < 998; ++i) deep = node(Op::negate, {deep});
  CHECK(world.shown(deep) == "1");
  for (int i = 0; i < 10; ++i) deep = node(Op::negate, {deep});
  CHECK(world.evaluate(deep).error().kind == FailureKind::limit);
}

TEST_CASE("one evaluator can go on after a failure") {
  World world;
  fconn::eval::Evaluator evaluator(world.connector, world.clock, world.random);
  const Expr failing = node(Op::list, {num(1), node(Op::add, {null(), num(1)})});
  CHECK_FALSE(evaluator.evaluate(failing, world.environment(), world.arena).has_value());
  const auto good = evaluator.evaluate(node(Op::list, {num(2)}), world.environment(), world.arena);
  CHECK(fconn::value::to_json(*good) == "[2]");
}

TEST_CASE("what is computed from a secret is a secret") {
  World world;
  world.params = {Value::string("s3cret").as_secret(), Value::string("open")};
  const Expr secret = param(0);
  const Expr object = node(Op::object, {entry("key", secret), entry("name", param(1))});
  const std::vector<Expr> tainted = {
      node(Op::text, {str("Bearer "), secret}),
      node(Op::xml_text, {node(Op::xml_text, {}, "<a>"), secret}),
      node(Op::add, {secret, str("x")}),
      node(Op::equal, {secret, str("x")}),
      node(Op::less, {secret, str("x")}),
      node(Op::in, {secret, node(Op::list, {str("x")})}),
      node(Op::matches_dynamic, {secret, str("x")}),
      node(Op::not_, {node(Op::equal, {secret, str("x")})}),
      node(Op::if_else, {node(Op::equal, {secret, str("x")}), num(1), num(2)}),
      node(Op::coalesce, {secret, num(1)}),
      call("base64", {secret}),
      call("sha256", {node(Op::text, {secret})}),
      call("hmac_sha256", {str("data"), secret}),
      call("length", {secret}),
      call("json", {object}),
      call("join", {node(Op::list, {str("a"), secret}), str(",")}),
      node(Op::list, {num(1), secret}),
      object,
      member(object, "key"),
      node(Op::object, {node(Op::computed_entry, {secret, num(1)})}),
      node(Op::list_for, {local(0), node(Op::list, {secret})}, "1", 0),
      node(Op::each, {node(Op::list, {secret}), local(0)}, "", 0),
      node(Op::index, {object, str("key")}),
      call("merge", {object, node(Op::object)}),
      call("form_encode", {object}),
      node(Op::cast, {secret}, "", static_cast<std::int64_t>(fconn::ir::ScalarType::integer)),
  };
  for (std::size_t i = 0; i < tainted.size(); ++i) {
    CAPTURE(i);
    const auto value = world.evaluate(tainted[i]);
    REQUIRE(value.has_value());
    CHECK(value->secret);
  }
  CHECK_FALSE(world.evaluate(member(object, "name"))->secret);
  CHECK_FALSE(world.evaluate(call("upper", {param(1)}))->secret);
}

TEST_CASE("what is read from a secret text is secret in every part") {
  World world;
  world.params = {Value::string(R"({"a":[{"b":"x"}]})").as_secret()};
  const auto parsed = world.evaluate(call("parse_json", {param(0)}));
  REQUIRE(parsed.has_value());
  const Value& list = parsed->object_view()[0].value;
  CHECK(list.secret);
  CHECK(list.list_view()[0].secret);
  CHECK(list.list_view()[0].object_view()[0].value.secret);
}

TEST_CASE("a failure doesn't repeat what a secret says") {
  World world;
  world.params = {Value::string("s3cret").as_secret()};
  for (const Expr& expr : {call("int", {param(0)}), call("unix", {param(0)}),
                           node(Op::add, {param(0), num(1)}), call("parse_json", {param(0)}),
                           call("hex_decode", {param(0)}), call("base64_decode", {param(0)})}) {
    const auto failed = world.evaluate(expr);
    if (failed) continue;
    CHECK(failed.error().text.find("s3cret") == std::string::npos);
  }
}
