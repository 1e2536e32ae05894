// Questions about one document.
#include <algorithm>
#include <cstdio>

#include "tools/lsp/describe.hh"
#include "tools/lsp/highlight.hh"
#include "tools/lsp/session.hh"

namespace fconn::lsp {
namespace {

using compile::NameKind;

Json markdown(std::string_view text) {
  return json_object({{"kind", json_string("markdown")}, {"value", json_string(text)}});
}

std::optional<Json> some_text(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return json_string(text);
}

/// Keeps an order that editors would lose by sorting.
std::string sort_text(std::size_t index) {
  std::string digits = std::to_string(index);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

Json command(std::string_view title, std::string_view name, const std::vector<Json>& arguments) {
  return json_object({{"title", json_string(title)},
                      {"command", json_string(name)},
                      {"arguments", json_list(arguments)}});
}

}  // namespace

// SymbolKind of LSP 3.17.
int symbol_kind(const Symbol& symbol) {
  if (symbol.action) return symbol.test ? 6 : 24;  // Method, Event
  switch (symbol.kind) {
    case NameKind::connector:
      return 2;  // Module
    case NameKind::collection:
      return 5;  // Class
    case NameKind::client:
      return 3;  // Namespace
    case NameKind::field:
      return 8;  // Field
    case NameKind::function:
    case NameKind::auth:
    case NameKind::pagination:
      return 12;  // Function
    case NameKind::param:
    case NameKind::secret:
    case NameKind::identity:
    case NameKind::external:
      return 14;  // Constant
    default:
      return 13;  // Variable
  }
}

Answer Server::Session::completion(const Params& params) {
  const auto at = spot(params);
  if (!at) return {};
  const std::string text(at->analysis->text());
  const Completions found = complete(at->analysis->path, text, at->offset, host_, documents_);
  const Json range = range_in(text, Lines(text), found.begin, found.end);
  std::vector<Json> items;
  for (const Completion& item : found.items) {
    const std::string& insert = item.insert.empty() ? item.label : item.insert;
    std::optional<Json> doc;
    if (!item.doc.empty()) doc = markdown(item.doc);
    items.push_back(json_object(
        {{"label", json_string(item.label)},
         {"kind", json_number(item.kind)},
         {"detail", some_text(item.detail)},
         {"documentation", doc},
         {"sortText", json_string(sort_text(items.size()))},
         {"textEdit", json_object({{"range", range}, {"newText", json_string(insert)}})}}));
  }
  return {json_object({{"isIncomplete", json_bool(false)}, {"items", json_list(items)}}), 0, {}};
}

Answer Server::Session::hover_at(const Params& params) {
  const auto at = spot(params);
  if (!at) return {};
  const auto found = hover(*at->analysis, at->offset);
  if (!found) return {};
  const std::string_view text = at->analysis->text();
  return {json_object({{"contents", markdown(found->markdown)},
                       {"range", range_in(text, Lines(text), found->begin, found->end)}}),
          0,
          {}};
}

Answer Server::Session::signature_help(const Params& params) {
  const auto at = spot(params);
  if (!at) return {};
  const auto help = call_help(*at->analysis, at->offset, host_);
  if (!help) return {};
  std::vector<Json> parameters;
  for (const std::string& one : help->parameters) {
    parameters.push_back(json_object({{"label", json_string(one)}}));
  }
  std::optional<Json> doc;
  if (!help->doc.empty()) doc = markdown(help->doc);
  const auto active = static_cast<std::int64_t>(help->active);
  const Json signature = json_object({{"label", json_string(help->label)},
                                      {"documentation", doc},
                                      {"parameters", json_list(parameters)},
                                      {"activeParameter", json_number(active)}});
  return {json_object({{"signatures", json_list({signature})},
                       {"activeSignature", json_number(0)},
                       {"activeParameter", json_number(active)}}),
          0,
          {}};
}

Answer Server::Session::document_symbols(const Params& params) {
  const std::string path = path_at(params);
  const auto analysis = analysis_of(path);
  if (!analysis || !is_fconn(analysis->kind)) return {};
  const std::string_view text = analysis->text();
  const Lines lines(text);
  const auto range = [&](Span span) { return range_in(text, lines, span.begin, span.end); };
  const auto nested = [&](const auto& self, const std::vector<Symbol>& symbols) -> Json {
    std::vector<Json> out;
    out.reserve(symbols.size());
    for (const Symbol& symbol : symbols) {
      out.push_back(json_object(
          {{"name", json_string(symbol.name.empty() ? "?" : symbol.name)},
           {"detail", some_text(symbol.detail)},
           {"kind", json_number(symbol_kind(symbol))},
           {"range", range({symbol.whole.file, std::min(symbol.whole.begin, symbol.where.begin),
                            std::max(symbol.whole.end, symbol.where.end)})},
           {"selectionRange", range(symbol.where)},
           {"children", self(self, symbol.children)}}));
    }
    return json_list(out);
  };
  const std::vector<Symbol> symbols = outline(analysis->sources, tree(*analysis, analysis->root));
  if (nested_symbols_) return {nested(nested, symbols), 0, {}};
  std::vector<Json> out;
  const auto flat = [&](const auto& self, const std::vector<Symbol>& list,
                        const std::string& container) -> void {
    for (const Symbol& symbol : list) {
      out.push_back(json_object({{"name", json_string(symbol.name.empty() ? "?" : symbol.name)},
                                 {"kind", json_number(symbol_kind(symbol))},
                                 {"containerName", some_text(container)},
                                 {"location", json_object({{"uri", json_string(uri_of(path))},
                                                           {"range", range(symbol.whole)}})}}));
      self(self, symbol.children, symbol.name);
    }
  };
  flat(flat, symbols, "");
  return {json_list(out), 0, {}};
}

Answer Server::Session::inlay_hints(const Params& params) {
  const auto analysis = analysis_of(path_at(params));
  if (!analysis || !is_fconn(analysis->kind)) return {};
  const std::string_view text = analysis->text();
  const Lines lines(text);
  const auto [begin, end] = bytes_of(params, text);
  std::vector<Json> out;
  for (const Inlay& inlay : inlays(*analysis)) {
    if (inlay.offset < begin || inlay.offset > end) continue;
    const Place place = lines.place(text, inlay.offset, encoding_);
    out.push_back(
        json_object({{"position", json_object({{"line", json_number(place.line)},
                                               {"character", json_number(place.column)}})},
                     {"label", json_string(inlay.label)},
                     {"kind", json_number(1)}}));
  }
  return {json_list(out), 0, {}};
}

Answer Server::Session::folding_ranges(const Params& params) {
  const auto analysis = analysis_of(path_at(params));
  if (!analysis || !is_fconn(analysis->kind)) return {};
  const std::string_view text = analysis->text();
  const Lines lines(text);
  std::vector<Json> out;
  for (const Fold& fold : folds(text)) {
    const std::uint32_t first = lines.place(text, fold.begin, encoding_).line;
    std::uint32_t last = lines.place(text, fold.end, encoding_).line;
    if (!fold.comment && last > first) --last;  // the closing bracket stays
    if (last <= first) continue;
    std::optional<Json> kind;
    if (fold.comment) kind = json_string("comment");
    out.push_back(json_object(
        {{"startLine", json_number(first)}, {"endLine", json_number(last)}, {"kind", kind}}));
  }
  return {json_list(out), 0, {}};
}

Answer Server::Session::formatting(const Params& params) {
  const std::string path = path_at(params);
  const auto text = path.empty() ? std::nullopt : text_of(path, host_, documents_);
  if (!text || !is_fconn(kind_of(path)) || path.starts_with('<')) return {};
  auto edits = layout_edits(path, *text);
  if (!edits) {
    return refuse(rpc::request_failed, "a file with mistakes of syntax can't be laid out");
  }
  const auto [begin, end] = bytes_of(params, *text);
  const std::uint32_t first = begin;
  const std::uint32_t last = end;
  std::erase_if(*edits, [&](const TextEdit& e) { return e.end < first || e.begin > last; });
  return {json_list(text_edits(*text, *edits)), 0, {}};
}

Answer Server::Session::code_actions(const Params& params) {
  const std::string path = path_at(params);
  const auto analysis = analysis_of(path);
  if (!analysis || analysis->sources.size() == 0 || path.starts_with('<')) return {};
  const std::string_view text = analysis->text();
  const auto [begin, end] = bytes_of(params, text);
  // A client may ask for other kinds of actions alone.
  const auto only = list_at(params, {"context", "only"});
  const bool wanted =
      only.empty() || std::any_of(only.begin(), only.end(), [](const value::Value& kind) {
        return kind.kind == value::Kind::string &&
               (kind.view().empty() || kind.view() == "quickfix");
      });
  std::vector<Json> out;
  if (!wanted) return {json_list(out), 0, {}};
  std::vector<Repair> offered = repairs(*analysis, begin, end);
  for (Repair& one : allowances(*analysis, begin, end, host_, documents_)) {
    offered.push_back(std::move(one));
  }
  for (const Repair& repair : offered) {
    const std::string uri = uri_of(path);
    const Json changes = json_object({{uri, json_list(text_edits(text, repair.edits))}});
    out.push_back(
        json_object({{"title", json_string(repair.title)},
                     {"kind", json_string("quickfix")},
                     {"diagnostics",
                      json_list({diagnostic(*analysis, analysis->diagnostics[repair.diagnostic])})},
                     {"isPreferred", json_bool(repair.sure)},
                     {"edit", json_object({{"changes", changes}})}}));
  }
  return {json_list(out), 0, {}};
}

Answer Server::Session::code_lenses(const Params& params) {
  const std::string path = path_at(params);
  const auto analysis = analysis_of(path);
  if (!analysis || !is_fconn(analysis->kind) || path.starts_with('<')) return {};
  const std::string_view text = analysis->text();
  const Lines lines(text);
  const Json uri = json_string(uri_of(path));
  std::vector<Json> out;
  const auto lens = [&](const Symbol& symbol, std::string_view title, std::string_view name,
                        const std::vector<Json>& arguments) {
    out.push_back(
        json_object({{"range", range_in(text, lines, symbol.where.begin, symbol.where.end)},
                     {"command", command(title, name, arguments)}}));
  };
  const grammar::Ast ast = tree(*analysis, analysis->root);
  const auto reads = [](const Symbol& symbol) {
    return std::any_of(symbol.children.begin(), symbol.children.end(),
                       [](const Symbol& one) { return one.action && one.name == "read"; });
  };
  const auto walk = [&](const auto& self, const std::vector<Symbol>& symbols) -> void {
    for (const Symbol& symbol : symbols) {
      if (symbol.test) {
        lens(symbol, "Run test", "fconn.test",
             {uri, json_number(lines.place(text, symbol.where.begin, encoding_).line)});
      } else if (!symbol.action && symbol.kind == NameKind::collection && reads(symbol)) {
        const Json name = json_string(symbol.name);
        if (host_.has_verb("read")) lens(symbol, "Run", "fconn.run", {uri, name});
        if (host_.has_verb("repl")) lens(symbol, "Step", "fconn.step", {uri, name});
      }
      self(self, symbol.children);
    }
  };
  walk(walk, outline(analysis->sources, ast));
  return {json_list(out), 0, {}};
}

Answer Server::Session::execute_command(const Params& params) {
  const std::string name(string_at(params, {"command"}).value_or(""));
  const auto arguments = list_at(params, {"arguments"});
  if (arguments.empty() || arguments[0].kind != value::Kind::string) {
    return refuse(rpc::invalid_params, "the first argument is a document's URI");
  }
  const std::string path = name_of_uri(arguments[0].view());
  if (name == "fconn.test") {
    std::optional<std::uint32_t> line;
    if (arguments.size() > 1 && arguments[1].kind == value::Kind::integer) {
      line = static_cast<std::uint32_t>(arguments[1].integer);
    }
    bool passed = false;
    const std::string said = host_.run_tests(path, line, documents_, passed);
    notify("window/showMessage",
           json_object({{"type", json_number(passed ? 3 : 1)}, {"message", json_string(said)}}));
    return {json_object({{"passed", json_bool(passed)}, {"text", json_string(said)}}), 0, {}};
  }
  // What asks the API needs values, and somebody who sees what happens: the client opens a
  // terminal.
  const auto collection = arguments.size() > 1 && arguments[1].kind == value::Kind::string
                              ? std::string(arguments[1].view())
                              : std::string();
  std::vector<Json> words{json_string("fconn")};
  if (name == "fconn.run") {
    words.push_back(json_string("read"));
    words.push_back(json_string(path));
    if (!collection.empty()) words.push_back(json_string(collection));
  } else if (name == "fconn.step") {
    words.push_back(json_string("repl"));
    words.push_back(json_string(path));
  } else {
    return refuse(rpc::invalid_params, "there is no command '" + name + "'");
  }
  return {json_object({{"argv", json_list(words)}}), 0, {}};
}

}  // namespace fconn::lsp
