// Moving about in JSON text that is known to be valid (a raw value). Internal to value/. Every
// function keeps inside the text even when it isn't valid after all; the answer is then arbitrary.
#pragma once

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

}  // namespace fconn::value
