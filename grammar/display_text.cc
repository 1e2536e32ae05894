#include "grammar/display_text.hh"

#include <algorithm>
#include <array>
#include <cstdio>

namespace fconn::grammar {

namespace {

constexpr std::uint32_t tab_stop = 4;

struct Range {
  char32_t low;
  char32_t high;
};

/// Unicode 15 East Asian Width W and F, as ranges rounded to whole blocks where a block is wide.
constexpr std::array<Range, 23> wide_ranges = {{
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26F2, 0x26F5},
    {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},
    {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
}};

/// Characters that take no cell: combining marks, zero-width joiners, variation selectors.
constexpr std::array<Range, 10> zero_ranges = {{
    {0x0300, 0x036F},
    {0x0483, 0x0489},
    {0x0591, 0x05BD},
    {0x064B, 0x065F},
    {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF},
    {0x200B, 0x200D},
    {0x20D0, 0x20FF},
    {0xFE00, 0xFE0F},
    {0xFE20, 0xFE2F},
}};

/// Bidirectional controls and invisible separators: they can make a line read as what it isn't.
constexpr std::array<Range, 6> hidden_ranges = {{
    {0x0080, 0x009F},
    {0x061C, 0x061C},
    {0x200E, 0x200F},
    {0x2028, 0x202E},
    {0x2060, 0x206F},
    {0xFEFF, 0xFEFF},
}};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.low && c <= range.high; });
}

Cell display_cell(char32_t c, std::uint32_t column) {
  Cell cell;
  if (c == '\t') {
    cell.width = tab_stop - column % tab_stop;
    cell.shown.assign(cell.width, ' ');
  } else if (c < 0x20 || c == 0x7F) {  // Unicode's pictures of the control characters
    append_utf8(cell.shown, c == 0x7F ? U'\x2421' : 0x2400 + c);
    cell.width = 1;
  } else if (within(hidden_ranges, c)) {
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "<U+%04X>", static_cast<unsigned>(c));
    cell.shown = name.data();
    cell.width = static_cast<std::uint32_t>(cell.shown.size());
  } else {
    append_utf8(cell.shown, c);
    cell.width = within(zero_ranges, c) ? 0 : within(wide_ranges, c) ? 2 : 1;
  }
  return cell;
}

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& at) {
  constexpr char32_t broken = 0xFFFD;
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const std::size_t more = first >= 0xF0 && first < 0xF5   ? 3
                           : first >= 0xE0 && first < 0xF0 ? 2
                           : first >= 0xC2 && first < 0xE0 ? 1
                                                           : 0;
  if (more == 0 || text.size() - at < more) return broken;
  char32_t value = first & (0x3FU >> more);
  for (std::size_t i = 0; i < more; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xC0U) != 0x80U) return broken;
    value = (value << 6U) | (next & 0x3FU);
  }
  constexpr std::array<char32_t, 4> smallest = {0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest.at(more) || value > 0x10FFFF || surrogate) return broken;
  at += more;
  return value;
}

void append_utf8(std::string& out, char32_t c) {
  const auto byte = [&out](char32_t value) { out += static_cast<char>(value); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0 | (c >> 6U));
    byte(0x80 | (c & 0x3FU));
  } else if (c < 0x10000) {
    byte(0xE0 | (c >> 12U));
    byte(0x80 | ((c >> 6U) & 0x3FU));
    byte(0x80 | (c & 0x3FU));
  } else {
    byte(0xF0 | (c >> 18U));
    byte(0x80 | ((c >> 12U) & 0x3FU));
    byte(0x80 | ((c >> 6U) & 0x3FU));
    byte(0x80 | (c & 0x3FU));
  }
}

std::vector<Cell> display_cells(std::string_view line) {
  std::vector<Cell> cells;
  std::uint32_t column = 0;
  for (std::size_t at = 0; at < line.size();) {
    const auto offset = static_cast<std::uint32_t>(at);
    Cell cell = display_cell(next_code_point(line, at), column);
    cell.offset = offset;
    column += cell.width;
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::string safe_text(std::string_view text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (plain) return std::string(text);
  std::string result;
  for (const Cell& cell : display_cells(text)) result += cell.shown;
  return result;
}

std::string safe_lines(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    result += safe_text(text.substr(at, end - at));
    if (end < text.size()) result += '\n';
    at = end + 1;
  }
  return result;
}

}  // namespace fconn::grammar
