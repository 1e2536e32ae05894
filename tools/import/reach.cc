// Which endpoints a person's identities lead to. Fides reads no others: what stands in them belongs
// to everybody.
#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {
namespace {

/// The parameters that Fides makes fields and edges of: those of the reads, else of the `delete`.
std::vector<const ParamValue*> inputs_of(const Endpoint& endpoint, bool exact) {
  std::vector<const ParamValue*> out;
  const auto take = [&](const Request& request) {
    for (const ParamValue& param : request.params) out.push_back(&param);
  };
  for (const Request& read : endpoint.reads) take(read);
  if (!endpoint.reads.empty()) return out;
  if (endpoint.erase) take(*endpoint.erase);
  // Fides never sends an `update` without a read; here it is sent where it names a person.
  if (endpoint.update && !exact) take(*endpoint.update);
  return out;
}

bool is_code(const Endpoint& endpoint) {
  const auto code = [](const Request& request) { return request.override_name.given; };
  return std::any_of(endpoint.reads.begin(), endpoint.reads.end(), code) ||
         (endpoint.update && code(*endpoint.update)) || (endpoint.erase && code(*endpoint.erase));
}

std::string collection_of(const Reference& reference) {
  return reference.field.text.substr(0, reference.field.text.find('.'));
}

}  // namespace

std::set<std::string> reached(const Context& context) {
  std::set<std::string> out;
  std::vector<std::pair<std::string, std::string>> edges;
  for (const Endpoint& endpoint : context.config.endpoints) {
    const std::string& name = endpoint.name.text;
    // What its function does isn't in the config; the mistake is named where it stands.
    if (is_code(endpoint)) out.insert(name);
    for (const ParamValue* param : inputs_of(endpoint, context.exact)) {
      if (param->identity.given) out.insert(name);
      for (const Reference& reference : param->references) {
        if (!reference.external.empty() || !context.own_dataset(reference.dataset)) {
          out.insert(name);
          continue;
        }
        edges.emplace_back(collection_of(reference), name);
        if (!reference.directed) edges.emplace_back(name, collection_of(reference));
        // A reference to nothing is a mistake of its own.
        if (context.endpoint(collection_of(reference)) == nullptr) out.insert(name);
      }
    }
  }
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& [from, to] : edges) {
      if (out.count(from) != 0) grown = out.insert(to).second || grown;
    }
  }
  return out;
}

}  // namespace fconn::importer
