#include "tools/lsp/edits.hh"

#include <algorithm>

#include "grammar/format.hh"
#include "grammar/parse.hh"

namespace fconn::lsp {
namespace {

/// Lines with their ends.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

/// Which lines of `a` and `b` belong together: the longest common subsequence, as pairs. Beyond a
/// size that would take too long there are none, and the whole middle is replaced.
std::vector<std::pair<std::size_t, std::size_t>> common_lines(
    const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  constexpr std::size_t most_cells = 4'000'000;
  if (a.empty() || b.empty() || a.size() > most_cells / b.size()) return {};
  const std::size_t width = b.size() + 1;
  std::vector<std::uint32_t> length((a.size() + 1) * width, 0);
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      length[i * width + j] =
          a[i] == b[j] ? length[(i + 1) * width + j + 1] + 1
                       : std::max(length[(i + 1) * width + j], length[i * width + j + 1]);
    }
  }
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      pairs.emplace_back(i++, j++);
    } else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return pairs;
}

/// The name of a help that says "did you mean `x`?".
std::optional<std::string> near_name(std::string_view help) {
  constexpr std::string_view begin = "did you mean `";
  if (!help.starts_with(begin)) return std::nullopt;
  help.remove_prefix(begin.size());
  const std::size_t end = help.find('`');
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(help.substr(0, end));
}

std::ptrdiff_t count_of(const Analysis& analysis, grammar::DiagnosticId id) {
  return std::count_if(analysis.diagnostics.begin(), analysis.diagnostics.end(),
                       [&](const grammar::Diagnostic& one) { return one.id == id; });
}

bool touches(Span span, std::uint32_t begin, std::uint32_t end) {
  return span.begin <= end && begin <= span.end;
}

}  // namespace

std::vector<TextEdit> line_edits(std::string_view before, std::string_view after) {
  std::vector<std::string_view> a = split(before);
  std::vector<std::string_view> b = split(after);
  std::size_t same = 0;
  while (same < a.size() && same < b.size() && a[same] == b[same]) ++same;
  std::size_t tail = 0;
  while (tail < a.size() - same && tail < b.size() - same &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
    ++tail;
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < same; ++i) at += a[i].size();
  a = {a.begin() + static_cast<std::ptrdiff_t>(same), a.end() - static_cast<std::ptrdiff_t>(tail)};
  b = {b.begin() + static_cast<std::ptrdiff_t>(same), b.end() - static_cast<std::ptrdiff_t>(tail)};
  auto pairs = common_lines(a, b);
  pairs.emplace_back(a.size(), b.size());

  std::vector<TextEdit> edits;
  std::size_t i = 0;
  std::size_t j = 0;
  for (const auto& [next_i, next_j] : pairs) {
    TextEdit edit;
    edit.begin = static_cast<std::uint32_t>(at);
    for (; i < next_i; ++i) at += a[i].size();
    edit.end = static_cast<std::uint32_t>(at);
    for (; j < next_j; ++j) edit.text += b[j];
    if (edit.begin < edit.end || !edit.text.empty()) edits.push_back(std::move(edit));
    if (next_i < a.size()) at += a[next_i].size();
    i = next_i + 1;
    j = next_j + 1;
  }
  return edits;
}

std::optional<std::vector<TextEdit>> layout_edits(const std::string& path, std::string_view text) {
  grammar::SourceMap sources;
  const FileId file = sources.add(path, std::string(text));
  const grammar::Parsed parsed = grammar::parse(sources, file);
  if (grammar::has_errors(parsed.diagnostics)) return std::nullopt;
  return line_edits(text, grammar::format(sources, parsed.ast));
}

std::vector<Repair> repairs(const Analysis& analysis, std::uint32_t begin, std::uint32_t end) {
  std::vector<Repair> out;
  for (std::size_t i = 0; i < analysis.diagnostics.size(); ++i) {
    const grammar::Diagnostic& one = analysis.diagnostics[i];
    if (one.where.file != analysis.root || !touches(one.where, begin, end)) continue;
    Repair repair;
    repair.diagnostic = i;
    repair.sure = !one.fix.empty();
    for (const grammar::Edit& edit : one.fix) {
      if (edit.where.file != analysis.root) repair.sure = false;
      repair.edits.push_back({edit.where.begin, edit.where.end, edit.text});
    }
    if (!one.fix.empty() && !repair.sure) continue;
    if (one.fix.empty()) {
      // A misspelt name: its span is the name, and the help says which is near.
      const auto near = near_name(one.help);
      const std::string_view written = analysis.sources.slice(one.where);
      if (!near || written.find_first_of(" \n{(") != std::string_view::npos) continue;
      repair.edits.push_back({one.where.begin, one.where.end, *near});
    }
    const std::string& text = repair.edits.front().text;
    repair.title = repair.edits.size() > 1 ? "Repair this"
                   : text.empty()          ? "Remove it"
                                           : "Write `" + text + "`";
    out.push_back(std::move(repair));
  }
  return out;
}

std::vector<Repair> allowances(const Analysis& analysis, std::uint32_t begin, std::uint32_t end,
                               Host& host, const OpenTexts& open) {
  std::vector<Repair> out;
  const std::string_view text = analysis.text();
  for (std::size_t i = 0; i < analysis.diagnostics.size(); ++i) {
    const grammar::Diagnostic& one = analysis.diagnostics[i];
    const bool here = one.where.file == analysis.root && touches(one.where, begin, end);
    if (!here || one.severity != grammar::Severity::warning) continue;
    // The comment covers what follows it, so it stands above the line.
    const std::size_t before = text.substr(0, one.where.begin).rfind('\n');
    const std::size_t line = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t indent = std::min(text.find_first_not_of(" \t", line), text.size()) - line;
    const std::string comment = std::string(text.substr(line, indent)) + "# allow " +
                                std::string(grammar::info(one.id).code) + ": why\n";
    std::string with(text);
    with.insert(line, comment);
    const auto tried = analyse(analysis.path, std::move(with), host, open);
    if (tried->diagnostics.size() >= analysis.diagnostics.size() ||
        count_of(*tried, one.id) >= count_of(analysis, one.id)) {
      continue;
    }
    const auto at = static_cast<std::uint32_t>(line);
    out.push_back({"Allow " + std::string(grammar::info(one.id).code) + " here",
                   i,
                   {{at, at, comment}},
                   false});
  }
  return out;
}

}  // namespace fconn::lsp
