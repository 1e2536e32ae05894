// UTF-8 one character at a time, for making foreign text safe to show. Never reads past the view.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fconn::http {

struct Utf8Step {
  std::uint32_t code = 0;  // meaningless when not valid
  std::size_t size = 1;    // bytes to go on by, at least 1
  bool valid = false;      // overlong forms, surrogates and stray bytes aren't
};

/// The first character of `text`, which must not be empty.
Utf8Step next_utf8(std::string_view text);
void append_utf8(std::string& out, std::uint32_t code);
/// `text` without a character at its end that is valid so far but was cut off.
std::string_view complete_utf8(std::string_view text);

}  // namespace fconn::http
