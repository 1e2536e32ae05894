// Text to syntax tree. Always gives a tree, maybe partial, and all mistakes of the file in one run.
#pragma once

#include "grammar/ast.hh"
#include "grammar/diagnostics.hh"

namespace fconn::grammar {

/// Bounds on hostile input; a text past one is a diagnostic (F0190..), never a crash.
struct ParseLimits {
  std::uint32_t max_bytes = 16U << 20U;  // whole file
  std::uint32_t max_nesting = 128;       // expressions, types and blocks together
  std::uint32_t max_diagnostics = 100;   // then one "too many" and an end
};

struct Parsed {
  Ast ast;
  Diagnostics diagnostics;
};

Parsed parse(const SourceMap& sources, FileId file, const ParseLimits& limits = {});

/// One expression alone (REPL, --where options, tests). Trailing text is a mistake.
struct ParsedExpr {
  Expr expr;
  Diagnostics diagnostics;
};
ParsedExpr parse_expression(const SourceMap& sources, FileId file, const ParseLimits& limits = {});

}  // namespace fconn::grammar
