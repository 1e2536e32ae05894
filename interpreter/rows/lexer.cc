#include "interpreter/rows/lexer.hh"

#include <array>

#include "interpreter/rows/fault.hh"
#include "interpreter/value/utf8.hh"

namespace fconn::rows {

namespace {

constexpr std::array<std::int8_t, 256> hex_values() {
  std::array<std::int8_t, 256> values{};
  for (std::int8_t& value : values) value = -1;
  for (std::uint8_t i = 0; i < 10; ++i) values[std::size_t{'0'} + i] = static_cast<std::int8_t>(i);
  for (std::uint8_t i = 0; i < 6; ++i) {
    values[std::size_t{'a'} + i] = static_cast<std::int8_t>(10 + i);
    values[std::size_t{'A'} + i] = static_cast<std::int8_t>(10 + i);
  }
  return values;
}
constexpr std::array<std::int8_t, 256> hex_table = hex_values();

int hex_digit(char c) { return hex_table[static_cast<std::uint8_t>(c)]; }

/// The four hex digits at `p`, or -1.
int code_unit(const char* p, const char* end) {
  if (end - p < 4) return -1;
  // -1 keeps its sign bit through the shifts and ors.
  const int unit =
      hex_digit(p[0]) * 4096 | hex_digit(p[1]) * 256 | hex_digit(p[2]) * 16 | hex_digit(p[3]);
  return unit;
}

/// End of the escape whose backslash is at `p`, or nullptr (RFC 8259, section 7; surrogates must
/// come in pairs).
const char* escape_end(const char* p, const char* end) {
  if (end - p < 2) return nullptr;
  switch (p[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return p + 2;
    case 'u':
      break;
    default:
      return nullptr;
  }
  const int unit = code_unit(p + 2, end);
  if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) return nullptr;
  if (unit < 0xD800 || unit > 0xDBFF) return p + 6;
  if (end - p < 12 || p[6] != '\\' || p[7] != 'u') return nullptr;
  const int low = code_unit(p + 8, end);
  return low >= 0xDC00 && low <= 0xDFFF ? p + 12 : nullptr;
}

/// Undoes the checked escape from `p` to `end`.
void append_unescaped(const char* p, const char* end, std::string& out) {
  switch (p[1]) {
    case 'b':
      out += '\b';
      return;
    case 'f':
      out += '\f';
      return;
    case 'n':
      out += '\n';
      return;
    case 'r':
      out += '\r';
      return;
    case 't':
      out += '\t';
      return;
    case 'u':
      break;
    default:
      out += p[1];
      return;
  }
  auto point = static_cast<std::uint32_t>(code_unit(p + 2, end));
  if (end - p == 12) {
    const auto low = static_cast<std::uint32_t>(code_unit(p + 8, end));
    point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
  }
  value::append_utf8(out, static_cast<char32_t>(point));
}

}  // namespace

bool Lexer::last_number(std::uint32_t begin) const {
  // What lies behind the window may be digits, so the number gets an end of its own.
  std::uint32_t end = window_.length;
  while (is_space(window_.text[end - 1])) --end;
  const std::string copy(text(begin, end));
  return number_end(copy.c_str()) == copy.c_str() + copy.size();
}

bool Lexer::bad_token(std::uint32_t begin) {
  return fail(
      bad_json(window_.base + begin, quoted_token(text(begin, window_.length)) + " is no value"));
}

bool Lexer::escapes(std::uint32_t next) {
  const char* const base = window_.text;
  const char* end = base + next - 1;
  while (*end != '"') --end;
  const char* p = base + backslash_;
  while (p < end) {
    const char* const behind = escape_end(p, end);
    if (behind == nullptr) {
      const auto offset = static_cast<std::uint32_t>(p - base);
      const auto length = static_cast<std::uint32_t>(end - p < 6 ? end - p : 6);
      return fail(bad_json(window_.base + offset,
                           quoted(text(offset, offset + length)) + " is no valid escape"));
    }
    p = behind;
    if (*p != '\\') {
      seek_backslash(static_cast<std::uint32_t>(p - base));
      p = base + backslash_;
    }
  }
  return true;
}

bool Lexer::escaped_key(std::uint32_t next, std::string_view& out) {
  if (!escapes(next)) return false;
  key_.clear();
  const char* p = out.data();
  const char* const end = p + out.size();
  while (p < end) {
    if (*p == '\\') {
      const char* const behind = escape_end(p, end);
      append_unescaped(p, behind, key_);
      p = behind;
    } else {
      key_ += *p++;
    }
  }
  const std::size_t length = key_.size();
  key_.append(8, '\0');  // readable bytes for the trie's first comparison
  out = std::string_view(key_).substr(0, length);
  return true;
}

Walk Lexer::expected(std::uint32_t token, std::string_view wanted) {
  if (token >= window_.count) {
    fail(bad_json(window_.base + window_.length,
                  "the text ends where " + std::string(wanted) + " is expected"));
    return Walk::bad;
  }
  const std::uint32_t begin = window_.index[token];
  fail(bad_json(window_.base + begin, quoted_token(text(begin, window_.length)) + " where " +
                                          std::string(wanted) + " is expected"));
  return Walk::bad;
}

}  // namespace fconn::rows
