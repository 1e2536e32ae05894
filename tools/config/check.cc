#include "tools/config/check.hh"

#include "tools/config/config.hh"

namespace fconn::config {
namespace {

using grammar::DiagnosticId;

std::string type_of(const Node& node) {
  switch (node.kind) {
    case NodeKind::table:
      return "a table";
    case NodeKind::list:
      return "a list";
    case NodeKind::text:
      return "a text";
    case NodeKind::integer:
      return "an integer";
    case NodeKind::number:
      return "a number";
    case NodeKind::boolean:
      return "true or false";
    case NodeKind::time:
      break;
  }
  return "a date or time";
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
  explicit Checker(grammar::Diagnostics& out) : out_(out) {}

  void table(const Node& node, const Table& shape, grammar::Span owner) {
    for (const Member& given : node.members) {
      const Key* known = nullptr;
      for (const Key& candidate : shape.keys) {
        if (candidate.name == given.key) known = &candidate;
      }
      if (known == nullptr) {
        unknown_key(given, shape);
      } else {
        member(*known, given.value);
      }
    }
    missing(node, shape, owner);
  }

 private:
  void add(DiagnosticId id, grammar::Span where, std::string text, std::string help = {}) {
    out_.push_back(grammar::diagnostic(id, where, std::move(text), std::move(help)));
  }

  void unknown_key(const Member& given, const Table& shape) {
    std::vector<std::string> names;
    std::vector<std::string_view> views;
    for (const Key& candidate : shape.keys) {
      names.emplace_back(candidate.name);
      views.push_back(candidate.name);
    }
    const auto near = grammar::did_you_mean(given.key, names);
    grammar::Diagnostic diagnostic = grammar::diagnostic(
        DiagnosticId::config_unknown_key, given.where,
        "`" + given.key + "` is no key of " + std::string(shape.what),
        near ? "did you mean `" + *near + "`?" : "the keys are " + joined(views, " and "));
    if (near) diagnostic.fix.push_back({diagnostic.where, *near});
    out_.push_back(std::move(diagnostic));
  }

  void missing(const Node& node, const Table& shape, grammar::Span owner) {
    for (const Key& key : shape.keys) {
      if (key.required && node.find(key.name) == nullptr) {
        add(DiagnosticId::config_missing_key, owner,
            std::string(shape.what) + " needs the key `" + std::string(key.name) + "`",
            std::string(key.doc));
      }
    }
    if (shape.one_of.empty()) return;
    std::size_t given = 0;
    for (const std::string_view name : shape.one_of) given += node.find(name) != nullptr ? 1 : 0;
    if (given == 1) return;
    add(given == 0 ? DiagnosticId::config_missing_key : DiagnosticId::config_value, owner,
        std::string(shape.what) + " needs exactly one of " + joined(shape.one_of, " and "));
  }

  void wrong_type(const Key& key, const Node& node, std::string_view wanted) {
    add(DiagnosticId::config_type, node.where,
        "`" + std::string(key.name) + "` must be " + std::string(wanted) + ", not " + type_of(node),
        std::string(key.doc));
  }

  void member(const Key& key, const Node& node) {
    switch (key.shape) {
      case Shape::text:
        return text(key, node);
      case Shape::text_list:
        return text_list(key, node);
      case Shape::number:
        return number(key, node);
      case Shape::flag:
        if (!node.is(NodeKind::boolean)) wrong_type(key, node, "true or false");
        return;
      case Shape::duration:
        if (!node.is(NodeKind::text)) return wrong_type(key, node, "a duration such as \"60s\"");
        if (!parse_duration(node.text)) {
          add(DiagnosticId::config_value, node.where, "\"" + node.text + "\" is no duration",
              "write it like \"500ms\" or \"60s\"");
        }
        return;
      case Shape::table:
        if (!node.is(NodeKind::table)) return wrong_type(key, node, "a table");
        return table(node, *key.table, node.where);
      case Shape::table_map:
      case Shape::text_or_table_map:
        return map(key, node);
      case Shape::text_or_table:
        return text_or_table(key, node);
      case Shape::value_map:
        if (!node.is(NodeKind::table)) wrong_type(key, node, "a table");
        return;
      case Shape::value_list:
        if (!node.is(NodeKind::list)) wrong_type(key, node, "a list");
        return;
    }
  }

  void text(const Key& key, const Node& node) {
    if (!node.is(NodeKind::text)) return wrong_type(key, node, "a text");
    if (key.choices.empty()) return;
    const std::string& value = node.text;
    std::vector<std::string> names;
    for (const std::string_view choice : key.choices) {
      if (choice == value) return;
      names.emplace_back(choice);
    }
    const auto near = grammar::did_you_mean(value, names);
    add(DiagnosticId::config_value, node.where,
        "`" + std::string(key.name) + "` can't be \"" + value + "\"",
        near ? "did you mean \"" + *near + "\"?" : "it is one of " + joined(key.choices, " and "));
  }

  void text_list(const Key& key, const Node& node) {
    if (!node.is(NodeKind::list)) return wrong_type(key, node, "a list of texts");
    for (const Node& element : node.elements) {
      if (!element.is(NodeKind::text)) wrong_type(key, element, "a list of texts");
    }
  }

  void number(const Key& key, const Node& node) {
    if (!node.is(NodeKind::integer)) return wrong_type(key, node, "an integer");
    const std::int64_t value = node.integer;
    if (value >= key.minimum && value <= 1'000'000) return;
    add(DiagnosticId::config_value, node.where,
        "`" + std::string(key.name) + "` can't be " + std::to_string(value),
        "it is between " + std::to_string(key.minimum) + " and 1000000");
  }

  void text_or_table(const Key& key, const Node& node) {
    if (node.is(NodeKind::text)) return text(key, node);
    if (!node.is(NodeKind::table)) return wrong_type(key, node, "a text or a table");
    table(node, *key.table, node.where);
  }

  void map(const Key& key, const Node& node) {
    if (!node.is(NodeKind::table)) return wrong_type(key, node, "a table");
    for (const Member& given : node.members) {
      const Node& value = given.value;
      if (key.shape == Shape::text_or_table_map) {
        text_or_table(key, value);
      } else if (value.is(NodeKind::table)) {
        table(value, *key.table, given.where);
      } else if (key.table->what == "a secret's source") {
        add(DiagnosticId::config_secret_literal, given.where,
            "the value of secret `" + given.key + "` stands in the file",
            "say where it is found: { env = \"…\" }, { file = \"…\" } or { command = [\"…\"] }");
      } else {
        add(DiagnosticId::config_type, value.where,
            "`" + given.key + "` must be a table, not " + type_of(value));
      }
    }
  }

  grammar::Diagnostics& out_;
};

}  // namespace

void check_table(const Node& table, const Table& shape, grammar::Span owner,
                 grammar::Diagnostics& out) {
  Checker(out).table(table, shape, owner);
}

}  // namespace fconn::config
