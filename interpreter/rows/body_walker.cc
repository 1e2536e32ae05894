#include "interpreter/rows/body_walker.hh"

#include <algorithm>

#include "interpreter/rows/fault.hh"

namespace fconn::rows {

namespace {

std::string dotted(const KeyPath& path) {
  std::string text;
  for (const std::string& key : path) text += "." + key;
  return text.empty() ? "." : text;
}

const char* kind_of(char first) {
  switch (first) {
    case '"':
      return "a string";
    case 't':
    case 'f':
      return "a truth value";
    default:
      return "a number";
  }
}

}  // namespace

BodyWalker::BodyWalker(const ReaderLimits& limits) : limits_(limits), walker_(limits.max_depth) {}

void BodyWalker::start(const CompiledProjection& projection, RowHandler& handler, bool keep_cells) {
  projection_ = &projection;
  handler_ = &handler;
  keep_cells_ = keep_cells;
  phase_ = Phase::root;
  open_.clear();
  rows_node_ = nullptr;
  in_row_ = false;
  cells_.assign(projection.projection().row_cells.size(), {});
  body_cells_.assign(projection.projection().body_cells.size(), {});
  kept_.assign(keep_cells ? body_cells_.size() : 0, {});
  kept_bytes_ = 0;
  rows_ = 0;
  reached_ = 0;
  empty_ = false;
  first_row_ = last_row_ = {};
  walker_.reset();
}

Walk BodyWalker::run(const Window& window) {
  walker_.lexer.open(window);
  line_feed_ = carriage_return_ = 0;
  first_row_ = last_row_ = {};
  in_row_ = false;
  Walk walk = Walk::done;
  while (walk == Walk::done && phase_ != Phase::end) walk = step();
  if (walk != Walk::done) return walk;
  if (!walker_.lexer.at_end()) return walker_.lexer.expected(walker_.lexer.at, "the end");
  return window.final ? Walk::done : Walk::more;
}

std::uint32_t BodyWalker::consumed() const {
  const Lexer& lexer = walker_.lexer;
  return lexer.at_end() ? lexer.window().length : lexer.position(lexer.at);
}

std::vector<std::string_view> BodyWalker::body_cells() const {
  if (!keep_cells_) return body_cells_;
  std::vector<std::string_view> views;
  for (const Kept& kept : kept_) {
    views.push_back(kept.there ? std::string_view(kept.text) : std::string_view());
  }
  return views;
}

bool BodyWalker::rows_missing() const {
  const auto& path = projection_->projection().rows;
  if (!path || path->empty() || empty_) return false;
  return reached_ < std::max<std::size_t>(path->size() - 1, 1);
}

Walk BodyWalker::fail(value::Failure failure) {
  walker_.lexer.fail(std::move(failure));
  return Walk::bad;
}

Walk BodyWalker::step() {
  Lexer& lexer = walker_.lexer;
  const bool row_phase =
      phase_ == Phase::row_first || phase_ == Phase::row || phase_ == Phase::row_after;
  walker_.set_outer_depth(static_cast<std::uint32_t>(open_.size()) + (row_phase ? 1 : 0));
  if (phase_ != Phase::skip && lexer.at_end()) {
    if (!lexer.window().final) return Walk::more;
    return lexer.expected(lexer.at, phase_ == Phase::after || phase_ == Phase::row_after
                                        ? "`,` or the end of a list or object"
                                        : "a value");
  }
  switch (phase_) {
    case Phase::root:
      return root();
    case Phase::first:
      if (lexer.peek(lexer.at) == '}') {
        empty_ = empty_ || open_.size() == 1;
        return close();
      }
      phase_ = Phase::member;
      return Walk::done;
    case Phase::member:
      return member();
    case Phase::after:
      return after();
    case Phase::skip: {
      const Walk walk = walker_.skip();
      if (walk == Walk::done) end_value();
      return walk;
    }
    case Phase::row_first:
    case Phase::row:
    case Phase::row_after:
      return rows_loop();
    case Phase::end:
      break;
  }
  return Walk::done;
}

Walk BodyWalker::root() {
  const std::uint32_t begin = walker_.lexer.at;
  empty_ = walker_.lexer.peek(begin) == 'n';
  const Walk walk = enter(&projection_->body());
  if (walk == Walk::more) walker_.lexer.at = begin;
  return walk;
}

Walk BodyWalker::after() {
  Lexer& lexer = walker_.lexer;
  const char next = lexer.peek(lexer.at);
  if (next == '}') return close();
  if (next != ',') return lexer.expected(lexer.at, "`,` or `}`");
  ++lexer.at;
  phase_ = Phase::member;
  return Walk::done;
}

Walk BodyWalker::close() {
  Lexer& lexer = walker_.lexer;
  const Open open = open_.back();
  open_.pop_back();
  ++lexer.at;
  for (const std::uint32_t cell : open.node->cells) {
    body_cells_[cell] = lexer.text(open.begin, lexer.position(lexer.at - 1) + 1);
  }
  end_value();
  return Walk::done;
}

Walk BodyWalker::member() {
  Lexer& lexer = walker_.lexer;
  const Walk ready = walker_.member();
  if (ready != Walk::done) return ready;
  std::string_view key;
  const std::uint32_t begin = lexer.at;
  if (!lexer.key(begin, key)) return Walk::bad;
  Open& open = open_.back();
  const Node* node = open.node->find(key.data(), key.size());
  if (node != nullptr && node->toward_rows) {
    if (open.rows_met) {
      return fail(bad_json(lexer.window().base + lexer.position(begin),
                           "the key " + quoted(key) + " towards the rows is there twice"));
    }
    open.rows_met = true;
  }
  if (node != nullptr) forget(*node);
  lexer.at += 2;
  const Walk walk = enter(node);
  if (walk == Walk::more && phase_ == Phase::member) {
    // What was cut off is taken whole: the next window begins with its key.
    open_.back().rows_met = open_.back().rows_met && !(node != nullptr && node->toward_rows);
    lexer.at = begin;
  }
  return walk;
}

/// At a value. Changes the phase only with `done`, or when a skip begins.
Walk BodyWalker::enter(const Node* node) {
  const Lexer& lexer = walker_.lexer;
  if (node == nullptr) {
    phase_ = Phase::skip;
    return Walk::done;
  }
  const char first = lexer.peek(lexer.at);
  // In XML an element without any other is a text.
  const bool leads_on = node->rows || first == '{' || first == '"';
  if (node->toward_rows && leads_on) reached_ = open_.size();
  if (node->rows) return enter_rows(*node);
  const bool object = first == '{';
  if (object && (node->toward_rows || node->cells.empty())) return enter_object(*node);
  if (node->cells.empty()) {
    phase_ = Phase::skip;
    return Walk::done;
  }
  return take_cells(*node);
}

Walk BodyWalker::enter_object(const Node& node) {
  Lexer& lexer = walker_.lexer;
  if (open_.size() >= limits_.max_depth) return walker_.too_deep_here();
  open_.push_back({&node, lexer.position(lexer.at), false});
  ++lexer.at;
  phase_ = Phase::first;
  return Walk::done;
}

/// Walks a value that must lie whole in the window and takes the cells in it.
Walk BodyWalker::take_cells(const Node& node) {
  const Walk walk = walker_.value(node, body_cells_);
  if (walk != Walk::done) return walk;
  if (keep_cells_ && !keep(node)) return Walk::bad;
  end_value();
  return Walk::done;
}

Walk BodyWalker::enter_rows(const Node& node) {
  Lexer& lexer = walker_.lexer;
  const std::uint32_t begin = lexer.at;
  const char first = lexer.peek(begin);
  rows_node_ = &node;
  rows_begin_ = lexer.position(begin);
  if (first == '[') {
    if (open_.size() >= limits_.max_depth) return walker_.too_deep_here();
    ++lexer.at;
    phase_ = Phase::row_first;
    return Walk::done;
  }
  const Phase before = phase_;
  const Walk walk = object_row(node);
  if (walk == Walk::more) {
    phase_ = before;
    in_row_ = true;
  }
  return walk;
}

/// Rows that aren't a list: an object is one, null none. Cells of the body may lie in it as well.
Walk BodyWalker::object_row(const Node& node) {
  Lexer& lexer = walker_.lexer;
  const std::uint32_t begin = lexer.at;
  const char first = lexer.peek(begin);
  if (first != '{' || !node.below.empty()) {
    const Walk cells = take_cells(node);
    if (cells != Walk::done || first == 'n') return cells;
  }
  if (first != '{') {
    value::Failure failure;
    failure.kind = value::FailureKind::shape;
    failure.text = "the rows at `" + dotted(*projection_->projection().rows) + "` are " +
                   kind_of(first) + ", not a list, an object or null";
    return fail(std::move(failure));
  }
  lexer.rewind(begin);
  std::fill(cells_.begin(), cells_.end(), std::string_view());
  const Walk walk = walker_.value(projection_->row(), cells_);
  if (walk != Walk::done) return walk;
  end_value();
  return hand_over(lexer.text(rows_begin_, lexer.value_end()));
}

Walk BodyWalker::rows_loop() {
  Lexer& lexer = walker_.lexer;
  const Node& row = projection_->row();
  for (;;) {
    if (lexer.at_end()) return Walk::done;  // step() judges
    if (phase_ == Phase::row_after || phase_ == Phase::row_first) {
      const char next = lexer.peek(lexer.at);
      if (next == ']') break;
      if (phase_ == Phase::row_after) {
        if (next != ',') return lexer.expected(lexer.at, "`,` or `]`");
        ++lexer.at;
      }
      phase_ = Phase::row;
      continue;
    }
    const std::uint32_t begin = lexer.at;
    std::fill(cells_.begin(), cells_.end(), std::string_view());
    const Walk walk = walker_.value(row, cells_);
    if (walk == Walk::more) {
      lexer.at = begin;
      in_row_ = true;
    }
    if (walk != Walk::done) return walk;
    if (hand_over(lexer.text(lexer.position(begin), lexer.value_end())) != Walk::done) {
      return Walk::bad;
    }
    phase_ = Phase::row_after;
  }
  ++lexer.at;
  for (const std::uint32_t cell : rows_node_->cells) {
    body_cells_[cell] = lexer.text(rows_begin_, lexer.position(lexer.at - 1) + 1);
  }
  end_value();
  return Walk::done;
}

Walk BodyWalker::hand_over(std::string_view text) {
  if (text.size() > limits_.max_row_bytes) {
    return fail(over_limit("a row of the response", "max_row_bytes", limits_.max_row_bytes));
  }
  if (rows_++ == 0) first_row_ = text;
  last_row_ = text;
  if (!one_line(text)) return minified_row(text);
  const value::Result<void> taken = handler_->row(text, cells_);
  return taken ? Walk::done : fail(taken.error());
}

/// Rows come in order, so each line break is looked for once.
bool BodyWalker::one_line(std::string_view text) {
  const Window& window = walker_.lexer.window();
  const auto begin = static_cast<std::uint32_t>(text.data() - window.text);
  const auto behind = [&](std::uint32_t known, char wanted) {
    if (known != 0 && known >= begin) return known;
    const void* found = std::memchr(text.data(), wanted, window.length - begin);
    return found == nullptr
               ? window.length
               : static_cast<std::uint32_t>(static_cast<const char*>(found) - window.text);
  };
  line_feed_ = behind(line_feed_, '\n');
  carriage_return_ = behind(carriage_return_, '\r');
  return begin + text.size() <= std::min(line_feed_, carriage_return_);
}

Walk BodyWalker::minified_row(std::string_view text) {
  line_.clear();
  append_minified(text, line_);
  // Only lists and objects can hold white space; other cells stay as they are.
  std::vector<std::size_t> begins(cells_.size());
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    begins[i] = line_.size();
    const bool nested = !cells_[i].empty() && (cells_[i][0] == '{' || cells_[i][0] == '[');
    if (nested) append_minified(cells_[i], line_);
  }
  begins.push_back(line_.size());
  line_cells_ = cells_;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (begins[i + 1] > begins[i]) {
      line_cells_[i] = std::string_view(line_).substr(begins[i], begins[i + 1] - begins[i]);
    }
  }
  const std::size_t end = begins.front();
  const value::Result<void> taken =
      handler_->row(std::string_view(line_).substr(0, end), line_cells_);
  return taken ? Walk::done : fail(taken.error());
}

bool BodyWalker::keep(const Node& node) {
  for (const std::uint32_t cell : node.below) {
    Kept& kept = kept_[cell];
    const std::string_view text = body_cells_[cell];
    kept_bytes_ += text.size() - kept.text.size();
    if (kept_bytes_ > limits_.max_envelope_bytes) {
      return walker_.lexer.fail(
          over_limit("what the connector needs of the response beside its "
                     "rows",
                     "max_envelope_bytes", limits_.max_envelope_bytes));
    }
    kept.there = text.data() != nullptr;
    kept.text.assign(text);
  }
  return true;
}

/// A key that comes again: the last one counts.
void BodyWalker::forget(const Node& node) {
  for (const std::uint32_t cell : node.below) {
    body_cells_[cell] = {};
    if (!keep_cells_) continue;
    kept_bytes_ -= kept_[cell].text.size();
    kept_[cell] = {};
  }
}

}  // namespace fconn::rows
