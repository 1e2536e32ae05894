// Looking at text without parsing it: UTF-8, the end of a token, block strings. Pure functions of
// bytes, shared by the builder and recovery.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fconn::grammar {

constexpr bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_word_part(char c) { return is_word_start(c) || is_digit(c); }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

/// Offset of the first byte that is not part of valid UTF-8 (RFC 3629), or nothing.
std::optional<std::uint32_t> invalid_utf8(std::string_view text);

/// Appends the UTF-8 form of a code point.
void append_utf8(std::string& out, std::uint32_t code_point);

/// The word at `from`, or nothing there.
std::string_view word_at(std::string_view text, std::uint32_t from);

/// End of the string that starts with a quote at `from` (holes are balanced). A string that is
/// not closed ends with its line; a block string then ends behind its opening quotes.
std::uint32_t string_end(std::string_view text, std::uint32_t from);

/// End of the token at `from`: a string, a word or number, an operator, or one character.
std::uint32_t token_end(std::string_view text, std::uint32_t from);

/// Behind blanks on the line.
std::uint32_t skip_blanks(std::string_view text, std::uint32_t from);
/// Behind white space and comments.
std::uint32_t skip_space(std::string_view text, std::uint32_t from);

}  // namespace fconn::grammar
