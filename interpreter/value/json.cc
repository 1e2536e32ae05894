// A strict reader of JSON (RFC 8259): nothing that the grammar doesn't have, UTF-8 and surrogates
// checked, nesting bounded. For small texts; rows come through rows/.
#include <string>
#include <vector>

#include "interpreter/value/json_scan.hh"
#include "interpreter/value/utf8.hh"
#include "interpreter/value/value.hh"

namespace fconn::value {

namespace {

constexpr std::size_t nesting_bound = 512;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

class Parser {
 public:
  Parser(std::string_view text, Arena& arena) : text_(text), arena_(arena) {}

  Result<Value> parse() {
    Value out;
    i_ = skip_space(text_, i_);
    if (value(out)) {
      i_ = skip_space(text_, i_);
      if (i_ == text_.size()) return out;
      wrong("something follows the value");
    }
    return fail(too_deep_ ? FailureKind::limit : FailureKind::protocol,
                "This isn't valid JSON: at byte " + std::to_string(i_) + ", " + mistake_ + ".");
  }

 private:
  bool wrong(std::string_view mistake) {
    mistake_ = mistake;
    return false;
  }
  char here() const { return i_ < text_.size() ? text_[i_] : '\0'; }

  bool value(Value& out) {
    switch (here()) {
      case '{':
        return object(out);
      case '[':
        return list(out);
      case '"': {
        std::string_view text;
        if (!string(text)) return false;
        out = Value::string(text);
        return true;
      }
      case 't':
        return word("true", Value::boolean(true), out);
      case 'f':
        return word("false", Value::boolean(false), out);
      case 'n':
        return word("null", Value::null(), out);
      default:
        return number(out);
    }
  }

  bool word(std::string_view spelling, Value meaning, Value& out) {
    if (text_.substr(i_, spelling.size()) != spelling) return wrong("a value is expected");
    i_ += spelling.size();
    out = meaning;
    return true;
  }

  bool digits() {
    if (!is_digit(here())) return wrong("a digit is expected");
    while (is_digit(here())) ++i_;
    return true;
  }

  bool number(Value& out) {
    const std::size_t begin = i_;
    if (here() == '-') {
      ++i_;
    } else if (!is_digit(here())) {
      return wrong(i_ == text_.size() ? "the text ends where a value is expected"
                                      : "a value is expected");
    }
    if (here() == '0') {
      ++i_;
      if (is_digit(here())) return wrong("a number has a leading zero");
    } else if (!digits()) {
      return false;
    }
    if (here() == '.') {
      ++i_;
      if (!digits()) return false;
    }
    if (here() == 'e' || here() == 'E') {
      ++i_;
      if (here() == '+' || here() == '-') ++i_;
      if (!digits()) return false;
    }
    out = number_value(arena_.copy(text_.substr(begin, i_ - begin)));
    return true;
  }

  bool hex4(unsigned& unit) {
    unit = 0;
    for (std::size_t k = 0; k < 4; ++k, ++i_) {
      const char c = here();
      if (!is_hex(c)) return wrong("`\\u` needs four hexadecimal digits");
      unit = unit * 16 + static_cast<unsigned>(is_digit(c) ? c - '0' : (c | 32) - 'a' + 10);
    }
    return true;
  }

  bool escape() {
    ++i_;
    const char c = here();
    if (c != 'u') {
      if (c == '\0' || std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) {
        return wrong("this escape isn't known");
      }
      ++i_;
      return true;
    }
    ++i_;
    unsigned unit = 0;
    if (!hex4(unit)) return false;
    if (unit < 0xD800 || unit > 0xDFFF) return true;
    if (unit > 0xDBFF || text_.substr(i_, 2) != "\\u") return wrong("a surrogate stands alone");
    i_ += 2;
    if (!hex4(unit)) return false;
    return (unit >= 0xDC00 && unit <= 0xDFFF) || wrong("a surrogate stands alone");
  }

  bool string(std::string_view& out) {
    const std::size_t begin = ++i_;
    while (true) {
      if (i_ >= text_.size()) return wrong("the text ends inside a string");
      const char c = text_[i_];
      if (c == '"') break;
      if (c == '\\') {
        if (!escape()) return false;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        return wrong("a control character stands in a string");
      } else {
        const std::size_t length = utf8_length(text_, i_);
        if (length == 0) return wrong("a string isn't valid UTF-8");
        i_ += length;
      }
    }
    const std::string_view body = text_.substr(begin, i_ - begin);
    ++i_;
    const std::string_view plain = unescape(body, arena_);
    out = plain.data() == body.data() ? arena_.copy(plain) : plain;
    return true;
  }

  /// After an element: a comma (more follow) or the closing bracket.
  bool more(char close, bool& again) {
    i_ = skip_space(text_, i_);
    again = here() == ',';
    if (!again && here() != close) {
      return wrong(close == ']' ? "`,` or `]` is expected" : "`,` or `}` is expected");
    }
    ++i_;
    i_ = skip_space(text_, i_);
    return true;
  }

  bool enter() {
    if (++depth_ <= nesting_bound) {
      i_ = skip_space(text_, i_ + 1);
      return true;
    }
    too_deep_ = true;
    return wrong("values are nested more than 512 deep");
  }

  bool list(Value& out) {
    if (!enter()) return false;
    const std::size_t base = values_.size();
    bool again = here() != ']';
    if (!again) ++i_;
    while (again) {
      Value element;
      if (!value(element)) return false;
      values_.push_back(element);
      if (!more(']', again)) return false;
    }
    std::span<Value> elements = arena_.make<Value>(values_.size() - base);
    for (std::size_t k = 0; k < elements.size(); ++k) elements[k] = values_[base + k];
    values_.resize(base);
    out = Value::list(elements);
    --depth_;
    return true;
  }

  bool object(Value& out) {
    if (!enter()) return false;
    const std::size_t base = members_.size();
    bool again = here() != '}';
    if (!again) ++i_;
    while (again) {
      Member member;
      if (here() != '"') return wrong("a key in quotes is expected");
      if (!string(member.key)) return false;
      i_ = skip_space(text_, i_);
      if (here() != ':') return wrong("`:` is expected");
      i_ = skip_space(text_, i_ + 1);
      if (!value(member.value)) return false;
      members_.push_back(member);
      if (!more('}', again)) return false;
    }
    std::span<Member> members = arena_.make<Member>(members_.size() - base);
    for (std::size_t k = 0; k < members.size(); ++k) members[k] = members_[base + k];
    members_.resize(base);
    out = Value::object(distinct(members));
    --depth_;
    return true;
  }

  std::string_view text_;
  Arena& arena_;
  std::size_t i_ = 0;
  std::size_t depth_ = 0;
  bool too_deep_ = false;
  std::string mistake_;
  std::vector<Value> values_;    // elements of the lists that are open
  std::vector<Member> members_;  // likewise
};

}  // namespace

Result<Value> parse_json(std::string_view text, Arena& arena) {
  return Parser(text, arena).parse();
}

}  // namespace fconn::value
