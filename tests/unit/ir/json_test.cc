#include <doctest/doctest.h>

#include <set>

#include "interpreter/ir/ir.hh"
#include "tests/unit/ir/sample.hh"

namespace fconn::ir {
namespace {

using test::full_connector;
using test::leaf;
using test::node;
using test::str;

std::string failure_of(std::string_view json) {
  auto result = from_json(json);
  return result ? "accepted" : result.error().text;
}

void collect_ops(std::string_view json, std::set<std::string>& ops) {
  constexpr std::string_view mark = "\"op\":\"";
  for (std::size_t at = json.find(mark); at != std::string_view::npos; at = json.find(mark, at)) {
    at += mark.size();
    ops.emplace(json.substr(at, json.find('"', at) - at));
  }
}

TEST_CASE("the sample has every operation") {
  std::set<std::string> ops;
  collect_ops(to_json(full_connector(), false), ops);
#define FCONN_OP(op, kids, meaning) CHECK_MESSAGE(ops.count(std::string(name(Op::op))) == 1, #op);
#include "interpreter/ir/ops.def"
#undef FCONN_OP
}

TEST_CASE("operations have plain names that lead back to them") {
  CHECK(name(Op::or_) == "or");
  CHECK(name(Op::not_) == "not");
  CHECK(name(ScalarType::integer) == "int");
#define FCONN_OP(op, kids, meaning) CHECK(op_named(name(Op::op)) == Op::op);
#include "interpreter/ir/ops.def"
#undef FCONN_OP
  CHECK_FALSE(op_named("foo"));
}

TEST_CASE("write, read, write is the same, and so is the dump") {
  for (const bool pretty : {false, true}) {
    const Connector connector = full_connector();
    const std::string json = to_json(connector, pretty);
    auto read = from_json(json);
    REQUIRE_MESSAGE(read, (read ? "" : read.error().text));
    CHECK(to_json(**read, pretty) == json);
    CHECK(dump(**read) == dump(connector));
  }
}

TEST_CASE("an empty connector is short, and its version comes first") {
  Connector connector;
  connector.name = "e";
  CHECK(to_json(connector, false) == R"({"fconn_ir":1,"name":"e"})");
  CHECK(to_json(connector) == "{\n  \"fconn_ir\": 1,\n  \"name\": \"e\"\n}\n");
}

TEST_CASE("pretty: what fits stays on a line") {
  Connector connector;
  connector.name = "e";
  connector.hosts = {"a{,", "b"};
  connector.identities = {{"email", "", std::string(100, 'x'), {}}};
  CHECK(to_json(connector) ==
        "{\n  \"fconn_ir\": 1,\n  \"name\": \"e\",\n  \"identities\": [\n    {\n"
        "      \"name\": \"email\",\n      \"doc\": \"" +
            std::string(100, 'x') + "\"\n    }\n  ],\n  \"hosts\": [\"a{,\", \"b\"]\n}\n");
}

TEST_CASE("reading is strict") {
  struct Case {
    std::string_view json, failure;
  };
  const Case cases[] = {
      {"", "document: isn't valid JSON"},
      {"{", "document: isn't valid JSON"},
      {"[]", "document: expected an object"},
      {"{}", "document: no number under `fconn_ir`, so this isn't a compiled connector"},
      {R"({"fconn_ir":2,"name":"a"})",
       "document: format version 2 isn't known, only 1; compile the connector again"},
      {R"({"fconn_ir":1})", "document: key `name` is missing"},
      {R"({"fconn_ir":1,"fconn_ir":1,"name":"a"})", "document: key `fconn_ir` is unknown"},
      {R"({"fconn_ir":1,"name":"a","nmae":"b"})", "document: key `nmae` is unknown"},
      {R"({"fconn_ir":1,"name":"a","a\u001b[31m":1})", "document: key `a?[31m` is unknown"},
      {R"({"fconn_ir":1,"name":"a","name":"b"})", "document: key `name` occurs twice"},
      {R"({"fconn_ir":1,"name":1})", "name: expected a string"},
      {R"({"fconn_ir":1,"name":"a","edition":1.5})", "edition: expected an integer"},
      {R"({"fconn_ir":1,"name":"a","edition":3000000000})", "edition: 3000000000 is out of range"},
      {R"({"fconn_ir":1,"name":"a","params":[{"name":"p","type":"strnig"}]})",
       "params[0]: type `strnig` is unknown"},
      {R"({"fconn_ir":1,"name":"a","params":[{"name":"p","type":"bool","secret":1}]})",
       "params[0].secret: expected true or false"},
      {R"({"fconn_ir":1,"name":"a","params":[{"name":"p","type":"bool","at":[0,1]}]})",
       "params[0].at: expected [file, begin, end]"},
      {R"({"fconn_ir":1,"name":"a","params":[{"name":"p","type":"bool","at":[0,-1,2]}]})",
       "params[0].at[1]: -1 is out of range"},
      {R"({"fconn_ir":1,"name":"a","params":[{"name":"p","type":"bool","at":[0,1,2]}]})",
       "params[0]: `at` is outside the text of its file"},
      {R"({"fconn_ir":1,"name":"a","hosts":{}})", "hosts: expected a list"},
      {R"({"fconn_ir":1,"name":"a","dynamic_hosts":[{"op":"list","kids":[{"op":"foo"}]}]})",
       "dynamic_hosts[0].kids[0]: op `foo` is unknown"},
      {R"({"fconn_ir":1,"name":"a","dynamic_hosts":[{"text":"x"}]})",
       "dynamic_hosts[0]: key `op` is missing"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    CHECK(failure_of(c.json) == c.failure);
  }
}

TEST_CASE("a failure names the place down to the expression") {
  Connector connector = full_connector();
  std::string json = to_json(connector, false);
  const std::size_t at = json.find("\"query\":{\"op\":\"object\"", json.find("\"collections\""));
  REQUIRE(at != std::string::npos);
  json.replace(at, 22, "\"query\":{\"op\":\"foo\"");
  CHECK(failure_of(json) ==
        "collections[0].reads[0].chain.steps[2].request.query: op `foo` is unknown");
}

TEST_CASE("nesting has a limit on both ways") {
  const auto nested = [](std::size_t depth) {
    Expr expr = leaf(Op::null_value);
    for (std::size_t i = 1; i < depth; ++i) expr = node(Op::not_, {std::move(expr)});
    Connector connector;
    connector.name = "deep";
    connector.files = {{"f", "0123456789"}};
    connector.dynamic_hosts = {std::move(expr)};
    return connector;
  };
  CHECK(validate(nested(max_nesting)));
  CHECK(from_json(to_json(nested(max_nesting))));
  CHECK_FALSE(validate(nested(max_nesting + 1)));
  CHECK_FALSE(from_json(to_json(nested(max_nesting + 1))));
  const std::string brackets(100000, '[');
  CHECK_FALSE(from_json(R"({"fconn_ir":1,"name":)" + brackets));
}

}  // namespace
}  // namespace fconn::ir
