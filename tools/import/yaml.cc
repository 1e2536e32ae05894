#include "tools/import/yaml.hh"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <unordered_map>

#include "interpreter/value/utf8.hh"

namespace fconn::importer {

using grammar::diagnostic;
using grammar::DiagnosticId;

namespace {

constexpr int deepest = 64;
constexpr std::size_t most_nodes = 1'000'000;

/// What a document may not be, without its place.
struct TooMuch {
  const char* text;
};

class Converter {
 public:
  Converter(std::string_view text, grammar::FileId file) : text_(text), file_(file) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(static_cast<std::uint32_t>(i + 1));
    }
  }

  Span at(const YAML::Mark& mark, std::size_t size) const {
    const auto end = static_cast<std::uint32_t>(text_.size());
    if (mark.line < 0 || static_cast<std::size_t>(mark.line) >= starts_.size()) {
      return {file_, end, end};
    }
    const auto line = static_cast<std::size_t>(mark.line);
    const std::uint32_t begin =
        std::min(end, starts_[line] + static_cast<std::uint32_t>(std::max(mark.column, 0)));
    const std::size_t stop = std::min(text_.find('\n', begin), text_.size());
    return {file_, begin,
            static_cast<std::uint32_t>(std::min(stop, begin + std::max<std::size_t>(size, 1)))};
  }

  Node convert(const YAML::Node& node, int depth) {
    if (depth > deepest) throw TooMuch{"the document is nested too deep"};
    if (++nodes_ > most_nodes) throw TooMuch{"the document is too large"};
    Node out;
    out.span = at(node.Mark(), 1);
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        scalar(node, out);
        break;
      case YAML::NodeType::Sequence:
        out.kind = Node::Kind::list;
        for (const auto& item : node) out.items.push_back(convert(item, depth + 1));
        break;
      case YAML::NodeType::Map:
        out.kind = Node::Kind::map;
        map(node, depth, out);
        break;
    }
    return out;
  }

  std::size_t line_of(std::size_t offset) const {
    return static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), offset) -
                                    starts_.begin()) -
           1;
  }

 private:
  void scalar(const YAML::Node& node, Node& out) const {
    out.kind = Node::Kind::scalar;
    out.text = node.Scalar();
    out.plain = node.Tag() == "?";
    const bool quoted = !out.plain && out.span.begin < text_.size() &&
                        (text_[out.span.begin] == '"' || text_[out.span.begin] == '\'');
    out.span = at(node.Mark(), out.text.size() + (quoted ? 2 : 0));
    if (out.plain && (out.text.empty() || out.text == "~" || out.text == "null" ||
                      out.text == "Null" || out.text == "NULL")) {
      out.kind = Node::Kind::null;
    }
  }

  /// Of one key given twice the last counts, as for the reference.
  void map(const YAML::Node& node, int depth, Node& out) {
    std::unordered_map<std::string, std::size_t> places;
    for (const auto& member : node) {
      if (!member.first.IsScalar()) throw TooMuch{"a key that isn't a text"};
      Entry entry;
      entry.key = member.first.Scalar();
      entry.key_span = at(member.first.Mark(), entry.key.size());
      entry.value = convert(member.second, depth + 1);
      const auto [place, fresh] = places.emplace(entry.key, out.entries.size());
      if (fresh) {
        out.entries.push_back(std::move(entry));
      } else {
        out.entries[place->second] = std::move(entry);
      }
    }
  }

  std::string_view text_;
  grammar::FileId file_;
  std::vector<std::uint32_t> starts_;
  std::size_t nodes_ = 0;
};

/// Where a line's comment begins; a `#` inside quotes or within a word is none.
std::size_t comment_start(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      if (i == 0 || line[i - 1] == ' ' || line[i - 1] == '[' || line[i - 1] == '{') quote = c;
    } else if (c == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::size_t indentation(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

/// Comments by lines; what stands in a block scalar (`key: |`) is text.
std::vector<Comment> read_comments(std::string_view text, grammar::FileId file) {
  constexpr std::size_t none = std::string_view::npos;
  std::vector<Comment> comments;
  std::size_t waiting = 0;  // the first comment that has no line yet
  std::uint32_t number = 0, offset = 0;
  std::size_t block = none;  // indentation of the line that opened a block scalar
  while (offset < text.size()) {
    const std::size_t end = std::min(text.find('\n', offset), text.size());
    std::string_view line = text.substr(offset, end - offset);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const std::size_t indent = indentation(line);
    const bool blank = indent == line.size();
    if (block != none && !blank && indent <= block) block = none;
    if (block == none && !blank) {
      const std::size_t start = comment_start(line);
      const std::string_view content = line.substr(0, start);
      const bool own = indentation(content) == content.size();
      if (start != std::string_view::npos) {
        const auto begin = static_cast<std::uint32_t>(offset + start);
        std::string_view words = line.substr(start + 1);
        while (!words.empty() && words.front() == ' ') words.remove_prefix(1);
        comments.push_back({number,
                            std::string(words),
                            {file, begin, static_cast<std::uint32_t>(offset + line.size())}});
      }
      if (!own) {
        for (; waiting < comments.size(); ++waiting) comments[waiting].line = number;
        const std::size_t last = content.find_last_not_of(' ');
        const std::string_view kept = content.substr(0, last + 1);
        if (kept.ends_with(": |") || kept.ends_with(": >") || kept.ends_with(": |-") ||
            kept.ends_with(": >-")) {
          block = indent;
        }
      }
    }
    offset = static_cast<std::uint32_t>(end + 1);
    ++number;
  }
  return comments;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [key](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

namespace {

/// JSON writes signs beyond U+FFFF as two escapes, which YAML doesn't know.
std::string without_surrogates(std::string_view text) {
  std::string out;
  const auto escape = [&text](std::size_t at) -> unsigned {
    unsigned code = 0;
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return 0;
    const char* end = text.data() + at + 6;
    return std::from_chars(text.data() + at + 2, end, code, 16).ptr == end ? code : 0;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const unsigned high = escape(i);
    const unsigned low = high >= 0xD800 && high < 0xDC00 ? escape(i + 6) : 0;
    if (low >= 0xDC00 && low < 0xE000) {
      constexpr std::string_view digits = "0123456789ABCDEF";
      const unsigned code = 0x10000 + ((high - 0xD800) << 10U) + (low - 0xDC00);
      out += "\\U";
      for (unsigned shift = 32; shift > 0; shift -= 4) out += digits[(code >> (shift - 4)) & 15U];
      i += 11;
      continue;
    }
    out += text[i];
    if (i + 1 < text.size()) out += text[++i];  // an escaped backslash begins nothing
  }
  return out;
}

bool is_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

}  // namespace

std::optional<Yaml> read_yaml(const grammar::SourceMap& sources, grammar::FileId file,
                              grammar::Diagnostics& diagnostics) {
  const std::string_view text = sources.text(file);
  Converter converter(text, file);
  const auto refuse = [&](Span where, const std::string& cause) {
    diagnostics.push_back(diagnostic(DiagnosticId::yaml_syntax, where, cause));
    return std::nullopt;
  };
  if (!value::valid_utf8(text)) return refuse({file, 0, 0}, "the bytes here aren't UTF-8");
  try {
    Yaml out;
    out.root = converter.convert(
        YAML::Load(is_json(text) ? without_surrogates(text) : std::string(text)), 0);
    out.comments = read_comments(text, file);
    return out;
  } catch (const YAML::Exception& error) {
    return refuse(converter.at(error.mark, 1), "this isn't YAML: " + error.msg);
  } catch (const TooMuch& error) {
    return refuse({file, 0, 0}, error.text);
  }
}

std::optional<bool> as_bool(const Node& node) {
  if (node.kind != Node::Kind::scalar) return std::nullopt;
  std::string word = node.text;
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  static constexpr std::array<std::string_view, 6> yes = {"true", "yes", "on", "1", "y", "t"};
  static constexpr std::array<std::string_view, 6> no = {"false", "no", "off", "0", "n", "f"};
  if (std::find(yes.begin(), yes.end(), word) != yes.end()) return true;
  if (std::find(no.begin(), no.end(), word) != no.end()) return false;
  return std::nullopt;
}

std::optional<std::int64_t> as_int(const Node& node) {
  if (node.kind != Node::Kind::scalar || node.text.empty()) return std::nullopt;
  std::int64_t out = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, out);
  if (error != std::errc() || stop != end) return std::nullopt;
  return out;
}

}  // namespace fconn::importer
