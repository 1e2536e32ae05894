// The one layout of .fconn text.
#pragma once

#include <string>

#include "grammar/ast.hh"

namespace fconn::grammar {

/// Prints a tree that was parsed without errors from `sources`. Keeps every comment and single
/// blank lines between items; idempotent: formatting the result gives the result.
std::string format(const SourceMap& sources, const Ast& ast);

/// Stable text form of the tree, for tests, `fconn compile --emit ast` and bug reports: one node a
/// line, two spaces a level, no spans.
std::string dump(const Ast& ast);
std::string dump(const Expr& expr);

}  // namespace fconn::grammar
