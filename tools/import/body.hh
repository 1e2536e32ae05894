// A body template of Fides, which is JSON text with placeholders, as a typed expression.
#pragma once

#include "tools/import/text.hh"

namespace fconn::importer {

struct Body {
  std::string expr;                   // an object, a list, …; lines as it was written
  std::vector<std::string> missing;   // placeholders without a value
  std::vector<std::string> repaired;  // what isn't JSON in the template, and is mended here
  bool masks = false;                 // holds masked or all fields of the row
  bool odd_list = false;              // true or false, or an object inside a list
};

/// Null when the text is no JSON even with what `repaired` lists (line ends in strings, missing
/// commas).
std::optional<Body> body_expr(std::string_view text, const Lookup& lookup);

}  // namespace fconn::importer
