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
  bool any_shape = false;             // holds a value that nothing calls a text or a number
};
/// What stands where Fides puts a value between no quotes.
using Unquoted = std::function<std::string(const Value&)>;

/// Null when the text is no JSON even with what `repaired` lists (line ends in strings, missing
/// commas). Without `unquoted` a value between no quotes is the value itself.
std::optional<Body> body_expr(std::string_view text, const Lookup& lookup,
                              const Unquoted& unquoted = {});

}  // namespace fconn::importer
