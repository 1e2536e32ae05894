// Colours by meaning: semantic tokens. Types and modifiers are indices of the legends below.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tools/lsp/analysis.hh"

namespace fconn::lsp {

struct Highlight {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;  // on the same line
  std::uint32_t type = 0;
  std::uint32_t modifiers = 0;  // bit set
};

std::span<const std::string_view> highlight_types();
std::span<const std::string_view> highlight_modifiers();

/// Of the root, by place.
std::vector<Highlight> highlights(const Analysis& analysis);

/// A type that the text doesn't say, to be shown behind `offset`.
struct Inlay {
  std::uint32_t offset = 0;
  std::string label;
};
std::vector<Inlay> inlays(const Analysis& analysis);

/// Blocks that can be folded: the lines between two offsets.
struct Fold {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool comment = false;
};
std::vector<Fold> folds(std::string_view text);

}  // namespace fconn::lsp
