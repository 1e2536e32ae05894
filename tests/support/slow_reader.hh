// The plain twin of rows::JsonReader, for differential tests: a recursive parser of whole documents
// that builds a tree and takes rows and cells from it. Slow, and obvious on purpose.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/rows/projection.hh"

namespace fconn::support {

using Cell = std::optional<std::string>;  // none: missing

struct SlowRow {
  std::string text;  // one line
  std::vector<Cell> cells;
  friend bool operator==(const SlowRow&, const SlowRow&) = default;
};

struct SlowResult {
  enum class Verdict { good, invalid, too_deep, wrong_shape };
  Verdict verdict = Verdict::invalid;
  std::vector<SlowRow> rows;
  std::vector<Cell> body_cells;
};

SlowResult slow_read(std::string_view body, const rows::Projection& projection,
                     std::size_t max_depth);

}  // namespace fconn::support
