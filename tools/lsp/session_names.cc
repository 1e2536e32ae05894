// Definitions, references, renaming, symbols of the workspace.
#include <algorithm>

#include "grammar/parse.hh"
#include "tools/lsp/session.hh"

namespace fconn::lsp {

Answer Server::Session::definition_at(const Params& params) {
  const auto at = spot(params);
  if (!at) return {};
  Places places(*this);
  std::vector<Json> out;
  for (const FileSpan& where : definition(*at->analysis, at->offset)) {
    if (const auto location = places.location(where)) out.push_back(*location);
  }
  return {json_list(out), 0, {}};
}

Answer Server::Session::references_at(const Params& params) {
  const auto at = spot(params);
  if (!at) return {};
  Places places(*this);
  std::vector<Json> out;
  const bool declaration = true_at(params, {"context", "includeDeclaration"});
  for (const FileSpan& where :
       references(*at->analysis, at->offset, workspace(at->analysis->path), declaration)) {
    if (const auto location = places.location(where)) out.push_back(*location);
  }
  return {json_list(out), 0, {}};
}

Answer Server::Session::highlights_at(const Params& params) {
  const auto at = spot(params);
  if (!at) return {};
  Places places(*this);
  std::vector<Json> out;
  for (const FileSpan& where : occurrences(*at->analysis, at->offset)) {
    out.push_back(json_object({{"range", places.range(where)}}));
  }
  return {json_list(out), 0, {}};
}

Answer Server::Session::prepare_rename(const Params& params) {
  const auto at = spot(params);
  if (!at) return {};
  std::string problem;
  const auto found = renamable(*at->analysis, at->offset, problem);
  if (!found) return refuse(rpc::request_failed, problem);
  return {Places(*this).range(*found), 0, {}};
}

Answer Server::Session::rename_at(const Params& params) {
  const auto at = spot(params);
  const auto name = string_at(params, {"newName"});
  if (!at || !name) return refuse(rpc::invalid_params, "there is nothing to rename");
  const Renamed renamed =
      rename(*at->analysis, at->offset, std::string(*name), workspace(at->analysis->path));
  if (!renamed.problem.empty()) return refuse(rpc::request_failed, renamed.problem);
  Places places(*this);
  return {workspace_edit(renamed.edits, places), 0, {}};
}

Json Server::Session::workspace_edit(const std::vector<FileEdit>& edits, Places& places) {
  std::map<std::string, std::vector<Json>> by_path;
  for (const FileEdit& edit : edits) {
    by_path[edit.where.path].push_back(
        json_object({{"range", places.range(edit.where)}, {"newText", json_string(edit.text)}}));
  }
  std::map<std::string, Json> by_uri;
  std::vector<Json> changes;
  for (const auto& [path, list] : by_path) {
    const std::string uri = uri_of(path);
    by_uri[uri] = json_list(list);
    // With the version that was looked at, so that an editor refuses what comes too late.
    const Document* document = documents_.get(path);
    const Json version = document != nullptr ? json_number(document->version) : Json{};
    changes.push_back(json_object(
        {{"textDocument", json_object({{"uri", json_string(uri)}, {"version", version}})},
         {"edits", json_list(list)}}));
  }
  if (versioned_edits_) return json_object({{"documentChanges", json_list(changes)}});
  JsonMembers members;
  for (const auto& [uri, list] : by_uri) members.emplace_back(uri, list);
  return json_object({{"changes", json_object(members)}});
}

Answer Server::Session::workspace_symbols(const Params& params) {
  std::string wanted(string_at(params, {"query"}).value_or(""));
  const auto lower = [](std::string& text) {
    for (char& c : text) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
  };
  lower(wanted);
  Places places(*this);
  std::vector<Json> out;
  const auto add = [&](const auto& self, const std::string& path, const std::string& container,
                       const std::vector<Symbol>& symbols) -> void {
    for (const Symbol& symbol : symbols) {
      std::string name = symbol.name;
      lower(name);
      const bool named = !symbol.action || symbol.test;
      if (named && name.find(wanted) != std::string::npos) {
        const FileSpan where{path, symbol.where.begin, symbol.where.end};
        out.push_back(json_object({{"name", json_string(symbol.name)},
                                   {"kind", json_number(symbol_kind(symbol))},
                                   {"containerName", json_string(container)},
                                   {"location", places.location(where)}}));
      }
      self(self, path, symbol.action ? container : symbol.name, symbol.children);
    }
  };
  const Workspace all = workspace("");
  for (const std::string& path : all.paths) {
    if (!is_fconn(kind_of(path))) continue;
    auto text = text_of(path, host_, documents_);
    if (!text) continue;
    grammar::SourceMap sources;
    const FileId file = sources.add(path, std::move(*text));
    add(add, path, "", outline(sources, grammar::parse(sources, file).ast));
  }
  return {json_list(out), 0, {}};
}

}  // namespace fconn::lsp
