// What a reading found for an erasure, one of each row: a service may answer with a row in more
// than one shape (a search's summary and the whole record), and which comes first is chance. A plan
// and its application must make the same of them.
#pragma once

#include <string>
#include <vector>

#include "interpreter/run/engine.hh"

namespace fconn::erasure {

/// `row.row` is erase::merged_row of `contents`.
struct RowFound {
  run::FoundRow row;
  std::vector<std::string> contents;  // distinct, sorted; empty: a binding without a row
  std::string beside;                 // erase::ActionContext
};

/// What tells it from others: the row, and what its actions use of the binding below which it is.
std::string name_of(const ir::Collection& collection, const value::Value& row,
                    std::string_view used, value::Arena& arena);

/// In the order in which they were found. `instances` as they were given to the engine.
std::vector<RowFound> rows_of(const std::vector<run::FoundRow>& found,
                              const std::vector<run::Instance>& instances);

}  // namespace fconn::erasure
