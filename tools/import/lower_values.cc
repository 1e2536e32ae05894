#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {

void Context::error(DiagnosticId id, Span where, std::string text, std::string help) {
  diagnostics.push_back(grammar::diagnostic(id, where, std::move(text), std::move(help)));
}

void Context::warn(Span where, std::string text, std::string help) {
  error(DiagnosticId::import_differs, where, std::move(text), std::move(help));
}

const ConnectorParam* Context::param(std::string_view name) const {
  const auto found = std::find_if(config.params.begin(), config.params.end(),
                                  [name](const ConnectorParam& p) { return p.name.text == name; });
  return found == config.params.end() ? nullptr : &*found;
}

const Endpoint* Context::endpoint(std::string_view name) const {
  // Of two endpoints with one name the last one counts.
  const auto found = std::find_if(config.endpoints.rbegin(), config.endpoints.rend(),
                                  [name](const Endpoint& e) { return e.name.text == name; });
  return found == config.endpoints.rend() ? nullptr : &*found;
}

const Collection* Context::fields_of(std::string_view collection) const {
  return documents.dataset == nullptr ? nullptr : documents.dataset->find(collection);
}

bool Context::own_dataset(std::string_view key) const { return key == config.fides_key.text; }

bool Context::taken(const std::string& name) const {
  const auto in_requests = [&](const std::vector<Request>& requests) {
    return std::any_of(requests.begin(), requests.end(), [&](const Request& request) {
      return std::any_of(request.params.begin(), request.params.end(), [&](const ParamValue& p) {
        const bool external =
            std::any_of(p.references.begin(), p.references.end(),
                        [&](const Reference& r) { return identifier(r.external) == name; });
        return external || identifier(p.identity.text) == name;
      });
    });
  };
  for (const ConnectorParam& one : config.params) {
    if (identifier(one.name.text) == name) return true;
  }
  for (const Endpoint& one : config.endpoints) {
    if (identifier(one.name.text) == name || in_requests(one.reads)) return true;
    if (one.update && in_requests({*one.update})) return true;
    if (one.erase && in_requests({*one.erase})) return true;
    for (const Request& read : one.reads) {
      for (const Strategy& step : read.postprocessors) {
        const Node* value = step.configuration.find("value");
        const Node* identity = value == nullptr ? nullptr : value->find("identity");
        if (identity != nullptr && identifier(identity->text) == name) return true;
      }
    }
  }
  if (config.data_protection && in_requests({*config.data_protection})) return true;
  return in_requests(config.opt_in) || in_requests(config.opt_out);
}

std::string Context::helper(const std::string& name) {
  std::string out = name;
  for (int i = 2; !helper_names.insert(out).second; ++i) out = name + "_" + std::to_string(i);
  return out;
}

void Context::unresolved(const std::vector<std::string>& missing, Span where,
                         const std::vector<ParamValue>* params) {
  for (const std::string& name : missing) {
    std::vector<std::string> names;
    if (params != nullptr) {
      for (const ParamValue& one : *params) names.push_back(one.name.text);
    } else {
      for (const ConnectorParam& one : config.params) names.push_back(one.name.text);
    }
    const auto near = grammar::did_you_mean(name, names);
    error(DiagnosticId::unresolved_placeholder, where,
          "`<" + name + ">` has no value here, so Fides never sends this request",
          near ? "did you mean `<" + *near + ">`?"
               : (params != nullptr ? "declare it in `param_values`"
                                    : "declare it in `connector_params`"));
  }
}

Value param_value(Context& context, const ConnectorParam& param) {
  context.used_params.insert(param.name.text);
  Value out;
  out.expr = identifier(param.name.text);
  out.secret = param.sensitive;
  out.text = !param.default_value.number && !param.multiselect;
  out.setting = out.text;
  return out;
}

Lookup secrets(Context& context) {
  return [&context](const std::string& name) -> std::optional<Value> {
    const ConnectorParam* param = context.param(name);
    if (param == nullptr) return std::nullopt;
    return param_value(context, *param);
  };
}

std::string field_list(const Context& context, const std::string& collection) {
  std::vector<std::string> names;
  if (const Collection* fields = context.fields_of(collection)) {
    for (const Field& field : fields->fields) {
      if (!field.type.empty() || !field.fields.empty()) names.push_back(field.name.text);
    }
  }
  std::sort(names.begin(), names.end());
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

std::optional<Value> special_value(const Context& context, const std::string& name,
                                   const std::string& collection) {
  if (name == "privacy_request_id" || name == "privacy_request.id") {
    return Value{"request_id", true, false, false};
  }
  if (name == "uuid") return Value{"uuid()", true, false, false};
  if (name == "iso_8601_datetime")
    return Value{"format_time(now(), \"%Y-%m-%dT%H:%M:%SZ\")", true, false, false};
  if (name == "field_list")
    return Value{quoted(field_list(context, collection)), true, false, false};
  return std::nullopt;
}

}  // namespace fconn::importer
