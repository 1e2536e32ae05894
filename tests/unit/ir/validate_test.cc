#include <doctest/doctest.h>

#include <functional>

#include "interpreter/ir/ir.hh"
#include "tests/unit/ir/sample.hh"

namespace fconn::ir {
namespace {

using test::full_connector;
using test::leaf;
using test::node;
using test::str;

struct Case {
  std::string_view failure;
  std::function<void(Connector&)> spoil;
};

void check_all(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.failure);
    Connector connector = full_connector();
    c.spoil(connector);
    const auto result = validate(connector);
    REQUIRE_FALSE(result);
    CHECK(result.error().text == c.failure);
    // What the reader is given as JSON it refuses for the same reason.
    const auto read = from_json(to_json(connector));
    REQUIRE_FALSE(read);
    CHECK(read.error().text == c.failure);
  }
}

Request& request_of(Connector& c, std::size_t collection) {
  return *c.collections[collection].reads[0].chain.request;
}

TEST_CASE("the full sample is valid") {
  const auto result = validate(full_connector());
  CHECK_MESSAGE(result, (result ? "" : result.error().text));
}

TEST_CASE("expressions") {
  const auto with = [](Expr expr) {
    return [expr](Connector& c) { request_of(c, 1).query = expr; };
  };
  check_all({
      {"collections[1].reads[0].chain.request.query: op `add` takes 2 kids, not 1",
       with(node(Op::add, {str("a")}))},
      {"collections[1].reads[0].chain.request.query: op `list_for` takes 2 or 3 kids, not 1",
       with(node(Op::list_for, {str("a")}, "1"))},
      {"collections[1].reads[0].chain.request.query: op `entry` can't stand alone",
       with(node(Op::entry, {str("a")}))},
      {"collections[1].reads[0].chain.request.query.kids[0]: op `entry` can't stand in `list`",
       with(node(Op::list, {node(Op::entry, {str("a")})}))},
      {"collections[1].reads[0].chain.request.query.kids[0]: an object holds only `entry`, "
       "`computed_entry` and `spread`",
       with(node(Op::object, {str("a")}))},
      {"collections[1].reads[0].chain.request.query: parameter 2 isn't there (op `param`, 2 in "
       "reach)",
       with(leaf(Op::param, 2))},
      {"collections[1].reads[0].chain.request.query: identity -1 isn't there (op `identity`, 2 in "
       "reach)",
       with(leaf(Op::identity, -1))},
      {"collections[1].reads[0].chain.request.query: local 2 isn't there (op `local`, 2 in reach)",
       with(leaf(Op::local, 2))},
      {"collections[1].reads[0].chain.request.query: local 1 isn't there (op `list_for`, 1 in "
       "reach)",
       with(node(Op::list_for, {str("a"), str("b")}, "2", 1))},
      {"collections[1].reads[0].chain.request.query: binding 2 isn't there (op `bound`, 2 in "
       "reach)",
       with(leaf(Op::bound, 2))},
      {"collections[1].reads[0].chain.request.query: let 2 isn't there (op `let_value`, 2 in "
       "reach)",
       with(leaf(Op::let_value, 2))},
      {"collections[1].reads[0].chain.request.query: body cell 0 isn't there (op `body_cell`, 0 in "
       "reach)",
       with(leaf(Op::body_cell, 0))},
      {"collections[1].reads[0].chain.request.query: op `status` has nothing to read here",
       with(leaf(Op::status))},
      {"collections[1].reads[0].chain.request.query: op `masked` has nothing to read here",
       with(leaf(Op::masked))},
      {"collections[1].reads[0].chain.request.query: op `rows_all` has nothing to read here",
       with(leaf(Op::rows_all))},
      {"collections[1].reads[0].chain.request.query: token 0 isn't there (op `token`, 0 in reach)",
       with(leaf(Op::token, 0))},
      {"collections[1].reads[0].chain.request.query: a decimal's text is a JSON number",
       with(leaf(Op::decimal, 0, "01.5"))},
      {"collections[1].reads[0].chain.request.query: type 10 isn't there (op `cast`, 10 in reach)",
       with(node(Op::cast, {str("a")}, "", 10))},
      {"collections[1].reads[0].chain.request.query: the text isn't that of its pattern",
       with(node(Op::matches, {str("a")}, "b", 0))},
      {"collections[1].reads[0].chain.request.query: pattern 1 isn't there (op `matches`, 1 in "
       "reach)",
       with(node(Op::matches, {str("a")}, "b", 1))},
      {"collections[1].reads[0].chain.request.query: function `first` takes 1 arguments, not 0",
       with(leaf(Op::call_fn, 0))},
      {"functions[0].body: function 0 isn't there (op `call_fn`, 0 in reach)",
       [](Connector& c) { c.functions[0].body = leaf(Op::call_fn, 0); }},
      {"params[0].default: parameter 0 isn't there (op `param`, 0 in reach)",
       [](Connector& c) { c.params[0].default_value = leaf(Op::param, 0); }},
  });
}

TEST_CASE("structure") {
  check_all({
      {"params[1]: `region` is there twice", [](Connector& c) { c.params[1].name = "region"; }},
      {"collections[0]: has no name", [](Connector& c) { c.collections[0].name.clear(); }},
      {"functions[0].locals: must be at most 65535",
       [](Connector& c) { c.functions[0].locals = 65536; }},
      {"functions[0]: more params than locals", [](Connector& c) { c.functions[0].params = 3; }},
      {"clients[1].parallel: must be at least 1", [](Connector& c) { c.clients[1].parallel = 0; }},
      {"clients[1].rates[0].window_ms: must be at least 1",
       [](Connector& c) { c.clients[1].rates[0].window_ms = 0; }},
      {"clients[1].auths[0].lets[0].slot: local 2 isn't there",
       [](Connector& c) { c.clients[1].auths[0].lets[0].slot = 2; }},
      {"clients[1].auths[0].tokens[0].request.query: token 0 isn't there (op `token`, 0 in reach)",
       [](Connector& c) { c.clients[1].auths[0].tokens[0].request.query = leaf(Op::token, 0); }},
      {"check: has no request", [](Connector& c) { c.check->request.reset(); }},
      {"check.needs[1]: identity 9 isn't there",
       [](Connector& c) { c.check->needs[1][1].value = 9; }},
      {"check.request.client: client 2 isn't there",
       [](Connector& c) { c.check->request->client.value = 2; }},
      {"check.request: has no method", [](Connector& c) { c.check->request->method.clear(); }},
      {"check.request: the method isn't an upper-case word",
       [](Connector& c) { c.check->request->method = "GET /\r\n"; }},
      {"check.request.target[1]: has no value",
       [](Connector& c) { c.check->request->target[1].value.reset(); }},
      {"check.request.skips[0].condition.on[0]: isn't a range of statuses",
       [](Connector& c) {
         c.check->request->skips[0].condition.on[0] = {500, 400};
       }},
      {"check.request.pagination.steps[1].slot: local 2 isn't there",
       [](Connector& c) { c.check->request->pagination->steps[1].slot = 2; }},
      {"check.steps[1].slot: let 2 isn't there", [](Connector& c) { c.check->steps[1].slot = 2; }},
      {"check.steps[2].request.target[1].value: let 0 has no value yet",
       [](Connector& c) { c.check->steps[1].slot = 1; }},
      {"check.steps[3]: has no judgement",
       [](Connector& c) { c.check->steps[3].judgement.reset(); }},
      {"check.uses[0]: binding 0 isn't there", [](Connector& c) { c.check->uses = {0}; }},
      {"collections[1].sources[0].collection: collection 1 doesn't stand before this one",
       [](Connector& c) { c.collections[1].sources[0].collection = CollectionId{1}; }},
      {"collections[1].sources[1].depends[0]: source 1 isn't there",
       [](Connector& c) { c.collections[1].sources[1].depends = {1}; }},
      {"collections[1].sources[1].values: reads binding 0 too early",
       [](Connector& c) { c.collections[1].sources[1].depends.clear(); }},
      {"collections[1].slots[0].cell: cell 1 isn't there",
       [](Connector& c) { c.collections[1].slots[0].cell = 1; }},
      {"collections[1].slots[1].source: source 2 isn't there",
       [](Connector& c) { c.collections[1].slots[1].source = 2; }},
      {"collections[0].reads[0]: must have a value for each cell, or reparse",
       [](Connector& c) { c.collections[0].reads[0].cells.clear(); }},
      {"collections[1]: emit_key must have a value for each key",
       [](Connector& c) { c.collections[1].emit_key.clear(); }},
      {"collections[1].reads[0].chain.steps[0].value: binding 1 isn't listed as used",
       [](Connector& c) { c.collections[1].reads[0].chain.uses = {0}; }},
      {"collections[1].fields[0].fields[0].mask: binding 0 isn't there (op `bound`, 0 in reach)",
       [](Connector& c) { c.collections[1].fields[0].fields[0].mask = leaf(Op::bound, 0); }},
      {"collections[1].erase_after[0]: collection 2 isn't there",
       [](Connector& c) { c.collections[1].erase_after = {{2}}; }},
      {"collections: their `erase_after` goes round in a circle",
       [](Connector& c) { c.collections[0].erase_after = {{1}}; }},
  });
}

}  // namespace
}  // namespace fconn::ir
