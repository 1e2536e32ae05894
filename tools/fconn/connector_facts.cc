#include "tools/fconn/connector_facts.hh"

#include <algorithm>

#include "interpreter/eval/eval.hh"
#include "interpreter/value/value.hh"

namespace fconn::cli {
namespace {

void add_once(std::vector<std::string>& list, std::string text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

void add_categories(const std::vector<ir::Field>& fields, const std::string& prefix,
                    ConnectorFacts& out) {
  for (const ir::Field& field : fields) {
    const std::string path = prefix + "." + field.name;
    for (const std::string& category : field.categories) out.categories[category].push_back(path);
    add_categories(field.fields, path, out);
  }
}

/// Externals and list parameters that a source's values are computed from.
void add_origins(const ir::Connector& connector, const ir::Expr& expr,
                 std::vector<std::string>& out) {
  const auto index = static_cast<std::size_t>(expr.number);
  if (expr.op == ir::Op::external) add_once(out, "external " + connector.externals[index].name);
  if (expr.op == ir::Op::param) add_once(out, "parameter " + connector.params[index].name);
  for (const ir::Expr& kid : expr.kids) add_origins(connector, kid, out);
}

/// A request's method and target as they stand in the source; the method where there is none.
std::string request_text(const ir::Connector& connector, const ir::Chain& chain) {
  if (!chain.request) return {};
  const ir::Span span = chain.request->span;
  if (span.file.value < connector.files.size()) {
    const std::string& text = connector.files[span.file.value].text;
    if (span.begin < span.end && span.end <= text.size()) {
      return text.substr(span.begin, span.end - span.begin);
    }
  }
  return chain.request->method;
}

CollectionFacts collection_facts(const ir::Connector& connector, const ir::Collection& collection) {
  CollectionFacts out;
  out.name = collection.name;
  out.doc = collection.doc;
  if (!collection.reads.empty()) out.actions.emplace_back("read");
  if (collection.emit) out.actions.emplace_back("emit");
  if (collection.update) out.actions.emplace_back("update");
  if (collection.erase) out.actions.emplace_back("delete");
  for (const ir::Source& source : collection.sources) {
    if (source.collection) {
      add_once(out.from, connector.collections[source.collection->value].name);
    } else if (source.values) {
      add_origins(connector, *source.values, out.from);
    }
  }
  const auto add_needs = [&connector, &out](const ir::Chain& chain) {
    for (const auto& alternative : chain.needs) {
      for (const ir::IdentityId id : alternative) {
        add_once(out.from, "identity " + connector.identities[id.value].name);
      }
    }
  };
  for (const ir::Read& read : collection.reads) {
    add_needs(read.chain);
    out.requests.push_back("read " + request_text(connector, read.chain));
  }
  if (collection.update) {
    out.requests.push_back("update " + request_text(connector, *collection.update));
  }
  if (collection.erase) {
    out.requests.push_back("delete " + request_text(connector, *collection.erase));
  }
  if (collection.reads.empty() && collection.erase) add_needs(*collection.erase);
  return out;
}

/// What the verbs can do with it.
std::vector<std::string> abilities(const ir::Connector& connector) {
  bool reads = false, updates = false, deletes = false;
  for (const ir::Collection& collection : connector.collections) {
    reads = reads || !collection.reads.empty() || collection.emit;
    updates = updates || collection.update;
    deletes = deletes || collection.erase;
  }
  std::vector<std::string> out;
  if (reads) out.emplace_back("access");
  if (updates || deletes) out.emplace_back("erase");
  if (updates) out.emplace_back("update");
  if (deletes) out.emplace_back("delete");
  if (!connector.consents.empty()) out.emplace_back("consent");
  if (connector.check) out.emplace_back("check");
  return out;
}

/// A base as it was written, such as "https://{domain}/v1"; what is computed is "…".
std::string base_text(const ir::Connector& connector, const ir::Expr& base) {
  if (base.op == ir::Op::string) return base.text;
  if (base.op == ir::Op::param) {
    return "{" + connector.params[static_cast<std::size_t>(base.number)].name + "}";
  }
  if (base.op != ir::Op::text) return "…";
  std::string out;
  for (const ir::Expr& part : base.kids) out += base_text(connector, part);
  return out;
}

std::string_view json_type(ir::ScalarType type) {
  switch (type) {
    case ir::ScalarType::integer:
      return "integer";
    case ir::ScalarType::number:
      return "number";
    case ir::ScalarType::boolean:
      return "boolean";
    case ir::ScalarType::object:
      return "object";
    case ir::ScalarType::list:
      return "array";
    default:
      return "string";
  }
}

}  // namespace

std::string constant_json(const std::optional<ir::Expr>& expr) {
  if (!expr) return "";
  value::Arena arena;
  const auto constant = eval::constant(*expr, arena);
  return constant ? value::to_json(*constant) : "";
}

std::string type_name(const ir::Param& param) {
  std::string out;
  for (const ir::Expr& choice : param.choices) {
    out += (out.empty() ? "" : " | ") + constant_json(choice);
  }
  if (!out.empty()) return out;
  if (param.type == ir::ScalarType::list) return "[" + std::string(ir::name(param.element)) + "]";
  return std::string(ir::name(param.type));
}

std::string schema_type(const ir::Param& param) {
  if (!param.choices.empty()) {
    std::string out;
    for (const ir::Expr& choice : param.choices) {
      out += (out.empty() ? "" : ", ") + constant_json(choice);
    }
    return "\"enum\": [" + out + "]";
  }
  std::string out = "\"type\": \"" + std::string(json_type(param.type)) + "\"";
  if (param.type == ir::ScalarType::url) out += ", \"format\": \"uri\"";
  if (param.type == ir::ScalarType::list && param.element != ir::ScalarType::any) {
    out += ", \"items\": {\"type\": \"" + std::string(json_type(param.element)) + "\"}";
  }
  return out;
}

ConnectorFacts facts_of(const ir::Connector& connector) {
  ConnectorFacts out;
  out.name = connector.name;
  out.title = connector.title;
  out.version = connector.version;
  out.category = connector.category;
  out.docs = connector.docs;
  out.doc = connector.doc;
  out.extends = connector.extends;
  for (const ir::Client& client : connector.clients) {
    if (client.base) add_once(out.hosts, base_text(connector, *client.base));
    for (const ir::Auth& auth : client.auths) add_once(out.auth, auth.strategy);
  }
  for (const std::string& host : connector.hosts) add_once(out.hosts, host);
  for (const ir::Identity& identity : connector.identities) out.identities.push_back(identity.name);
  for (const ir::External& external : connector.externals) out.externals.push_back(external.name);
  for (const ir::Consent& consent : connector.consents) {
    out.consents.push_back(consent.direction +
                           (consent.purpose.empty() ? "" : " for " + consent.purpose));
  }
  out.can = abilities(connector);
  for (const ir::Param& param : connector.params) {
    ParamFacts one{param.name, type_name(param), param.label,         param.doc,
                   "",         param.secret,     !param.default_value};
    if (!param.secret) one.default_json = constant_json(param.default_value);
    out.params.push_back(std::move(one));
  }
  for (const ir::Collection& collection : connector.collections) {
    out.collections.push_back(collection_facts(connector, collection));
    add_categories(collection.fields, collection.name, out);
  }
  return out;
}

}  // namespace fconn::cli
