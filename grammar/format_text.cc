// Strings and paths: copied as written, so that escapes survive, except for the holes in them.
#include <algorithm>
#include <limits>

#include "grammar/format_printer.hh"

namespace fconn::grammar {

namespace {

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       begin = end + 1, end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
  }
  lines.push_back(text.substr(begin));
  return lines;
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

bool only_space(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

std::string Printer::with_holes(Span span, const std::vector<Hole>& holes, bool& multi_line) {
  std::string out;
  std::uint32_t at = span.begin;
  for (const Hole& hole : holes) {
    const Span value = hole.value->span;
    std::uint32_t open = value.begin;
    while (open > at && w_.source()[open] != '{') --open;
    const std::uint32_t close = w_.find("}", value.end, span.end);
    const bool several = w_.newline_between(open, close);
    multi_line = multi_line || several;
    Writer flat = Writer::flat(w_, std::numeric_limits<std::uint32_t>::max());
    Printer(flat).expr(*hole.value);
    // A hole of several lines may hold comments; it is copied as it is.
    if (several || flat.overflowed() || w_.slice(open, open + 1) != "{") continue;
    std::string text = flat.take();
    while (text.ends_with('\n')) text.pop_back();
    out += w_.slice(at, open);
    out += w_.slice(open + 1, value.begin).find('+') == std::string_view::npos ? "{" : "{+";
    out += text + "}";
    at = close + 1;
  }
  out += w_.slice(at, span.end);
  w_.skip_comments_before(span.end);
  return out;
}

void Printer::string(const Expr& e, const StringExpr& s) {
  std::vector<Hole> holes;
  for (const StringPart& part : s.parts) {
    if (!part.hole.empty()) holes.push_back({part.span, &part.hole.front()});
  }
  bool multi_line = false;
  const std::string text = with_holes(e.span, holes, multi_line);
  if (text.find('\n') == std::string::npos) {
    w_.text(text);
  } else {
    w_.lines(multi_line ? text : reindented(text));
  }
}

/// Moves all lines of a block string after its first by the same number of columns, so that the
/// text itself stays the same: its closing quotes go below the start of the line that opens it.
std::string Printer::reindented(std::string_view text) const {
  const std::vector<std::string_view> lines = split_lines(text);
  const std::size_t quotes = text.find_first_of("\"'") + 3;
  if (!only_space(lines.front().substr(std::min(quotes, lines.front().size())))) {
    return std::string(text);
  }
  const std::string_view closing = lines.back();
  const bool closing_alone = only_space(closing.substr(0, closing.size() - 3));
  std::size_t least = std::string_view::npos;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string_view lead = lines[i].substr(0, lines[i].find_first_not_of(" \t"));
    if (lead.find('\t') != std::string_view::npos) return std::string(text);
    if (!only_space(lines[i])) least = std::min(least, indent_of(lines[i]));
  }
  const auto base = static_cast<std::ptrdiff_t>(w_.line_indent());
  const auto now = static_cast<std::ptrdiff_t>(closing_alone ? indent_of(closing) : least);
  std::ptrdiff_t shift = (closing_alone ? base : base + 2) - now;
  shift = std::max(shift, -static_cast<std::ptrdiff_t>(least));
  std::string out(lines.front());
  for (std::size_t i = 1; i < lines.size(); ++i) {
    out += '\n';
    const bool empty = only_space(lines[i]) && lines[i].size() <= least;
    if (empty) continue;
    if (shift >= 0) {
      out.append(static_cast<std::size_t>(shift), ' ');
      out += lines[i];
    } else {
      out += lines[i].substr(static_cast<std::size_t>(-shift));
    }
  }
  return out;
}

void Printer::target(const Request& r) {
  std::vector<Hole> holes;
  for (const PathPart& part : r.target) {
    if (!part.hole.empty()) holes.push_back({part.span, &part.hole.front()});
  }
  bool multi_line = false;
  const std::string text = with_holes(r.target_span, holes, multi_line);
  if (multi_line) {
    w_.lines(text);
  } else {
    w_.text(text);
  }
}

}  // namespace fconn::grammar
