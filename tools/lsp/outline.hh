// What a file declares, as a tree: symbols of a document, texts for hover, places of code lenses.
#pragma once

#include <string>
#include <vector>

#include "grammar/ast.hh"
#include "interpreter/compile/names.hh"

namespace fconn::lsp {

struct Symbol {
  std::string name;    // as shown: "read", "customer", "GET /lists"
  std::string detail;  // "string @user.contact.email", "(address)"
  std::string doc;     // of `##` lines
  compile::NameKind kind{};
  bool action = false;  // read, update, delete, check, consent, test: `kind` says nothing then
  bool test = false;
  grammar::Span where;  // its name, or its first word
  grammar::Span whole;
  std::vector<Symbol> children;
};

std::vector<Symbol> outline(const grammar::SourceMap& sources, const grammar::Ast& ast);

/// The symbol whose name stands at `where`; null when there is none.
const Symbol* find_symbol(const std::vector<Symbol>& symbols, grammar::Span where);

}  // namespace fconn::lsp
