#include "tools/config/check.hh"

#include "tools/config/config.hh"

namespace fconn::config {
namespace {

using grammar::DiagnosticId;

std::string type_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

std::string joined(std::span<const std::string_view> words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? last : ", ";
    text.append("`").append(words[i]).append("`");
  }
  return text;
}

class Checker {
 public:
  Checker(const Places& places, grammar::Diagnostics& out) : places_(places), out_(out) {}

  void table(const toml::table& node, const Table& shape, grammar::Span owner) {
    for (auto&& [key, value] : node) {
      const Key* known = nullptr;
      for (const Key& candidate : shape.keys) {
        if (candidate.name == key.str()) known = &candidate;
      }
      if (known == nullptr) {
        unknown_key(key, shape);
      } else {
        member(*known, value);
      }
    }
    missing(node, shape, owner);
  }

 private:
  void add(DiagnosticId id, grammar::Span where, std::string text, std::string help = {}) {
    out_.push_back(grammar::diagnostic(id, where, std::move(text), std::move(help)));
  }

  void unknown_key(const toml::key& key, const Table& shape) {
    std::vector<std::string> names;
    std::vector<std::string_view> views;
    for (const Key& candidate : shape.keys) {
      names.emplace_back(candidate.name);
      views.push_back(candidate.name);
    }
    const auto near = grammar::did_you_mean(key.str(), names);
    grammar::Diagnostic diagnostic = grammar::diagnostic(
        DiagnosticId::config_unknown_key, places_.of(key.source()),
        "`" + std::string(key.str()) + "` is no key of " + std::string(shape.what),
        near ? "did you mean `" + *near + "`?" : "the keys are " + joined(views, " and "));
    if (near) diagnostic.fix.push_back({diagnostic.where, *near});
    out_.push_back(std::move(diagnostic));
  }

  void missing(const toml::table& node, const Table& shape, grammar::Span owner) {
    for (const Key& key : shape.keys) {
      if (key.required && !node.contains(key.name)) {
        add(DiagnosticId::config_missing_key, owner,
            std::string(shape.what) + " needs the key `" + std::string(key.name) + "`",
            std::string(key.doc));
      }
    }
    if (shape.one_of.empty()) return;
    std::size_t given = 0;
    for (const std::string_view name : shape.one_of) given += node.contains(name) ? 1 : 0;
    if (given == 1) return;
    add(given == 0 ? DiagnosticId::config_missing_key : DiagnosticId::config_value, owner,
        std::string(shape.what) + " needs exactly one of " + joined(shape.one_of, " and "));
  }

  void wrong_type(const Key& key, const toml::node& node, std::string_view wanted) {
    add(DiagnosticId::config_type, places_.of(node.source()),
        "`" + std::string(key.name) + "` must be " + std::string(wanted) + ", not " +
            type_of(node),
        std::string(key.doc));
  }

  void member(const Key& key, const toml::node& node) {
    switch (key.shape) {
      case Shape::text:
        return text(key, node);
      case Shape::text_list:
        return text_list(key, node);
      case Shape::number:
        return number(key, node);
      case Shape::flag:
        if (!node.is_boolean()) wrong_type(key, node, "true or false");
        return;
      case Shape::duration:
        if (!node.is_string()) return wrong_type(key, node, "a duration such as \"60s\"");
        if (!parse_duration(**node.as_string())) {
          add(DiagnosticId::config_value, places_.of(node.source()),
              "\"" + **node.as_string() + "\" is no duration", "write it like \"500ms\" or \"60s\"");
        }
        return;
      case Shape::table:
        if (!node.is_table()) return wrong_type(key, node, "a table");
        return table(*node.as_table(), *key.table, places_.of(node.source()));
      case Shape::table_map:
      case Shape::text_or_table_map:
        return map(key, node);
      case Shape::text_or_table:
        return text_or_table(key, node);
      case Shape::value_map:
        if (!node.is_table()) wrong_type(key, node, "a table");
        return;
      case Shape::value_list:
        if (!node.is_array()) wrong_type(key, node, "a list");
        return;
    }
  }

  void text(const Key& key, const toml::node& node) {
    if (!node.is_string()) return wrong_type(key, node, "a text");
    if (key.choices.empty()) return;
    const std::string& value = **node.as_string();
    std::vector<std::string> names;
    for (const std::string_view choice : key.choices) {
      if (choice == value) return;
      names.emplace_back(choice);
    }
    const auto near = grammar::did_you_mean(value, names);
    add(DiagnosticId::config_value, places_.of(node.source()),
        "`" + std::string(key.name) + "` can't be \"" + value + "\"",
        near ? "did you mean \"" + *near + "\"?" : "it is one of " + joined(key.choices, " and "));
  }

  void text_list(const Key& key, const toml::node& node) {
    if (!node.is_array()) return wrong_type(key, node, "a list of texts");
    for (const toml::node& element : *node.as_array()) {
      if (!element.is_string()) wrong_type(key, element, "a list of texts");
    }
  }

  void number(const Key& key, const toml::node& node) {
    if (!node.is_integer()) return wrong_type(key, node, "an integer");
    const std::int64_t value = **node.as_integer();
    if (value >= key.minimum && value <= 1'000'000) return;
    add(DiagnosticId::config_value, places_.of(node.source()),
        "`" + std::string(key.name) + "` can't be " + std::to_string(value),
        "it is between " + std::to_string(key.minimum) + " and 1000000");
  }

  void text_or_table(const Key& key, const toml::node& node) {
    if (node.is_string()) return text(key, node);
    if (!node.is_table()) return wrong_type(key, node, "a text or a table");
    table(*node.as_table(), *key.table, places_.of(node.source()));
  }

  void map(const Key& key, const toml::node& node) {
    if (!node.is_table()) return wrong_type(key, node, "a table");
    for (auto&& [name, value] : *node.as_table()) {
      if (key.shape == Shape::text_or_table_map) {
        text_or_table(key, value);
      } else if (value.is_table()) {
        table(*value.as_table(), *key.table, places_.of(name.source()));
      } else if (key.table->what == "a secret's source") {
        add(DiagnosticId::config_secret_literal, places_.of(name.source()),
            "the value of secret `" + std::string(name.str()) + "` stands in the file",
            "say where it is found: { env = \"…\" }, { file = \"…\" } or { command = [\"…\"] }");
      } else {
        add(DiagnosticId::config_type, places_.of(value.source()),
            "`" + std::string(name.str()) + "` must be a table, not " + type_of(value));
      }
    }
  }

  const Places& places_;
  grammar::Diagnostics& out_;
};

}  // namespace

std::uint32_t Places::offset(const toml::source_position& position) const {
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

grammar::Span Places::of(const toml::source_position& position) const {
  const std::uint32_t begin = offset(position);
  return {file_, begin, begin};
}

grammar::Span Places::of(const toml::source_region& region) const {
  grammar::Span span{file_, offset(region.begin), offset(region.end)};
  const std::size_t line_end = text_.find('\n', span.begin);
  if (line_end != std::string_view::npos && span.end > line_end) {
    span.end = static_cast<std::uint32_t>(line_end);
  }
  while (span.end > span.begin && (text_[span.end - 1] == ' ' || text_[span.end - 1] == '\r')) {
    --span.end;
  }
  return span;
}

void check_table(const toml::table& table, const Table& shape, grammar::Span owner,
                 const Places& places, grammar::Diagnostics& out) {
  Checker(places, out).table(table, shape, owner);
}

}  // namespace fconn::config
