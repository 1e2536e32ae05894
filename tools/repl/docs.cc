#include "tools/repl/docs.hh"

#include <algorithm>

#include "grammar/parse.hh"

namespace fconn::repl {
namespace {

std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  const std::size_t brace = text.rfind('{');
  if (brace != std::string_view::npos && text.find('}', brace) == std::string_view::npos) {
    text = text.substr(0, brace);
  }
  while (text.ends_with(' ') || text.ends_with('=')) text.remove_suffix(1);
  return std::string(text);
}

void collect(const grammar::SourceMap& sources, const std::vector<grammar::Decl>& items,
             std::vector<Documented>& out) {
  for (const grammar::Decl& decl : items) {
    if (const auto* connector = std::get_if<grammar::ConnectorDecl>(&decl.node)) {
      collect(sources, connector->items, out);
      continue;
    }
    const grammar::Name* name = nullptr;
    if (const auto* fn = std::get_if<grammar::FnDecl>(&decl.node)) name = &fn->name;
    if (const auto* auth = std::get_if<grammar::AuthDecl>(&decl.node)) name = &auth->name;
    if (const auto* page = std::get_if<grammar::PaginationDecl>(&decl.node)) name = &page->name;
    if (name == nullptr) continue;
    grammar::Span span = decl.span;
    span.begin = decl.keyword.begin;
    out.push_back({name->text, first_line(sources.slice(span)), decl.doc});
  }
}

}  // namespace

std::vector<Documented> documented(const std::string& text) {
  grammar::SourceMap sources;
  const grammar::FileId file = sources.add("", text);
  const grammar::Parsed parsed = grammar::parse(sources, file);
  std::vector<Documented> out;
  collect(sources, parsed.ast.items, out);
  return out;
}

}  // namespace fconn::repl
