#include "interpreter/http/utf8.hh"

namespace fconn::http {
namespace {

// Bytes that a character with this first byte takes; 0 for one that can't be first.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

bool continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

}  // namespace

Utf8Step next_utf8(std::string_view text) {
  Utf8Step step;
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = length_of(first);
  if (length == 0 || length > text.size()) return step;
  step.code = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!continuation(text[i])) return step;
    step.code = step.code << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  const bool overlong = (length == 3 && step.code < 0x800) || (length == 4 && step.code < 0x10000);
  const bool surrogate = step.code >= 0xD800 && step.code < 0xE000;
  if (overlong || surrogate || step.code > 0x10FFFF) return step;
  step.size = length;
  step.valid = true;
  return step;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

std::string_view complete_utf8(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const char c = text[text.size() - back];
    if (continuation(c)) continue;
    const bool cut = length_of(static_cast<unsigned char>(c)) > back;
    return cut ? text.substr(0, text.size() - back) : text;
  }
  return text;
}

}  // namespace fconn::http
