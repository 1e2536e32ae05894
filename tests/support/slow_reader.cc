#include "tests/support/slow_reader.hh"

#include <utility>

namespace fconn::support {

namespace {

struct Tree {
  char kind = 0;  // { [ " or another scalar's first byte
  std::string_view text;
  std::vector<std::string> keys;  // of an object, beside its elements
  std::vector<Tree> elements;
};

struct Broken {
  SlowResult::Verdict verdict;
};

bool space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void put_utf8(unsigned long point, std::string& out) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 + point / 64);
    out += static_cast<char>(0x80 + point % 64);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 + point / 4096);
    out += static_cast<char>(0x80 + point / 64 % 64);
    out += static_cast<char>(0x80 + point % 64);
  } else {
    out += static_cast<char>(0xF0 + point / 262144);
    out += static_cast<char>(0x80 + point / 4096 % 64);
    out += static_cast<char>(0x80 + point / 64 % 64);
    out += static_cast<char>(0x80 + point % 64);
  }
}

class Parser {
 public:
  Parser(std::string_view text, std::size_t max_depth) : text_(text), max_depth_(max_depth) {}

  Tree document() {
    Tree tree = value(0);
    blank();
    if (i_ != text_.size()) broken();
    return tree;
  }

 private:
  [[noreturn]] static void broken() { throw Broken{SlowResult::Verdict::invalid}; }
  char here() const { return i_ < text_.size() ? text_[i_] : '\0'; }
  void blank() {
    while (i_ < text_.size() && space(text_[i_])) ++i_;
  }
  void want(char c) {
    if (i_ >= text_.size() || text_[i_] != c) broken();
    ++i_;
  }

  Tree value(std::size_t depth) {
    blank();
    const std::size_t begin = i_;
    Tree tree;
    tree.kind = here();
    if (tree.kind == '{' || tree.kind == '[') {
      if (depth >= max_depth_) throw Broken{SlowResult::Verdict::too_deep};
      ++i_;
      container(tree, depth + 1);
    } else if (tree.kind == '"') {
      string();
    } else if (tree.kind == '-' || digit()) {
      number();
    } else {
      literal();
    }
    tree.text = text_.substr(begin, i_ - begin);
    return tree;
  }

  void container(Tree& tree, std::size_t depth) {
    const char closer = tree.kind == '{' ? '}' : ']';
    blank();
    if (here() == closer) {
      ++i_;
      return;
    }
    for (;;) {
      if (tree.kind == '{') {
        blank();
        tree.keys.push_back(string());
        blank();
        want(':');
      }
      tree.elements.push_back(value(depth));
      blank();
      if (here() != ',') break;
      ++i_;
    }
    want(closer);
  }

  unsigned long four_digits() {
    unsigned long unit = 0;
    for (int k = 0; k < 4; ++k) {
      const char c = here();
      unit *= 16;
      if (c >= '0' && c <= '9') {
        unit += static_cast<unsigned long>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        unit += static_cast<unsigned long>(c - 'a' + 10);
      } else if (c >= 'A' && c <= 'F') {
        unit += static_cast<unsigned long>(c - 'A' + 10);
      } else {
        broken();
      }
      ++i_;
    }
    return unit;
  }

  void escape(std::string& out) {
    const char c = here();
    ++i_;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        out += c;
        return;
      case 'b':
        out += '\b';
        return;
      case 'f':
        out += '\f';
        return;
      case 'n':
        out += '\n';
        return;
      case 'r':
        out += '\r';
        return;
      case 't':
        out += '\t';
        return;
      case 'u':
        break;
      default:
        broken();
    }
    unsigned long point = four_digits();
    if (point >= 0xDC00 && point < 0xE000) broken();
    if (point >= 0xD800 && point < 0xDC00) {
      want('\\');
      want('u');
      const unsigned long low = four_digits();
      if (low < 0xDC00 || low >= 0xE000) broken();
      point = 0x10000 + (point - 0xD800) * 0x400 + (low - 0xDC00);
    }
    put_utf8(point, out);
  }

  std::string string() {
    want('"');
    std::string out;
    for (;;) {
      if (i_ >= text_.size()) broken();
      const auto c = static_cast<unsigned char>(text_[i_]);
      if (c < 0x20) broken();
      if (c == '"') break;
      if (c == '\\') {
        ++i_;
        escape(out);
      } else {
        utf8(out);
      }
    }
    ++i_;
    return out;
  }

  /// One character: the shortest form, no surrogates, up to U+10FFFF.
  void utf8(std::string& out) {
    const auto first = static_cast<unsigned char>(text_[i_]);
    std::size_t length = 1;
    unsigned long point = first;
    if (first >= 0x80) {
      length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
      if (first < 0xC0 || first >= 0xF8 || i_ + length > text_.size()) broken();
      point = first % (1U << (7 - length));
      for (std::size_t k = 1; k < length; ++k) {
        const auto next = static_cast<unsigned char>(text_[i_ + k]);
        if (next / 64 != 2) broken();
        point = point * 64 + next % 64;
      }
      const unsigned long smallest[] = {0, 0, 0x80, 0x800, 0x10000};
      if (point < smallest[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
        broken();
      }
    }
    out += text_.substr(i_, length);
    i_ += length;
  }

  bool digit() const { return here() >= '0' && here() <= '9'; }
  void digits() {
    if (!digit()) broken();
    while (digit()) ++i_;
  }
  void number() {
    if (here() == '-') ++i_;
    if (here() == '0') {
      ++i_;
    } else {
      digits();
    }
    if (here() == '.') {
      ++i_;
      digits();
    }
    if (here() == 'e' || here() == 'E') {
      ++i_;
      if (here() == '+' || here() == '-') ++i_;
      digits();
    }
  }
  void literal() {
    for (const std::string_view word : {"null", "true", "false"}) {
      if (text_.substr(i_, word.size()) == word) {
        i_ += word.size();
        return;
      }
    }
    broken();
  }

  std::string_view text_;
  std::size_t max_depth_;
  std::size_t i_ = 0;
};

const Tree* follow(const Tree& root, const rows::KeyPath& path) {
  const Tree* tree = &root;
  for (const std::string& key : path) {
    const Tree* found = nullptr;
    for (std::size_t i = 0; i < tree->keys.size(); ++i) {
      if (tree->keys[i] == key) found = &tree->elements[i];
    }
    if (found == nullptr) return nullptr;
    tree = found;
  }
  return tree;
}

/// The reader refuses a key towards the rows that is there twice.
bool twice_towards_rows(const Tree& root, const rows::KeyPath& path) {
  const Tree* tree = &root;
  for (const std::string& key : path) {
    const Tree* found = nullptr;
    for (std::size_t i = 0; i < tree->keys.size(); ++i) {
      if (tree->keys[i] != key) continue;
      if (found != nullptr) return true;
      found = &tree->elements[i];
    }
    if (found == nullptr) return false;
    tree = found;
  }
  return false;
}

std::string without_blanks(std::string_view text) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (inside || !space(text[i])) out += text[i];
    if (inside && text[i] == '\\') {
      out += text[++i];
    } else if (text[i] == '"') {
      inside = !inside;
    }
  }
  return out;
}

SlowRow row_of(const Tree& tree, const rows::Projection& projection) {
  const bool lines = tree.text.find_first_of("\r\n") != std::string_view::npos;
  const auto shown = [&](std::string_view text) {
    return lines ? without_blanks(text) : std::string(text);
  };
  SlowRow row{shown(tree.text), {}};
  for (const rows::KeyPath& path : projection.row_cells) {
    const Tree* cell = follow(tree, path);
    row.cells.push_back(cell == nullptr ? Cell() : Cell(shown(cell->text)));
  }
  return row;
}

}  // namespace

SlowResult slow_read(std::string_view body, const rows::Projection& projection,
                     std::size_t max_depth) {
  SlowResult result;
  try {
    if (body.substr(0, 3) == "\xEF\xBB\xBF") body.remove_prefix(3);
    const Tree root = Parser(body, max_depth).document();
    for (const rows::KeyPath& path : projection.body_cells) {
      const Tree* cell = follow(root, path);
      result.body_cells.push_back(cell == nullptr ? Cell() : Cell(std::string(cell->text)));
    }
    result.verdict = SlowResult::Verdict::good;
    if (!projection.rows) return result;
    if (twice_towards_rows(root, *projection.rows)) throw Broken{SlowResult::Verdict::invalid};
    const Tree* rows = follow(root, *projection.rows);
    if (rows == nullptr || rows->kind == 'n') return result;
    if (rows->kind == '{') {
      result.rows.push_back(row_of(*rows, projection));
    } else if (rows->kind == '[') {
      for (const Tree& element : rows->elements) {
        result.rows.push_back(row_of(element, projection));
      }
    } else {
      throw Broken{SlowResult::Verdict::wrong_shape};
    }
  } catch (const Broken& broken) {
    result.verdict = broken.verdict;
  }
  return result;
}

}  // namespace fconn::support
