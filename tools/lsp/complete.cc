#include "tools/lsp/complete.hh"

#include <algorithm>
#include <array>
#include <set>

#include "grammar/parse.hh"
#include "interpreter/eval/intrinsics.hh"
#include "tools/lsp/describe.hh"
#include "tools/lsp/outline.hh"
#include "tools/lsp/tokens.hh"
#include "tools/lsp/word_docs.hh"

namespace fconn::lsp {
namespace {

using compile::NameKind;

/// A name that nobody has.
constexpr std::string_view placeholder = "fconn_completes_here";

// CompletionItemKind of LSP 3.17.
int item_kind(NameKind kind) {
  switch (kind) {
    case NameKind::function:
    case NameKind::intrinsic:
      return 3;  // Function
    case NameKind::field:
    case NameKind::argument:
      return 5;  // Field
    case NameKind::collection:
      return 7;  // Class
    case NameKind::client:
    case NameKind::connector:
    case NameKind::module:
      return 9;  // Module
    case NameKind::auth:
    case NameKind::pagination:
      return 2;  // Method
    case NameKind::builtin:
    case NameKind::type:
    case NameKind::format:
      return 14;  // Keyword
    case NameKind::param:
    case NameKind::secret:
    case NameKind::identity:
    case NameKind::external:
      return 21;  // Constant
    default:
      return 6;  // Variable
  }
}
constexpr int keyword_item = 14, value_item = 12, file_item = 17;

/// All data categories that a text names.
void add_categories(std::string_view text, std::set<std::string>& out) {
  for (const Token& token : scan(text).tokens) {
    if (token.kind != TokenKind::category || token.end - token.begin < 2) continue;
    out.emplace(text.substr(token.begin + 1, token.end - token.begin - 1));
  }
}

class Completer {
 public:
  Completer(const std::string& path, const std::string& text, std::uint32_t offset, Host& host,
            const OpenTexts& open)
      : path_(path), text_(text), host_(host), open_(open), word_(word_at(text, offset)) {
    word_.end = std::max(offset, word_.begin);  // what stands right of the cursor stays
    before_ = scan(std::string_view(text_).substr(0, word_.begin));
  }

  Completions run() {
    if (before_.in_comment) return done();
    if (before_.in_text) {
      paths();
      return done();
    }
    if (!before_.tokens.empty() && category()) return done();
    const Open& block = before_.open.back();
    if (block.clauses && at_item_start(block)) {
      if (block.level == grammar::Level::fields) return done();
      for (const std::string& word : grammar::words_of(block.level)) add_word(word, block.level);
      if (block.level == grammar::Level::chain) add_methods();
      return done();
    }
    if (block.clauses) {
      add_following(block);
      if (block.level == grammar::Level::fields) add_marks();
    }
    names();
    return done();
  }

 private:
  Completions done() {
    out_.begin = word_.begin;
    out_.end = word_.end;
    return std::move(out_);
  }

  void add(Completion item) {
    if (seen_.insert(item.label).second) out_.items.push_back(std::move(item));
  }

  void add_word(const std::string& word, grammar::Level level) {
    const WordDoc* doc = word_doc(word, level);
    Completion item{word, keyword_item, "", "", ""};
    if (doc != nullptr) {
      item.detail = doc->form;
      item.doc = doc->text;
    }
    add(std::move(item));
  }

  void add_methods() {
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}) {
      add({method, keyword_item, "", "", ""});
    }
  }

  /// `@user.con|`; the dots belong to the name.
  bool category() {
    const Token& last = before_.tokens.back();
    if (last.kind != TokenKind::category || last.end != word_.begin) return false;
    std::set<std::string> all;
    add_categories(text_, all);
    for (const std::string& name : host_.connector_names()) {
      if (const auto module = host_.connector(name)) add_categories(module->text, all);
    }
    // What is being typed is no category yet.
    all.erase(text_.substr(last.begin + 1, word_.end - last.begin - 1));
    word_.begin = last.begin;
    for (const std::string& name : all) add({"@" + name, value_item, "", "", ""});
    return true;
  }

  bool at_item_start(const Open& block) const {
    if (before_.tokens.empty() || block.first.empty()) return true;
    if (before_.new_line) return !unfinished();
    const Token& last = before_.tokens.back();
    return last.kind == TokenKind::mark && text_[last.begin] == '{';
  }

  /// Whether what stands before the cursor needs an operand yet: the line goes on with it.
  bool unfinished() const {
    const Token& last = before_.tokens.back();
    if (last.kind == TokenKind::mark) {
      return std::string_view("=+-*/%|?<>!,").find(text_[last.begin]) != std::string_view::npos;
    }
    static constexpr std::array words{"and", "or", "not", "in", "if", "then", "else", "matches"};
    return std::find(words.begin(), words.end(), last_word()) != words.end();
  }

  std::string_view last_word() const {
    const Token& last = before_.tokens.back();
    if (last.kind != TokenKind::word) return {};
    return std::string_view(text_).substr(last.begin, last.end - last.begin);
  }

  /// Words that may follow: after `skip`, `on`; after `read`, a method.
  void add_following(const Open& block) {
    if (before_.tokens.empty()) return;
    if (before_.tokens.back().kind == TokenKind::target) add({"via", keyword_item, "", "", ""});
    const std::string_view last = last_word();
    if (last.empty()) {
      if (block.first == "let" && text_[before_.tokens.back().begin] == '=') add_methods();
      return;
    }
    if (last == block.first && block.second.empty()) {
      if (last == "auth" && block.level != grammar::Level::client) return;
      for (const std::string& word : words_after(last)) add({word, keyword_item, "", "", ""});
    }
    const bool action =
        block.level == grammar::Level::collection || block.level == grammar::Level::connector;
    if (action && block.second == "needs" && last != "needs" && !block.method) {
      for (const char* word : {"or", "and"}) add({word, keyword_item, "", "", ""});
      add_methods();
    }
    if (block.first == "for" && block.second != last && last != "in") {
      add({"where", keyword_item, "", "", ""});
    }
    if (block.first == "expect" && last != "expect") {
      for (const char* word : {"complete", "skipped", "capped", "failed"}) {
        add({word, keyword_item, "", "", ""});
      }
    }
  }

  /// Files that a `use` or a test may name, as seen from this one's folder.
  void paths() {
    const Open& block = before_.open.back();
    if (!block.clauses || before_.tokens.empty() || before_.in_comment) return;
    const bool use = block.first == "use" && block.level == grammar::Level::top;
    const bool connector = block.first == "connector" && block.level == grammar::Level::test;
    if (!use && !connector) return;
    word_.begin = before_.tokens.back().begin + 1;  // behind the quote
    const std::string folder = path_.substr(0, path_.rfind('/') + 1);
    if (folder.empty() || folder[0] != '/') return;
    std::vector<std::string> files;
    (void)host_.files(folder, files);  // some are better than none
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) {
      if (kind_of(file) != FileKind::connector || file == path_) continue;
      if (file.starts_with(folder)) add({file.substr(folder.size()), file_item, "", "", ""});
    }
    if (!connector) return;
    for (const std::string& name : host_.connector_names()) {
      add({name, file_item, "a bundled connector", "", ""});
    }
  }

  void add_marks() {
    if (before_.tokens.empty()) return;
    const Token& last = before_.tokens.back();
    if (last.kind == TokenKind::mark && text_[last.begin] == ':') return;
    for (const char* mark : {"key", "readonly", "length", "format", "mask"}) {
      add({mark, keyword_item, "", "", ""});
    }
  }

  /// Whether an object's key is typed, with nothing after it yet.
  bool at_key() const {
    const Open& block = before_.open.back();
    if (block.clauses || block.bracket != '{' || before_.tokens.empty()) return false;
    const char last = text_[before_.tokens.back().begin];
    const bool begins =
        before_.tokens.back().kind == TokenKind::mark && (last == '{' || last == ',');
    if (!begins && !before_.new_line) return false;
    const std::size_t next = text_.find_first_not_of(" \t", word_at(text_, word_.end).end);
    return next == std::string::npos || text_[next] != ':';
  }

  /// What the compiler says of a name that stands here.
  void names() {
    std::string with(placeholder);
    if (at_key()) with += ": null";
    const Open& block = before_.open.back();
    const bool expected = block.clauses && block.level == grammar::Level::test &&
                          block.first == "expect" && block.second.empty();
    if (expected) with += " complete";
    std::string text = text_;
    text.replace(word_.begin, word_at(text_, word_.end).end - word_.begin, with);
    const auto analysis = analyse(path_, std::move(text), host_, open_, std::string(placeholder));
    std::vector<compile::Offer> offers = analysis->names.offers;
    std::stable_sort(offers.begin(), offers.end(), [](const auto& a, const auto& b) {
      const auto group = [](const compile::Offer& o) {
        if (o.kind == NameKind::argument) return 0;
        return o.kind == NameKind::function || o.kind == NameKind::intrinsic ? 2 : 1;
      };
      if (group(a) != group(b)) return group(a) < group(b);
      return a.name < b.name;
    });
    Describer describer(*analysis);
    for (const compile::Offer& offer : offers) {
      if (offer.name == placeholder) continue;
      Completion item{offer.name, item_kind(offer.kind), "", "", ""};
      if (offer.kind == NameKind::argument) {
        item.label += ":";
        item.insert = offer.name + ": ";
      } else if (offer.kind != NameKind::type && offer.kind != NameKind::format) {
        Described told = describer.describe(offer.name, offer.kind, offer.declared);
        item.detail = std::move(told.signature);
        item.doc = std::move(told.doc);
      }
      add(std::move(item));
    }
  }

  const std::string& path_;
  const std::string& text_;
  Host& host_;
  const OpenTexts& open_;
  Word word_;
  Scan before_;
  Completions out_;
  std::set<std::string> seen_;
};

/// The outline's callables of one name: functions first, then strategies.
const Symbol* find_callable(const std::vector<Symbol>& symbols, std::string_view name,
                            std::optional<NameKind> kind) {
  for (const Symbol& symbol : symbols) {
    const bool callable = symbol.kind == NameKind::function || symbol.kind == NameKind::auth ||
                          symbol.kind == NameKind::pagination;
    if (!symbol.action && callable && symbol.name == name && (!kind || symbol.kind == *kind)) {
      return &symbol;
    }
    if (symbol.kind != NameKind::connector) continue;
    if (const Symbol* found = find_callable(symbol.children, name, kind)) return found;
  }
  return nullptr;
}

/// "(a, b = f(1, 2))" to its parts.
std::vector<std::string> split_parameters(std::string_view detail) {
  std::vector<std::string> parts;
  int depth = 0;
  for (const char c : detail.substr(1, detail.size() - 2)) {
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (parts.empty()) parts.emplace_back();
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else if (c != ' ' || !parts.back().empty()) {
      parts.back() += c;
    }
  }
  return parts;
}

std::optional<CallHelp> help_of(const std::vector<Symbol>& symbols, std::string_view name,
                                std::optional<NameKind> kind) {
  const Symbol* found = find_callable(symbols, name, kind);
  if (found == nullptr) return std::nullopt;
  return CallHelp{found->name + found->detail, found->doc, split_parameters(found->detail), 0};
}

std::optional<CallHelp> help_of(const eval::Intrinsic& function) {
  CallHelp help{signature(function), std::string(function.summary), {}, 0};
  const std::size_t open = help.label.find('(');
  const std::size_t close = help.label.rfind("): ");
  help.parameters = split_parameters(help.label.substr(open, close - open + 1));
  return help;
}

}  // namespace

Completions complete(const std::string& path, const std::string& text, std::uint32_t offset,
                     Host& host, const OpenTexts& open) {
  if (!is_fconn(kind_of(path))) return {};
  return Completer(path, text, offset, host, open).run();
}

std::optional<CallHelp> call_help(const Analysis& analysis, std::uint32_t offset, Host& host) {
  const std::string_view text = analysis.text().substr(0, offset);
  const Scan before = scan(text);
  if (before.in_comment) return std::nullopt;
  for (std::size_t i = before.open.size(); i-- > 0;) {
    const Open& open = before.open[i];
    if (open.callee == Open::npos) {
      if (open.bracket == '(' || open.bracket == '[') continue;
      if (open.bracket == '{' && !open.clauses) continue;
      return std::nullopt;
    }
    const Token& callee = before.tokens[open.callee];
    const std::string_view name = text.substr(callee.begin, callee.end - callee.begin);
    std::optional<NameKind> kind = NameKind::function;
    if (open.callee > 0) {
      const Token& word = before.tokens[open.callee - 1];
      const std::string_view written = text.substr(word.begin, word.end - word.begin);
      if (written == "paginate") kind = NameKind::pagination;
      if (written == "auth") kind = NameKind::auth;
      if (written == "fn" || written == "pagination") return std::nullopt;
    }
    std::optional<CallHelp> help;
    for (std::uint32_t file = 0; !help && file < analysis.sources.size(); ++file) {
      help = help_of(outline(analysis.sources, tree(analysis, FileId{file})), name, kind);
    }
    for (const Module& module : host.standard_library()) {
      if (help || kind == NameKind::function) break;
      grammar::SourceMap sources;
      const FileId file = sources.add(module.name, module.text);
      help = help_of(outline(sources, grammar::parse(sources, file).ast), name, kind);
    }
    if (!help && kind == NameKind::function) {
      if (const eval::Intrinsic* known = eval::find_intrinsic(name)) help = help_of(*known);
    }
    if (help) help->active = open.commas + (open.piped ? 1 : 0);
    return help;
  }
  return std::nullopt;
}

}  // namespace fconn::lsp
