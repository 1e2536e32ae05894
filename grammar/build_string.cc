// Strings: escapes, holes, and the common indentation of block strings.
#include <algorithm>

#include "grammar/build_ast.hh"
#include "grammar/parse_text.hh"

namespace fconn::grammar {
namespace {

struct Escape {
  std::uint32_t length = 0;  // with the backslash; 0: there is no such escape
  std::uint32_t code_point = 0;
};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The four digits of a \uXXXX at the start of `text`, or -1.
std::int32_t four_digits(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
  std::int32_t value = 0;
  for (std::size_t i = 2; i < 6; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

Escape read_braced(std::string_view text) {
  std::uint32_t value = 0;
  std::uint32_t i = 3;
  for (; i < text.size() && hex_value(text[i]) >= 0 && i < 10; ++i) {
    value = value * 16 + static_cast<std::uint32_t>(hex_value(text[i]));
  }
  const bool closed = i > 3 && i < text.size() && text[i] == '}';
  if (!closed || value > 0x10FFFFU || (value >= 0xD800U && value < 0xE000U)) return {};
  return {i + 1, value};
}

/// JSON's form: a code point past U+FFFF is a pair of surrogates.
Escape read_unicode(std::string_view text) {
  if (text.size() > 2 && text[2] == '{') return read_braced(text);
  const std::int32_t first = four_digits(text);
  if (first < 0 || (first >= 0xDC00 && first < 0xE000)) return {};
  if (first < 0xD800 || first >= 0xE000) return {6, static_cast<std::uint32_t>(first)};
  const std::int32_t second = four_digits(text.substr(6));
  if (second < 0xDC00 || second >= 0xE000) return {};
  return {12, static_cast<std::uint32_t>(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))};
}

Escape read_escape(std::string_view text) {
  if (text.size() < 2) return {};
  switch (text[1]) {
    case 'n':
      return {2, '\n'};
    case 't':
      return {2, '\t'};
    case 'r':
      return {2, '\r'};
    case 'b':
      return {2, '\b'};
    case 'f':
      return {2, '\f'};
    case '"':
    case '\\':
    case '/':
    case '{':
    case '}':
      return {2, static_cast<unsigned char>(text[1])};
    case 'u':
      return read_unicode(text);
    default:
      return {};
  }
}

/// `{name`, `{.x`, `{row.id}`: what an author may have meant as a hole.
std::optional<std::pair<std::size_t, std::size_t>> hole_like(std::string_view text) {
  for (std::size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    std::size_t end = open + 1;
    if (end < text.size() && (is_word_start(text[end]) || text[end] == '.')) {
      while (end < text.size() && (is_word_part(text[end]) || text[end] == '.')) ++end;
      if (end < text.size() && text[end] == '}') return std::pair{open, end + 1};
    }
  }
  return std::nullopt;
}

bool is_block(StringForm form) {
  return form == StringForm::block || form == StringForm::raw_block ||
         form == StringForm::xml_block;
}

/// Fewest blanks at the start of a line that begins in `text` and isn't blank. The last line of the
/// last part is blank when only the closing quotes follow.
std::uint32_t common_indent(std::string_view text, bool last) {
  std::uint32_t common = UINT32_MAX;
  for (std::size_t line = text.find('\n'); line != std::string_view::npos;
       line = text.find('\n', line + 1)) {
    const std::size_t from = line + 1;
    std::size_t to = from;
    while (to < text.size() && is_blank(text[to])) ++to;
    const bool blank = to == text.size() ? last : text[to] == '\n' || text[to] == '\r';
    if (!blank) common = std::min(common, static_cast<std::uint32_t>(to - from));
  }
  return common;
}

}  // namespace

std::string Builder::unescape(Span span) {
  const std::string_view text = view(span);
  std::string out;
  std::size_t from = 0;
  for (std::size_t slash = text.find('\\'); slash != std::string_view::npos;
       slash = text.find('\\', from)) {
    out.append(text, from, slash - from);
    const Escape escape = read_escape(text.substr(slash));
    if (escape.length == 0) {
      const auto begin = span.begin + static_cast<std::uint32_t>(slash);
      const bool wide =
          slash + 1 < text.size() && (static_cast<unsigned char>(text[slash + 1]) & 0x80U) != 0;
      std::uint32_t end = std::min(wide ? token_end(text_, begin + 1) : begin + 2, span.end);
      if (slash + 1 < text.size() && text[slash + 1] == 'u') {
        const bool braced = end < span.end && text_[end] == '{';
        const std::uint32_t longest = braced ? span.end : std::min(span.end, begin + 6);
        if (braced) ++end;
        while (end < longest && hex_value(text_[end]) >= 0) ++end;
        if (braced && end < span.end && text_[end] == '}') ++end;
      }
      report(
          DiagnosticId::bad_escape, at(begin, end),
          "`" + std::string(view(at(begin, end))) + "` is no escape sequence",
          "Write \\\\ for a backslash; others are \\n \\t \\r \\b \\f \\\" \\/ \\{ \\} \\uXXXX.");
      from = end - span.begin;
      continue;
    }
    append_utf8(out, escape.code_point);
    from = slash + escape.length;
  }
  out.append(text, from);
  return out;
}

void Builder::quoted_text(Span span) { parts_.push_back(StringPart{unescape(span), {}, span}); }

void Builder::verbatim_text(Span span) { parts_.push_back(StringPart{{}, {}, span}); }

void Builder::hole(Span span) {
  close_frame();
  StringPart part;
  part.hole = take_one();
  part.span = span;
  parts_.push_back(std::move(part));
}

void Builder::string(Span span) {
  const char first = text_[span.begin];
  const std::uint32_t quote = first == 'x' ? span.begin + 3 : span.begin;
  const bool block =
      span.end - quote >= 6 && text_[quote + 1] == text_[quote] && text_[quote + 2] == text_[quote];
  StringExpr made;
  if (first == 'x') {
    made.form = block ? StringForm::xml_block : StringForm::xml;
  } else if (first == '\'') {
    made.form = block ? StringForm::raw_block : StringForm::raw;
  } else {
    made.form = block ? StringForm::block : StringForm::quoted;
  }
  const Frame frame = close_frame();
  made.parts.assign(
      std::make_move_iterator(parts_.begin() + static_cast<std::ptrdiff_t>(frame.base)),
      std::make_move_iterator(parts_.end()));
  parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(frame.base), parts_.end());
  if (block || first == '\'') string_parts(made.form, made.parts);
  push(span, std::move(made), frame.height + 1);
}

void Builder::warn_of_hole(Span span) {
  const auto hole = hole_like(view(span));
  if (!hole) return;
  const Span where = at(span.begin + static_cast<std::uint32_t>(hole->first),
                        span.begin + static_cast<std::uint32_t>(hole->second));
  report(DiagnosticId::raw_hole, where,
         "`" + std::string(view(where)) + "` is no hole in a raw string",
         "Use double quotes if a value is meant here.");
}

// Fills in the texts that were only marked while matching. Of a block string the line end after the
// opening quotes and the last line (when it holds only the closing quotes) are no content; what all
// other lines that aren't blank have in common as indentation is removed from each.
void Builder::string_parts(StringForm form, std::vector<StringPart>& parts) {
  const bool raw = form == StringForm::raw || form == StringForm::raw_block;
  if (raw && !parts.empty()) warn_of_hole(parts.front().span);
  if (!is_block(form)) {
    for (StringPart& part : parts) part.text = std::string(view(part.span));
    return;
  }
  std::uint32_t common = UINT32_MAX;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].hole.empty()) continue;
    common = std::min(common, common_indent(view(parts[i].span), i + 1 == parts.size()));
  }
  if (common == UINT32_MAX) common = 0;
  std::vector<StringPart> kept;
  kept.reserve(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    StringPart& part = parts[i];
    if (part.hole.empty()) {
      part.text = block_text(part.span, raw, i == 0, i + 1 == parts.size(), common);
    }
    if (!part.hole.empty() || !part.text.empty()) kept.push_back(std::move(part));
  }
  parts = std::move(kept);
}

std::string Builder::block_text(Span span, bool raw, bool first, bool last, std::uint32_t common) {
  const std::string_view text = view(span);
  std::size_t from = 0;
  std::size_t to = text.size();
  bool drop_break = false;
  if (first) {  // the rest of the opening quotes' line
    const std::size_t start = std::min(text.find_first_not_of(" \t\r"), text.size());
    drop_break = start < text.size() && text[start] == '\n';
    if (drop_break) from = start;
  }
  const std::size_t last_line = text.rfind('\n');
  if (last && last_line != std::string_view::npos && last_line >= from &&
      text.find_first_not_of(" \t", last_line + 1) == std::string_view::npos) {
    to = last_line;
    if (to > from && text[to - 1] == '\r') --to;
  }
  std::string out;
  while (from < to) {
    if (text[from] == '\n') {
      if (!drop_break) out.push_back('\n');
      drop_break = false;
      ++from;
      for (std::uint32_t n = 0; n < common && from < to && is_blank(text[from]); ++n) ++from;
      continue;
    }
    const std::size_t line_end = std::min(text.find('\n', from), to);
    std::size_t end = line_end;
    if (line_end < text.size() && text[line_end] == '\n' && text[end - 1] == '\r') --end;
    const Span piece = at(span.begin + static_cast<std::uint32_t>(from),
                          span.begin + static_cast<std::uint32_t>(end));
    out += raw ? std::string(view(piece)) : unescape(piece);
    from = line_end;
  }
  return out;
}

}  // namespace fconn::grammar
