// Source text as it may be shown on a terminal: every character with the cells it takes, nothing
// that could steer the terminal. For what is drawn in columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fconn::grammar {

/// One character of a line: where its bytes begin, what to print for it, how many cells that is.
struct Cell {
  std::uint32_t offset = 0;
  std::string shown;
  std::uint32_t width = 0;
};

/// Reads one UTF-8 character at `at` and moves past it; 0xFFFD and one byte for a broken one.
char32_t next_code_point(std::string_view text, std::size_t& at);
void append_utf8(std::string& out, char32_t c);

/// Tabs become spaces up to the next multiple of four; control, bidirectional and broken characters
/// become visible stand-ins. Offsets are relative to `line`.
std::vector<Cell> display_cells(std::string_view line);
/// The same as one string, for messages and paths.
std::string safe_text(std::string_view text);
/// Each line of it so; line ends stay.
std::string safe_lines(std::string_view text);

}  // namespace fconn::grammar
