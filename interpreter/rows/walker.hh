// Walks one value of an indexed text: checks its grammar, follows a trie, takes cells. Iterative;
// its stacks are bounded by max_depth and the trie's height. A value that the window cuts off gives
// `more`: value() is then to be called anew with a longer window, skip() goes on where it was.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "interpreter/rows/lexer.hh"
#include "interpreter/rows/trie.hh"

namespace fconn::rows {

using Node = CompiledProjection::Node;

class Walker {
 public:
  explicit Walker(std::uint32_t max_depth);

  Lexer lexer;

  /// Forgets a skip that was cut off.
  void reset() { phase_ = Phase::value; }
  /// Containers open around the value that comes next; they count towards max_depth.
  void set_outer_depth(std::uint32_t depth) { outer_ = depth; }
  std::uint32_t max_depth() const { return max_depth_; }
  Walk too_deep_here();

  /// Walks the value at lexer.at and sets `cells` by the ids in `root`. Cells that are missing are
  /// left as they were. On `more`, cells and lexer.at are unspecified.
  Walk value(const Node& root, std::span<std::string_view> cells);
  /// Checks the value at lexer.at. On `more`, lexer.at is the first token to keep, and the
  /// next call goes on there.
  Walk skip();

  /// Whether the window holds a whole member from lexer.at on, as far as its value's first token
  /// and the one behind it, and its key and colon are there.
  Walk member() { return member_at(lexer.at); }

 private:
  enum class Phase : std::uint8_t { value, first, member, after };
  struct Frame {
    const Node* node;
    std::uint32_t begin;
  };

  Walk member_at(std::uint32_t token) {
    if (token + 3 >= lexer.window().count) return cut_member(token);
    if (lexer.peek(token) != '"') return lexer.expected(token, "a key in quotes");
    if (lexer.peek(token + 1) != ':') return lexer.expected(token + 1, "`:`");
    return Walk::done;
  }
  Walk cut_member(std::uint32_t token);
  Walk skip_container(Phase phase);
  Walk pause(Phase phase, std::uint32_t token, std::uint32_t depth);
  /// Checks a scalar and steps behind it.
  Walk leaf() {
    if (lexer.at + 1 >= lexer.window().count && !lexer.window().final) return Walk::more;
    if (!lexer.scalar(lexer.at)) return Walk::bad;
    ++lexer.at;
    return Walk::done;
  }
  Walk ascend(std::span<std::string_view> cells);

  std::uint32_t max_depth_;
  std::uint32_t outer_ = 0;
  std::uint32_t depth_ = 0;  // of a paused skip
  Phase phase_ = Phase::value;
  std::vector<char> closers_;  // the bracket that ends each container a skip has open
  std::vector<Frame> frames_;
};

}  // namespace fconn::rows
