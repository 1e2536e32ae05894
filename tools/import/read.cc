#include "tools/import/read.hh"

#include <algorithm>

namespace fconn::importer {

using grammar::diagnostic;
using grammar::DiagnosticId;

void read_leaves(const Node& node, const std::string& path, Report& report) {
  if (node.kind == Node::Kind::map) {
    for (const Entry& entry : node.entries)
      read_leaves(entry.value, path + "." + entry.key, report);
  } else if (node.kind == Node::Kind::list) {
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      read_leaves(node.items[i], path + "[" + std::to_string(i) + "]", report);
    }
  } else {
    report.read(node.span, path);
  }
}

std::uint32_t last_line(const Node& node, const grammar::SourceMap& sources) {
  std::uint32_t last = sources.position(node.span.file, node.span.begin).line - 1;
  for (const Node& item : node.items) last = std::max(last, last_line(item, sources));
  for (const Entry& entry : node.entries) last = std::max(last, last_line(entry.value, sources));
  return last;
}

MapReader::MapReader(const Reading& reading, const Node& node, std::string path)
    : reading_(reading), node_(node), path_(std::move(path)) {
  if (node.kind == Node::Kind::map) return;
  mistake(node.span, (path_.empty() ? "this" : "`" + path_ + "`") + " is no map of keys");
}

std::string MapReader::path(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void MapReader::mistake(Span where, std::string text, std::string help) {
  reading_.diagnostics.push_back(
      diagnostic(DiagnosticId::not_fides, where, std::move(text), std::move(help)));
}

const Node* MapReader::take(std::string_view key) {
  taken_.push_back(key);
  const Node* node = node_.find(key);
  return node == nullptr || node->kind == Node::Kind::null ? nullptr : node;
}

Text MapReader::scalar(const Node& node, const std::string& what, const std::string& path) {
  Text out;
  out.span = node.span;
  if (node.kind != Node::Kind::scalar) {
    mistake(node.span, "`" + what + "` takes a text");
    out.given = true;  // wrongly
    return out;
  }
  reading_.report.read(node.span, path);
  out.text = node.text;
  out.given = true;
  out.number = node.plain && as_int(node).has_value();
  return out;
}

Text MapReader::text(std::string_view key, bool required) {
  const Node* node = take(key);
  if (node != nullptr) return scalar(*node, std::string(key), path(key));
  Text out;
  out.span = node_.span;
  if (required && node_.kind == Node::Kind::map)
    mistake(node_.span, "`" + path(key) + "` is missing");
  return out;
}

bool MapReader::flag(std::string_view key, Span* where) {
  const Node* node = take(key);
  if (node == nullptr) return false;
  reading_.report.read(node->span, path(key));
  if (where != nullptr) *where = node->span;
  const auto value = as_bool(*node);
  if (!value) mistake(node->span, "`" + std::string(key) + "` takes true or false");
  return value.value_or(false);
}

std::optional<std::int64_t> MapReader::integer(std::string_view key) {
  const Node* node = take(key);
  if (node == nullptr) return std::nullopt;
  reading_.report.read(node->span, path(key));
  auto value = as_int(*node);
  if (!value) mistake(node->span, "`" + std::string(key) + "` takes a whole number");
  return value;
}

std::optional<Strategy> MapReader::strategy(std::string_view key) {
  const Node* node = take(key);
  if (node == nullptr) return std::nullopt;
  Strategy out;
  MapReader map(reading_, *node, path(key));
  out.name = map.text("strategy", true);
  if (const Node* configuration = map.take("configuration")) {
    out.configuration = *configuration;
    read_leaves(*configuration, map.path("configuration"), reading_.report);
  } else {
    out.configuration.span = node->span;
  }
  map.finish(false);
  return out;
}

std::vector<const Node*> MapReader::elements(std::string_view key) {
  std::vector<const Node*> out;
  const Node* node = take(key);
  if (node == nullptr) return out;
  if (node->kind != Node::Kind::list) return {node};
  for (const Node& item : node->items) out.push_back(&item);
  return out;
}

std::vector<Text> MapReader::texts(std::string_view key) {
  std::vector<Text> out;
  for (const Node* node : elements(key)) out.push_back(scalar(*node, std::string(key), path(key)));
  return out;
}

void MapReader::finish(bool refuse) {
  for (const Entry& entry : node_.entries) {
    if (std::find(taken_.begin(), taken_.end(), entry.key) != taken_.end()) continue;
    if (refuse) {
      std::vector<std::string> names(taken_.begin(), taken_.end());
      const auto near = grammar::did_you_mean(entry.key, names);
      mistake(entry.key_span,
              "Fides knows no key `" + entry.key + "` here and refuses the document",
              near ? "did you mean `" + *near + "`?" : "remove it");
      continue;
    }
    read_leaves(entry.value, path(entry.key), reading_.report);
    reading_.report.read(entry.value.span, path(entry.key));
    reading_.report.say(entry.value.span, "left out: Fides doesn't know this key and ignores it");
  }
}

}  // namespace fconn::importer
