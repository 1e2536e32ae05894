#include "tests/unit/plan/sample.hh"

namespace fconn::plan::test {

ir::Connector empty_shop() {
  ir::Connector connector;
  connector.name = "shop";
  connector.identities = {
      {"email", "", "", {}}, {"phone_number", "", "", {}}, {"user_id", "", "", {}}};
  connector.externals = {{"delivery_id", "", "", ir::ScalarType::string, {}}};
  return connector;
}

ir::Chain chain(const Needs& needs) {
  ir::Chain chain;
  for (const auto& set : needs) {
    chain.needs.emplace_back();
    for (const std::uint32_t id : set) chain.needs.back().push_back({id});
  }
  return chain;
}

ir::Read read(const Needs& needs) {
  ir::Read read;
  read.chain = chain(needs);
  return read;
}

ir::Collection collection(std::string name, const std::vector<std::uint32_t>& parents,
                          std::vector<ir::Read> reads) {
  ir::Collection collection;
  collection.name = std::move(name);
  collection.reads = std::move(reads);
  collection.cells = {{{"id"}, ir::ScalarType::any}};
  for (const std::uint32_t parent : parents) {
    const auto source = static_cast<std::uint32_t>(collection.sources.size());
    collection.slots.push_back({source, 0, "c.id"});
    ir::Source input;
    input.name = "c" + std::to_string(source);
    input.collection = ir::CollectionId{parent};
    collection.sources.push_back(std::move(input));
  }
  return collection;
}

ir::Source external_source() {
  ir::Expr external;
  external.op = ir::Op::external;
  ir::Source source;
  source.name = "d";
  source.values = external;
  return source;
}

ir::Connector shop() {
  ir::Connector connector = empty_shop();
  ir::Collection delivery = collection("delivery", {}, {read({})});
  delivery.sources.push_back(external_source());
  ir::Collection both = collection("both", {0}, {});
  both.emit = ir::Expr{};
  ir::Collection newsletter = collection("newsletter", {}, {});
  newsletter.erase = chain({{0}});
  connector.collections = {collection("customer", {}, {read({{0}, {1}})}),
                           collection("order", {0}, {read({})}),
                           collection("event", {}, {read({})}),
                           collection("visit", {}, {read({{0, 2}}), read({})}),
                           std::move(delivery),
                           collection("pair", {1, 4}, {read({})}),
                           std::move(both),
                           std::move(newsletter)};
  connector.collections[1].update = chain({});
  return connector;
}

}  // namespace fconn::plan::test
