#include "tools/lsp/text.hh"

#include <algorithm>

namespace fconn::lsp {
namespace {

/// Bytes of the code point that begins with `c`; 1 for a byte that begins none.
std::uint32_t bytes_of(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0xF0) return 4;
  if (byte >= 0xE0) return 3;
  return byte >= 0xC0 ? 2 : 1;
}

std::uint32_t units_of(std::uint32_t bytes, Encoding encoding) {
  switch (encoding) {
    case Encoding::utf8:
      return bytes;
    case Encoding::utf16:
      return bytes == 4 ? 2 : 1;
    case Encoding::utf32:
      return 1;
  }
  return 1;
}

}  // namespace

Lines::Lines(std::string_view text) : starts_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))) {
      starts_.push_back(static_cast<std::uint32_t>(i + 1));
    }
  }
}

std::uint32_t Lines::end(std::string_view text, std::uint32_t line) const {
  if (line + 1 >= starts_.size()) return static_cast<std::uint32_t>(text.size());
  std::uint32_t end = starts_[line + 1] - 1;
  if (text[end] == '\n' && end > starts_[line] && text[end - 1] == '\r') --end;
  return end;
}

std::uint32_t Lines::offset(std::string_view text, Place place, Encoding encoding) const {
  if (place.line >= starts_.size()) return static_cast<std::uint32_t>(text.size());
  const std::uint32_t last = end(text, place.line);
  std::uint32_t at = starts_[place.line];
  std::uint32_t column = 0;
  while (at < last) {
    const std::uint32_t bytes = std::min(bytes_of(text[at]), last - at);
    column += units_of(bytes, encoding);
    if (column > place.column) break;
    at += bytes;
  }
  return at;
}

Place Lines::place(std::string_view text, std::uint32_t offset, Encoding encoding) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text.size()));
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const auto line = static_cast<std::uint32_t>(next - starts_.begin() - 1);
  return {line, length_in(text.substr(starts_[line], offset - starts_[line]), encoding)};
}

std::uint32_t length_in(std::string_view text, Encoding encoding) {
  if (encoding == Encoding::utf8) return static_cast<std::uint32_t>(text.size());
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::uint32_t bytes = bytes_of(text[i]);
    length += units_of(bytes, encoding);
    i += bytes;
  }
  return length;
}

void Text::replace(const Range& range, std::string_view with, Encoding encoding) {
  const std::uint32_t a = offset(range.begin, encoding);
  const std::uint32_t b = offset(range.end, encoding);
  text_.replace(std::min(a, b), std::max(a, b) - std::min(a, b), with);
  lines_ = Lines(text_);
}

}  // namespace fconn::lsp
