// The pages of docs/connectors: one a connector, and the index.
#include <algorithm>

#include "interpreter/plan/plan.hh"
#include "tools/fconn/connector_text.hh"

namespace fconn::cli {
namespace {

std::string coded(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "`" : ", `") + word + "`";
  return out;
}

/// A text in a cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string title_of(const ConnectorFacts& facts) {
  return facts.title.empty() ? facts.name : facts.title;
}

void head(std::string& out, const ConnectorFacts& facts) {
  out += "# " + title_of(facts) + "\n\n";
  if (!facts.doc.empty()) out += facts.doc + "\n\n";
  out += "| | |\n| --- | --- |\n";
  const auto row = [&out](std::string_view label, const std::string& text) {
    if (!text.empty()) out += "| " + std::string(label) + " | " + cell(text) + " |\n";
  };
  row("connector", "`" + facts.name + "`");
  row("version", facts.version);
  row("extends", facts.extends.empty() ? "" : "`" + facts.extends + "`");
  row("category", facts.category);
  row("API documentation", facts.docs.empty() ? "" : "<" + facts.docs + ">");
  row("actions", coded(facts.can));
  row("identities", coded(facts.identities));
  row("values from outside", coded(facts.externals));
  row("consent", coded(facts.consents));
  row("authentication", coded(facts.auth));
  row("hosts", coded(facts.hosts));
}

/// The command that makes an instance of it.
void usage(std::string& out, const ConnectorFacts& facts) {
  out += "\n```sh\nfconn instantiate " + facts.name + " my_" + facts.name;
  for (const ParamFacts& param : facts.params) {
    if (!param.required) continue;
    out += param.secret ? " --secret-env " + param.name + "=VARIABLE"
                        : " --param " + param.name + "=VALUE";
  }
  out += "\n```\n";
}

void parameters(std::string& out, const ConnectorFacts& facts) {
  if (facts.params.empty()) return;
  out += "\n## Parameters\n\n| name | type | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const ParamFacts& param : facts.params) {
    std::string meaning = param.label;
    if (!param.doc.empty()) meaning += (meaning.empty() ? "" : ": ") + param.doc;
    out += "| `" + param.name + "` | " + cell(param.type) + (param.secret ? ", secret" : "") +
           " | " + (param.default_json.empty() ? "" : "`" + cell(param.default_json) + "`") +
           " | " + cell(meaning) + " |\n";
  }
}

void collections(std::string& out, const ConnectorFacts& facts, const ir::Connector& connector) {
  out += "\n## Collections\n";
  for (std::size_t i = 0; i < facts.collections.size(); ++i) {
    const CollectionFacts& one = facts.collections[i];
    out += "\n### " + one.name + "\n\n";
    if (!one.doc.empty()) out += one.doc + "\n\n";
    if (!one.from.empty()) {
      std::string from;
      for (const std::string& name : one.from) from += (from.empty() ? "" : ", ") + name;
      out += "From: " + from + ".\n\n";
    }
    for (const std::string& request : one.requests) {
      const std::size_t space = request.find(' ');
      out += "- " + request.substr(0, space) + ": `" + request.substr(space + 1) + "`\n";
    }
    if (connector.collections[i].emit) out += "- emit: rows without a request\n";
    if (connector.collections[i].fields.empty()) continue;
    out += "\n```\n" + fields_text(connector.collections[i].fields, 0) + "```\n";
  }
}

void categories(std::string& out, const ConnectorFacts& facts) {
  if (facts.categories.empty()) return;
  out += "\n## Data categories\n\n| category | fields |\n| --- | --- |\n";
  for (const auto& [category, holders] : facts.categories) {
    out += "| `" + category + "` | " + coded(holders) + " |\n";
  }
}

}  // namespace

std::string page_markdown(const ir::Connector& connector) {
  const ConnectorFacts facts = facts_of(connector);
  std::string out;
  head(out, facts);
  usage(out, facts);
  parameters(out, facts);
  if (!facts.collections.empty()) {
    out += "\n## Which collection feeds which\n\n```mermaid\n" +
           plan::graph(connector, plan::GraphFormat::mermaid) + "```\n";
    collections(out, facts, connector);
  }
  categories(out, facts);
  return out;
}

std::string index_markdown(const std::vector<ConnectorFacts>& connectors) {
  std::string out =
      "# Bundled connectors\n\nWritten by `fconn connectors --markdown`, each page by `fconn "
      "compile "
      "NAME --emit docs`; a test holds them to be current.\n\n"
      "| connector | category | actions | authentication |\n| --- | --- | --- | --- |\n";
  for (const ConnectorFacts& facts : connectors) {
    out += "| [" + cell(title_of(facts)) + "](" + facts.name + ".md) | " + facts.category + " | " +
           coded(facts.can) + " | " + coded(facts.auth) + " |\n";
  }
  return out;
}

}  // namespace fconn::cli
