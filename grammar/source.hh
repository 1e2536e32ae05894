// Source texts and places in them. The lowest layer: includes nothing of ours.
//
// A Span is two byte offsets into one file; lines and columns are computed only when a message is
// rendered. A SourceMap owns the texts; views into them live as long as it does.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace fconn::grammar {

/// Index of a file in its SourceMap.
struct FileId {
  std::uint32_t value = 0;
  friend bool operator==(FileId, FileId) = default;
};

/// Half-open range of byte offsets in one file.
struct Span {
  FileId file{};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(Span, Span) = default;
};

/// 1-based line and column; a column counts Unicode code points (a tab is one).
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend bool operator==(Position, Position) = default;
};

/// Owns file names and texts. Adding never moves what is there.
class SourceMap {
 public:
  FileId add(std::string name, std::string text);
  std::string_view name(FileId file) const;
  std::string_view text(FileId file) const;
  /// The text under a span, clipped to the file.
  std::string_view slice(Span span) const;
  Position position(FileId file, std::uint32_t offset) const;
  /// The whole line (without its end) that holds `offset`.
  std::string_view line(FileId file, std::uint32_t offset) const;
  std::size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string name;
    std::string text;
    std::vector<std::uint32_t> line_starts;
  };
  std::deque<File> files_;
};

}  // namespace fconn::grammar
