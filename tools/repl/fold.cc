#include "tools/repl/fold.hh"

#include <algorithm>

#include "grammar/display_text.hh"

namespace fconn::repl {

using value::Arena;
using value::Kind;
using value::Value;

namespace {

bool plain_key(std::string_view key) {
  return !key.empty() && (key[0] < '0' || key[0] > '9') &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

std::string key_text(std::string_view key) {
  if (plain_key(key)) return std::string(key);
  std::string out;
  value::append_json_string(key, out);
  return out;
}

class Folder {
 public:
  explicit Folder(const FoldLimits& limits) : limits_(limits) {}

  std::string text(const Value& any, std::size_t indent, std::size_t depth) {
    if (any.secret && !limits_.reveal) return "***";
    const Value value = value::decoded(any, arena_);
    if (value.kind == Kind::list) return list(value, indent, depth);
    if (value.kind == Kind::object) return object(value, indent, depth);
    return scalar(value);
  }

 private:
  std::string scalar(const Value& value) const {
    if (value.kind == Kind::string) {
      std::string out;
      value::append_json_string(shortened(hidden(value.view()), limits_.text), out);
      return out;
    }
    if (value.kind == Kind::duration) return std::to_string(value.integer) + "ms";
    if (value.kind == Kind::bytes) return "bytes(" + std::to_string(value.length) + ")";
    return shortened(hidden(value::to_json(value)), limits_.text);
  }

  std::string hidden(std::string_view text) const {
    return limits_.redactor == nullptr ? std::string(text) : limits_.redactor->redact(text);
  }

  std::string list(const Value& value, std::size_t indent, std::size_t depth) {
    if (value.count == 0) return "[]";
    if (depth >= limits_.depth) return "[… " + std::to_string(value.count) + "]";
    std::vector<std::string> parts;
    for (const Value& one :
         value.list_view().subspan(0, std::min<std::size_t>(value.count, limits_.elements))) {
      parts.push_back(text(one, indent + 2, depth + 1));
    }
    if (value.count > limits_.elements) {
      parts.push_back("… " + std::to_string(value.count - limits_.elements) + " more");
    }
    return joined('[', parts, ']', indent);
  }

  std::string object(const Value& value, std::size_t indent, std::size_t depth) {
    if (value.count == 0) return "{}";
    if (depth >= limits_.depth) return "{… " + std::to_string(value.count) + "}";
    std::vector<std::string> parts;
    for (const value::Member& member :
         value.object_view().subspan(0, std::min<std::size_t>(value.count, limits_.members))) {
      parts.push_back(key_text(hidden(member.key)) + ": " +
                      text(member.value, indent + 2, depth + 1));
    }
    if (value.count > limits_.members) {
      parts.push_back("… " + std::to_string(value.count - limits_.members) + " more");
    }
    return joined('{', parts, '}', indent);
  }

  std::string joined(char open, const std::vector<std::string>& parts, char close,
                     std::size_t indent) const {
    const bool braces = open == '{';
    std::string one(1, open);
    bool breaks = false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      one += (i > 0 ? ", " : braces ? " " : "") + parts[i];
      breaks = breaks || parts[i].find('\n') != std::string::npos;
    }
    if (braces) one += ' ';
    one += close;
    if (!breaks && indent + columns(one) <= limits_.line) return one;
    const std::string margin(indent + 2, ' ');
    std::string out(1, open);
    for (const std::string& part : parts) out += "\n" + margin + part;
    return out + "\n" + std::string(indent, ' ') + close;
  }

  const FoldLimits& limits_;
  Arena arena_{4096};
};

}  // namespace

FoldLimits unfolded() {
  constexpr std::size_t all = static_cast<std::size_t>(1) << 20U;
  FoldLimits limits;
  limits.depth = limits.elements = limits.members = limits.text = all;
  return limits;
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const grammar::Cell& cell : grammar::display_cells(text)) count += cell.width;
  return count;
}

std::string shortened(std::string_view text, std::size_t width) {
  if (text.size() <= width) return std::string(text);  // no character has more cells than bytes
  // What lies beyond so many bytes can't be within the width, but for marks that are piled up.
  const std::string_view begin = text.substr(0, width * 8 + 8);
  std::size_t count = 0;
  for (const grammar::Cell& cell : grammar::display_cells(begin)) {
    count += cell.width;
    if (count > width) return std::string(text.substr(0, cell.offset)) + "…";
  }
  return begin.size() == text.size() ? std::string(text) : std::string(begin) + "…";
}

std::string fold(const Value& value, std::size_t indent, const FoldLimits& limits) {
  return Folder(limits).text(value, indent, 0);
}

std::string fold_json(std::string_view json, std::size_t indent, const FoldLimits& limits) {
  Arena arena;
  const auto parsed = value::parse_json(json, arena);
  if (parsed) return fold(*parsed, indent, limits);
  std::string out;
  const std::string shown =
      limits.redactor == nullptr ? std::string(json) : limits.redactor->redact(json);
  value::append_json_string(shortened(shown, limits.text), out);
  return out;
}

std::string fold_line(const Value& value, std::size_t width, const FoldLimits& limits) {
  FoldLimits narrow;
  narrow.text = width;
  narrow.line = static_cast<std::size_t>(1) << 20U;
  narrow.reveal = limits.reveal;
  narrow.redactor = limits.redactor;
  return shortened(fold(value, 0, narrow), width);
}

}  // namespace fconn::repl
