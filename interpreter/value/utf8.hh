// UTF-8 (RFC 3629) for everything above: strict, no surrogates, no overlong forms. Broken bytes
// never stop a reader: they come out as U+FFFD, one for each byte that starts nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fconn::value {

constexpr char32_t replacement_character = 0xFFFD;

/// Length in bytes (1 to 4) of the well-formed sequence at `position`; 0 if there is none.
std::size_t utf8_length(std::string_view text, std::size_t position);

bool valid_utf8(std::string_view text);

/// The code point at `position`, which is moved behind it. `position` must be inside the text.
char32_t next_code_point(std::string_view text, std::size_t& position);

/// Appends the sequence; what isn't a scalar value becomes U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

/// Code points, counting each broken byte as one.
std::size_t count_code_points(std::string_view text);

}  // namespace fconn::value
