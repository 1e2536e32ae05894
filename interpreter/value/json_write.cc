#include <charconv>

#include "interpreter/value/json_scan.hh"
#include "interpreter/value/utf8.hh"
#include "interpreter/value/value.hh"

namespace fconn::value {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

void append_escaped_ascii(char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += hex_digits[byte >> 4U];
  out += hex_digits[byte & 15U];
}

void append_integer(std::int64_t integer, std::string& out) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, integer).ptr;
  out.append(buffer, end);
}

/// RFC 4648, section 4.
void append_base64(std::string_view bytes, std::string& out) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    const std::size_t here = bytes.size() - i < 3 ? bytes.size() - i : 3;
    for (std::size_t k = 0; k < 3; ++k) {
      group = (group << 8U) | (k < here ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= here ? alphabet[(group >> (18 - 6 * k)) & 63U] : '=';
    }
  }
}

/// Raw text as it is, but on one line: a list or object may have come with line ends in it.
void append_raw(std::string_view text, std::string& out) {
  const bool nested = !text.empty() && (text[0] == '{' || text[0] == '[');
  if (!nested || text.find_first_of("\n\r") == std::string_view::npos) {
    out += text;
    return;
  }
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == '"') {
      const std::size_t end = skip_string(text, i);
      out += text.substr(i, end - i);
      i = end;
    } else {
      const std::size_t next = skip_space(text, i);
      if (next == i)
        out += text[i++];
      else
        i = next;
    }
  }
}

void append_elements(const Value& value, std::string& out) {
  out += '[';
  bool first = true;
  for (const Value& element : value.list_view()) {
    if (!first) out += ',';
    first = false;
    append_json(element, out);
  }
  out += ']';
}

void append_members(const Value& value, std::string& out) {
  out += '{';
  bool first = true;
  for (const Member& member : value.object_view()) {
    if (!first) out += ',';
    first = false;
    append_json_string(member.key, out);
    out += ':';
    append_json(member.value, out);
  }
  out += '}';
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t end = i;
    while (end < text.size() && is_plain(static_cast<unsigned char>(text[end]))) ++end;
    out.append(text.data() + i, end - i);
    i = end;
    if (i == text.size()) break;
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      append_escaped_ascii(text[i++], out);
    } else {
      append_utf8(out, next_code_point(text, i));  // broken bytes become U+FFFD
    }
  }
  out += '"';
}

void append_json(const Value& value, std::string& out) {
  switch (value.kind) {
    case Kind::null_value:
      out += "null";
      return;
    case Kind::boolean:
      out += value.integer != 0 ? "true" : "false";
      return;
    case Kind::integer:
    case Kind::duration:
      append_integer(value.integer, out);
      return;
    case Kind::decimal:
      out += value.view();
      return;
    case Kind::string:
    case Kind::xml:
      append_json_string(value.view(), out);
      return;
    case Kind::bytes:
      out += '"';
      append_base64(value.view(), out);
      out += '"';
      return;
    case Kind::raw:
      append_raw(value.view(), out);
      return;
    case Kind::list:
      append_elements(value, out);
      return;
    case Kind::object:
      append_members(value, out);
      return;
  }
}

std::string to_json(const Value& value) {
  std::string out;
  append_json(value, out);
  return out;
}

}  // namespace fconn::value
