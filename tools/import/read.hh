// YAML trees to the typed documents. Mistakes are collected with their places; keys that nobody
// knows are reported, never dropped in silence.
#pragma once

#include "tools/import/model.hh"
#include "tools/import/report.hh"

namespace fconn::importer {

struct Reading {
  const grammar::SourceMap& sources;
  grammar::Diagnostics& diagnostics;
  Report& report;
};

/// The document below `saas_config`; null when it can't be read at all.
std::optional<Config> read_config(const Node& root, const Reading& reading);
/// The first dataset below `dataset`.
std::optional<Dataset> read_dataset(const Node& root, const Reading& reading);

/// One map of the document: its keys are taken by name, and what nobody took is said at the end.
class MapReader {
 public:
  MapReader(const Reading& reading, const Node& node, std::string path);
  MapReader(const MapReader&) = delete;
  MapReader& operator=(const MapReader&) = delete;
  ~MapReader() = default;

  const Node* take(std::string_view key);
  /// A text; anything else than a scalar is a mistake.
  Text text(std::string_view key, bool required = false);
  bool flag(std::string_view key, Span* where = nullptr);
  std::optional<std::int64_t> integer(std::string_view key);
  std::optional<Strategy> strategy(std::string_view key);
  /// The elements of a list, or one element that stands without a list.
  std::vector<const Node*> elements(std::string_view key);
  std::vector<Text> texts(std::string_view key);
  /// Keys that weren't taken: a mistake where the reference refuses them, else a remark.
  void finish(bool refuse);

  std::string path(std::string_view key) const;
  Span span() const { return node_.span; }
  bool is_map() const { return node_.kind == Node::Kind::map; }
  void mistake(Span where, std::string text, std::string help = {});
  const Reading& reading() const { return reading_; }

 private:
  Text scalar(const Node& node, const std::string& what, const std::string& path);

  const Reading& reading_;
  const Node& node_;
  std::string path_;
  std::vector<std::string_view> taken_;
};

/// The last line (0-based) that holds something of a node.
std::uint32_t last_line(const Node& node, const grammar::SourceMap& sources);
/// Marks every leaf below a node as read.
void read_leaves(const Node& node, const std::string& path, Report& report);

}  // namespace fconn::importer
