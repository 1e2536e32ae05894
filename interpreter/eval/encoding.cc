#include "interpreter/eval/encoding.hh"

namespace fconn::eval {

namespace {

constexpr std::string_view hex_small = "0123456789abcdef";
constexpr std::string_view hex_large = "0123456789ABCDEF";

/// Value of a digit, -1 if it isn't one.
int base64_digit(char c, std::string_view last) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  const std::size_t place = last.find(c);
  return place == std::string_view::npos ? -1 : 62 + static_cast<int>(place);
}

int hex_digit(char c) {
  const std::size_t place = hex_small.find(static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c));
  return place == std::string_view::npos ? -1 : static_cast<int>(place);
}

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void append_escape(char c, std::string& out) {
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += hex_large[byte >> 4U];
  out += hex_large[byte & 15U];
}

}  // namespace

std::string base64_text(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(bytes.size() - i, 3);
    unsigned bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = (bits << 8U) | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= count ? digits[(bits >> (18 - 6 * k)) & 63U] : '=';
    }
  }
  return out;
}

std::string base64url_text(std::string_view bytes) {
  std::string out = base64_text(bytes);
  while (!out.empty() && out.back() == '=') out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::optional<std::string> base64_bytes(std::string_view text, std::string_view last) {
  std::string digits;
  for (const char c : text) {
    if (c != '\n' && c != '\r') digits += c;
  }
  std::size_t padding = 0;
  while (padding < 2 && !digits.empty() && digits.back() == '=') {
    digits.pop_back();
    ++padding;
  }
  const std::size_t rest = digits.size() % 4;
  // Padding may be left out, but what is there must be right (RFC 4648, section 3.2).
  if (rest == 1 || (padding != 0 && rest + padding != 4)) return std::nullopt;
  std::string out;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : digits) {
    const int digit = base64_digit(c, last);
    if (digit < 0) return std::nullopt;
    bits = (bits << 6U) | static_cast<unsigned>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xFFU);
    }
  }
  // Bits behind the last byte must be zero, so that a text has one encoding (section 3.5).
  if ((bits & ((1U << count) - 1U)) != 0) return std::nullopt;
  return out;
}

std::string hex_text(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += hex_small[byte >> 4U];
    out += hex_small[byte & 15U];
  }
  return out;
}

std::optional<std::string> hex_bytes(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

void append_percent(std::string_view text, std::string_view keep, std::string& out) {
  for (const char c : text) {
    if (unreserved(c) || keep.find(c) != std::string_view::npos) {
      out += c;
    } else {
      append_escape(c, out);
    }
  }
}

void append_form(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (unreserved(c)) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      append_escape(c, out);
    }
  }
}

std::optional<std::string> percent_bytes(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const auto bytes = hex_bytes(text.substr(i + 1, 2));
    if (!bytes || bytes->size() != 1) return std::nullopt;
    out += *bytes;
    i += 2;
  }
  return out;
}

}  // namespace fconn::eval
