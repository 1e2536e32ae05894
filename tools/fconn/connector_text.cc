#include "tools/fconn/connector_text.hh"

#include <algorithm>
#include <set>

#include "interpreter/eval/eval.hh"
#include "interpreter/value/value.hh"

namespace fconn::cli {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view separator = ", ") {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += separator;
    out += word;
  }
  return out;
}

void field(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  value::append_json_string(name, out);
  out += ':';
  value::append_json_string(value, out);
}

void list(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  if (out.back() != '{') out += ',';
  value::append_json_string(name, out);
  out += ":[";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    value::append_json_string(values[i], out);
  }
  out += ']';
}

std::string param_line(const ParamFacts& param) {
  std::string out = param.name + ": " + param.type;
  if (!param.default_json.empty()) out += " = " + param.default_json;
  if (param.secret) out += " (secret)";
  if (!param.label.empty()) out += "  " + param.label;
  return out;
}

}  // namespace

std::string fields_text(const std::vector<ir::Field>& fields, std::size_t indent) {
  std::string out;
  for (const ir::Field& one : fields) {
    out += std::string(indent, ' ') + one.name + ": ";
    out += one.list ? "[" + std::string(ir::name(one.type)) + "]" : std::string(ir::name(one.type));
    if (one.key) out += " key";
    if (one.readonly) out += " readonly";
    for (const std::string& category : one.categories) out += " @" + category;
    out += '\n' + fields_text(one.fields, indent + 2);
  }
  return out;
}

std::string show_text(const ir::Connector& connector) {
  const ConnectorFacts facts = facts_of(connector);
  std::string out = facts.name;
  if (!facts.title.empty()) out += "  " + facts.title;
  out += '\n';
  if (!facts.doc.empty()) out += facts.doc + "\n";
  const auto line = [&out](std::string_view label, const std::string& text) {
    if (!text.empty()) out += std::string(label) + text + "\n";
  };
  out += '\n';
  line("version     ", facts.version);
  line("category    ", facts.category);
  line("docs        ", facts.docs);
  line("extends     ", facts.extends);
  line("hosts       ", joined(facts.hosts));
  line("auth        ", joined(facts.auth));
  line("identities  ", joined(facts.identities));
  line("externals   ", joined(facts.externals));
  line("consent     ", joined(facts.consents));
  line("can         ", joined(facts.can));
  if (!facts.params.empty()) out += "\nparameters\n";
  for (const ParamFacts& param : facts.params) out += "  " + param_line(param) + "\n";
  out += "\ncollections\n";
  for (std::size_t i = 0; i < facts.collections.size(); ++i) {
    const CollectionFacts& one = facts.collections[i];
    out += "  " + one.name + " (" + joined(one.actions) + ")";
    if (!one.from.empty()) out += " ← " + joined(one.from);
    out += '\n';
    if (!one.doc.empty()) out += "    " + one.doc + "\n";
    out += fields_text(connector.collections[i].fields, 4);
  }
  if (!facts.categories.empty()) out += "\ndata categories\n";
  for (const auto& [category, holders] : facts.categories) {
    out += "  @" + category + ": " + joined(holders) + "\n";
  }
  return out;
}

std::string show_json(const ir::Connector& connector) {
  const ConnectorFacts facts = facts_of(connector);
  std::string out = "{";
  field(out, "name", facts.name);
  field(out, "title", facts.title);
  field(out, "version", facts.version);
  field(out, "category", facts.category);
  field(out, "docs", facts.docs);
  field(out, "doc", facts.doc);
  field(out, "extends", facts.extends);
  list(out, "hosts", facts.hosts);
  list(out, "auth", facts.auth);
  list(out, "identities", facts.identities);
  list(out, "externals", facts.externals);
  list(out, "consents", facts.consents);
  list(out, "can", facts.can);
  out += ",\"params\":[";
  for (std::size_t i = 0; i < facts.params.size(); ++i) {
    const ParamFacts& param = facts.params[i];
    out += i == 0 ? "{" : ",{";
    field(out, "name", param.name);
    field(out, "type", param.type);
    field(out, "label", param.label);
    out += std::string(",\"secret\":") + (param.secret ? "true" : "false");
    if (!param.default_json.empty()) out += ",\"default\":" + param.default_json;
    out += '}';
  }
  out += "],\"collections\":[";
  for (std::size_t i = 0; i < facts.collections.size(); ++i) {
    const CollectionFacts& one = facts.collections[i];
    out += i == 0 ? "{" : ",{";
    field(out, "name", one.name);
    field(out, "doc", one.doc);
    list(out, "actions", one.actions);
    list(out, "from", one.from);
    out += '}';
  }
  out += "],\"categories\":{";
  for (const auto& [category, holders] : facts.categories) {
    list(out, category, holders);
  }
  return out + "}}\n";
}

std::string params_schema(const ir::Connector& connector) {
  std::string properties, required;
  for (const ir::Param& param : connector.params) {
    properties += properties.empty() ? "\n    " : ",\n    ";
    value::append_json_string(param.name, properties);
    properties += ": {" + schema_type(param);
    if (!param.label.empty()) {
      properties += ", \"title\": ";
      value::append_json_string(param.label, properties);
    }
    if (!param.doc.empty()) {
      properties += ", \"description\": ";
      value::append_json_string(param.doc, properties);
    }
    if (param.secret) properties += ", \"writeOnly\": true";
    const std::string default_json = constant_json(param.default_value);
    if (!default_json.empty() && !param.secret) properties += ", \"default\": " + default_json;
    properties += '}';
    if (param.default_value) continue;
    if (!required.empty()) required += ", ";
    value::append_json_string(param.name, required);
  }
  std::string out =
      "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  "
      "\"title\": ";
  value::append_json_string("Parameters of " + connector.name, out);
  out += ",\n  \"type\": \"object\",\n  \"additionalProperties\": false,\n  \"required\": [" +
         required + "],\n  \"properties\": {" + properties;
  return out + (properties.empty() ? "}\n}\n" : "\n  }\n}\n");
}

std::string graph_text(const ir::Connector& connector) {
  std::string out;
  for (const CollectionFacts& collection : facts_of(connector).collections) {
    out += collection.name;
    for (std::size_t i = 0; i < collection.from.size(); ++i) {
      out += (i == 0 ? " ← " : ", ") + collection.from[i];
    }
    out += '\n';
  }
  return out;
}

}  // namespace fconn::cli
