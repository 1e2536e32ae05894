#include "tools/import/body.hh"

#include <algorithm>
#include <charconv>

namespace fconn::importer {
namespace {

constexpr std::size_t one_line = 88;
constexpr int deepest = 64;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

void add_once(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

void append_utf8(unsigned code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    out += static_cast<char>(0x80U | (code & 63U));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 63U));
    out += static_cast<char>(0x80U | (code & 63U));
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    out += static_cast<char>(0x80U | ((code >> 12U) & 63U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 63U));
    out += static_cast<char>(0x80U | (code & 63U));
  }
}

class Parser {
 public:
  /// `mend`: the template is no JSON anyway, so texts get the quotes that they lack.
  Parser(std::string_view text, const Lookup& lookup, const Unquoted& unquoted, Body& body,
         bool mend)
      : text_(text), lookup_(lookup), unquoted_(unquoted), body_(body), mend_(mend) {}

  std::optional<std::string> document() {
    auto out = value(0);
    space();
    if (!out || at_ != text_.size()) return std::nullopt;
    return out;
  }

 private:
  void space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  char peek() {
    space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  /// `<name>` or `<name?>` here.
  std::optional<Piece> hole() {
    if (peek() != '<') return std::nullopt;
    const std::size_t end = text_.find('>', at_);
    if (end == std::string_view::npos) return std::nullopt;
    Template pieces = split_template(text_.substr(at_, end + 1 - at_));
    if (pieces.size() != 1 || !pieces.front().hole) return std::nullopt;
    at_ = end + 1;
    return pieces.front();
  }

  std::optional<Value> look_up(const std::string& name) {
    auto found = lookup_(name);
    if (!found) add_once(body_.missing, name);
    if (found && found->whole) body_.masks = true;
    if (found && found->any_shape) body_.any_shape = true;
    return found;
  }

  std::string bare(const Value& found) const {
    return unquoted_ && !found.whole ? unquoted_(found) : found.expr;
  }

  std::optional<std::string> value(int depth) {
    if (depth > deepest) return std::nullopt;
    switch (peek()) {
      case '{':
        return object(depth);
      case '[':
        return list(depth);
      case '"':
        return string();
      case '<': {
        const auto piece = hole();
        if (!piece) return std::nullopt;
        const auto found = look_up(piece->text);
        if (!found) return "null";
        if (!mend_ || !found->declared_text) return bare(*found);
        add_once(body_.repaired, "a text without quotes");
        return "\"{" + found->expr + "}\"";
      }
      default:
        return literal();
    }
  }

  std::optional<std::string> literal() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !is_space(text_[at_]) &&
           std::string_view(",]}").find(text_[at_]) == std::string_view::npos) {
      ++at_;
    }
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word == "true" || word == "false") body_.odd_list = true;
    if (word == "true" || word == "false" || word == "null") return std::string(word);
    const bool number = !word.empty() &&
                        word.find_first_not_of("0123456789+-.eE") == std::string_view::npos &&
                        word.find_first_of("0123456789") != std::string_view::npos;
    if (!number) return std::nullopt;
    // fconn has literals of 64 bits; what is longer keeps its digits in a text.
    if (word.find_first_of(".eE") == std::string_view::npos) {
      std::int64_t value = 0;
      const auto end = std::from_chars(word.data(), word.data() + word.size(), value);
      if (end.ec != std::errc()) return "parse_json(\"" + std::string(word) + "\")";
    }
    return std::string(word);
  }

  /// What stands between quotes, with escapes resolved and placeholders kept.
  std::optional<std::string> characters() {
    if (!take('"')) return std::nullopt;
    raw_lines_ = false;
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_++];
      if (c == '\n') {
        add_once(body_.repaired, "line ends within a text");
        raw_lines_ = true;
      }
      if (c != '\\') {
        out += c;
        continue;
      }
      if (at_ == text_.size()) return std::nullopt;
      switch (const char e = text_[at_++]) {
        case 'n':
          out += '\n';
          break;
        case 't':
          out += '\t';
          break;
        case 'r':
          out += '\r';
          break;
        case 'b':
          out += '\b';
          break;
        case 'f':
          out += '\f';
          break;
        case 'u':
          if (!unicode(out)) return std::nullopt;
          break;
        default:
          out += e;
      }
    }
    if (at_ == text_.size()) return std::nullopt;
    ++at_;
    return out;
  }

  std::optional<unsigned> four_digits() {
    if (at_ + 4 > text_.size()) return std::nullopt;
    unsigned code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_++];
      const std::size_t digit = std::string_view("0123456789abcdef0123456789ABCDEF").find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      code = code * 16 + static_cast<unsigned>(digit % 16);
    }
    return code;
  }

  bool unicode(std::string& out) {
    auto code = four_digits();
    if (!code) return false;
    if (*code >= 0xD800 && *code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      const auto low = four_digits();
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
      code = 0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00);
    }
    if (*code >= 0xD800 && *code < 0xE000) return false;
    append_utf8(*code, out);
    return true;
  }

  std::optional<std::string> string() {
    const auto text = characters();
    if (!text) return std::nullopt;
    const Template pieces = split_template(*text);
    if (!has_holes(pieces) && text->find('\n') != std::string::npos &&
        text->find("'''") == std::string::npos) {
      return block(*text, raw_lines_);
    }
    // An optional placeholder that fills the text: null takes the quotes away.
    if (pieces.size() == 1 && pieces.front().hole && pieces.front().optional &&
        !lookup_(pieces.front().text)) {
      return "null";
    }
    const Lookup note = [this](const std::string& name) { return look_up(name); };
    std::vector<std::string> missing;
    const auto expr = text_expr(pieces, note, true, missing);
    return expr ? *expr : "\"\"";
  }

  /// Lines after the first stand as deep as the template was; the last one says how deep. Line ends
  /// that were written as `\n` are as they should be.
  static std::string block(const std::string& text, bool raw) {
    const std::size_t last = text.rfind('\n');
    const std::size_t depth = raw ? text.find_first_not_of(' ', last + 1) : last + 1;
    const std::string deep =
        "\n" + std::string(depth == std::string::npos ? 0 : depth - last - 1, ' ');
    std::string out = text;
    for (std::size_t at = out.find(deep); at != std::string::npos; at = out.find(deep, at + 1)) {
      out.erase(at + 1, deep.size() - 1);
    }
    return "'''\n" + out + (out.ends_with('\n') ? "" : "\n") + "'''";
  }

  static std::string bracketed(const std::vector<std::string>& items, bool object) {
    if (items.empty()) return object ? "{}" : "[]";
    std::size_t size = 0;
    bool lines = false;
    for (const std::string& item : items) {
      size += item.size() + 2;
      lines = lines || item.find('\n') != std::string::npos;
    }
    const bool one = items.size() == 1;
    if (one && !object) return "[" + items.front() + "]";
    if (!lines && size <= one_line) {
      std::string out = object ? "{ " : "[";
      for (std::size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "" : ", ") + items[i];
      return out + (object ? " }" : "]");
    }
    std::string out = object ? "{\n" : "[\n";
    for (std::size_t i = 0; i < items.size(); ++i) {
      out += items[i] + (object || i + 1 == items.size() ? "\n" : ",\n");
    }
    return out + (object ? "}" : "]");
  }

  std::optional<std::string> list(int depth) {
    std::vector<std::string> items;
    ++at_;
    while (!take(']')) {
      body_.odd_list = body_.odd_list || peek() == '{' || peek() == '[';
      auto item = value(depth + 1);
      if (!item) return std::nullopt;
      items.push_back(std::move(*item));
      if (!separator(']')) return std::nullopt;
    }
    return bracketed(items, false);
  }

  /// A comma, or the end; a missing comma is mended.
  bool separator(char end) {
    if (take(',')) {
      if (peek() == end) add_once(body_.repaired, "a comma before the end");
      return true;
    }
    const char next = peek();
    if (next == end) return true;
    if (next != '"' && next != '<' && next != '{' && next != '[') return false;
    add_once(body_.repaired, "a missing comma");
    return true;
  }

  std::optional<std::string> object(int depth) {
    std::vector<std::string> items;
    std::string spread;
    ++at_;
    while (!take('}')) {
      if (peek() == '<') {
        const auto piece = hole();
        if (!piece) return std::nullopt;
        const auto found = look_up(piece->text);
        spread = found ? bare(*found) : "{}";
        items.push_back(spread == "." ? "...(.)" : "..." + spread);
      } else {
        auto member_text = member(depth);
        if (!member_text) return std::nullopt;
        items.push_back(std::move(*member_text));
      }
      if (!separator('}')) return std::nullopt;
    }
    if (items.size() == 1 && !spread.empty()) return spread;
    return bracketed(items, true);
  }

  std::optional<std::string> member(int depth) {
    const auto key = characters();
    if (!key || !take(':')) return std::nullopt;
    auto item = value(depth + 1);
    if (!item) return std::nullopt;
    const Template pieces = split_template(*key);
    if (!has_holes(pieces)) return object_key(*key) + ": " + *item;
    std::vector<std::string> missing;
    const auto name = text_expr(pieces, lookup_, true, missing);
    if (!name) {
      for (const std::string& one : missing) add_once(body_.missing, one);
      return std::nullopt;
    }
    return "[" + *name + "]: " + *item;
  }

  std::string_view text_;
  const Lookup& lookup_;
  const Unquoted& unquoted_;
  Body& body_;
  bool mend_;
  bool raw_lines_ = false;  // in the last characters()
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Body> body_expr(std::string_view text, const Lookup& lookup,
                              const Unquoted& unquoted) {
  Body body;
  const Unquoted as_it_is;  // until it is clear what the template is, nothing is declared
  auto expr = Parser(text, lookup, as_it_is, body, false).document();
  if (!expr) return std::nullopt;
  if (!body.repaired.empty() || unquoted)
    expr = Parser(text, lookup, unquoted, body, !body.repaired.empty()).document();
  if (!expr) return std::nullopt;
  body.expr = std::move(*expr);
  return body;
}

}  // namespace fconn::importer
