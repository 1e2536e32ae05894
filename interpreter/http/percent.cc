// Percent-encoding in its flavours, and query strings as pairs.
#include "interpreter/http/url.hh"

namespace fconn::http {
namespace {

bool alphanumeric(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool unreserved(unsigned char c) {  // RFC 3986 section 2.3
  return alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool form_safe(unsigned char c) {  // URL standard, application/x-www-form-urlencoded set
  return alphanumeric(c) || c == '*' || c == '-' || c == '.' || c == '_';
}

void append_escape(std::string& out, unsigned char c) {
  constexpr char digits[] = "0123456789ABCDEF";
  out += '%';
  out += digits[c >> 4U];
  out += digits[c & 15U];
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool escape_at(std::string_view text, std::size_t i) {
  return i + 2 < text.size() && text[i] == '%' && hex_digit(text[i + 1]) >= 0 &&
         hex_digit(text[i + 2]) >= 0;
}

template <class Keep>
std::string encode(std::string_view text, Keep keep, bool space_is_plus) {
  std::string out;
  out.reserve(text.size() + 8);
  for (char ch : text) {
    const auto c = static_cast<unsigned char>(ch);
    if (keep(c)) {
      out += ch;
    } else if (c == ' ' && space_is_plus) {
      out += '+';
    } else {
      append_escape(out, c);
    }
  }
  return out;
}

// May stand in a URL as it is. Brackets stay, for IPv6 hosts and for `a[b]` keys that servers know.
bool target_safe(unsigned char c) {
  if (c <= ' ' || c >= 0x7F) return false;
  constexpr std::string_view unsafe = "\"<>\\^`{|}%";
  return unsafe.find(static_cast<char>(c)) == std::string_view::npos;
}

}  // namespace

std::string encode_segment(std::string_view text) { return encode(text, unreserved, false); }

std::string encode_query(std::string_view text) { return encode(text, unreserved, false); }

std::string encode_form(std::string_view text) { return encode(text, form_safe, true); }

std::string decode_percent(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (escape_at(text, i)) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

QueryPairs parse_query(std::string_view query) {
  QueryPairs pairs;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    pairs.emplace_back(decode_percent(part.substr(0, equals), true), decode_percent(value, true));
  }
  return pairs;
}

std::string build_query(const QueryPairs& pairs) {
  std::string out;
  for (const auto& pair : pairs) {
    if (!out.empty()) out += '&';
    out += encode_query(pair.first);
    out += '=';
    out += encode_query(pair.second);
  }
  return out;
}

std::optional<std::string> sanitize_target(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\r' || c == '\n') return std::nullopt;
    if (target_safe(c) || escape_at(text, i)) {
      out += text[i];
    } else {
      append_escape(out, c);
    }
  }
  return out;
}

}  // namespace fconn::http
