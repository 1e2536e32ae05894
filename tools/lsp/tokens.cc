#include "tools/lsp/tokens.hh"

#include <algorithm>
#include <utility>

namespace fconn::lsp {

using grammar::Level;

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    Open file;
    file.clauses = true;
    file.level = Level::top;
    out_.open.push_back(file);
  }

  Scan run() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  bool starts(std::string_view with) const { return text_.substr(at_).starts_with(with); }
  Open& top() { return out_.open.back(); }

  void add(TokenKind kind, std::size_t begin, bool starts_item = false) {
    out_.tokens.push_back(
        {kind, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_), starts_item});
  }

  void step() {
    const char c = text_[at_];
    if (c == '\n' || c == '\r') {
      out_.new_line = true;
      ++at_;
      return;
    }
    if (c == ' ' || c == '\t') {
      ++at_;
      return;
    }
    const bool first = std::exchange(out_.new_line, false);
    if (c == '#') return comment();
    if (c == '"' || c == '\'') return string();
    if (is_digit(c)) return number();
    if (c == '@') return category();
    if (is_word_byte(c)) return word(first);
    mark(c);
  }

  void comment() {
    const std::size_t begin = at_;
    at_ = std::min(text_.find('\n', at_), text_.size());
    out_.in_comment = at_ == text_.size();
    add(TokenKind::comment, begin);
  }

  void number() {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (is_word_byte(text_[at_]) ||
            (text_[at_] == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])))) {
      ++at_;
    }
    add(TokenKind::number, begin);
  }

  void category() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && (is_word_byte(text_[at_]) || text_[at_] == '.')) ++at_;
    add(TokenKind::category, begin);
  }

  void string() {
    const char quote = text_[at_];
    const std::string block(3, quote);
    const bool is_block = starts(block);
    const std::string_view close = is_block ? std::string_view(block) : text_.substr(at_, 1);
    std::size_t begin = at_;
    at_ += close.size();
    while (true) {
      if (at_ >= text_.size()) {
        out_.in_text = true;
        return add(TokenKind::text, begin);
      }
      const char c = text_[at_];
      if (!is_block && (c == '\n' || c == '\r')) return add(TokenKind::text, begin);  // not closed
      if (starts(close)) {
        at_ += close.size();
        return add(TokenKind::text, begin);
      }
      if (quote == '"' && c == '\\') {
        at_ = std::min(at_ + 2, text_.size());
      } else if (quote == '"' && c == '{') {
        add(TokenKind::text, begin);
        if (!hole()) return;
        begin = at_;
      } else {
        ++at_;
      }
    }
  }

  /// `{ … }` within a text or target; false when the text ends first.
  bool hole() {
    ++at_;
    Open open;
    open.bracket = '"';
    out_.open.push_back(open);
    const std::size_t depth = out_.open.size();
    while (at_ < text_.size()) {
      // Brackets within the hole that were forgotten end with it.
      const bool inner =
          std::any_of(out_.open.begin() + static_cast<std::ptrdiff_t>(depth), out_.open.end(),
                      [](const Open& o) { return o.bracket == '{'; });
      if (text_[at_] == '}' && !inner) {
        ++at_;
        out_.open.resize(depth - 1);
        return true;
      }
      step();
      if (out_.open.size() < depth) return true;  // brackets that don't match
    }
    return false;
  }

  void word(bool first_on_line) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word_byte(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    // `xml"…"`, and names of fields and headers with dashes: `Content-Type:`.
    bool starts_item = false;
    if (top().clauses) starts_item = in_clauses(word, first_on_line);
    add(TokenKind::word, begin, starts_item);
    if (top().clauses && grammar::is_method(word)) target();
  }

  /// Notes what the item's words say; true when `word` begins an item.
  bool in_clauses(std::string_view word, bool first_on_line) {
    Open& block = top();
    const bool fresh = block.first.empty();
    const bool item_word = block.level == Level::fields ||
                           (grammar::levels_of(word) & grammar::bit(block.level)) != 0 ||
                           (block.level == Level::chain && grammar::is_method(word));
    const bool starts = fresh || (first_on_line && item_word);
    if (starts) {
      block.first = word;
      block.second = {};
      block.method = block.with = false;
    } else if (block.second.empty()) {
      block.second = word;
    }
    block.method = block.method || grammar::is_method(word);
    block.with = block.with || word == "with";
    return starts;
  }

  /// The path or URL after a method's word.
  void target() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    std::size_t begin = at_;
    if (!(starts("/") || starts("http") || starts("{"))) return;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '}') break;
      if (c != '{') {
        ++at_;
        continue;
      }
      if (at_ > begin) add(TokenKind::target, begin);
      if (starts("{+")) ++at_;
      if (!hole()) return;
      begin = at_;
    }
    if (at_ > begin) add(TokenKind::target, begin);
  }

  void mark(char c) {
    const std::size_t begin = at_++;
    if (c == '{' || c == '[' || c == '(') {
      open(c);
    } else if (c == '}' || c == ']' || c == ')') {
      close(c);
    } else if (c == ',') {
      ++top().commas;
      if (top().clauses && top().level == Level::fields) top().first = {};
    }
    add(TokenKind::mark, begin);
  }

  void open(char c) {
    Open open;
    open.bracket = c;
    if (c == '(') {
      const std::vector<Token>& tokens = out_.tokens;
      const bool called =
          !tokens.empty() && tokens.back().kind == TokenKind::word && tokens.back().end == at_ - 1;
      if (called) open.callee = tokens.size() - 1;
      open.piped = called && tokens.size() >= 2 && text_[tokens[tokens.size() - 2].begin] == '|';
    } else if (c == '{') {
      block(open);
    }
    out_.open.push_back(open);
  }

  /// What the braces that open here hold.
  void block(Open& open) {
    const Open& outer = top();
    if (!outer.clauses) return;
    const auto is = [&](Level level) {
      open.clauses = true;
      open.level = level;
    };
    const std::string_view first = outer.first;
    switch (outer.level) {
      case Level::top:
      case Level::connector:
        if (first == "connector") return is(Level::connector);
        if (first == "client") return is(Level::client);
        if (first == "collection") return is(Level::collection);
        if (first == "auth") return is(Level::auth);
        if (first == "pagination") return is(Level::pagination);
        if (first == "test") return is(Level::test);
        if (first == "check" || first == "consent") {
          return is(outer.method ? Level::request : Level::chain);
        }
        return;
      case Level::collection:
        if (first == "fields") return is(Level::fields);
        if (first == "read" || first == "update" || first == "delete") {
          return is(outer.method ? Level::request : Level::chain);
        }
        return;
      case Level::chain:
      case Level::request:
        if (outer.method) return is(Level::request);
        return;
      case Level::auth:
        if (outer.method) return is(Level::token);
        return;
      case Level::test:
        if (outer.with) return is(Level::response);
        if (outer.method) return is(Level::message);
        return;
      case Level::fields:
        return is(Level::fields);
      case Level::client:
      case Level::token:
      case Level::pagination:
      case Level::message:
      case Level::response:
        return;
    }
  }

  void close(char c) {
    const char wanted = c == '}' ? '{' : c == ']' ? '[' : '(';
    // A hole ends in hole(); brackets further in that were forgotten end with what is around them.
    for (std::size_t i = out_.open.size(); i-- > 1;) {
      if (out_.open[i].bracket == '"') return;
      if (out_.open[i].bracket != wanted) continue;
      out_.open.resize(i);
      return;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Scan out_;
};

}  // namespace

Scan scan(std::string_view text) { return Scanner(text).run(); }

Word word_at(std::string_view text, std::uint32_t offset) {
  Word word{offset, offset};
  while (word.begin > 0 && is_word_byte(text[word.begin - 1])) --word.begin;
  while (word.end < text.size() && is_word_byte(text[word.end])) ++word.end;
  return word;
}

}  // namespace fconn::lsp
