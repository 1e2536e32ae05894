// Paths, literals, comprehensions, functions, references.
#include <doctest/doctest.h>

#include "tests/unit/eval/support.hh"

using namespace eval_test;
using fconn::value::FailureKind;

TEST_CASE("a path through null, a missing key or another shape is null") {
  World world;
  world.cells = {R"({"a":{"b":[10,{"c":"x"}]},"n":null,"s":"text"})", std::string_view()};
  const Expr row = cell(0);
  const Expr b = member(member(row, "a"), "b");
  CHECK(world.shown(b) == R"([10,{"c":"x"}])");
  CHECK(world.shown(member(member(row, "n"), "x")) == "null");
  CHECK(world.shown(member(member(row, "s"), "x")) == "null");
  CHECK(world.shown(member(cell(1), "x")) == "null");
  CHECK(world.shown(cell(7)) == "null");
  const auto index = [&](Expr base, Expr key) {
    return world.shown(node(Op::index, {std::move(base), std::move(key)}));
  };
  CHECK(index(b, num(0)) == "10");
  CHECK(index(b, num(-1)) == R"({"c":"x"})");
  CHECK(index(b, num(2)) == "null");
  CHECK(index(b, num(-3)) == "null");
  CHECK(index(b, str("c")) == "null");
  CHECK(index(row, str("s")) == "\"text\"");
  CHECK(index(row, num(0)) == "null");
  CHECK(index(null(), num(0)) == "null");
}

TEST_CASE("each gives one flat list however deep, and nothing for what is no list") {
  World world;
  world.cells = {R"([{"a":[{"id":1},{"id":2}]},{"a":null},{"x":0},{"a":[{"id":3}]}])",
                 R"({"a":1})"};
  const Expr inner = node(Op::each, {member(local(0), "a"), member(local(1), "id")}, "", 1);
  CHECK(world.shown(node(Op::each, {cell(0), inner}, "splice", 0)) == "[1,2,3]");
  CHECK(world.shown(node(Op::each, {cell(0), member(local(0), "x")}, "", 0)) ==
        "[null,null,0,null]");
  CHECK(world.shown(node(Op::each, {null(), local(0)}, "", 0)) == "[]");
  CHECK(world.shown(node(Op::each, {cell(1), local(0)}, "", 0)) == "[]");
}

TEST_CASE("texts take scalars as they are spelt and never null") {
  World world;
  world.cells = {"1.50", "\"é\\n\"", "null", "[1]"};
  CHECK(world.shown(node(Op::text, {str("a "), cell(0), str(" "), cell(1), yes(), num(-2)})) ==
        "\"a 1.50 é\\ntrue-2\"");
  CHECK(world.shown(node(Op::text, {cell(2)})).find("null here") != std::string::npos);
  CHECK(world.shown(node(Op::text, {cell(3)})).find("use `join` or `json`") != std::string::npos);
  CHECK(world.shown(node(Op::text, {call("hex_decode", {str("ff")})})).find("bytes") !=
        std::string::npos);
}

TEST_CASE("XML texts escape what isn't XML itself") {
  World world;
  const Expr markup = node(Op::xml_text, {}, "<b>");
  CHECK(world.shown(node(Op::xml_text, {markup, str("a<b & \"c'")})) ==
        "\"<b>a&lt;b &amp; &quot;c&apos;\"");
  CHECK(world.shown(node(Op::xml_text, {node(Op::xml_text, {markup, num(1)}), markup})) ==
        "\"<b>1<b>\"");
  CHECK(world.shown(node(Op::xml_text, {str(std::string("\x01", 1))})).find("control character") !=
        std::string::npos);
  CHECK(world.shown(node(Op::xml_text, {null()})).find("null here") != std::string::npos);
  const Expr raw_markup = node(Op::xml_text, {}, "<a><![CDATA[");
  CHECK(world.shown(node(Op::xml_text, {raw_markup, str("x")})).find("can't be escaped") !=
        std::string::npos);
}

TEST_CASE("list and object literals") {
  World world;
  world.cells = {R"({"a":1,"b":2})", "[7,8]", "null"};
  const auto spread = [](Expr e) { return node(Op::spread, {std::move(e)}); };
  CHECK(world.shown(node(Op::list, {num(1), spread(cell(1)), spread(null()), num(2)})) ==
        "[1,7,8,2]");
  CHECK(world.shown(node(Op::object, {spread(cell(0)), entry("a", num(9)), entry("c", null())})) ==
        R"({"a":9,"b":2,"c":null})");
  CHECK(world.shown(node(Op::object, {entry("a", num(9)), spread(cell(0)), spread(cell(2))})) ==
        R"({"a":1,"b":2})");
  CHECK(world.shown(node(Op::object, {node(Op::computed_entry, {num(5), num(6)})})) ==
        R"({"5":6})");
  CHECK(world.shown(node(Op::object, {node(Op::computed_entry, {null(), num(6)})}))
            .find("null here") != std::string::npos);
  CHECK(world.shown(node(Op::list, {spread(num(1))})).find("a list is needed") !=
        std::string::npos);
  CHECK(world.shown(node(Op::object, {spread(cell(1))})).find("an object is needed") !=
        std::string::npos);
}

TEST_CASE("comprehensions filter, bind one or two names, and nest") {
  World world;
  world.cells = {"[1,2,3,4]", R"([["a",1],["b",2]])", "5"};
  const Expr twice = node(Op::multiply, {local(0), num(2)});
  const Expr odd = node(Op::equal, {node(Op::modulo, {local(0), num(2)}), num(1)});
  CHECK(world.shown(node(Op::list_for, {twice, cell(0), odd}, "1", 0)) == "[2,6]");
  CHECK(world.shown(node(Op::list_for, {twice, null()}, "1", 0)) == "[]");
  CHECK(world.shown(node(Op::list_for, {twice, cell(2)}, "1", 0)).substr(0, 2) == "! ");
  CHECK(world.shown(node(Op::object_for, {local(0), local(1), cell(1)}, "2", 0)) ==
        R"({"a":1,"b":2})");
  CHECK(world.shown(node(Op::object_for, {str("k"), local(0), cell(0)}, "1", 0)) == R"({"k":4})");
  CHECK(world.shown(node(Op::list_for, {local(1), cell(0)}, "2", 0)).find("pairs") !=
        std::string::npos);
  const Expr inner = node(Op::list_for, {node(Op::add, {local(0), local(1)}), cell(0)}, "1", 1);
  CHECK(world.shown(node(Op::list_for, {inner, node(Op::list, {num(10), num(20)})}, "1", 0)) ==
        "[[11,12,13,14],[21,22,23,24]]");
}

TEST_CASE("fn sees its arguments only") {
  World world;
  fconn::ir::Function add;
  add.name = "plus";
  add.params = 2;
  add.locals = 2;
  add.body = node(Op::add, {local(0), local(1)});
  world.connector.functions = {add};
  world.locals[0] = Value::of(100);
  const Expr called = node(Op::call_fn, {local(0), num(1)}, "", 0);
  CHECK(world.shown(node(Op::list, {called, local(0)})) == "[101,100]");
}

TEST_CASE("library functions check what they are given") {
  World world;
  CHECK(world.shown(call("lower", {null()})) == "null");
  CHECK(world.shown(call("hmac_sha256", {null(), str("k")})).find("null here") !=
        std::string::npos);
  CHECK(world.shown(call("lower", {num(1)})).find("`lower` takes string for `text`") !=
        std::string::npos);
  CHECK(world.shown(call("lower", {})).find("wrong number of arguments") != std::string::npos);
  CHECK(world.shown(call("nonsense", {})).find("no function `nonsense`") != std::string::npos);
}

TEST_CASE("what an environment offers") {
  World world;
  fconn::eval::RequestView request;
  request.method = "GET";
  request.url = "https://a.example/x?p=1";
  request.path = "/x";
  std::vector<fconn::value::Member> query = {{"p", Value::string("1")}};
  request.query = Value::object(query);
  std::vector<fconn::value::Member> headers = {{"x-next", Value::string("t")}};
  world.env.request = &request;
  world.env.headers = Value::object(headers);
  world.env.status = 200;
  world.env.rows_count = 3;
  world.env.rows_last = R"({"id":9})";
  world.env.request_id = "pr-1";
  world.env.auth_token = Value::string("secret");
  CHECK(world.shown(node(Op::status)) == "200");
  CHECK(world.shown(node(Op::header, {}, "x-next")) == "\"t\"");
  CHECK(world.shown(node(Op::header, {}, "absent")) == "null");
  CHECK(world.shown(member(node(Op::request_part, {}, "query"), "p")) == "\"1\"");
  CHECK(world.shown(member(node(Op::request), "path")) == "\"/x\"");
  CHECK(world.shown(node(Op::rows_count)) == "3");
  CHECK(world.shown(node(Op::rows_first)) == "null");
  CHECK(world.shown(member(node(Op::rows_last), "id")) == "9");
  CHECK(world.shown(node(Op::request_id)) == "\"pr-1\"");
  CHECK(world.evaluate(node(Op::auth_token))->secret);
  CHECK(world.shown(param(3)) == "null");
}

TEST_CASE("write_json writes what evaluate gives") {
  World world;
  world.cells = {"1.50", R"({"deep": [1]})", "\"x\\u00e9\"", std::string_view(), "{\n\"a\":1}"};
  const Expr object = node(Op::object, {entry("id", cell(0)), entry("ké\"y", cell(1)),
                                        entry("s", cell(2)), entry("gone", cell(3))});
  CHECK(*world.written(object) == R"({"id":1.50,"ké\"y":{"deep": [1]},"s":"x\u00e9","gone":null})");
  CHECK(*world.written(node(Op::object, {entry("a", num(1)), entry("b", num(2)),
                                         entry("a", num(3))})) == R"({"a":3,"b":2})");
  CHECK(*world.written(node(Op::list, {cell(4), node(Op::spread, {null()}), num(1)})) ==
        R"([{"a":1},1])");
  CHECK(*world.written(node(Op::if_else, {yes(), cell(4), num(1)})) == R"({"a":1})");
  CHECK(*world.written(node(Op::object)) == "{}");
  CHECK(*world.written(member(cell(1), "deep")) == "[1]");
  const Expr failing =
      node(Op::object, {entry("a", num(1)), entry("b", node(Op::add, {null(), num(1)}))});
  const auto failed = world.written(failing);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().text.find("null here") != std::string::npos);  // and nothing was written
}
