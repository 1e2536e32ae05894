// Mistakes: what is reported where, and where parsing goes on. Recovery trusts braces first and
// indentation where they don't match, so one mistake gives one diagnostic.
#include <algorithm>

#include "grammar/build_ast.hh"
#include "grammar/display_text.hh"
#include "grammar/parse_text.hh"

namespace fconn::grammar {
namespace {

constexpr std::uint32_t kUnknown = UINT32_MAX;
constexpr std::uint32_t kLongestIndent = 4096;  // further left nobody looks: lines may be endless
constexpr std::size_t kLongestQuote = 40;

/// What to write for operators that other languages have.
std::string_view operator_help(std::string_view token) {
  if (token == "&&") return "Write `and`.";
  if (token == "||") return "Write `or`.";
  if (token == "!") return "Write `not`.";
  if (token == "=") return "Write `==` to compare.";
  if (token == "?") return "Write if … then … else …, or `??` for a default.";
  if (token == ";") return "A clause ends with its line; no `;` is needed.";
  if (token == "=>" || token == "->") return "There are no function literals; use `fn` or `for`.";
  return {};
}

/// Letters of other alphabets, as far as they matter here: no punctuation, arrows or emoji.
bool is_foreign_letter(char32_t c) {
  return (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7) || (c >= 0x3040 && c < 0xE000) ||
         (c >= 0xF900 && c < 0xFE00) || (c >= 0x20000 && c < 0x40000);
}

/// What to write for a name that a mistake at `at` cuts in two, or that begins there: `größe`.
std::string foreign_name_help(std::string_view text, std::uint32_t at) {
  std::size_t end = at;
  if (at >= text.size() || !is_foreign_letter(next_code_point(text, end))) return {};
  std::size_t begin = at;
  while (begin > 0 && is_word_part(text[begin - 1])) --begin;
  for (std::size_t next = end; next < text.size(); end = next) {
    if (is_word_part(text[next])) {
      ++next;
    } else if (!is_foreign_letter(next_code_point(text, next))) {
      break;
    }
  }
  const std::string name(text.substr(begin, end - begin));
  return "Names have the letters a to z, digits and `_`. A key with others stands in quotes, \"" +
         name + "\", and a member is read by .[\"" + name + "\"].";
}

std::vector<std::string> split_words(std::string_view words) {
  std::vector<std::string> list;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    list.emplace_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return list;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Level first_level(std::uint32_t levels) {
  unsigned level = 0;
  while ((levels & (1U << level)) == 0) ++level;
  return static_cast<Level>(level);
}

}  // namespace

// ---- reporting ---------------------------------------------------------------------------------

void Builder::enter(const char* at) {
  if (++depth_ <= limits_.max_nesting) return;
  const Span where = token_at(offset(at));
  braces_unsure_ = true;  // what lies deeper is skipped unread
  report(DiagnosticId::too_nested, where,
         "this is nested deeper than " + std::to_string(limits_.max_nesting) + " levels",
         "Name a part of it in a `let` or a `fn`.");
  stop_at(where.begin);
}

Diagnostic* Builder::report(Diagnostic diagnostic) {
  if (diagnostic.id == DiagnosticId::syntax || diagnostic.id == DiagnosticId::unknown_keyword) {
    std::string help = foreign_name_help(text_, diagnostic.where.begin);
    if (!help.empty()) diagnostic.help = std::move(help);
  }
  const bool error = diagnostic.severity == Severity::error;
  for (const Diagnostic& earlier : diagnostics_) {
    if (!error || earlier.severity != Severity::error) continue;
    if (earlier.where.begin != diagnostic.where.begin) continue;
    ignored_ = std::move(diagnostic);
    return &ignored_;
  }
  if (diagnostics_.size() >= limits_.max_diagnostics) {
    diagnostics_.push_back(grammar::diagnostic(
        DiagnosticId::too_many, diagnostic.where,
        "there are more than " + std::to_string(limits_.max_diagnostics) + " mistakes",
        "Repair the first ones and check again."));
    throw TooMany{};
  }
  diagnostics_.push_back(std::move(diagnostic));
  return &diagnostics_.back();
}

Diagnostic* Builder::report(DiagnosticId id, Span where, std::string text, std::string help) {
  return report(diagnostic(id, where, std::move(text), std::move(help)));
}

void Builder::stop_at(std::uint32_t resume_from) {
  resume_from_ = resume_from;
  throw Mistake{};
}

// The token at a place or, where the line ends, the empty place behind what was read last.
Span Builder::token_at(std::uint32_t from) const {
  const std::uint32_t begin = skip_blanks(text_, from);
  const bool ends =
      begin >= text_.size() || text_[begin] == '\n' || text_[begin] == '\r' || text_[begin] == '#';
  if (!ends) return at(begin, std::max(token_end(text_, begin), begin + 1));
  std::uint32_t end = begin;
  while (end > 0 && is_space(text_[end - 1])) --end;
  return at(end, end);
}

std::string Builder::found(Span token) const {
  if (token.begin == token.end) {
    return skip_space(text_, token.begin) >= text_.size() ? "the end of the file"
                                                          : "the end of the line";
  }
  std::string_view text = view(token);
  text = text.substr(0, text.find('\n'));
  if (text.size() <= kLongestQuote) return "`" + std::string(text) + "`";
  std::size_t cut = kLongestQuote;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  return "`" + std::string(text.substr(0, cut)) + "…`";
}

// What is missing at a line's end is shown there, not on the next line.
Span Builder::missing_place(Span token) const {
  const bool next_item = token.begin < token.end && starts_line(token.begin) &&
                         (text_[token.begin] == '}' || is_word_start(text_[token.begin]));
  if (!next_item) return token;
  std::uint32_t end = token.begin;
  while (end > 0 && is_space(text_[end - 1])) --end;
  return end == 0 ? token : at(end, end);
}

// A hole that fails inside a block string without closing quotes is no hole: the quotes are
// missing.
void Builder::check_block_quote() {
  if (frames_.size() < 2 || text_[frames_.back().open] != '{') return;
  const std::uint32_t quote = frames_[frames_.size() - 2].open;
  constexpr std::string_view kQuotes = "\"\"\"";
  if (text_.substr(quote, 3) != kQuotes || text_.find(kQuotes, quote + 3) != text_.npos) return;
  frames_.pop_back();
  fail_string(nullptr);
}

void Builder::fail(const Message& message, const char* where) {
  check_block_quote();
  if (message.expected == "`{`") braces_unsure_ = true;  // its `}` will be one too many
  const Span next = token_at(offset(where));
  const Span token = missing_place(next);
  const std::string_view word = word_at(text_, token.begin);
  Diagnostic made = diagnostic(
      message.id, token, "expected " + std::string(message.expected) + ", found " + found(token),
      std::string(message.help));
  if (!message.words.empty() && !word.empty() && token.end > token.begin) {
    made.id = DiagnosticId::unknown_keyword;
    const std::vector<std::string> words = split_words(message.words);
    if (const auto near = did_you_mean(word, words)) {
      made.help = "Did you mean `" + *near + "`?";
      made.fix.push_back(Edit{token, *near});
    } else if (made.help.empty()) {
      made.help = "Here may stand: " + joined(words) + ".";
    }
  } else if (const std::string_view help = operator_help(view(token)); !help.empty()) {
    made.help = help;
  }
  report(std::move(made));
  stop_at(next.begin);
}

// A bracket that meets the next line, the end or another bracket is taken as unclosed and shown
// where it opens; otherwise what stands in its way is shown.
void Builder::fail_close(char close, const char* where) {
  check_block_quote();
  const std::uint32_t open = frames_.back().open;
  const std::uint32_t next = skip_space(text_, offset(where));
  const bool other =
      next < text_.size() && (text_[next] == ')' || text_[next] == ']' || text_[next] == '}');
  const std::string closer(1, close);
  if (next >= text_.size() || other || starts_line(next)) {
    Diagnostic made = diagnostic(DiagnosticId::missing_delimiter, at(open, open + 1),
                                 "`" + std::string(1, text_[open]) + "` isn't closed",
                                 "Add the missing `" + closer + "`.");
    if (next < text_.size()) {
      made.notes.push_back(Note{token_at(next), "`" + closer + "` is missing before this"});
    }
    report(std::move(made));
    stop_at(next);
  }
  const Span token = token_at(offset(where));
  report(DiagnosticId::syntax, token,
         "expected an operator or `" + closer + "`, found " + found(token),
         std::string(operator_help(view(token))))
      ->notes.push_back(Note{at(open, open + 1), "opened here"});
  stop_at(token.begin);
}

void Builder::fail_string(const char*) {
  const std::uint32_t open = frames_.back().open;
  const char quote = text_[open];
  const bool block =
      text_.size() - open >= 3 && text_[open + 1] == quote && text_[open + 2] == quote;
  if (block) {
    report(DiagnosticId::unterminated_string, at(open, open + 3),
           "this block string isn't closed before the end of the file",
           "Add the three closing quotes.");
    stop_at(open + 3);
  }
  std::size_t end = std::min(text_.find('\n', open), text_.size());
  while (end > open + 1 && is_space(text_[end - 1])) --end;
  report(DiagnosticId::unterminated_string, at(open, static_cast<std::uint32_t>(end)),
         "this string isn't closed on its line",
         "Add the closing quote, or open a block string with three quotes.");
  stop_at(static_cast<std::uint32_t>(end));
}

void Builder::fail_number(const char* where) {
  std::uint32_t begin = offset(where);
  while (begin > 0 && is_digit(text_[begin - 1])) --begin;
  const std::uint32_t end = token_end(text_, begin);
  report(DiagnosticId::bad_literal, at(begin, end),
         "`" + std::string(view(at(begin, end))) + "` is no number, duration or size",
         "Durations end in ms, s, m, h or d, sizes in KiB or MiB; other text is quoted.");
  stop_at(end);
}

// `{ a: 1` and on the next line a clause: the brace is what is missing, not a colon.
void Builder::fail_colon(const char* where) {
  const std::uint32_t open = frames_.back().open;
  if (text_[open] == '{' && !names_.empty()) {
    const Span key = names_.back().span;
    if (starts_line(key.begin) && levels_of(view(key)) != 0) {
      report(DiagnosticId::missing_delimiter, at(open, open + 1), "`{` isn't closed",
             "Add the missing `}`.")
          ->notes.push_back(Note{key, "`}` is missing before this"});
      stop_at(key.begin);
    }
  }
  const Span token = token_at(offset(where));
  report(DiagnosticId::syntax, token, "expected `:` after the key, found " + found(token),
         "An object is written { key: value }.");
  stop_at(token.begin);
}

// ---- words that may not stand here -------------------------------------------------------------

void Builder::fail_word(Span word, Level level, const std::vector<std::string>& candidates) {
  const std::string text(view(word));
  const std::uint32_t levels = levels_of(text);
  const bool below = levels != 0 && below_mistake(word);
  braces_unsure_ = braces_unsure_ || below;
  if (below || (levels != 0 && braces_slipped_)) stop_at(word.begin);
  if (level == Level::top && (levels & bit(Level::test)) != 0 && !decls_.empty() &&
      std::holds_alternative<TestDecl>(decls_.back().node)) {
    braces_slipped_ = true;
    report(DiagnosticId::syntax, word, "`" + text + "` stands outside of its test",
           "A `}` before it closes the block too early.");
    stop_at(word.begin);
  }
  Diagnostic made = diagnostic(DiagnosticId::unknown_keyword, word,
                               "`" + text + "` can't stand in " + std::string(level_noun(level)));
  if (levels != 0) {
    made.help = "It belongs in " + std::string(level_noun(first_level(levels))) + ".";
  } else if (const auto near = did_you_mean(text, candidates)) {
    made.help = "Did you mean `" + *near + "`?";
    made.fix.push_back(Edit{word, *near});
  } else {
    made.help = "Here may stand: " + joined(candidates) + ".";
  }
  report(std::move(made));
  stop_at(word.begin);
}

// A word of the block that closed just before is taken as its item: one `}` too many is one
// mistake.
void Builder::check_word(Span word, Level level) {
  const std::uint32_t levels = levels_of(view(word));
  const bool any = !decls_.empty();
  const bool behind_connector = any && std::holds_alternative<ConnectorDecl>(decls_.back().node) &&
                                (levels & bit(Level::connector)) != 0;
  const bool of_test = level == Level::top && (levels & bit(Level::test)) != 0 && !behind_connector;
  if (of_test && below_mistake(word)) stop_at(word.begin);
  if ((levels & bit(level)) != 0) return;
  const bool in_collection = level == Level::connector && (levels & bit(Level::collection)) != 0 &&
                             any && std::holds_alternative<CollectionDecl>(decls_.back().node);
  const bool in_test = any && std::holds_alternative<TestDecl>(decls_.back().node);
  if (of_test && in_test) fail_word(word, level, {});
  const bool in_connector =
      level == Level::top && any && !in_test && (levels & bit(Level::connector)) != 0;
  const bool slipped = braces_slipped_ && !in_test &&
                       (level == Level::top || level == Level::connector) &&
                       (levels & (bit(Level::connector) | bit(Level::collection))) != 0;
  if (!in_collection && !in_connector && !slipped) fail_word(word, level, words_of(level));
  if (braces_slipped_) return;
  braces_slipped_ = true;
  if (braces_unsure_) return;  // an echo of what made them so
  report(DiagnosticId::syntax, word,
         "`" + std::string(view(word)) + "` stands outside of its " +
             (in_collection ? "collection" : "connector"),
         "A `}` before it closes the block too early.");
}

void Builder::fail_item(const char* where) {
  const std::uint32_t begin = offset(where);
  const Level level = levels_.back().level;
  const std::string_view word = word_at(text_, begin);
  if (!word.empty()) {
    const Span span = at(begin, begin + static_cast<std::uint32_t>(word.size()));
    const bool clause = (levels_of(word) & bit(Level::request)) != 0;
    if (clause && !braces_slipped_ && level == Level::collection) {
      braces_slipped_ = true;
      report(DiagnosticId::unknown_keyword, span,
             "`" + std::string(word) + "` stands outside of a request's block",
             "It belongs between the braces behind METHOD PATH.");
      stop_at(begin);
    }
    std::vector<std::string> candidates = words_of(level);
    if (!starts_line(begin)) {  // more likely a part of the clause before it
      for (const char* part : {"when", "on", "times", "every", "backoff", "connect", "as", "via"}) {
        candidates.emplace_back(part);
      }
    }
    fail_word(span, level, candidates);
  }
  const Span token = token_at(begin);
  if (text_[begin] == '}') {  // only at the top: elsewhere it closes a block
    if (!braces_slipped_ && !braces_unsure_) {
      report(DiagnosticId::syntax, token, "this `}` closes nothing", "Remove it.");
    }
    stop_at(begin + 1);
  }
  const std::string noun = level == Level::top || level == Level::connector ||
                                   level == Level::collection || level == Level::test
                               ? "a declaration"
                               : "a clause";
  report(DiagnosticId::syntax, token,
         (starts_line(begin) ? "expected " + noun : "expected an operator or the end of the line") +
             ", found " + found(token),
         std::string(operator_help(view(token))));
  stop_at(token.begin);
}

// ---- blocks ------------------------------------------------------------------------------------

std::uint32_t Builder::indentation(std::uint32_t offset) const {
  std::uint32_t line = offset;
  while (line > 0 && text_[line - 1] != '\n') {
    if (offset - line > kLongestIndent) return kUnknown;
    --line;
  }
  return skip_blanks(text_, line) - line;
}

bool Builder::starts_line(std::uint32_t offset) const {
  while (offset > 0 && is_blank(text_[offset - 1])) --offset;
  return offset == 0 || text_[offset - 1] == '\n';
}

// True when the item that holds this word by its indentation stands in the same block and has a
// mistake: its own block ended there, and this word would have been right in it.
bool Builder::below_mistake(Span word) const {
  const std::uint32_t indent = indentation(word.begin);
  if (!starts_line(word.begin) || indent == kUnknown) return false;
  std::uint32_t line = word.begin - indent;
  while (line > levels_.back().open) {
    line -= 1;  // the end of the line before
    const std::size_t end = line == 0 ? text_.npos : text_.rfind('\n', line - 1);
    line = end == text_.npos ? 0 : static_cast<std::uint32_t>(end) + 1;
    if (line < levels_.back().open) return false;
    const std::uint32_t first = skip_blanks(text_, line);
    const bool empty = text_[first] == '\n' || text_[first] == '\r' || text_[first] == '#';
    if (!empty && first - line < indent && text_[first] != '}') break;
    if (line == 0) return false;
  }
  return std::any_of(diagnostics_.begin(), diagnostics_.end(), [&](const Diagnostic& found) {
    return found.severity == Severity::error && found.where.begin >= line;
  });
}

bool Builder::outer_word(std::string_view word) const {
  const std::uint32_t levels = levels_of(word);
  if (levels == 0) return false;
  return std::any_of(levels_.begin(), levels_.end() - 1,
                     [&](const OpenLevel& outer) { return (levels & bit(outer.level)) != 0; });
}

// True when a word where an operand should stand is the next item instead: it starts a line, may
// start an item here, and what follows it is no operator.
bool Builder::next_item(Span word) const {
  if (word.begin == 0 || !is_space(text_[word.begin - 1]) || !starts_line(word.begin)) return false;
  if ((levels_of(view(word)) & bit(levels_.back().level)) == 0) return false;
  if (!frames_.empty() && frames_.back().open != levels_.back().open) return false;
  const std::uint32_t next = skip_blanks(text_, word.end);
  if (next == word.end || next >= text_.size()) return false;
  const std::string_view after = word_at(text_, next);
  if (!after.empty()) return !is_reserved(after) || is_method(after);
  return std::string_view(".\"'{[/0123456789").find(text_[next]) != std::string_view::npos;
}

// False where the block must have ended: at `}`, at the end, or at a word of an outer block that is
// indented no deeper than the line that opened this one.
bool Builder::inside(Span where) {
  if (where.begin >= text_.size()) return false;
  const char c = text_[where.begin];
  if (c == '}') return false;
  const OpenLevel& level = levels_.back();
  const std::string_view word = word_at(text_, where.begin);
  const std::uint32_t levels = word.empty() ? 0 : levels_of(word);
  if (levels == 0 || (levels & bit(level.level)) != 0 || !outer_word(word)) return true;
  const std::uint32_t next =
      skip_blanks(text_, where.begin + static_cast<std::uint32_t>(word.size()));
  if (next < text_.size() && text_[next] == ':') return true;
  if (!starts_line(where.begin)) return true;
  return indentation(where.begin) > indentation(level.open);
}

void Builder::unclosed(Span where) {
  if (last_unclosed_ == where.begin) return;
  last_unclosed_ = where.begin;
  if (braces_unsure_) return;
  std::uint32_t open = levels_.back().open;
  if (suspect_ != kUnknown && suspect_ > open) open = suspect_;
  suspect_ = kUnknown;
  Diagnostic made = diagnostic(DiagnosticId::missing_delimiter, at(open, open + 1),
                               "`{` isn't closed", "Add the missing `}`.");
  if (where.begin < text_.size()) {
    made.notes.push_back(Note{token_at(where.begin), "`}` is missing before this"});
  }
  report(std::move(made));
}

// ---- where to go on ----------------------------------------------------------------------------

// `at` is the first character of a line inside or behind a failed item.
bool Builder::resumes(std::uint32_t at, std::uint32_t item_indent, int braces, int brackets) const {
  const std::uint32_t indent = indentation(at);
  if (text_[at] == '}') return braces > 0 && indent < item_indent;
  const Level level = levels_.back().level;
  const std::string_view word = word_at(text_, at);
  if (word.empty()) return level == Level::fields && braces <= 0 && brackets <= 0;
  const std::uint32_t next = skip_blanks(text_, at + static_cast<std::uint32_t>(word.size()));
  const char after = next < text_.size() ? text_[next] : '\n';
  bool here = (levels_of(word) & bit(level)) != 0;
  if (level == Level::fields) {
    here = after == ':';
    if (braces <= 0 && brackets <= 0) return true;
  } else {  // a path or a call is glued together: the line goes on with an expression
    const bool glued = next == at + word.size() && (after == '.' || after == '(');
    if (glued || std::string_view(":,)]=|+?*").find(after) != std::string_view::npos) return false;
  }
  if (here && braces <= 0) return true;
  if (indent > item_indent) return false;
  return here || outer_word(word) || (braces <= 0 && brackets <= 0);
}

const char* Builder::resume(const char* item) {
  const std::uint32_t begin = offset(item);
  const std::uint32_t indent = indentation(begin);
  const bool fields = levels_.back().level == Level::fields;
  int braces = 0;
  int brackets = 0;
  bool line_start = false;
  std::uint32_t at = begin;
  const auto stop = [&] {
    braces_unsure_ = braces_unsure_ || braces != 0;
    return text_.data() + at;
  };
  while (at < text_.size()) {
    const char c = text_[at];
    if (c == '\n') {
      line_start = true;
      ++at;
      continue;
    }
    if (is_space(c)) {
      ++at;
      continue;
    }
    if (c == '#') {
      const std::uint32_t from = at;
      while (at < text_.size() && text_[at] != '\n') ++at;
      comment(this->at(from, at));
      continue;
    }
    if (line_start && at > begin && at >= resume_from_ && resumes(at, indent, braces, brackets)) {
      return stop();
    }
    line_start = false;
    if (c == '}' && braces <= 0) {
      if (at > begin) return stop();
      ++at;
      return stop();
    }
    if (c == '{') ++braces;
    if (c == '}') --braces;
    if (c == '(' || c == '[') ++brackets;
    if ((c == ')' || c == ']') && brackets > 0) --brackets;
    if (c == ',' && fields && braces <= 0 && brackets <= 0 && at >= resume_from_) {
      ++at;
      return stop();
    }
    at = std::max(token_end(text_, at), at + 1);
  }
  return stop();
}

}  // namespace fconn::grammar
