// What a language server needs of the world, passed in: files, the texts inside the program, and
// checks that lean on the rest of the program. Tests give one that lives in memory.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/compile/compile.hh"
#include "interpreter/compile/names.hh"

namespace fconn::lsp {

using Module = compile::ModuleResolver::Module;

/// Texts that count instead of those on disk: what editors hold open.
class OpenTexts {
 public:
  virtual ~OpenTexts() = default;
  virtual const std::string* find(const std::string& path) const = 0;
};

/// A name that a project file gives a value to.
struct ProjectName {
  grammar::Span where;
  std::string name;
  compile::NameKind kind{};
};
struct ProjectInstance {
  std::string connector;  // a bundled name, or a path relative to the project file
  grammar::Span connector_where;
  std::vector<ProjectName> names;
};
struct ProjectFacts {
  grammar::Diagnostics diagnostics;
  std::vector<ProjectInstance> instances;
};

class Host {
 public:
  virtual ~Host() = default;

  /// A file on disk.
  virtual std::optional<std::string> read(const std::string& path) = 0;
  /// Adds all *.fconn and fconn.toml files below a folder, hidden folders left out. False when
  /// there is more below it than can be looked through, and some may be missing.
  virtual bool files(const std::string& folder, std::vector<std::string>& out) = 0;
  /// `path` as a file named `from` means it.
  virtual std::string join(std::string_view from, std::string_view path) const = 0;

  // Texts inside the program are named `<stdlib>/…` and `<connectors>/…`.
  virtual std::optional<Module> embedded(std::string_view name) = 0;
  virtual std::optional<Module> connector(std::string_view name) = 0;
  virtual std::vector<std::string> connector_names() const = 0;
  virtual std::vector<Module> standard_library() const = 0;
  /// The path of a read-only copy of such a text, for editors, which open files; none when it can't
  /// be written.
  virtual std::optional<std::string> readable_copy(std::string_view name) = 0;
  /// The text that `path` is a copy of; none for any other file.
  virtual std::optional<std::string> embedded_name(const std::string& path) const = 0;

  /// A project file, as `fconn check` checks it. The text is added to `sources` first, or a copy in
  /// which secrets are hidden.
  virtual ProjectFacts check_project(const std::string& path, const std::string& text,
                                     grammar::SourceMap& sources, const OpenTexts& open) = 0;
  /// What a test file says that no test may say.
  virtual grammar::Diagnostics check_tests(const grammar::SourceMap& sources,
                                           const grammar::Ast& ast) = 0;
  /// Whether this version has the verb: what a lens offers has to be there.
  virtual bool has_verb(std::string_view name) const = 0;
  /// Runs the test that begins on a line (from 0) offline, or all of the file; says how it went.
  /// `passed` tells whether all did.
  virtual std::string run_tests(const std::string& path, std::optional<std::uint32_t> line,
                                const OpenTexts& open, bool& passed) = 0;
};

}  // namespace fconn::lsp
