// What a document doesn't say and its names suggest: where the rows are, what tells them apart, how
// the next page is asked for. A person confirms these.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/openapi/document.hh"
#include "tools/openapi/shape.hh"

namespace fconn::openapi {

struct RowsGuess {
  std::vector<std::string> path;  // from the body; empty: the body itself
  const Shape* row = nullptr;
  bool list = false;  // the rows are elements of a list
  bool sure = true;   // nothing else could be meant
};
/// `path` is the request's.
RowsGuess guess_rows(const Shape& answer, const std::string& path);

/// The member that tells rows apart; empty where none does.
std::string guess_key(const Shape& row);

struct PagingGuess {
  std::string clause;                                      // "paginate link(.next)"
  std::string why;                                         // for the report
  std::vector<std::pair<std::string, std::string>> query;  // names and expressions
};
/// None: nothing suggests pages. `key` is the rows' (for cursors that are one).
std::optional<PagingGuess> guess_paging(const Operation& operation, const Shape& answer,
                                        const std::string& key, Refs& refs);

/// Steps of a path: ".data.items", "." where there are none.
std::string steps_of(const std::vector<std::string>& path);

}  // namespace fconn::openapi
