// Loads files: the root, what it uses, the base of an overlay, the standard library when a name is
// looked for there. Fills the callable namespaces of each file. Resolves no value names.
#pragma once

#include "interpreter/compile/unit.hh"

namespace fconn::compile {

/// Parses a text that is not in the source map yet (or is there under this very name and text).
Module& load_module(Unit& unit, ModuleResolver::Module text, bool library);
/// Parses a file that is in the source map.
Module& load_file(Unit& unit, grammar::FileId file);

/// Declares the fn, auth and pagination declarations among `items` in `scope`; a second one of a
/// name is reported.
void declare_callables(Unit& unit, const std::vector<grammar::Decl>& items, NameScope& scope,
                       const Module& module, bool in_connector = false);

/// Declares the callables of a file and of everything that it uses, and reports cycles, files that
/// can't be found and declarations that a used file may not hold. `used` when another file names
/// it.
void load_uses(Unit& unit, Module& module);

}  // namespace fconn::compile
