// One file with all that it leans on, looked at by the compiler: its mistakes, and what its names
// mean. Everything that an editor asks is answered from this.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "grammar/ast.hh"
#include "grammar/diagnostics.hh"
#include "interpreter/compile/names.hh"
#include "tools/lsp/host.hh"
#include "tools/lsp/text.hh"

namespace fconn::lsp {

using grammar::FileId;
using grammar::Span;

/// `other`: a TOML file that is no project file, about which nothing is said.
enum class FileKind : std::uint8_t { connector, test, project, other };
FileKind kind_of(std::string_view path);
/// Whether the language of such a file is fconn.
constexpr bool is_fconn(FileKind kind) {
  return kind == FileKind::connector || kind == FileKind::test;
}

struct Analysis {
  std::string path;  // of the file; names of others are those of `sources`
  FileKind kind{};
  grammar::SourceMap sources;
  FileId root{};
  grammar::Diagnostics diagnostics;
  compile::NameIndex names;  // uses sorted by place, each once

  std::string_view text() const { return sources.text(root); }
  /// What the name at `offset` of the root means; a declaration is found by its own name, too, and
  /// one that replaces another gives that other first. A name's end counts.
  std::vector<compile::NameUse> at(std::uint32_t offset) const;
  /// Whether a file of that name was read.
  bool reads(std::string_view name) const;
};

/// `wanted`: a name that the text holds where something may stand (NameIndex::wanted).
std::shared_ptr<const Analysis> analyse(const std::string& path, std::string text, Host& host,
                                        const OpenTexts& open, const std::string& wanted = {});

/// The text of a file as an editor sees it: open, embedded or on disk.
std::optional<std::string> text_of(const std::string& path, Host& host, const OpenTexts& open);

/// The tree of one of the files of an analysis.
grammar::Ast tree(const Analysis& analysis, FileId file);

}  // namespace fconn::lsp
