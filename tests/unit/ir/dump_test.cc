#include <doctest/doctest.h>

#include "interpreter/ir/ir.hh"
#include "tests/unit/ir/sample.hh"

namespace fconn::ir {
namespace {

using test::leaf;
using test::node;
using test::str;

TEST_CASE("expressions read like the language") {
  const Expr one = leaf(Op::integer, 1);
  struct Case {
    Expr expr;
    std::string_view text;
  };
  const Case cases[] = {
      {leaf(Op::null_value), "null"},
      {leaf(Op::boolean, 1), "true"},
      {leaf(Op::decimal, 0, "1.50"), "1.50"},
      {leaf(Op::duration, 1500), "1500ms"},
      {str("a\"b"), R"("a\"b")"},
      {node(Op::text, {str("a{"), leaf(Op::param, 2), str("/")}), R"("a\{{param#2}/")"},
      {node(Op::xml_text, {str("<a>"), one}), R"(xml"<a>{1}")"},
      {node(Op::list, {one, node(Op::spread, {leaf(Op::local, 3)})}), "[1, ...$3]"},
      {node(Op::object, {}), "{}"},
      {node(Op::object, {node(Op::entry, {one}, "a"), node(Op::entry, {one}, "X-A"),
                         node(Op::computed_entry, {str("k"), one})}),
       R"({ a: 1, "X-A": 1, ["k"]: 1 })"},
      {node(Op::list_for, {leaf(Op::local, 4), one, leaf(Op::boolean, 0)}, "1", 4),
       "[$4 for $4 in 1 if false]"},
      {node(Op::object_for, {leaf(Op::local, 4), leaf(Op::local, 5), one}, "2", 4),
       "{ [$4]: $5 for $4, $5 in 1 }"},
      {node(Op::if_else, {one, one, one}), "(if 1 then 1 else 1)"},
      {node(Op::or_, {one, node(Op::not_, {one})}), "(1 or (not 1))"},
      {node(Op::matches, {one}, "^a$", 0), "(1 matches /^a$/)"},
      {node(Op::coalesce, {one, one}), "(1 ?? 1)"},
      {node(Op::member, {node(Op::member, {one}, "a")}, "b c"), R"(1.a."b c")"},
      {node(Op::index, {one, one}), "1[1]"},
      {node(Op::each, {one, leaf(Op::local, 2)}, "splice", 2), "(1 splice $2: $2)"},
      {node(Op::call, {one, one}, "join"), "join(1, 1)"},
      {node(Op::call_fn, {one}, "", 3), "fn #3(1)"},
      {node(Op::cast, {one}, "", static_cast<std::int64_t>(ScalarType::string)), "(1 as string)"},
      {leaf(Op::bound, 1), "bound#1"},
      {leaf(Op::row_cell, 0), "row#0"},
      {leaf(Op::header, 0, "link"), R"(header("link"))"},
      {leaf(Op::request_part, 0, "url"), "request.url"},
      {leaf(Op::masked_row), "masked_row"},
      {node(Op::add, {}), "(? + ?)"},
  };
  for (const Case& c : cases) CHECK(dump(c.expr) == c.text);
}

TEST_CASE("a connector is one construct a line, with names for ids") {
  Connector c;
  c.name = "shop";
  c.files = {{"shop.fconn", "connector shop {}\n"}};
  c.identities = {{"email", "", "", {}}};
  c.params = {{"domain", "", "", ScalarType::host, ScalarType::any, {}, std::nullopt, false, {}}};
  Client client;
  client.base = node(Op::text, {str("https://"), leaf(Op::param, 0)});
  c.clients = {client};
  Collection people;
  people.name = "people";
  people.key = {{"id"}};
  people.cells = {{{"id"}, ScalarType::integer}};
  Read read;
  Request request;
  request.method = "GET";
  request.target = {{TargetPartKind::literal, "/people/", std::nullopt, {}},
                    {TargetPartKind::segment, "", leaf(Op::identity, 0), {}}};
  request.skips = {{{{{404, 404}, {410, 411}}, std::nullopt}, str("gone"), {}}};
  request.rows_path = KeyPath{"items"};
  request.row_cells = {{"id"}};
  request.row_ops = {{RowOpKind::keep, leaf(Op::row_cell, 0), {}}};
  read.chain.request = request;
  read.chain.needs = {{{0}}};
  read.cells = {leaf(Op::row_cell, 0)};
  read.key = {leaf(Op::row_cell, 0)};
  people.reads = {read};
  c.collections = {people};
  Collection orders;
  orders.name = "orders";
  Source source;
  source.name = "p";
  source.collection = CollectionId{0};
  orders.sources = {source};
  orders.slots = {{0, 0, "p.id"}};
  orders.emit = leaf(Op::bound, 0);
  orders.emit_uses = {0};
  c.collections.push_back(orders);
  const auto valid = validate(c);
  REQUIRE_MESSAGE(valid, (valid ? "" : valid.error().text));
  CHECK(dump(c) == R"(connector shop
  file "shop.fconn" 18 bytes
  param domain
    type host
  identity email
  client (default)
    base "https://{param:domain}"
  collection people
    read
      request GET /people/{identity:email}
        skip on 404, 410..411 "gone"
        rows_path .items
        row_op keep row(.id)
        row_cells .id
      needs email
      cells row(.id)
      key row(.id)
    key .id
    cell .id int
  collection orders
    source p
      collection people
    slot p.id = source 0 cell 0
    emit bound:p.id
    emit_uses 0
)");
}

}  // namespace
}  // namespace fconn::ir
