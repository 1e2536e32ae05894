// Output of the formatter: text, line breaks and the comments of the source. Internal to
// format*.cc.
//
// A line break is only noted and is written before the next text, so several requests for one give
// one. Comments are kept in order of offset; whoever prints a token first asks for the comments
// before it, so a comment lands where it stood and none can be lost. A writer made by `flat` has no
// comments and no breaks: it measures whether something fits on one line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/ast.hh"

namespace fconn::grammar {

class Writer {
 public:
  Writer(const SourceMap& sources, const Ast& ast);
  /// Measures: `overflowed` once more than `room` bytes, or a line break, were written.
  static Writer flat(const Writer& outer, std::size_t room);

  bool is_flat() const { return flat_; }
  bool overflowed() const { return overflowed_; }

  /// Text without line ends. Spaces at the start of a line and at its end are dropped.
  void text(std::string_view text);
  /// Text that keeps its own line ends (block strings).
  void lines(std::string_view text);
  /// The next text begins a new line with `indent` spaces, after a blank line if asked.
  void line_break(std::uint32_t indent, bool blank = false);

  /// Own comments of an item, each on its line, then the item's line. `first`: nothing of the block
  /// stands before it, so no blank line.
  void start_item(std::uint32_t offset, std::uint32_t indent, bool first);
  /// Comments that are left inside the item and those that follow it on its last line; none from
  /// `next` on, where the next item or a closing bracket stands.
  void finish_item(std::uint32_t end, std::uint32_t next);
  /// Comments before a token in the middle of an item.
  void comments_before(std::uint32_t offset);
  bool has_comment_before(std::uint32_t offset) const;
  /// For source text that is copied whole, its comments included.
  void skip_comments_before(std::uint32_t offset);

  /// Where the output ends now, for the two below.
  std::size_t mark();
  /// What was written since; begins with the line ends of a break that was pending then.
  std::string_view written_since(std::size_t mark) const;
  bool blank_pending() const { return pending_ && pending_blank_; }
  /// Doubles the line end that stands at `mark`.
  void insert_blank_line(std::size_t mark);

  std::uint32_t column() const;       // code points on the current line
  std::uint32_t line_indent() const;  // of the current line
  std::uint32_t continuation() const { return continuation_; }
  void set_continuation(std::uint32_t indent) { continuation_ = indent; }

  // Questions about the source.
  std::string_view source() const { return source_; }
  std::string_view slice(std::uint32_t begin, std::uint32_t end) const;
  bool newline_between(std::uint32_t begin, std::uint32_t end) const;
  /// A line break is noted and nothing was written after it.
  bool at_line_start() const { return pending_; }

  /// Only white space between the line's start and `offset`, or a line end before it.
  bool starts_line(std::uint32_t offset) const;
  bool blank_line_before(std::uint32_t offset) const;
  bool blank_line_between(std::uint32_t begin, std::uint32_t end) const;
  /// First occurrence of `wanted` from `begin` on that isn't in a comment; `end` if none.
  std::uint32_t find(std::string_view wanted, std::uint32_t begin, std::uint32_t end) const;

  std::string take();

 private:
  Writer() = default;
  void flush_break();
  void put(std::string_view text);

  std::string_view source_;
  const std::vector<Comment>* comments_ = nullptr;
  std::size_t next_comment_ = 0;
  std::string out_;
  std::size_t line_start_ = 0;
  bool pending_ = false;
  bool pending_blank_ = false;
  std::uint32_t pending_indent_ = 0;
  std::uint32_t continuation_ = 2;
  bool flat_ = false;
  bool overflowed_ = false;
  std::size_t room_ = 0;
};

}  // namespace fconn::grammar
