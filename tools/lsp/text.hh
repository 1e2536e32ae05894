// Places in a text as an editor counts them, and changes to it. A line ends with LF, CRLF or CR
// (LSP 3.17, "Text Documents"); a column counts bytes, UTF-16 code units or code points, as was
// agreed on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fconn::lsp {

enum class Encoding : std::uint8_t { utf8, utf16, utf32 };

/// Both count from 0.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};
struct Range {
  Place begin, end;
  friend bool operator==(const Range&, const Range&) = default;
};

/// Where the lines of a text begin.
class Lines {
 public:
  explicit Lines(std::string_view text);
  /// The byte that a place stands for: one past the line's end is that end, one past the last line
  /// the text's end; never within a code point.
  std::uint32_t offset(std::string_view text, Place place, Encoding encoding) const;
  Place place(std::string_view text, std::uint32_t offset, Encoding encoding) const;
  Range range(std::string_view text, std::uint32_t begin, std::uint32_t end,
              Encoding encoding) const {
    return {place(text, begin, encoding), place(text, end, encoding)};
  }
  std::uint32_t count() const { return static_cast<std::uint32_t>(starts_.size()); }
  /// Of a line, without and with its end.
  std::uint32_t begin(std::uint32_t line) const { return starts_[line]; }
  std::uint32_t end(std::string_view text, std::uint32_t line) const;

 private:
  std::vector<std::uint32_t> starts_;
};

/// Units of `encoding` in a valid UTF-8 text.
std::uint32_t length_in(std::string_view text, Encoding encoding);

/// A text that changes.
class Text {
 public:
  explicit Text(std::string text) : text_(std::move(text)), lines_(text_) {}
  const std::string& view() const { return text_; }
  const Lines& lines() const { return lines_; }
  std::uint32_t offset(Place place, Encoding encoding) const {
    return lines_.offset(text_, place, encoding);
  }
  /// A range whose end is before its begin is taken the other way round.
  void replace(const Range& range, std::string_view with, Encoding encoding);

 private:
  std::string text_;
  Lines lines_;
};

}  // namespace fconn::lsp
