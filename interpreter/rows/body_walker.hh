// Walks a whole body, window by window: objects on the way to body cells and rows stay open from
// one window to the next, rows are handed over, the rest is checked and skipped. Between two
// windows it stands at a token outside strings. With one final window it is the whole-body reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/rows/json_reader.hh"
#include "interpreter/rows/walker.hh"

namespace fconn::rows {

class BodyWalker {
 public:
  explicit BodyWalker(const ReaderLimits& limits);

  /// Begins a body. `keep_cells`: body cells are copied, as windows don't last.
  void start(const CompiledProjection& projection, RowHandler& handler, bool keep_cells);

  /// Goes on in `window`, as far as it goes. `more` is no answer in a final window.
  Walk run(const Window& window);
  /// After `more`: bytes of the window that are done with.
  std::uint32_t consumed() const;
  /// After `bad`.
  value::Failure take_failure() { return walker_.lexer.take_failure(); }
  /// After `more`: whether a row is what the window cut off.
  bool in_row() const { return in_row_; }

  /// Nothing of the body's value came yet.
  bool untouched() const { return phase_ == Phase::root; }

  std::uint64_t rows() const { return rows_; }
  /// The body isn't empty (null, `{}`) and lacks what leads to the rows: a path of one key has to
  /// be there; of a longer one all but the last, as what has no rows is often left out.
  bool rows_missing() const;
  /// Views into the current window; empty when it held none.
  std::string_view first_row() const { return first_row_; }
  std::string_view last_row() const { return last_row_; }
  /// Views into the last window, or into here if cells are kept.
  std::vector<std::string_view> body_cells() const;

 private:
  enum class Phase : std::uint8_t {
    root,
    first,
    member,
    after,
    skip,
    row_first,
    row,
    row_after,
    end
  };
  struct Open {
    const Node* node;
    std::uint32_t begin;  // of its text, of use in a whole body only
    bool rows_met;        // the key towards the rows was there
  };
  struct Kept {
    std::string text;
    bool there = false;
  };

  Walk step();
  Walk root();
  Walk member();
  Walk after();
  Walk close();
  Walk enter(const Node* node);
  Walk enter_object(const Node& node);
  Walk enter_rows(const Node& node);
  Walk take_cells(const Node& node);
  Walk rows_loop();
  Walk hand_over(std::string_view text);
  Walk minified_row(std::string_view text);
  bool one_line(std::string_view text);
  void end_value() { phase_ = open_.empty() ? Phase::end : Phase::after; }
  Walk object_row(const Node& node);
  bool keep(const Node& node);
  void forget(const Node& node);
  Walk fail(value::Failure failure);

  ReaderLimits limits_;
  const CompiledProjection* projection_ = nullptr;
  RowHandler* handler_ = nullptr;
  bool keep_cells_ = false;

  Walker walker_;
  Phase phase_ = Phase::root;
  std::vector<Open> open_;
  std::uint32_t rows_begin_ = 0;
  const Node* rows_node_ = nullptr;
  bool in_row_ = false;
  std::size_t reached_ = 0;  // keys towards the rows that were there
  bool empty_ = false;       // the body is null or `{}`

  std::vector<std::string_view> cells_, body_cells_, line_cells_;
  std::vector<Kept> kept_;
  std::uint64_t kept_bytes_ = 0;
  std::uint64_t rows_ = 0;
  std::string_view first_row_, last_row_;
  std::uint32_t line_feed_ = 0, carriage_return_ = 0;  // the next ones, or the window's length
  std::string line_;
};

}  // namespace fconn::rows
