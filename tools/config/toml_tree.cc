#include "tools/config/toml_tree.hh"

namespace {
/// What toml++ throws here where it would abort: some of its checks fail on texts that are merely
/// wrong, such as a control character where a table's name should be.
struct TomlGaveUp {};
[[noreturn]] void toml_gave_up() { throw TomlGaveUp{}; }
}  // namespace
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : toml_gave_up())
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "interpreter/value/value.hh"

namespace fconn::config {
namespace {

class Builder {
 public:
  Builder(std::string_view text, grammar::FileId file) : text_(text), file_(file) {}

  Node build(const toml::node& node) const {
    Node out;
    out.where = span(node.source());
    switch (node.type()) {
      case toml::node_type::table:
        out.kind = NodeKind::table;
        for (auto&& [key, value] : *node.as_table()) {
          out.members.push_back({std::string(key.str()), span(key.source()), build(value)});
        }
        break;
      case toml::node_type::array:
        out.kind = NodeKind::list;
        for (const toml::node& element : *node.as_array()) out.elements.push_back(build(element));
        break;
      case toml::node_type::string:
        out.kind = NodeKind::text;
        out.text = **node.as_string();
        break;
      case toml::node_type::integer:
        out.kind = NodeKind::integer;
        out.integer = **node.as_integer();
        out.text = std::to_string(out.integer);
        break;
      case toml::node_type::boolean:
        out.kind = NodeKind::boolean;
        out.text = **node.as_boolean() ? "true" : "false";
        break;
      case toml::node_type::floating_point:
        out.kind = NodeKind::number;
        out.text = printed(node);
        break;
      default:
        out.kind = NodeKind::time;
        out.text = printed(node);
    }
    return out;
  }

  grammar::Span span(const toml::source_region& region) const {
    grammar::Span span{file_, offset(region.begin), offset(region.end)};
    const std::size_t line_end = std::min(text_.find('\n', span.begin), text_.size());
    span.end = std::clamp(span.end, span.begin, static_cast<std::uint32_t>(line_end));
    while (span.end > span.begin && (text_[span.end - 1] == ' ' || text_[span.end - 1] == '\r')) {
      --span.end;
    }
    return span;
  }

 private:
  static std::string printed(const toml::node& node) {
    std::ostringstream stream;
    node.visit([&stream](const auto& one) {
      if constexpr (toml::is_value<decltype(one)>) stream << one;
    });
    return stream.str();
  }

  /// toml++ counts lines and characters from one.
  std::uint32_t offset(const toml::source_position& position) const {
    std::size_t at = 0;
    for (std::uint32_t line = 1; line < position.line; ++line) {
      const std::size_t end = text_.find('\n', at);
      if (end == std::string_view::npos) return static_cast<std::uint32_t>(text_.size());
      at = end + 1;
    }
    for (std::uint32_t column = 1; column < position.column && at < text_.size(); ++column) {
      if (text_[at] == '\n') break;
      ++at;
      while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xC0U) == 0x80U) ++at;
    }
    return static_cast<std::uint32_t>(at);
  }

  std::string_view text_;
  grammar::FileId file_;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

namespace {

bool gives_up(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
  } catch (const toml::parse_error&) {
    return false;
  } catch (const TomlGaveUp&) {
    return true;
  }
  return false;
}

/// The line at which the parser gave up, as it doesn't say. It reads onward only, so it gives up on
/// every beginning of the text that holds that line, and on no shorter one.
grammar::Span line_given_up(std::string_view text, grammar::FileId file) {
  std::vector<std::size_t> ends;
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos;)
    ends.push_back(++at);
  if (ends.empty() || ends.back() != text.size()) ends.push_back(text.size());
  const auto line = std::partition_point(ends.begin(), ends.end() - 1, [text](std::size_t end) {
    return !gives_up(text.substr(0, end));
  });
  const std::size_t begin = line == ends.begin() ? 0 : *(line - 1);
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  return {file, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

}  // namespace

TomlTree parse_toml(std::string_view text, grammar::FileId file) {
  const Builder builder(text, file);
  TomlTree out;
  out.root.kind = NodeKind::table;
  try {
    const toml::table table = toml::parse(text);
    out.root = builder.build(table);
  } catch (const toml::parse_error& error) {
    std::string cause(error.description());
    std::replace(cause.begin(), cause.end(), '\n', ' ');
    const std::size_t colon = cause.find(": ");  // "Error while parsing …: what"
    if (cause.starts_with("Error while") && colon != std::string::npos) cause.erase(0, colon + 2);
    out.mistake = TomlMistake{std::move(cause), builder.span(error.source())};
  } catch (const TomlGaveUp&) {
    out.mistake = TomlMistake{"this line isn't TOML", line_given_up(text, file)};
  }
  return out;
}

std::string to_json(const Node& node) {
  std::string out;
  switch (node.kind) {
    case NodeKind::text:
    case NodeKind::time:
      value::append_json_string(node.text, out);
      return out;
    case NodeKind::list:
      for (const Node& element : node.elements) {
        out += (out.empty() ? "[" : ",") + to_json(element);
      }
      return out.empty() ? "[]" : out + "]";
    case NodeKind::table:
      for (const Member& member : node.members) {
        out += out.empty() ? "{" : ",";
        value::append_json_string(member.key, out);
        out += ":" + to_json(member.value);
      }
      return out.empty() ? "{}" : out + "}";
    case NodeKind::number:
      // JSON has no infinity and no NaN.
      if (node.text.find_first_of("in") == std::string::npos) return node.text;
      value::append_json_string(node.text, out);
      return out;
    case NodeKind::integer:
    case NodeKind::boolean:
      break;
  }
  return node.text;
}

}  // namespace fconn::config
