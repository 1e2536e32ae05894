#include "tools/import/text.hh"

#include <algorithm>
#include <array>

namespace fconn::importer {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The inside of a double-quoted string.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '"':
      case '\\':
      case '{':
        out += '\\';
        out += c;
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default: {
        constexpr std::string_view digits = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
          out += "\\u00";
          out += digits[byte >> 4U];
          out += digits[byte & 15U];
        } else {
          out += c;
        }
      }
    }
  }
  return out;
}

}  // namespace

std::string quoted(std::string_view text) {
  const bool plain = text.find_first_of("'\n\r\t{") == std::string_view::npos &&
                     std::none_of(text.begin(), text.end(),
                                  [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (plain && text.find_first_of("\"\\") != std::string_view::npos) {
    return "'" + std::string(text) + "'";
  }
  return "\"" + escaped(text) + "\"";
}

bool is_identifier(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

std::string identifier(std::string_view text) {
  static constexpr std::array<std::string_view, 18> reserved = {
      "true", "false", "null",    "if",  "then", "else", "for",   "in",     "and",
      "or",   "not",   "matches", "GET", "POST", "PUT",  "PATCH", "DELETE", "HEAD"};
  std::string out;
  for (const char c : text) out += is_letter(c) || is_digit(c) ? c : '_';
  if (out.empty() || is_digit(out.front())) out.insert(out.begin(), '_');
  if (out == "OPTIONS" || std::find(reserved.begin(), reserved.end(), out) != reserved.end()) {
    out += '_';
  }
  return out;
}

std::string object_key(std::string_view text) {
  const bool bare = !text.empty() && is_letter(text.front()) &&
                    std::all_of(text.begin(), text.end(),
                                [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
  return bare ? std::string(text) : "\"" + escaped(text) + "\"";
}

std::vector<std::string> path_segments(std::string_view path) {
  std::vector<std::string> out;
  std::string segment;
  const auto flush = [&] {
    if (!segment.empty()) out.push_back(segment);
    segment.clear();
  };
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\' && i + 1 < path.size() && (path[i + 1] == '.' || path[i + 1] == '\\')) {
      segment += path[++i];
    } else if (path[i] == '.') {
      flush();
    } else if (path[i] == '[') {
      const std::size_t end = path.find(']', i);
      const std::string_view inner =
          path.substr(i + 1, end == std::string_view::npos ? 0 : end - i - 1);
      if (end == std::string_view::npos || !is_index(inner)) {
        segment += path[i];
        continue;
      }
      flush();
      out.emplace_back(inner);
      i = end;
    } else {
      segment += path[i];
    }
  }
  flush();
  return out;
}

bool is_index(std::string_view segment) {
  if (segment.starts_with('-')) segment.remove_prefix(1);
  return !segment.empty() && std::all_of(segment.begin(), segment.end(), is_digit);
}

std::string path_step(std::string_view segment) {
  if (is_index(segment)) return "[" + std::string(segment) + "]";
  if (is_identifier(segment)) return "." + std::string(segment);
  return ".[\"" + escaped(segment) + "\"]";
}

std::string path_steps(std::string_view path) {
  std::string out;
  for (const std::string& segment : path_segments(path)) {
    if (out.empty() && is_index(segment)) out = ".";
    out += path_step(segment);
  }
  return out.empty() ? "." : out;
}

std::string steps_behind(std::string_view rest) {
  std::string out;
  for (const std::string& segment : path_segments(rest)) out += path_step(segment);
  return out;
}

std::pair<std::string, std::string> split_name(std::string_view name) {
  const std::size_t end = std::min(name.find_first_of(".["), name.size());
  return {std::string(name.substr(0, end)), std::string(name.substr(end))};
}

Template split_template(std::string_view text) {
  Template out;
  std::string literal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end =
        text[i] == '<' ? text.find_first_of("<>", i + 1) : std::string_view::npos;
    if (end == std::string_view::npos || text[end] == '<' || end == i + 1) {
      literal += text[i];
      continue;
    }
    if (!literal.empty()) out.push_back({literal, false, false});
    literal.clear();
    std::string name(text.substr(i + 1, end - i - 1));
    const bool optional = name.size() > 1 && name.back() == '?';
    if (optional) name.pop_back();
    out.push_back({std::move(name), true, optional});
    i = end;
  }
  if (!literal.empty()) out.push_back({literal, false, false});
  return out;
}

bool has_holes(const Template& pieces) {
  return std::any_of(pieces.begin(), pieces.end(), [](const Piece& piece) { return piece.hole; });
}

namespace {

/// The quote that stands on both sides of the hole at `i`, or 0.
char quote_around(const Template& pieces, std::size_t i) {
  if (i == 0 || i + 1 >= pieces.size() || pieces[i - 1].hole || pieces[i + 1].hole) return 0;
  const char before = pieces[i - 1].text.back();
  const bool both = before == pieces[i + 1].text.front() && (before == '"' || before == '\'');
  return both ? before : '\0';
}

std::optional<std::string> holes(const Template& pieces, const Lookup& lookup, bool quotes,
                                 std::vector<std::string>& missing) {
  std::string out;
  bool complete = true;
  std::string_view cut;  // the quote that the hole before has taken
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (!pieces[i].hole) {
      std::string_view literal = pieces[i].text;
      literal.remove_prefix(cut.size());
      if (quotes && quote_around(pieces, i + 1) != 0) literal.remove_suffix(1);
      out += escaped(literal);
      cut = {};
      continue;
    }
    const auto value = lookup(pieces[i].text);
    if (!value) {
      missing.push_back(pieces[i].text);
      complete = false;
      continue;
    }
    const char quote = quotes ? quote_around(pieces, i) : '\0';
    if (quote == 0) {
      out += "{" + value->expr + "}";
    } else {
      out += "{quote(" + value->expr + (quote == '"' ? ")}" : ", \"'\")}");
      cut = "'";
    }
  }
  if (!complete) return std::nullopt;
  return out;
}

}  // namespace

std::optional<std::string> hole_text(const Template& pieces, const Lookup& lookup,
                                     std::vector<std::string>& missing) {
  return holes(pieces, lookup, false, missing);
}

std::optional<std::string> text_expr(const Template& pieces, const Lookup& lookup, bool as_text,
                                     std::vector<std::string>& missing) {
  if (!has_holes(pieces)) return quoted(pieces.empty() ? "" : pieces.front().text);
  if (pieces.size() == 1) {
    const auto value = lookup(pieces.front().text);
    if (!value) {
      missing.push_back(pieces.front().text);
      return std::nullopt;
    }
    if (!as_text || value->text) return value->expr;
    const std::string text = "\"{" + value->expr + "}\"";
    return pieces.front().optional ? "if " + value->expr + " == null then null else " + text : text;
  }
  const auto inside = holes(pieces, lookup, true, missing);
  if (!inside) return std::nullopt;
  return "\"" + *inside + "\"";
}

}  // namespace fconn::importer
