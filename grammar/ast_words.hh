// The words of the language that belong to nodes of the tree. Internal to the formatter and the
// dump, so that both spell a node as the source does.
#pragma once

#include <string_view>

#include "grammar/ast.hh"

namespace fconn::grammar {

/// First word of a clause: "query", "rows", "let", …
std::string_view clause_word(const Clause& clause);
/// First word of a declaration: "connector", "param", "read", …; for `expect …` "expect".
std::string_view decl_word(const Decl& decl);
std::string_view body_word(BodyKind kind);
std::string_view next_word(NextPart part);

}  // namespace fconn::grammar
