#include "interpreter/privacy/text_form.hh"

#include <charconv>
#include <cmath>

#include "interpreter/value/json_scan.hh"
#include "interpreter/value/utf8.hh"
#include "interpreter/value/value.hh"

namespace fconn::privacy {
namespace {

/// The shortest digits that read back as the same double; an exponent below 1e-4 and from 1e16 on,
/// else a point: how Python, which Fides is written in, spells one.
std::string double_text(double number) {
  if (!std::isfinite(number)) return number < 0 ? "-inf" : "inf";
  char scientific[40];
  const auto made = std::to_chars(scientific, scientific + sizeof scientific, number,
                                  std::chars_format::scientific);
  const std::string_view text(scientific, static_cast<std::size_t>(made.ptr - scientific));
  const std::size_t e = text.find('e');
  int exponent = 0;
  const std::size_t digits = e + 1 + (text[e + 1] == '+' ? 1 : 0);
  std::from_chars(text.data() + digits, text.data() + text.size(), exponent);
  if (exponent < -4 || exponent >= 16) return std::string(text);
  char fixed[64];
  const auto plain = std::to_chars(fixed, fixed + sizeof fixed, number, std::chars_format::fixed);
  std::string out(fixed, plain.ptr);
  if (out.find('.') == std::string::npos) out += ".0";
  return out;
}

std::string number_text(std::string_view spelling) {
  if (spelling.find_first_of(".eE") == std::string_view::npos) {
    return spelling == "-0" ? "0" : std::string(spelling);
  }
  double number = 0;
  const auto read = std::from_chars(spelling.data(), spelling.data() + spelling.size(), number);
  if (read.ec == std::errc::result_out_of_range) {
    // Too small is zero, too large is infinite; from_chars doesn't say which.
    const std::size_t e = spelling.find_first_of("eE");
    const bool small =
        e != std::string_view::npos && e + 1 < spelling.size() && spelling[e + 1] == '-';
    const double magnitude = small ? 0.0 : HUGE_VAL;
    number = spelling.front() == '-' ? -magnitude : magnitude;
  }
  return double_text(number);
}

void append_unit(unsigned unit, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(unit >> shift) & 15U];
}

/// A JSON string in ASCII, surrogate pairs above the BMP.
void append_ascii(std::string_view text, std::string& out) {
  std::string quoted;
  value::append_json_string(text, quoted);
  for (std::size_t i = 0; i < quoted.size();) {
    const auto byte = static_cast<unsigned char>(quoted[i]);
    if (byte < 0x7F) {
      out += quoted[i++];
      continue;
    }
    const char32_t code = value::next_code_point(quoted, i);
    if (code < 0x10000) {
      // DEL is ASCII and stands as it is.
      if (code == 0x7F) {
        out += '\x7F';
      } else {
        append_unit(static_cast<unsigned>(code), out);
      }
      continue;
    }
    append_unit(static_cast<unsigned>(0xD800 + ((code - 0x10000) >> 10U)), out);
    append_unit(static_cast<unsigned>(0xDC00 + ((code - 0x10000) & 0x3FFU)), out);
  }
}

void append_inner(std::string_view json, std::string& out);

void append_members(const value::Value& object, std::string& out) {
  out += '{';
  bool first = true;
  for (const value::Member& member : object.object_view()) {
    if (!first) out += ", ";
    first = false;
    append_ascii(member.key, out);
    out += ": ";
    append_inner(member.value.view(), out);
  }
  out += '}';
}

/// A value inside a list or object. The rows' reader bounds nesting.
void append_inner(std::string_view json, std::string& out) {
  value::Arena arena;
  if (json.front() == '{') {
    append_members(value::decoded(value::Value::raw(json), arena), out);
  } else if (json.front() == '[') {
    out += '[';
    bool first = true;
    value::each_element(json, [&](std::string_view element) {
      if (!first) out += ", ";
      first = false;
      append_inner(element, out);
    });
    out += ']';
  } else if (json.front() == '"') {
    append_ascii(value::decoded(value::Value::raw(json), arena).view(), out);
  } else if (json.front() == '-' || (json.front() >= '0' && json.front() <= '9')) {
    out += number_text(json);
  } else {
    out += json;
  }
}

}  // namespace

std::string text_form(std::string_view json) {
  switch (json.front()) {
    case '"': {
      value::Arena arena;
      return std::string(value::decoded(value::Value::raw(json), arena).view());
    }
    case 't':
      return "True";
    case 'f':
      return "False";
    case 'n':
      return "None";
    default:
      break;
  }
  std::string out;
  append_inner(json, out);
  return out;
}

}  // namespace fconn::privacy
