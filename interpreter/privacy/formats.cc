#include "interpreter/privacy/formats.hh"

#include <algorithm>
#include <array>

namespace fconn::privacy {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool hex(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; });
}

/// `shape` has 9 for a digit, h for a hexadecimal one; anything else stands for itself.
bool shaped(std::string_view text, std::string_view shape) {
  return std::equal(text.begin(), text.end(), shape.begin(), shape.end(), [](char c, char s) {
    return s == '9' ? digit(c) : s == 'h' ? hex(c) : c == s;
  });
}

bool hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  std::size_t label = 0;
  char before = '.';
  for (const char c : text) {
    if (c == '.') {
      if (label == 0 || before == '-') return false;
      label = 0;
    } else {
      // Letters beyond ASCII are those of internationalised names.
      const bool good =
          letter(c) || digit(c) || static_cast<unsigned char>(c) >= 0x80 || (c == '-' && label > 0);
      if (!good || ++label > 63) return false;
    }
    before = c;
  }
  return label > 0 && before != '-';
}

bool email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return false;
  const std::string_view host = text.substr(at + 1);
  const std::string_view local = text.substr(0, at);
  return printable(text) && local.find('@') == std::string_view::npos && local.front() != '.' &&
         local.back() != '.' && local.find("..") == std::string_view::npos &&
         host.find('.') != std::string_view::npos && hostname(host);
}

bool url(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0 || !letter(text.front())) return false;
  const std::string_view scheme = text.substr(0, colon);
  const bool good = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return letter(c) || digit(c) || c == '+' || c == '-' || c == '.';
  });
  const std::string_view rest = text.substr(colon + 3);
  return good && printable(text) && !rest.empty() && rest.front() != '/' && rest.front() != '?' &&
         rest.front() != '#';
}

bool uuid(std::string_view text) { return shaped(text, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"); }
bool date(std::string_view text) { return shaped(text, "9999-99-99"); }

bool zone(std::string_view text) {
  return text.empty() || text == "Z" || text == "z" || shaped(text, "+99:99") ||
         shaped(text, "-99:99") || shaped(text, "+9999") || shaped(text, "-9999");
}

bool time(std::string_view text) {
  if (!shaped(text.substr(0, 5), "99:99")) return false;
  text.remove_prefix(5);
  if (text.size() >= 3 && shaped(text.substr(0, 3), ":99")) {
    text.remove_prefix(3);
    if (text.size() >= 2 && text[0] == '.' && digit(text[1])) {
      text.remove_prefix(1);
      while (!text.empty() && digit(text.front())) text.remove_prefix(1);
    }
  }
  return zone(text);
}

bool datetime(std::string_view text) {
  return text.size() > 11 && date(text.substr(0, 10)) &&
         (text[10] == 'T' || text[10] == 't' || text[10] == ' ') && time(text.substr(11));
}

bool phone(std::string_view text) {
  if (text.empty() || text.front() != '+') return false;
  std::size_t digits = 0;
  for (const char c : text.substr(1)) {
    if (digit(c)) {
      ++digits;
    } else if (c != ' ' && c != '.' && c != '-' && c != '(' && c != ')') {
      return false;
    }
  }
  return digits >= 6 && digits <= 15;
}

bool ipv4(std::string_view text) {
  int parts = 0;
  while (parts < 4) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view part = text.substr(0, dot);
    if (part.empty() || part.size() > 3 || !std::all_of(part.begin(), part.end(), digit)) {
      return false;
    }
    int number = 0;
    for (const char c : part) number = number * 10 + (c - '0');
    if (number > 255) return false;
    ++parts;
    if (dot == text.size()) return parts == 4;
    text.remove_prefix(dot + 1);
  }
  return false;
}

bool ipv6(std::string_view text) {
  const std::size_t colons = static_cast<std::size_t>(std::count(text.begin(), text.end(), ':'));
  const bool shortened = text.find("::") != std::string_view::npos;
  return text.size() <= 45 && colons >= 2 && (shortened ? colons <= 7 : colons == 7) &&
         std::all_of(text.begin(), text.end(), [](char c) { return hex(c) || c == ':'; });
}

struct Format {
  std::string_view name;
  bool (*meets)(std::string_view);
};
constexpr std::array formats = {
    Format{"email", email}, Format{"url", url},
    Format{"uri", url},     Format{"uuid", uuid},
    Format{"date", date},   Format{"datetime", datetime},
    Format{"time", time},   Format{"date-time", datetime},
    Format{"phone", phone}, Format{"ipv4", ipv4},
    Format{"ipv6", ipv6},   Format{"hostname", hostname},
};
constexpr auto names = [] {
  std::array<std::string_view, formats.size()> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = formats[i].name;
  return out;
}();

}  // namespace

std::span<const std::string_view> format_names() { return names; }

std::optional<bool> meets_format(std::string_view format, std::string_view text) {
  for (const Format& one : formats) {
    if (one.name == format) return one.meets(text);
  }
  return std::nullopt;
}

}  // namespace fconn::privacy
