#include "grammar/render.hh"

#include <algorithm>
#include <tuple>

#include "grammar/display_text.hh"
#include "grammar/json_text.hh"

namespace fconn::grammar {

namespace {

constexpr std::string_view ellipsis = "…";

class TextRenderer {
 public:
  TextRenderer(const SourceMap& sources, const RenderOptions& options)
      : sources_(sources), options_(options) {}

  std::string run(const Diagnostics& diagnostics) {
    for (const Diagnostic& d : diagnostics) {
      if (!out_.empty()) out_ += '\n';
      block(d);
    }
    return std::move(out_);
  }

  std::string failure(Span where, std::string_view code, std::string_view text) {
    gutter_ = std::max<std::size_t>(3, std::to_string(line_number(where)).size());
    const std::string kind = code.empty() ? "error" : "error[" + std::string(code) + "]";
    out_ = paint(place(where), bold) + ": " + paint(kind, red) + ": " +
           paint(safe_text(text), bold) + "\n";
    snippet(where, red);
    return std::move(out_);
  }

 private:
  static constexpr std::string_view red = "\x1b[1;31m";
  static constexpr std::string_view yellow = "\x1b[1;33m";
  static constexpr std::string_view blue = "\x1b[1;34m";
  static constexpr std::string_view green = "\x1b[1;32m";
  static constexpr std::string_view bold = "\x1b[1m";

  /// What stands under a line: from cell `first` on, `count` marks, and whether more follows.
  struct Marks {
    std::uint32_t begin = 0;  // byte offsets in the line
    std::uint32_t end = 0;
    char sign = '^';
    bool goes_on = false;
    std::string_view style;
  };

  std::string paint(std::string_view text, std::string_view style) const {
    if (!options_.colour || text.empty()) return std::string(text);
    return std::string(style) + std::string(text) + "\x1b[0m";
  }

  bool placed(Span span) const { return span.file.value < sources_.size(); }

  std::string place(Span span) const {
    if (!placed(span)) return "fconn";
    const Position at = sources_.position(span.file, span.begin);
    return safe_text(sources_.name(span.file)) + ":" + std::to_string(at.line) + ":" +
           std::to_string(at.column);
  }

  void block(const Diagnostic& d) {
    const bool error = d.severity == Severity::error;
    const std::string kind =
        std::string(error ? "error" : "warning") + "[" + std::string(info(d.id).code) + "]";
    set_gutter(d);
    out_ += paint(place(d.where), bold) + ": " + paint(kind, error ? red : yellow) + ": " +
            paint(safe_text(d.text), bold) + "\n";
    snippet(d.where, error ? red : yellow);
    for (const Note& note : d.notes) {
      out_ += paint(place(note.where), bold) + ": " + paint("note", blue) + ": " +
              safe_text(note.text) + "\n";
      snippet(note.where, blue);
    }
    if (!d.help.empty()) out_ += paint("help", green) + ": " + safe_text(d.help) + "\n";
    if (d.fix.size() == 1) repaired(d.fix.front());
  }

  /// Wide enough for the largest line number that this diagnostic shows.
  void set_gutter(const Diagnostic& d) {
    std::uint32_t last = line_number(d.where);
    for (const Note& note : d.notes) last = std::max(last, line_number(note.where));
    if (d.fix.size() == 1) {
      const std::string& text = d.fix.front().text;
      last = std::max(last,
                      line_number(d.fix.front().where) +
                          static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n')));
    }
    gutter_ = std::max<std::size_t>(3, std::to_string(last).size());
  }

  std::uint32_t line_number(Span span) const {
    return placed(span) ? sources_.position(span.file, span.begin).line : 1;
  }

  void gutter(std::string_view number) {
    out_ += paint(std::string(gutter_ - number.size(), ' ') + std::string(number) + " |", blue);
  }

  void snippet(Span span, std::string_view style) {
    if (!placed(span)) return;
    const std::string_view line = sources_.line(span.file, span.begin);
    const auto size = static_cast<std::uint32_t>(line.size());
    const std::uint32_t start = line_start(line, span.file);
    const std::uint32_t begin = std::min(span.begin - start, size);
    const bool goes_on = span.end > span.begin && span.end - start > size + 1;
    const std::uint32_t end = std::clamp(span.end - start, begin, size);
    marked_line(line_number(span), line, {begin, end, '^', goes_on, style});
  }

  std::uint32_t line_start(std::string_view line, FileId file) const {
    return static_cast<std::uint32_t>(line.data() - sources_.text(file).data());
  }

  void marked_line(std::uint32_t number, std::string_view line, const Marks& marks) {
    const std::vector<Cell> cells = display_cells(line);
    std::uint32_t column = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    for (const Cell& cell : cells) {
      if (cell.offset < marks.begin) first += cell.width;
      if (cell.offset >= marks.begin && cell.offset < marks.end) count += cell.width;
      column += cell.width;
    }
    count = std::max(count, 1U);
    const std::uint32_t skipped = cut_before(column, first, count);
    gutter(std::to_string(number));
    const std::string shown = visible(cells, skipped);
    out_ += (shown.empty() ? "" : " " + shown) + "\n";
    gutter("");
    const std::uint32_t room =
        options_.max_width > first - skipped ? options_.max_width - (first - skipped) : 1;
    std::string under(std::min(count, room), marks.sign);
    if (marks.goes_on) under += ellipsis;
    out_ += " " + std::string(first - skipped, ' ') + paint(under, marks.style) + "\n";
  }

  /// How many cells to leave out on the left so that the marks are within the width.
  std::uint32_t cut_before(std::uint32_t columns, std::uint32_t first, std::uint32_t count) const {
    const std::uint32_t width = std::max(options_.max_width, 20U);
    if (columns <= width || first + count < width) return 0;
    const std::uint32_t before = count >= width / 2 ? width / 8 : (width - count) / 2;
    return first > before ? std::min(first - before, columns - width) : 0;
  }

  std::string visible(const std::vector<Cell>& cells, std::uint32_t skipped) const {
    const std::uint32_t width = std::max(options_.max_width, 20U);
    std::string shown;
    std::uint32_t column = 0;
    for (const Cell& cell : cells) {
      const std::uint32_t at = column;
      column += cell.width;
      if (at >= skipped + width) {
        shown += ellipsis;
        break;
      }
      if (column <= skipped) continue;
      // A wide character or tab that straddles the cut, and the cut's own sign, keep their cells.
      const bool replaced = skipped > 0 && at <= skipped;
      if (replaced) {
        shown += std::string(ellipsis) + std::string(column - skipped - 1, ' ');
      } else {
        shown += cell.shown;
      }
    }
    while (!shown.empty() && shown.back() == ' ') shown.pop_back();
    return shown;
  }

  /// The first lines of the text as it reads after the edit, the new part marked.
  void repaired(const Edit& edit) {
    if (!placed(edit.where)) return;
    const Span where = edit.where;
    const std::string_view first_line = sources_.line(where.file, where.begin);
    const std::uint32_t start = line_start(first_line, where.file);
    const std::uint32_t last = std::max(where.begin, where.end);
    const std::string_view last_line = sources_.line(where.file, last);
    const std::uint32_t last_start = line_start(last_line, where.file);
    const std::string_view whole = sources_.text(where.file);
    const auto stop = last_start + static_cast<std::uint32_t>(last_line.size());
    std::string text(whole.substr(start, where.begin - start));
    const auto begin = static_cast<std::uint32_t>(text.size());
    text += edit.text;
    const auto end = static_cast<std::uint32_t>(text.size());
    text += whole.substr(std::min(last, stop), stop - std::min(last, stop));
    std::uint32_t number = line_number(where);
    constexpr int most_lines = 6;
    std::size_t at = 0;
    for (int i = 0; i < most_lines && at <= text.size(); ++i, ++number) {
      const std::size_t stop_at = std::min(text.find('\n', at), text.size());
      const std::string_view line = std::string_view(text).substr(at, stop_at - at);
      const auto from = static_cast<std::uint32_t>(at);
      const auto to = static_cast<std::uint32_t>(stop_at);
      const std::uint32_t mark_begin = std::clamp(begin, from, to) - from;
      const std::uint32_t mark_end = std::clamp(end, from, to) - from;
      if (mark_begin < mark_end) {
        marked_line(number, line, {mark_begin, mark_end, '+', false, green});
      } else {
        gutter(std::to_string(number));
        const std::string shown = visible(display_cells(line), 0);
        out_ += (shown.empty() ? "" : " " + shown) + "\n";
      }
      at = stop_at + 1;
    }
  }

  const SourceMap& sources_;
  const RenderOptions& options_;
  std::string out_;
  std::size_t gutter_ = 3;
};

}  // namespace

std::string render_text(const SourceMap& sources, const Diagnostics& diagnostics,
                        const RenderOptions& options) {
  return TextRenderer(sources, options).run(diagnostics);
}

std::string render_failure(const SourceMap& sources, Span where, std::string_view code,
                           std::string_view text, const RenderOptions& options) {
  return TextRenderer(sources, options).failure(where, code, text);
}

void sort(Diagnostics& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::tuple(a.where.file.value, a.where.begin, info(a.id).code) <
                            std::tuple(b.where.file.value, b.where.begin, info(b.id).code);
                   });
}

}  // namespace fconn::grammar
