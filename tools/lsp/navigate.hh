// Where a name is declared and used, across the files of a workspace, and renaming it there.
#pragma once

#include <string>
#include <vector>

#include "tools/lsp/analysis.hh"

namespace fconn::lsp {

/// A piece of a file, which may be one inside the program (`<stdlib>/…`).
struct FileSpan {
  std::string path;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend auto operator<=>(const FileSpan&, const FileSpan&) = default;
};
struct FileEdit {
  FileSpan where;
  std::string text;
};

/// All files that may name something: what is open, and what lies in the workspace's folders.
struct Workspace {
  Host& host;
  const OpenTexts& open;
  std::vector<std::string> paths;  // each once
  std::string unseen;              // a folder that is too large to be looked through; or empty
};

/// None for what is declared nowhere: library functions, values of the language.
std::vector<FileSpan> definition(const Analysis& analysis, std::uint32_t offset);

/// Every place that names what the name at `offset` means, in order.
std::vector<FileSpan> references(const Analysis& analysis, std::uint32_t offset,
                                 const Workspace& workspace, bool with_declaration);

/// In the root alone.
std::vector<FileSpan> occurrences(const Analysis& analysis, std::uint32_t offset);

/// The name that a rename would change; `problem` says why there is none.
std::optional<FileSpan> renamable(const Analysis& analysis, std::uint32_t offset,
                                  std::string& problem);

struct Renamed {
  std::vector<FileEdit> edits;
  std::string problem;  // why nothing is renamed
};
/// Renames and looks at the result: every name of every file that reads a changed one must mean
/// what it meant, and no new mistake may be there. Otherwise nothing is renamed, and it says why.
Renamed rename(const Analysis& analysis, std::uint32_t offset, const std::string& name,
               const Workspace& workspace);

}  // namespace fconn::lsp
