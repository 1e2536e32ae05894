// The syntax tree of a whole connector: what a tool needs that looks at the text and not at the IR.
#pragma once

#include <optional>
#include <vector>

#include "grammar/ast.hh"
#include "grammar/source.hh"
#include "interpreter/compile/compile.hh"

namespace fconn::compile {

struct Extended {
  grammar::Decl connector;          // a ConnectorDecl, with the declarations of its bases
  std::vector<grammar::Ast> files;  // the root first, then what it uses, its bases, what they use
};

/// The connector in `root` as compile() sees it: `extends` and `without` are carried out. Null when
/// the file holds none. Mistakes aren't reported: compile() finds them all.
std::optional<Extended> extended(grammar::FileId root, grammar::SourceMap& sources,
                                 ModuleResolver& resolver);

}  // namespace fconn::compile
