// Which reads Fides sends for the identities that are given.
#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {

bool has_identity(const Request& request) {
  return std::any_of(request.params.begin(), request.params.end(),
                     [](const ParamValue& param) { return param.identity.given; });
}

namespace {

void add_identities(const Request& request, std::set<std::string>& all) {
  for (const ParamValue& param : request.params) {
    if (param.identity.given) all.insert(param.identity.text);
  }
}

/// Whether an action takes an input that its collection's reads bring.
bool acts_on_inputs(const Endpoint& endpoint) {
  const std::string own = endpoint.name.text + ".";
  const auto takes = [&](const std::optional<Request>& action) {
    return action &&
           std::any_of(action->params.begin(), action->params.end(), [&](const ParamValue& param) {
             return !param.references.empty() &&
                    !param.references.front().field.text.starts_with(own);
           });
  };
  return takes(endpoint.update) || takes(endpoint.erase);
}

}  // namespace

bool never_selected(const Context& context, const Endpoint& endpoint, const Request& request) {
  if (!context.exact || has_identity(request) || acts_on_inputs(endpoint)) return false;
  std::set<std::string> here, all;
  for (const Request& read : endpoint.reads) add_identities(read, here);
  for (const Endpoint& other : context.config.endpoints) {
    for (const Request& read : other.reads) add_identities(read, all);
    if (other.update) add_identities(*other.update, all);
    if (other.erase) add_identities(*other.erase, all);
  }
  if (context.config.data_protection) add_identities(*context.config.data_protection, all);
  return !here.empty() && here == all;
}

}  // namespace fconn::importer
