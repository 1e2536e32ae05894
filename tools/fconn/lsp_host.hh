// What the language server needs of the machine and of the rest of the program.
#pragma once

#include "tools/lsp/host.hh"

namespace fconn::cli {

class LspHost : public lsp::Host {
 public:
  LspHost();

  std::optional<std::string> read(const std::string& path) override;
  bool files(const std::string& folder, std::vector<std::string>& out) override;
  std::string join(std::string_view from, std::string_view path) const override;
  std::optional<lsp::Module> embedded(std::string_view name) override;
  std::optional<lsp::Module> connector(std::string_view name) override;
  std::vector<std::string> connector_names() const override;
  std::vector<lsp::Module> standard_library() const override;
  /// Below $XDG_CACHE_HOME (or ~/.cache)/fconn/VERSION/; mode 0444.
  std::optional<std::string> readable_copy(std::string_view name) override;
  std::optional<std::string> embedded_name(const std::string& path) const override;
  lsp::ProjectFacts check_project(const std::string& path, const std::string& text,
                                  grammar::SourceMap& sources, const lsp::OpenTexts& open) override;
  grammar::Diagnostics check_tests(const grammar::SourceMap& sources,
                                   const grammar::Ast& ast) override;
  bool has_verb(std::string_view name) const override;
  std::string run_tests(const std::string& path, std::optional<std::uint32_t> line,
                        const lsp::OpenTexts& open, bool& passed) override;

 private:
  std::string copies_;  // the folder of copies, with a slash; empty when there is none
};

}  // namespace fconn::cli
