#include "interpreter/value/json_scan.hh"

#include <algorithm>
#include <charconv>

#include "interpreter/value/utf8.hh"

namespace fconn::value {

namespace {

unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 0;
}

/// The four digits behind `\u`, which stand at `position`.
char32_t code_unit(std::string_view text, std::size_t position) {
  char32_t unit = 0;
  for (std::size_t i = 0; i < 4 && position + i < text.size(); ++i) {
    unit = unit * 16 + hex_digit(text[position + i]);
  }
  return unit;
}

/// Replaces the escape whose backslash stands at `i`; gives the place behind it.
std::size_t unescape_one(std::string_view body, std::size_t i, std::string& out) {
  const char c = i + 1 < body.size() ? body[i + 1] : '\\';
  switch (c) {
    case 'b':
      out += '\b';
      return i + 2;
    case 'f':
      out += '\f';
      return i + 2;
    case 'n':
      out += '\n';
      return i + 2;
    case 'r':
      out += '\r';
      return i + 2;
    case 't':
      out += '\t';
      return i + 2;
    case 'u':
      break;
    default:
      out += c;
      return i + 2;
  }
  char32_t code = code_unit(body, i + 2);
  i += 6;
  const bool high = code >= 0xD800 && code < 0xDC00;
  if (high && i + 5 < body.size() && body[i] == '\\' && body[i + 1] == 'u') {
    const char32_t low = code_unit(body, i + 2);
    if (low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
      i += 6;
    }
  }
  append_utf8(out, code);
  return i;
}

Value decoded_list(std::string_view text, bool secret, Arena& arena) {
  std::size_t count = 0;
  each_element(text, [&count](std::string_view) { ++count; });
  std::span<Value> elements = arena.make<Value>(count);
  std::size_t next = 0;
  each_element(text, [&](std::string_view element) {
    elements[next++] = Value::raw(element).as_secret(secret);
  });
  return Value::list(elements);
}

Value decoded_object(std::string_view text, bool secret, Arena& arena) {
  std::size_t count = 0;
  each_member(text, [&count](std::string_view, std::string_view) { ++count; });
  std::span<Member> members = arena.make<Member>(count);
  std::size_t next = 0;
  each_member(text, [&](std::string_view key, std::string_view value) {
    members[next++] = {unescape(key, arena), Value::raw(value).as_secret(secret)};
  });
  return Value::object(distinct(members));
}

std::string_view trimmed(std::string_view text) {
  return text.substr(std::min(skip_space(text, 0), text.size()));
}

}  // namespace

std::size_t skip_space(std::string_view text, std::size_t i) {
  while (i < text.size() &&
         (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t')) {
    ++i;
  }
  return i;
}

std::size_t skip_string(std::string_view text, std::size_t i) {
  ++i;
  while (i < text.size()) {
    if (text[i] == '"') return i + 1;
    i += text[i] == '\\' ? 2 : 1;
  }
  return text.size();
}

std::size_t skip_value(std::string_view text, std::size_t i) {
  if (i >= text.size()) return text.size();
  if (text[i] == '"') return skip_string(text, i);
  if (text[i] != '{' && text[i] != '[') {
    const std::size_t end = text.find_first_of(",]} \n\r\t", i);
    return end == std::string_view::npos ? text.size() : std::max(end, i + 1);
  }
  std::size_t depth = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"') {
      i = skip_string(text, i);
      continue;
    }
    ++i;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return i;
  }
  return text.size();
}

std::string_view unescape(std::string_view body, Arena& arena) {
  std::size_t i = body.find('\\');
  if (i == std::string_view::npos) return body;
  std::string out(body.substr(0, i));
  while (i < body.size()) {
    if (body[i] == '\\') {
      i = unescape_one(body, i, out);
      continue;
    }
    const std::size_t next = std::min(body.find('\\', i), body.size());
    out.append(body.substr(i, next - i));
    i = next;
  }
  return arena.copy(out);
}

Value number_value(std::string_view spelling) {
  std::int64_t integer = 0;
  const char* end = spelling.data() + spelling.size();
  const auto [stop, error] = std::from_chars(spelling.data(), end, integer);
  // "-0" stays a decimal: an integer would lose its spelling.
  if (error == std::errc() && stop == end && spelling != "-0") return Value::of(integer);
  return Value::decimal(spelling);
}

Value decoded(const Value& value, Arena& arena) {
  if (value.kind != Kind::raw) return value;
  std::string_view text = trimmed(value.view());
  Value out;
  switch (text.empty() ? 'n' : text[0]) {
    case '{':
      out = decoded_object(text, value.secret, arena);
      break;
    case '[':
      out = decoded_list(text, value.secret, arena);
      break;
    case '"': {
      const std::size_t end = skip_string(text, 0);
      out = Value::string(unescape(text.substr(1, end >= 2 ? end - 2 : 0), arena));
      break;
    }
    case 't':
      out = Value::boolean(true);
      break;
    case 'f':
      out = Value::boolean(false);
      break;
    case 'n':
      break;
    default:
      out = number_value(text.substr(0, skip_value(text, 0)));
  }
  return out.as_secret(value.secret);
}

Value raw_member(const Value& value, std::string_view key, Arena& arena) {
  const std::string_view text = trimmed(value.view());
  if (text.empty() || text[0] != '{') return {};
  Value found;
  each_member(text, [&](std::string_view body, std::string_view member) {
    const bool same =
        body == key || (body.find('\\') != std::string_view::npos && unescape(body, arena) == key);
    if (same) found = Value::raw(member);  // the last of equal keys counts
  });
  return found.as_secret(value.secret);
}

}  // namespace fconn::value
