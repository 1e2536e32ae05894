// What one response gives: rows that passed the clauses, and beside each row the values that other
// collections need of it. A Page has no effect until the engine commits it, which happens when the
// response has ended well; so a retry can neither repeat nor lose a row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/value/row_batch.hh"

namespace fconn::run {

struct Page {
  value::RowBatch rows;
  std::string cells;                     // one JSON array a row: the values of Collection::cells
  std::vector<std::uint32_t> cell_ends;  // empty when the collection feeds none

  std::string_view cells_of(std::size_t row) const {
    if (cell_ends.empty()) return {};
    const std::uint32_t begin = row == 0 ? 0 : cell_ends[row - 1];
    return std::string_view(cells).substr(begin, cell_ends[row] - begin);
  }
  void clear() {
    rows.clear();
    cells.clear();
    cell_ends.clear();
  }
  std::size_t bytes() const { return rows.bytes() + cells.size(); }
};

}  // namespace fconn::run
