#include <doctest/doctest.h>

#include "interpreter/plan/plan.hh"
#include "tests/unit/plan/sample.hh"

namespace fconn::plan {
namespace {

// customer -> order, with names and paths that need escaping, and an external.
ir::Connector odd_shop() {
  ir::Connector connector = test::empty_shop();
  connector.name = "the \"shop\"";
  connector.collections = {test::collection("customer", {}, {test::read({{0}, {1}})}),
                           test::collection("odd \"#\" <name>", {0, 0}, {})};
  connector.collections[0].reads.push_back(test::read({}));
  connector.collections[0].update = test::chain({});
  connector.collections[0].cells.push_back({{"address", "a\"b"}, ir::ScalarType::any});
  ir::Collection& child = connector.collections[1];
  child.slots[1].cell = 1;
  child.slots.push_back({1, 0, "d.id"});
  child.erase = test::chain({{2}});
  child.sources.push_back(test::external_source());
  return connector;
}

TEST_CASE("dot") {
  CHECK(graph(odd_shop(), GraphFormat::dot) == R"(digraph "the \"shop\"" {
  rankdir=LR;
  "i0" [shape=ellipse, label="email"];
  "i1" [shape=ellipse, label="phone_number"];
  "i2" [shape=ellipse, label="user_id"];
  "e0" [shape=parallelogram, label="delivery_id"];
  "c0" [shape=box, label="customer\n2 reads, update"];
  "c1" [shape=box, label="odd \"#\" <name>\ndelete"];
  "i0" -> "c0";
  "i1" -> "c0";
  "i2" -> "c1";
  "e0" -> "c1";
  "c0" -> "c1" [label="id, address.a\"b"];
}
)");
}

TEST_CASE("mermaid") {
  CHECK(graph(odd_shop(), GraphFormat::mermaid) == R"(flowchart LR
  i0(["email"])
  i1(["phone_number"])
  i2(["user_id"])
  e0[/"delivery_id"/]
  c0["customer<br/>2 reads, update"]
  c1["odd #quot;#35;#quot; #lt;name#gt;<br/>delete"]
  i0 --> c0
  i1 --> c0
  i2 --> c1
  e0 --> c1
  c0 -->|"id, address.a#quot;b"| c1
)");
}

TEST_CASE("json") {
  CHECK(graph(odd_shop(), GraphFormat::json) == R"({
  "nodes": [
    {"id": "identity:email", "kind": "identity", "name": "email"},
    {"id": "identity:phone_number", "kind": "identity", "name": "phone_number"},
    {"id": "identity:user_id", "kind": "identity", "name": "user_id"},
    {"id": "external:delivery_id", "kind": "external", "name": "delivery_id"},
    {"id": "collection:customer", "kind": "collection", "name": "customer", "reads": 2, "emit": false, "update": true, "delete": false},
    {"id": "collection:odd \"#\" <name>", "kind": "collection", "name": "odd \"#\" <name>", "reads": 0, "emit": false, "update": false, "delete": true}
  ],
  "edges": [
    {"from": "identity:email", "to": "collection:customer", "values": []},
    {"from": "identity:phone_number", "to": "collection:customer", "values": []},
    {"from": "identity:user_id", "to": "collection:odd \"#\" <name>", "values": []},
    {"from": "external:delivery_id", "to": "collection:odd \"#\" <name>", "values": []},
    {"from": "collection:customer", "to": "collection:odd \"#\" <name>", "values": ["id", "address.a\"b"]}
  ]
}
)");
}

TEST_CASE("a connector without collections has an empty graph") {
  const ir::Connector connector = test::empty_shop();
  CHECK(graph(connector, GraphFormat::dot) == "digraph \"shop\" {\n  rankdir=LR;\n}\n");
  CHECK(graph(connector, GraphFormat::mermaid) == "flowchart LR\n");
}

}  // namespace
}  // namespace fconn::plan
