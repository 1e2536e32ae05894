#include "tools/lsp/highlight.hh"

#include <algorithm>
#include <array>
#include <map>

#include "tools/lsp/tokens.hh"
#include "tools/lsp/word_docs.hh"

namespace fconn::lsp {
namespace {

using compile::NameKind;

enum Type : std::uint32_t {
  comment_type,
  string_type,
  number_type,
  keyword_type,
  parameter_type,
  variable_type,
  property_type,
  function_type,
  class_type,
  namespace_type,
  decorator_type,
  type_type
};
constexpr std::array<std::string_view, 12> types{"comment",   "string",    "number",    "keyword",
                                                 "parameter", "variable",  "property",  "function",
                                                 "class",     "namespace", "decorator", "type"};
constexpr std::array<std::string_view, 3> modifiers{"declaration", "readonly", "defaultLibrary"};
constexpr std::uint32_t declaration = 1, readonly = 2, library = 4;

std::uint32_t type_of(NameKind kind) {
  switch (kind) {
    case NameKind::param:
    case NameKind::secret:
    case NameKind::identity:
    case NameKind::external:
      return parameter_type;
    case NameKind::field:
    case NameKind::argument:
      return property_type;
    case NameKind::function:
    case NameKind::intrinsic:
    case NameKind::auth:
    case NameKind::pagination:
      return function_type;
    case NameKind::collection:
      return class_type;
    case NameKind::client:
    case NameKind::connector:
      return namespace_type;
    case NameKind::module:
      return string_type;
    case NameKind::type:
    case NameKind::format:
      return type_type;
    default:
      return variable_type;
  }
}

std::uint32_t modifiers_of(const compile::NameUse& use, const Analysis& analysis) {
  const bool nowhere = use.kind == NameKind::intrinsic || use.kind == NameKind::builtin;
  if (nowhere) return library | (use.kind == NameKind::builtin ? readonly : 0);
  std::uint32_t result = 0;
  if (use.where == use.declared) result |= declaration;
  if (analysis.sources.name(use.declared.file).starts_with("<stdlib>")) result |= library;
  switch (use.kind) {
    case NameKind::param:
    case NameKind::secret:
    case NameKind::identity:
    case NameKind::external:
      return result | readonly;
    default:
      return result;
  }
}

class Highlighter {
 public:
  explicit Highlighter(const Analysis& analysis)
      : analysis_(analysis), text_(analysis.text()), scan_(scan(text_)) {
    for (const compile::NameUse& use : analysis.names.uses) {
      if (use.where.file != analysis.root || use.kind == NameKind::module) continue;
      names_.emplace(use.where.begin, &use);
    }
  }

  std::vector<Highlight> run() {
    for (std::size_t i = 0; i < scan_.tokens.size(); ++i) one(i);
    return std::move(out_);
  }

 private:
  void one(std::size_t index) {
    const Token& token = scan_.tokens[index];
    switch (token.kind) {
      case TokenKind::comment:
        return lines(token, comment_type);
      case TokenKind::text:
      case TokenKind::target:
        return lines(token, string_type);
      case TokenKind::number:
        return add(token, number_type, 0);
      case TokenKind::category:
        return add(token, decorator_type, 0);
      case TokenKind::word:
        return word(index);
      case TokenKind::mark:
        return;
    }
  }

  void word(std::size_t index) {
    const Token& token = scan_.tokens[index];
    const auto name = names_.find(token.begin);
    if (name != names_.end() && name->second->where.end >= token.end) {
      return add(token, type_of(name->second->kind), modifiers_of(*name->second, analysis_));
    }
    const std::string_view written = slice(token);
    const char before = index == 0 ? '\0' : text_[scan_.tokens[index - 1].begin];
    const bool member = before == '.' && scan_.tokens[index - 1].end == token.begin;
    if (member) return add(token, property_type, 0);
    const char after = token.end < text_.size() ? text_[token.end] : '\0';
    if (after == ':' || after == '-') return add(token, property_type, 0);
    if (token.starts_item || grammar::is_method(written) || is_inner_word(written) ||
        follows(index)) {
      return add(token, keyword_type, 0);
    }
    if (before == ':' || before == '[') add(token, type_type, 0);
  }

  /// A word of the language right after the item's first: `body json`.
  bool follows(std::size_t index) const {
    if (index == 0 || scan_.tokens[index - 1].kind != TokenKind::word) return false;
    const std::vector<std::string> words = words_after(slice(scan_.tokens[index - 1]));
    const std::string_view written = slice(scan_.tokens[index]);
    return std::any_of(words.begin(), words.end(), [&](const auto& one) { return one == written; });
  }

  std::string_view slice(const Token& token) const {
    return text_.substr(token.begin, token.end - token.begin);
  }

  void add(const Token& token, std::uint32_t type, std::uint32_t with) {
    out_.push_back({token.begin, token.end, type, with});
  }

  /// Editors take tokens of one line alone.
  void lines(const Token& token, std::uint32_t type) {
    std::uint32_t begin = token.begin;
    while (begin < token.end) {
      std::uint32_t end = begin;
      while (end < token.end && text_[end] != '\n' && text_[end] != '\r') ++end;
      if (end > begin) out_.push_back({begin, end, type, 0});
      begin = end + 1;
    }
  }

  const Analysis& analysis_;
  std::string_view text_;
  Scan scan_;
  std::map<std::uint32_t, const compile::NameUse*> names_;
  std::vector<Highlight> out_;
};

/// Behind the `)` of a function's parameters.
std::uint32_t behind_parameters(std::string_view text, std::uint32_t offset) {
  int depth = 0;
  for (std::uint32_t i = offset; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i + 1;
  }
  return offset;
}

}  // namespace

std::span<const std::string_view> highlight_types() { return types; }
std::span<const std::string_view> highlight_modifiers() { return modifiers; }

std::vector<Highlight> highlights(const Analysis& analysis) { return Highlighter(analysis).run(); }

std::vector<Inlay> inlays(const Analysis& analysis) {
  // A strategy's `let` is looked at wherever the strategy is used: what all of them say counts.
  std::map<std::uint32_t, std::pair<eval::Type, std::string>> known;
  for (const compile::NameType& type : analysis.names.types) {
    if (type.declared.file != analysis.root) continue;
    auto& entry = known[type.declared.begin];
    entry.first = entry.first | type.type;
    if (!type.rows_of.empty()) entry.second = "row of " + type.rows_of;
  }
  std::vector<Inlay> out;
  for (const compile::NameUse& use : analysis.names.uses) {
    if (use.where.file != analysis.root || use.where != use.declared) continue;
    const auto found = known.find(use.declared.begin);
    if (found == known.end()) continue;
    const auto& [type, rows] = found->second;
    if (rows.empty() && type == eval::Type::any) continue;
    const std::uint32_t at = use.kind == NameKind::function
                                 ? behind_parameters(analysis.text(), use.declared.end)
                                 : use.declared.end;
    out.push_back({at, ": " + (rows.empty() ? eval::describe(type) : rows)});
    known.erase(found);
  }
  return out;
}

std::vector<Fold> folds(std::string_view text) {
  std::vector<Fold> out;
  std::vector<std::uint32_t> open;
  const Scan scanned = scan(text);
  std::optional<Fold> comment;
  for (const Token& token : scanned.tokens) {
    if (token.kind == TokenKind::comment) {
      if (!comment) comment = Fold{token.begin, token.end, true};
      comment->end = token.end;
      continue;
    }
    if (comment) out.push_back(*std::exchange(comment, std::nullopt));
    if (token.kind == TokenKind::text) out.push_back({token.begin, token.end, false});
    if (token.kind != TokenKind::mark) continue;
    const char c = text[token.begin];
    if (c == '{' || c == '[' || c == '(') open.push_back(token.begin);
    if ((c == '}' || c == ']' || c == ')') && !open.empty()) {
      out.push_back({open.back(), token.begin, false});
      open.pop_back();
    }
  }
  if (comment) out.push_back(*comment);
  return out;
}

}  // namespace fconn::lsp
