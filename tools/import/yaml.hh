// A YAML document as a tree with places. yaml-cpp is behind read_yaml alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/diagnostics.hh"

namespace fconn::importer {

using grammar::Span;

struct Entry;

struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };
  Kind kind = Kind::null;
  bool plain = false;  // a scalar without quotes
  std::string text;
  std::vector<Node> items;
  std::vector<Entry> entries;  // in the document's order
  Span span;                   // a scalar's text; of anything else where it begins

  /// The member of that key, null when there is none.
  const Node* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Span key_span;
  Node value;
};

/// A `#` comment: its text without the sign, and the line (0-based) that it belongs to: its own, or
/// the next one with content.
struct Comment {
  std::uint32_t line = 0;
  std::string text;
  Span span;
};

struct Yaml {
  Node root;
  std::vector<Comment> comments;
};

/// Reads one document; a syntax error, or a document beyond the bounds (64 deep, a million nodes
/// with aliases resolved), is one diagnostic and an empty result.
std::optional<Yaml> read_yaml(const grammar::SourceMap& sources, grammar::FileId file,
                              grammar::Diagnostics& diagnostics);

/// true/false, yes/no, on/off in any case, 1/0.
std::optional<bool> as_bool(const Node& node);
std::optional<std::int64_t> as_int(const Node& node);

}  // namespace fconn::importer
