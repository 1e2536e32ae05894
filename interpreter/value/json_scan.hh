// Moving about in JSON text that is known to be valid (a raw value). For value/ and privacy/, which
// changes rows as text. Every function keeps inside the text even when it isn't valid after all;
// the answer is then arbitrary.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "interpreter/value/value.hh"

namespace fconn::value {

std::size_t skip_space(std::string_view text, std::size_t i);
/// Behind the value that starts at `i`.
std::size_t skip_value(std::string_view text, std::size_t i);
/// Behind the closing quote of the string that opens at `i`.
std::size_t skip_string(std::string_view text, std::size_t i);
/// What stands between the quotes of a string, with its escapes replaced; the same bytes when it
/// has none, else a copy in the arena.
std::string_view unescape(std::string_view body, Arena& arena);
/// An integer where it fits into 64 bits and is spelt as one, else a decimal with its spelling.
Value number_value(std::string_view spelling);

/// Calls `visit(key body, value text)` for each member of the object in `text`, which starts with
/// its `{`. Both are views of `text`.
template <class Visit>
void each_member(std::string_view text, Visit visit) {
  std::size_t i = skip_space(text, 1);
  while (i < text.size() && text[i] == '"') {
    const std::size_t key_end = skip_string(text, i);
    const std::string_view body = text.substr(i + 1, key_end > i + 1 ? key_end - i - 2 : 0);
    i = skip_space(text, key_end);
    i = skip_space(text, i + 1);  // the colon
    const std::size_t end = skip_value(text, i);
    visit(body, text.substr(std::min(i, text.size()), end - std::min(i, text.size())));
    i = skip_space(text, end);
    if (i >= text.size() || text[i] != ',') return;
    i = skip_space(text, i + 1);
  }
}

/// The same for the elements of the list in `text`, which starts with its `[`.
template <class Visit>
void each_element(std::string_view text, Visit visit) {
  std::size_t i = skip_space(text, 1);
  while (i < text.size() && text[i] != ']') {
    const std::size_t end = skip_value(text, i);
    visit(text.substr(i, end - i));
    i = skip_space(text, end);
    if (i >= text.size() || text[i] != ',') return;
    i = skip_space(text, i + 1);
  }
}

}  // namespace fconn::value
