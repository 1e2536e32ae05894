#include "tools/erasure/plan_values.hh"

namespace fconn::erasure {

std::string request_digest(const std::string& exact, const erase::Keeper& key) {
  return key.hash("request\n" + exact);
}

std::string connector_digest(const ir::Connector& connector, const erase::Keeper& key) {
  // Where its files are says nothing of what it does: a plan is applied from another folder, too.
  ir::Connector same = connector;
  for (ir::SourceFile& file : same.files) file.name.clear();
  return key.hash("connector\n" + ir::dump(same));
}

std::uint64_t action_seed(std::uint64_t seed, std::string_view identity) {
  std::uint64_t hash = seed ^ 14695981039346656037ULL;
  for (const char c : identity) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

std::string identity_of(const run::ErasureTask& task) {
  return std::to_string(task.instance) + ' ' + std::to_string(task.collection) +
         (task.removal ? " delete " : " update ") + task.values.row + task.values.bound +
         task.values.identities;
}

void add_values(const std::vector<run::Instance>& instances, erase::PlanContext& context) {
  const auto object = [&](auto member) {
    std::string out = "{";
    for (const run::Instance& instance : instances) {
      if (out.size() > 1) out += ',';
      value::append_json_string(instance.key, out);
      out += ":{";
      member(instance, out);
      out += '}';
    }
    return out + "}";
  };
  const auto lists = [](const auto& map, std::string& out) {
    bool first = true;
    for (const auto& [name, values] : map) {
      if (!first) out += ',';
      first = false;
      value::append_json_string(name, out);
      out += ":[";
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out += ',';
        value::append_json(values[i].get(), out);
      }
      out += ']';
    }
  };
  context.identities = object(
      [&](const run::Instance& instance, std::string& out) { lists(instance.identities, out); });
  context.externals = object(
      [&](const run::Instance& instance, std::string& out) { lists(instance.externals, out); });
  context.params = object([&](const run::Instance& instance, std::string& out) {
    bool first = true;
    for (const ir::Param& param : instance.connector->params) {
      const auto found = instance.params.find(param.name);
      if (param.secret || found == instance.params.end()) continue;
      if (!first) out += ',';
      first = false;
      value::append_json_string(param.name, out);
      out += ':';
      value::append_json(found->second.get(), out);
    }
  });
}

}  // namespace fconn::erasure
