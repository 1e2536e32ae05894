#include "tools/openapi/lower.hh"

#include <algorithm>

#include "tools/import/text.hh"
#include "tools/openapi/names.hh"

namespace fconn::openapi {
namespace {

using importer::Block;
using importer::identifier;
using importer::quoted;

/// One sentence of a description, without the marks of Markdown; empty when it is none.
std::string first_sentence(const std::string& text) {
  constexpr std::size_t most = 200;
  std::string out;
  for (const char c : text) {
    if (c == '\n' || out.size() > most) break;
    out += c;
    if (c == '.') break;
  }
  const bool plain = out.find_first_of("<>#*[]`|{}") == std::string::npos;
  return plain && out.size() <= most ? out : "";
}

std::string connector_name(const std::string& title) {
  std::string out = snake(title);
  for (const std::string_view end : {"_api", "_rest_api", "_openapi", "_specification"}) {
    if (out.size() > end.size() + 2 && out.ends_with(end)) out.resize(out.size() - end.size());
  }
  constexpr std::size_t most = 40;
  if (out.size() > most)
    out.resize(out.rfind('_', most) == std::string::npos ? most : out.rfind('_', most));
  return identifier(out.empty() ? "imported" : out);
}

/// A read that needs nothing proves that the parameters work.
void add_check(const std::vector<Candidate>& candidates, const Clients& clients, Block& connector) {
  for (const Candidate& one : candidates) {
    const bool plain =
        one.holes.empty() &&
        std::none_of(one.operation->parameters.begin(), one.operation->parameters.end(),
                     [](const Parameter& p) { return p.required; });
    if (!plain) continue;
    Block check("check GET " + one.operation->path + clients.via(one.operation->server));
    check.gap = true;
    check.comments = {"# A guess: the first request that needs nothing."};
    connector.items.push_back(std::move(check));
    return;
  }
}

std::string lines_without_breaks(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

Lowered lower(const Document& document, const std::vector<Candidate>& candidates, Refs& refs,
              Report& report) {
  Lowered out;
  out.name = connector_name(document.title);
  std::set<std::string> names;
  for (const Candidate& one : candidates) names.insert(one.name);
  Values values(names);
  const Clients clients(document, candidates, values, report);
  std::vector<Block> collections;
  collections.reserve(candidates.size());
  for (const Candidate& one : candidates) {
    collections.push_back(collection_block(one, candidates, clients, values, refs, report));
  }
  const std::string title = lines_without_breaks(document.title);
  Block connector("connector " + out.name + " " + quoted(title.empty() ? out.name : title));
  connector.comments = importer::doc_lines(first_sentence(document.description));
  if (connector.comments.empty()) connector.comments = {"## What this API is, in one sentence."};
  connector.comments.insert(connector.comments.begin(),
                            "# Made by `fconn import openapi`. What is called a guess or suggested "
                            "was found by names: confirm it, then remove the remark.");
  connector.add("version \"0.1.0\"");
  if (document.docs.starts_with("https://")) connector.add("docs " + quoted(document.docs));
  connector.add("category other");
  std::vector<Block> declared = values.blocks();
  for (std::size_t i = 0; i < declared.size(); ++i) {
    declared[i].gap = declared[i].gap || i == 0;
    connector.items.push_back(std::move(declared[i]));
  }
  for (Block block : clients.blocks()) {
    block.gap = true;
    connector.items.push_back(std::move(block));
  }
  add_check(candidates, clients, connector);
  for (Block& block : collections) {
    block.gap = true;
    connector.items.push_back(std::move(block));
  }
  out.blocks.push_back(std::move(connector));
  return out;
}

}  // namespace fconn::openapi
