// What the tests of compile/ share: a resolver in memory, and mistakes written under the line that
// they are about.
#pragma once

#include <map>
#include <string>

#include "interpreter/compile/compile.hh"

namespace fconn::compile::test {

/// Files and bundled connectors from memory; the standard library from stdlib/.
class MemoryResolver : public ModuleResolver {
 public:
  std::map<std::string, std::string, std::less<>> files, connectors;

  std::optional<Module> module(std::string_view from, std::string_view path) override;
  std::optional<Module> connector(std::string_view name) override;
  std::vector<std::string> connector_names() const override;
  std::vector<Module> standard_library() const override;
};

struct Result {
  grammar::SourceMap sources;
  Compiled compiled;

  /// "F0201 `x`" for each diagnostic, a line each: the code and the text it underlines.
  std::string mistakes() const;
  /// The dump of the IR; mistakes() where there is none.
  std::string dump() const;
};

/// Compiles `text` as the root file "test.fconn".
Result compile_text(const std::string& text, MemoryResolver resolver = {},
                    const Options& options = {});

/// Checks a text that holds its expectations: under a line, `# ^^^ F0201` says that the text above
/// the carets has this mistake. Returns what differs, empty when all is as written.
std::string unexpected(const std::string& text, MemoryResolver resolver = {});

/// The whole text of a file; empty when there is none.
std::string read_file(const std::string& path);

}  // namespace fconn::compile::test
