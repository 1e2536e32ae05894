// Syntax trees to IR: load modules, apply overlays, resolve names, infer types, check, lower. One
// file per pass. Collects diagnostics and goes on; an erroneous declaration is reported once and
// then stands as a poison. Opens no files and reads no environment: texts come through
// ModuleResolver. The only part of interpreter/ that knows the syntax tree.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "grammar/ast.hh"
#include "grammar/diagnostics.hh"
#include "interpreter/ir/ir.hh"

namespace fconn::compile {

/// Finds the text of other files.
class ModuleResolver {
 public:
  virtual ~ModuleResolver() = default;
  struct Module {
    std::string name;  // canonical: equal names are the same module
    std::string text;
  };
  /// `use "path"`, relative to the module named `from`.
  virtual std::optional<Module> module(std::string_view from, std::string_view path) = 0;
  /// A connector by its bundled name, for `extends`.
  virtual std::optional<Module> connector(std::string_view name) = 0;
  virtual std::vector<std::string> connector_names() const = 0;
  /// Standard library files, in the order they are searched.
  virtual std::vector<Module> standard_library() const = 0;
};

struct NameIndex;  // names.hh

struct Options {
  bool strict = false;         // warnings are errors
  NameIndex* names = nullptr;  // filled when given
};

struct Compiled {
  std::shared_ptr<const ir::Connector> ir;  // null when there are errors
  grammar::Diagnostics diagnostics;         // sorted; with parse diagnostics of every file loaded
};

/// Compiles the connector in `root`. Files that it uses are added to `sources`. A root that holds
/// only fn, auth and pagination (a library file) gives diagnostics and no IR and no complaint.
Compiled compile(grammar::FileId root, grammar::SourceMap& sources, ModuleResolver& resolver,
                 const Options& options = {});

/// One expression in the scope of a connector's parameters and functions, for tests and the REPL;
/// names in `locals` become locals 0, 1, …; one of them may be ".". Evaluate it with `scope`.
struct CompiledExpr {
  std::optional<ir::Expr> expr;
  std::shared_ptr<const ir::Connector> scope;  // what the expression names: patterns, functions
  std::uint32_t locals = 0;
  grammar::Diagnostics diagnostics;
};
CompiledExpr compile_expression(grammar::FileId text, grammar::SourceMap& sources,
                                const std::vector<std::string>& locals = {});
/// The same where the functions of the connector in `root`, and of what it uses, can be called; its
/// parameters are those of `scope`. What is wrong with the connector itself isn't said again.
CompiledExpr compile_expression(grammar::FileId text, grammar::SourceMap& sources,
                                const std::vector<std::string>& locals, grammar::FileId root,
                                ModuleResolver& resolver);

/// An expression of a *test file* (only constants and pure functions), as IR without references.
CompiledExpr lower_constant(const grammar::Expr& expr);

}  // namespace fconn::compile
