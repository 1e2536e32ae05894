#include "tools/export/yaml.hh"

#include <algorithm>
#include <array>

namespace fconn::exporter {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// Whether a text may stand without quotes: it begins like a word and is none that means something.
bool plain(std::string_view text) {
  static constexpr std::array<std::string_view, 10> words = {"true", "false", "yes", "no", "on",
                                                             "off",  "null",  "y",   "n",  "none"};
  const std::string small = lower_case(text);
  if (text.empty() || std::find(words.begin(), words.end(), small) != words.end()) return false;
  const char first = text.front();
  if (!is_letter(first) && first != '/' && first != '<' && first != '_') return false;
  if (text == "<" || text == "<<" || text.back() == ' ' || text.back() == ':') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool usual =
        is_letter(c) || is_digit(c) ||
        std::string_view(" _-./<>@+=?&();:,'%!$*|~^").find(c) != std::string_view::npos;
    if (!usual || (c == ':' && i + 1 < text.size() && text[i + 1] == ' ')) return false;
  }
  return true;
}

std::string quoted(std::string_view text) {
  const bool simple = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\'';
  });
  if (simple && text.find_first_of("\"\\") != std::string_view::npos)
    return "'" + std::string(text) + "'";
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// Whether a text of several lines may be written as a literal block.
bool is_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == ' ' || text.front() == '\n') {
    return false;
  }
  if (text.ends_with("\n\n") || text.find(" \n") != std::string_view::npos) return false;
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') ||
           static_cast<unsigned char>(c) >= 0x7F;
  });
}

class Printer {
 public:
  std::string document(const Yaml& yaml) {
    if (yaml.kind == Yaml::Kind::map && !yaml.members.empty()) {
      map(yaml, 0, false);
    } else if (yaml.kind == Yaml::Kind::list && !yaml.items.empty()) {
      list(yaml, 0);
    } else {
      scalar(yaml, 0);
    }
    return std::move(out_);
  }

 private:
  void indent(std::size_t depth) { out_.append(depth * 2, ' '); }

  void map(const Yaml& yaml, std::size_t depth, bool begun) {
    for (const auto& [key, value] : yaml.members) {
      if (!begun) indent(depth);
      begun = false;
      out_ += (plain(key) ? key : quoted(key)) + ":";
      below(value, depth + 1);
    }
  }

  void list(const Yaml& yaml, std::size_t depth) {
    for (const Yaml& item : yaml.items) {
      indent(depth);
      out_ += "-";
      if (item.kind == Yaml::Kind::map && !item.members.empty()) {
        out_ += " ";
        map(item, depth + 1, true);
      } else {
        below(item, depth + 1);
      }
    }
  }

  /// What stands behind a key or a dash.
  void below(const Yaml& value, std::size_t depth) {
    const bool nested = (value.kind == Yaml::Kind::map && !value.members.empty()) ||
                        (value.kind == Yaml::Kind::list && !value.items.empty());
    out_ += nested ? "\n" : " ";
    if (!nested) return scalar(value, depth);
    value.kind == Yaml::Kind::map ? map(value, depth, false) : list(value, depth);
  }

  void scalar(const Yaml& value, std::size_t depth) {
    if (value.kind == Yaml::Kind::map) {
      out_ += "{}";
    } else if (value.kind == Yaml::Kind::list) {
      out_ += "[]";
    } else if (value.kind == Yaml::Kind::word || plain(value.scalar)) {
      out_ += value.scalar;
    } else if (is_block(value.scalar)) {
      return block(value.scalar, depth);
    } else {
      out_ += quoted(value.scalar);
    }
    out_ += '\n';
  }

  void block(std::string_view text, std::size_t depth) {
    out_ += text.ends_with('\n') ? "|\n" : "|-\n";
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      if (end > 0) indent(depth);
      out_.append(text.substr(0, end));
      out_ += '\n';
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  std::string out_;
};

}  // namespace

bool Yaml::empty() const { return items.empty() && members.empty(); }

Yaml Yaml::text(std::string value) {
  Yaml out;
  out.kind = Kind::text;
  out.scalar = std::move(value);
  return out;
}

Yaml Yaml::word(std::string value) {
  Yaml out = text(std::move(value));
  out.kind = Kind::word;
  return out;
}

Yaml Yaml::list() {
  Yaml out;
  out.kind = Kind::list;
  return out;
}

Yaml& Yaml::add(std::string key, Yaml value) {
  members.push_back({std::move(key), std::move(value)});
  return members.back().value;
}

Yaml& Yaml::push(Yaml value) { return items.emplace_back(std::move(value)); }

Yaml named(std::string name, Yaml value) {
  Yaml out;
  out.add("name", Yaml::text(std::move(name)));
  out.add("value", std::move(value));
  return out;
}

Yaml strategy(std::string name, Yaml configuration) {
  Yaml out;
  out.add("strategy", Yaml::text(std::move(name)));
  if (!configuration.members.empty()) out.add("configuration", std::move(configuration));
  return out;
}

std::string print(const Yaml& document) { return Printer().document(document); }

}  // namespace fconn::exporter
