// What the parser's own tests may ask beyond parse.hh, and passes after the grammar. Internal.
#pragma once

#include "grammar/parse.hh"

namespace fconn::grammar {

/// PEGTL's analysis of the grammar finds no rule that could loop without consuming.
bool grammar_is_sound();

/// Attaches `##` lines to the declarations that follow them (Decl::doc) and, when the file has no
/// error, warns about those that document nothing (F0112).
void attach_docs(std::string_view text, Parsed& parsed);

}  // namespace fconn::grammar
