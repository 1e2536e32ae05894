// Changes to a text that an editor may make: the canonical layout, and repairs of diagnostics.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/lsp/analysis.hh"

namespace fconn::lsp {

/// Replaces bytes of one text. Several are given by place and don't touch.
struct TextEdit {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string text;
};

/// The fewest whole lines that make `before` into `after`.
std::vector<TextEdit> line_edits(std::string_view before, std::string_view after);

/// What `fconn fmt` would change; none when the text has mistakes of syntax.
std::optional<std::vector<TextEdit>> layout_edits(const std::string& path, std::string_view text);

/// A repair of one of the root's diagnostics.
struct Repair {
  std::string title;
  std::size_t diagnostic = 0;  // index in Analysis::diagnostics
  std::vector<TextEdit> edits;
  bool sure = false;  // the diagnostic itself brings it
};
/// Of diagnostics that touch the bytes.
std::vector<Repair> repairs(const Analysis& analysis, std::uint32_t begin, std::uint32_t end);

/// Comments that allow the warnings that touch the bytes: each was tried, and takes its warning
/// away.
std::vector<Repair> allowances(const Analysis& analysis, std::uint32_t begin, std::uint32_t end,
                               Host& host, const OpenTexts& open);

}  // namespace fconn::lsp
