#include "interpreter/rows/walker.hh"

#include "interpreter/rows/fault.hh"

namespace fconn::rows {

Walker::Walker(std::uint32_t max_depth) : max_depth_(max_depth), closers_(max_depth + 1) {}

Walk Walker::too_deep_here() {
  const Window& window = lexer.window();
  lexer.fail(too_deep(window.base + lexer.position(lexer.at), max_depth_));
  return Walk::bad;
}

Walk Walker::cut_member(std::uint32_t token) {
  const Window& window = lexer.window();
  if (!window.final) return Walk::more;
  if (token >= window.count || lexer.peek(token) != '"') {
    return lexer.expected(token, "a key in quotes");
  }
  if (token + 1 >= window.count || lexer.peek(token + 1) != ':') {
    return lexer.expected(token + 1, "`:`");
  }
  if (token + 2 >= window.count) return lexer.expected(token + 2, "a value");
  const char first = lexer.peek(token + 2);
  if (first == '{' || first == '[') return lexer.expected(window.count, "its end");
  if (!lexer.scalar(token + 2)) return Walk::bad;
  return lexer.expected(token + 3, "`,` or `}`");
}

Walk Walker::pause(Phase phase, std::uint32_t token, std::uint32_t depth) {
  if (lexer.window().final) {
    return lexer.expected(token,
                          phase == Phase::after ? "`,` or the end of a list or object" : "a value");
  }
  lexer.at = token;
  phase_ = phase;
  depth_ = depth;
  return Walk::more;
}

Walk Walker::skip() {
  if (phase_ != Phase::value) return skip_container(phase_);
  if (lexer.at_end()) return pause(Phase::value, lexer.at, 0);
  const char first = lexer.peek(lexer.at);
  if (first != '{' && first != '[') return leaf();
  if (outer_ >= max_depth_) return too_deep_here();
  depth_ = 1;
  closers_[1] = static_cast<char>(first + 2);  // in ASCII each closes two behind its opener
  ++lexer.at;
  return skip_container(Phase::first);
}

Walk Walker::skip_container(Phase phase) {
  const std::uint32_t count = lexer.window().count;
  const std::uint32_t deepest = max_depth_ - outer_;
  char* const closers = closers_.data();
  std::uint32_t depth = depth_;
  std::uint32_t at = lexer.at;
  phase_ = Phase::value;
  bool opened = phase == Phase::first;
  bool after = phase == Phase::after;
  for (;;) {
    if (opened) {
      if (at >= count) return pause(Phase::first, at, depth);
      opened = false;
      after = lexer.peek(at) == closers[depth];  // an empty one; its end is read below
    }
    if (!after) {
      if (closers[depth] == '}') {
        const Walk ready = member_at(at);
        if (ready == Walk::more) return pause(Phase::member, at, depth);
        if (ready == Walk::bad || !lexer.skip_key(at)) return Walk::bad;
        at += 2;
      } else if (at + 1 >= count) {
        if (at >= count || !lexer.window().final) return pause(Phase::member, at, depth);
      }
      const char first = lexer.peek(at);
      if (first == '{' || first == '[') {
        if (depth >= deepest) {
          lexer.at = at;
          return too_deep_here();
        }
        closers[++depth] = static_cast<char>(first + 2);
        ++at;
        opened = true;
        continue;
      }
      if (!lexer.scalar(at)) return Walk::bad;
      ++at;
    }
    after = false;
    for (;;) {
      if (at >= count) return pause(Phase::after, at, depth);
      const char next = lexer.peek(at);
      if (next == ',') {
        ++at;
        break;
      }
      if (next != closers[depth]) {
        return lexer.expected(at, closers[depth] == '}' ? "`,` or `}`" : "`,` or `]`");
      }
      ++at;
      if (--depth == 0) {
        lexer.at = at;
        return Walk::done;
      }
    }
  }
}

Walk Walker::value(const Node& root, std::span<std::string_view> cells) {
  const std::uint32_t outer = outer_;
  const Node* node = &root;
  frames_.clear();
  Walk walk = Walk::done;
  for (;;) {
    if (lexer.at_end()) {
      walk = pause(Phase::value, lexer.at, 0);
      break;
    }
    const std::uint32_t begin = lexer.position(lexer.at);
    const char first = lexer.window().text[begin];
    bool entered = false;
    if (node != nullptr && first == '{' && !node->children.empty()) {
      if (outer_ >= max_depth_) {
        walk = too_deep_here();
        break;
      }
      frames_.push_back({node, begin});
      ++outer_;
      ++lexer.at;
      entered = lexer.at_end() || lexer.peek(lexer.at) != '}';
    } else {
      walk = first == '{' || first == '[' ? skip() : leaf();
      if (walk != Walk::done) break;
      if (node != nullptr && !node->cells.empty()) {
        const std::string_view text = lexer.text(begin, lexer.value_end());
        for (const std::uint32_t cell : node->cells) cells[cell] = text;
      }
      if (!frames_.empty() && !lexer.at_end() && lexer.peek(lexer.at) == ',') {
        ++lexer.at;  // the usual case of what ascend() does
        entered = true;
      }
    }
    if (!entered) {
      walk = ascend(cells);
      if (walk != Walk::done || frames_.empty()) break;
    }
    walk = member();
    if (walk != Walk::done) break;
    std::string_view key;
    if (!lexer.key(lexer.at, key)) {
      walk = Walk::bad;
      break;
    }
    lexer.at += 2;
    node = frames_.back().node->find(key.data(), key.size());
    if (node != nullptr && !node->children.empty()) {
      for (const std::uint32_t cell : node->below) cells[cell] = {};
    }
  }
  outer_ = outer;
  phase_ = Phase::value;  // a skip that was cut off begins anew with the value
  return walk;
}

/// Behind a value: steps over a comma, or out of the objects that end here.
Walk Walker::ascend(std::span<std::string_view> cells) {
  while (!frames_.empty()) {
    if (lexer.at_end()) return pause(Phase::value, lexer.at, 0);
    const char next = lexer.peek(lexer.at);
    if (next == ',') {
      ++lexer.at;
      return Walk::done;
    }
    if (next != '}') return lexer.expected(lexer.at, "`,` or `}`");
    ++lexer.at;
    --outer_;
    const Frame frame = frames_.back();
    frames_.pop_back();
    for (const std::uint32_t cell : frame.node->cells) {
      cells[cell] = lexer.text(frame.begin, lexer.position(lexer.at - 1) + 1);
    }
  }
  return Walk::done;
}

}  // namespace fconn::rows
