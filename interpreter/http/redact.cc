#include "interpreter/http/redact.hh"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "interpreter/http/url.hh"
#include "interpreter/value/utf8.hh"

namespace fconn::http {
namespace {

constexpr std::size_t min_secret_bytes = 4;
// The longest spelling of one byte: \u0041 in JSON, %2541 in a twice encoded query, &#0039; in
// HTML.
constexpr std::size_t max_spelling = 7;

constexpr std::string_view base64_plain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64_url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct Base64Part {
  std::string text;
  bool bits_before = false;
  bool bits_after = false;
};

// The characters that depend on `secret` alone when `shift` bytes (0, 1, 2) stand before it in its
// group of three, and whether the characters beside them share bits with it.
Base64Part base64_part(std::string_view secret, std::size_t shift, std::string_view alphabet) {
  std::string bytes(shift, '\0');
  bytes += secret;
  const std::size_t first = (shift * 8 + 5) / 6;
  const std::size_t last = bytes.size() * 8 / 6;
  Base64Part part;
  part.bits_before = shift != 0;
  part.bits_after = bytes.size() * 8 % 6 != 0;
  for (std::size_t i = first; i < last; ++i) {
    const std::size_t bit = i * 6;
    const auto high = static_cast<unsigned char>(bytes[bit / 8]);
    const auto low =
        static_cast<unsigned char>(bit / 8 + 1 < bytes.size() ? bytes[bit / 8 + 1] : '\0');
    const unsigned pair = static_cast<unsigned>(high) << 8U | low;
    part.text += alphabet[pair >> (10 - bit % 8) & 63U];
  }
  return part;
}

std::string hex(std::string_view text, std::string_view digits) {
  std::string out;
  for (char ch : text) {
    const auto c = static_cast<unsigned char>(ch);
    out += digits[c >> 4U];
    out += digits[c & 15U];
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A decoding of a text that remembers where each byte came from; one more entry for the end.
struct View {
  std::string text;
  std::vector<std::size_t> from;

  void add(char c, std::size_t at) {
    text += c;
    from.push_back(at);
  }
};

View plain_view(std::string_view text) {
  View view;
  view.text = text;
  view.from.resize(text.size() + 1);
  for (std::size_t i = 0; i <= text.size(); ++i) view.from[i] = i;
  return view;
}

View percent_view(const View& in, bool plus_is_space) {
  View out;
  const std::string& text = in.text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out.add(static_cast<char>(high * 16 + low), in.from[i]);
      i += 2;
    } else {
      out.add(plus_is_space && text[i] == '+' ? ' ' : text[i], in.from[i]);
    }
  }
  out.from.push_back(in.from.back());
  return out;
}

// The four hex digits after "\u", or -1.
int unicode_escape(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int value = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

View json_view(const View& in) {
  View out;
  const std::string& text = in.text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t start = in.from[i];
    int code = unicode_escape(text, i);
    if (code >= 0) {
      i += 5;
      if (code >= 0xD800 && code < 0xDC00) {
        const int second = unicode_escape(text, i + 1);
        if (second >= 0xDC00 && second < 0xE000) {
          code = 0x10000 + (code - 0xD800) * 0x400 + (second - 0xDC00);
          i += 6;
        }
      }
      std::string encoded;
      value::append_utf8(encoded, static_cast<char32_t>(code));
      for (char c : encoded) out.add(c, start);
      continue;
    }
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.add(text[i], start);
      continue;
    }
    constexpr std::string_view names = "nrtbf";
    constexpr std::string_view values = "\n\r\t\b\f";
    const std::size_t which = names.find(text[++i]);
    out.add(which == std::string_view::npos ? text[i] : values[which], start);
  }
  out.from.push_back(in.from.back());
  return out;
}

// The character that an entity of HTML stands for, and the bytes of the entity; 0 if it is none.
std::pair<char32_t, std::size_t> html_entity(std::string_view text, std::size_t at) {
  constexpr std::size_t longest = 10;
  const std::size_t end = text.find(';', at);
  if (end == std::string_view::npos || end - at > longest) return {0, 0};
  const std::string_view name = text.substr(at + 1, end - at - 1);
  constexpr std::pair<std::string_view, char> names[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [word, c] : names) {
    if (name == word) return {static_cast<char32_t>(c), end + 1 - at};
  }
  const bool hex = name.size() > 2 && (name[1] == 'x' || name[1] == 'X');
  const std::string_view digits = name.substr(std::min<std::size_t>(hex ? 2 : 1, name.size()));
  if (name.empty() || name[0] != '#' || digits.empty()) return {0, 0};
  char32_t code = 0;
  for (const char c : digits) {
    const int digit = hex_digit(c);
    if (digit < 0 || (!hex && digit > 9)) return {0, 0};
    code = code * (hex ? 16 : 10) + static_cast<char32_t>(digit);
    if (code > 0x10FFFF) return {0, 0};
  }
  return {code, end + 1 - at};
}

View html_view(const View& in) {
  View out;
  const std::string& text = in.text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto [code, size] =
        text[i] == '&' ? html_entity(text, i) : std::pair<char32_t, std::size_t>();
    if (size == 0) {
      out.add(text[i], in.from[i]);
      continue;
    }
    std::string encoded;
    value::append_utf8(encoded, code);
    for (const char c : encoded) out.add(c, in.from[i]);
    i += size - 1;
  }
  out.from.push_back(in.from.back());
  return out;
}

bool base64_char(char c) {
  return base64_plain.find(c) != std::string_view::npos || c == '-' || c == '_';
}

// The text as it stands, and every decoding that could hold a secret in another spelling.
std::vector<View> views_of(std::string_view text) {
  std::vector<View> views;
  views.push_back(plain_view(text));
  const bool percent = text.find('%') != std::string_view::npos;
  const bool plus = text.find('+') != std::string_view::npos;
  if (text.find('\\') != std::string_view::npos) {
    views.push_back(json_view(views[0]));
    // A JSON text that was put into a JSON string.
    if (text.find("\\\\") != std::string_view::npos) views.push_back(json_view(views.back()));
  }
  if (percent) {
    views.push_back(percent_view(views[0], false));
    if (views.back().text.find('\\') != std::string::npos) {
      views.push_back(json_view(views.back()));
    }
    if (text.find("%25") != std::string_view::npos) {
      views.push_back(percent_view(percent_view(views[0], false), false));
      views.push_back(percent_view(views.back(), true));
    }
  }
  if (text.find('&') != std::string_view::npos) {
    views.push_back(html_view(views[0]));
    if (text.find('\\') != std::string_view::npos) {
      views.push_back(html_view(json_view(views[0])));
      views.push_back(json_view(html_view(views[0])));
    }
  }
  if (plus) views.push_back(percent_view(views[0], true));
  return views;
}

// `text` without a character at its end that is valid so far but was cut off.
std::string_view complete_utf8(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? text.substr(0, text.size() - back) : text;
  }
  return text;
}

bool bidi_control(char32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
         code == 0x200E || code == 0x200F;
}

// Safe to show on a terminal, on one line.
std::string printable(std::string_view text) {
  std::string out;
  bool space = false;
  while (!text.empty()) {
    const bool valid = value::utf8_length(text, 0) > 0;
    std::size_t size = 0;
    const char32_t code = value::next_code_point(text, size);
    const std::string_view bytes = text.substr(0, size);
    text.remove_prefix(size);
    if (code == ' ' || (code >= '\t' && code <= '\r')) {
      space = !out.empty();
      continue;
    }
    if (space) out += ' ';
    space = false;
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    if (!valid || control || bidi_control(code)) {
      value::append_utf8(out, value::replacement_character);
    } else {
      out += bytes;
    }
  }
  return out;
}

/// "https://host/path?…" for every URL in `text`, as JSON may spell it too.
std::string without_queries(std::string_view text) {
  std::string out;
  constexpr std::string_view ends = "\"'<> ";
  while (true) {
    std::size_t at = text.find("http");
    const std::string_view after =
        at == std::string_view::npos ? std::string_view() : text.substr(at + 4);
    if (at == std::string_view::npos) break;
    const bool link = after.rfind("://", 0) == 0 || after.rfind("s://", 0) == 0 ||
                      after.rfind(":\\/\\/", 0) == 0 || after.rfind("s:\\/\\/", 0) == 0;
    const std::size_t end = std::min(text.find_first_of(ends, at), text.size());
    const std::size_t question = link ? text.substr(0, end).find('?', at) : std::string_view::npos;
    if (question == std::string_view::npos) {
      out += text.substr(0, at + 4);
      text.remove_prefix(at + 4);
      continue;
    }
    out += text.substr(0, question);
    out += "?…";
    text.remove_prefix(end);
  }
  out += text;
  return out;
}

}  // namespace

void Redactor::add_needle(Needle needle) {
  if (!known_.insert(needle.text).second) return;
  longest_ = std::max(longest_, needle.text.size());
  needles_.push_back(std::move(needle));
}

void Redactor::add(std::string_view secret) {
  if (secret.size() < min_secret_bytes) return;
  add_needle({std::string(secret), false, false});
  add_needle({hex(secret, "0123456789abcdef"), false, false});
  add_needle({hex(secret, "0123456789ABCDEF"), false, false});
  for (std::size_t shift = 0; shift < 3; ++shift) {
    for (std::string_view alphabet : {base64_plain, base64_url}) {
      Base64Part part = base64_part(secret, shift, alphabet);
      add_needle({std::move(part.text), part.bits_before, part.bits_after});
    }
  }
}

std::vector<Redactor::Range> Redactor::find_all(std::string_view text) const {
  std::vector<Range> found;
  if (needles_.empty() || text.empty()) return found;
  for (const View& view : views_of(text)) {
    for (const Needle& needle : needles_) {
      const std::string& hay = view.text;
      for (std::size_t at = hay.find(needle.text); at != std::string::npos;
           at = hay.find(needle.text, at + 1)) {
        std::size_t begin = at;
        std::size_t end = at + needle.text.size();
        if (needle.covers_before && begin > 0 && base64_char(hay[begin - 1])) --begin;
        if (needle.covers_after && end < hay.size() && base64_char(hay[end])) ++end;
        found.push_back({view.from[begin], view.from[end]});
      }
    }
  }
  std::sort(found.begin(), found.end(), [](const Range& a, const Range& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<Range> merged;
  for (const Range& range : found) {
    if (!merged.empty() && range.begin < merged.back().end) {
      merged.back().end = std::max(merged.back().end, range.end);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::string Redactor::redact(std::string_view text) const {
  std::string out;
  std::size_t at = 0;
  for (const Range& range : find_all(text)) {
    out += text.substr(at, range.begin - at);
    out += "***";
    at = range.end;
  }
  out += text.substr(at);
  return out;
}

std::string Redactor::url(const Request& request) const {
  if (!request.private_url) return redact(request.url);
  const auto parsed = parse_url(request.url);
  return (parsed ? origin(*parsed) : std::string()) + "/***";
}

std::string Redactor::describe(const Request& request) const {
  if (request.private_url) return request.method + ' ' + url(request);
  const std::string_view url = request.url;
  const std::size_t end = std::min(url.find_first_of("?#"), url.size());
  std::string text = request.method + ' ' + redact(url.substr(0, end));
  if (end < url.size() && url[end] == '?') text += "?…";
  return printable(text);
}

std::string Redactor::body_start(std::string_view body, std::size_t limit) const {
  // Far enough that a secret which begins before the limit is seen whole in any spelling.
  const std::string_view window = body.substr(0, limit + longest_ * max_spelling);
  const std::size_t cut = std::min(limit, body.size());
  std::string out;
  std::size_t at = 0;
  for (const Range& range : find_all(window)) {
    if (range.begin >= cut) break;
    out += window.substr(at, range.begin - at);
    out += "***";
    at = range.end;
  }
  if (at < cut) out += complete_utf8(window.substr(at, cut - at));
  out = without_queries(printable(out));
  if (cut < body.size()) out += "…";
  return out;
}

}  // namespace fconn::http
