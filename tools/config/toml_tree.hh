// A TOML file as a plain tree with places in its text, so that toml++ stays in one file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/source.hh"

namespace fconn::config {

enum class NodeKind : std::uint8_t { table, list, text, integer, number, boolean, time };

struct Member;
struct Node {
  NodeKind kind{};
  std::string text;  // of a text; of any other scalar its JSON text (a time's without quotes)
  std::int64_t integer = 0;
  std::vector<Node> elements;   // list
  std::vector<Member> members;  // table, by name
  grammar::Span where{};

  bool is(NodeKind wanted) const { return kind == wanted; }
  /// Null when it is no table or has no such member.
  const Node* find(std::string_view key) const;
};
struct Member {
  std::string key;
  grammar::Span where{};
  Node value;
};

struct TomlMistake {
  std::string text;
  grammar::Span where{};
};
struct TomlTree {
  Node root;  // a table
  std::optional<TomlMistake> mistake;
};

/// `file` is what the text will be in a SourceMap; places refer to it.
TomlTree parse_toml(std::string_view text, grammar::FileId file);

/// Compact JSON text of a node.
std::string to_json(const Node& node);

}  // namespace fconn::config
