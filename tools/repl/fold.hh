// A JSON value for a person: bounded in depth and width, in the notation of the language. Pure.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/http/redact.hh"
#include "interpreter/value/value.hh"

namespace fconn::repl {

struct FoldLimits {
  std::size_t depth = 3;     // levels that are opened
  std::size_t elements = 3;  // of a list
  std::size_t members = 12;  // of an object
  std::size_t text = 100;    // columns of a string
  std::size_t line = 88;     // a value that fits stays on one line
  /// Hides secrets in texts and keys before they are cut; null: nothing is hidden.
  const http::Redactor* redactor = nullptr;
  bool reveal = false;  // values that were computed from secrets, too
};

/// Everything; for :show.
FoldLimits unfolded();

/// Lines after the first are indented by `indent` blanks; ends without a line end. What is left out
/// is said ("… 17 more"). A tainted value is "***".
std::string fold(const value::Value& value, std::size_t indent, const FoldLimits& limits);
/// The same of a JSON text; of one that can't be read, its first characters.
std::string fold_json(std::string_view json, std::size_t indent, const FoldLimits& limits);
/// On one line, for a table.
std::string fold_line(const value::Value& value, std::size_t width, const FoldLimits& limits = {});
/// Cells that a text takes on a terminal: two for a wide character, none for one that joins.
std::size_t columns(std::string_view text);
/// At most `width` of them, with "…" for the rest.
std::string shortened(std::string_view text, std::size_t width);

}  // namespace fconn::repl
