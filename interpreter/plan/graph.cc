// The dependency graph as DOT, Mermaid and JSON. First one list of nodes and edges, then three ways
// to write it.
#include <algorithm>

#include "interpreter/plan/plan.hh"
#include "interpreter/plan/uses.hh"
#include "interpreter/value/value.hh"

namespace fconn::plan {
namespace {

enum class NodeKind : std::uint8_t { identity, external, collection };

struct Node {
  NodeKind kind{};
  std::uint32_t number = 0;
  std::string name;
  const ir::Collection* collection = nullptr;
};
struct Edge {
  std::size_t from = 0, to = 0;     // indices into Graph::nodes
  std::vector<std::string> values;  // "id", "address.city"
};
struct Graph {
  std::vector<Node> nodes;  // identities, externals, collections; each in order of declaration
  std::vector<Edge> edges;  // by the collection that they end in
};

// ---- making it ---------------------------------------------------------------------------------

std::set<std::uint32_t> externals_of(const ir::Collection& collection) {
  std::set<std::uint32_t> found;
  for (const ir::Source& source : collection.sources) {
    if (source.values) add_externals(*source.values, found);
  }
  return found;
}

void add_identities(const ir::Chain& chain, std::set<std::uint32_t>& found) {
  for (const std::vector<ir::IdentityId>& set : chain.needs) {
    for (const ir::IdentityId id : set) found.insert(id.value);
  }
  for (const ir::IdentityId id : chain.request_identities) found.insert(id.value);
  for (const ir::IdentityId id : chain.keep_identities) found.insert(id.value);
}

std::set<std::uint32_t> identities_of(const ir::Collection& collection) {
  std::set<std::uint32_t> found;
  for (const ir::Read& read : collection.reads) add_identities(read.chain, found);
  if (!collection.reads.empty() || collection.emit) return found;
  if (collection.update) add_identities(*collection.update, found);
  if (collection.erase) add_identities(*collection.erase, found);
  return found;
}

std::string dotted(const ir::KeyPath& path) {
  std::string out;
  for (const std::string& key : path) out += (out.empty() ? "" : ".") + key;
  return out.empty() ? "row" : out;
}

/// What flows from `parent` into `collection`, in the order of its slots.
std::vector<std::string> values_from(const ir::Connector& connector,
                                     const ir::Collection& collection, std::uint32_t parent) {
  std::vector<std::string> values;
  for (const ir::Slot& slot : collection.slots) {
    const ir::Source& source = collection.sources[slot.source];
    if (!slot.cell || !source.collection || source.collection->value != parent) continue;
    std::string path = dotted(connector.collections[parent].cells[*slot.cell].path);
    if (std::find(values.begin(), values.end(), path) == values.end()) {
      values.push_back(std::move(path));
    }
  }
  return values;
}

class Builder {
 public:
  explicit Builder(const ir::Connector& connector) : connector_(connector) {}

  Graph build() {
    std::set<std::uint32_t> identities, externals;
    for (const ir::Collection& collection : connector_.collections) {
      identities.merge(identities_of(collection));
      externals.merge(externals_of(collection));
    }
    for (const std::uint32_t id : identities) {
      node(NodeKind::identity, id, connector_.identities[id].name);
    }
    for (const std::uint32_t id : externals) {
      node(NodeKind::external, id, connector_.externals[id].name);
    }
    for (std::uint32_t i = 0; i < connector_.collections.size(); ++i) {
      const ir::Collection& collection = connector_.collections[i];
      node(NodeKind::collection, i, collection.name);
      graph_.nodes.back().collection = &collection;
      edges(i, collection);
    }
    return std::move(graph_);
  }

 private:
  void node(NodeKind kind, std::uint32_t number, const std::string& name) {
    graph_.nodes.push_back({kind, number, name, nullptr});
  }
  std::size_t find(NodeKind kind, std::uint32_t number) const {
    const auto found =
        std::find_if(graph_.nodes.begin(), graph_.nodes.end(),
                     [&](const Node& node) { return node.kind == kind && node.number == number; });
    return static_cast<std::size_t>(found - graph_.nodes.begin());
  }
  void edges(std::uint32_t own, const ir::Collection& collection) {
    const std::size_t to = find(NodeKind::collection, own);
    for (const std::uint32_t id : identities_of(collection)) {
      graph_.edges.push_back({find(NodeKind::identity, id), to, {}});
    }
    for (const std::uint32_t id : externals_of(collection)) {
      graph_.edges.push_back({find(NodeKind::external, id), to, {}});
    }
    std::set<std::uint32_t> seen;
    for (const ir::Source& source : collection.sources) {
      if (!source.collection || !seen.insert(source.collection->value).second) continue;
      const std::uint32_t parent = source.collection->value;
      graph_.edges.push_back(
          {find(NodeKind::collection, parent), to, values_from(connector_, collection, parent)});
    }
  }

  const ir::Connector& connector_;
  Graph graph_;
};

// ---- writing it --------------------------------------------------------------------------------

std::string joined(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : ", ") + value;
  return out;
}

/// "2 reads, update, delete"
std::string marks(const ir::Collection& collection) {
  std::vector<std::string> all;
  if (!collection.reads.empty()) {
    const std::size_t count = collection.reads.size();
    all.push_back(std::to_string(count) + (count == 1 ? " read" : " reads"));
  }
  if (collection.emit) all.emplace_back("emit");
  if (collection.update) all.emplace_back("update");
  if (collection.erase) all.emplace_back("delete");
  return joined(all);
}

std::string_view kind_name(NodeKind kind) {
  if (kind == NodeKind::identity) return "identity";
  return kind == NodeKind::external ? "external" : "collection";
}

std::string short_id(const Node& node) {
  return std::string(kind_name(node.kind).substr(0, 1)) + std::to_string(node.number);
}

std::string dot_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string dot(const Graph& graph, const std::string& title) {
  std::string out = "digraph \"" + dot_text(title) + "\" {\n  rankdir=LR;\n";
  for (const Node& node : graph.nodes) {
    std::string label = dot_text(node.name);
    std::string_view shape = node.kind == NodeKind::identity ? "ellipse" : "parallelogram";
    if (node.collection != nullptr) {
      shape = "box";
      const std::string below = marks(*node.collection);
      if (!below.empty()) label += "\\n" + below;
    }
    out += "  \"" + short_id(node) + "\" [shape=" + std::string(shape) + ", label=\"" + label +
           "\"];\n";
  }
  for (const Edge& edge : graph.edges) {
    out += "  \"" + short_id(graph.nodes[edge.from]) + "\" -> \"" + short_id(graph.nodes[edge.to]) +
           '"';
    if (!edge.values.empty()) out += " [label=\"" + dot_text(joined(edge.values)) + "\"]";
    out += ";\n";
  }
  return out + "}\n";
}

/// Mermaid has no escape in a quoted label but entity codes.
std::string mermaid_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "#quot;";
        break;
      case '#':
        out += "#35;";
        break;
      case '<':
        out += "#lt;";
        break;
      case '>':
        out += "#gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string mermaid(const Graph& graph) {
  std::string out = "flowchart LR\n";
  for (const Node& node : graph.nodes) {
    std::string label = mermaid_text(node.name);
    std::string_view open = "([\"", close = "\"])";
    if (node.kind == NodeKind::external) open = "[/\"", close = "\"/]";
    if (node.collection != nullptr) {
      open = "[\"", close = "\"]";
      const std::string below = marks(*node.collection);
      if (!below.empty()) label += "<br/>" + below;
    }
    out += "  " + short_id(node) + std::string(open) + label + std::string(close) + '\n';
  }
  for (const Edge& edge : graph.edges) {
    out += "  " + short_id(graph.nodes[edge.from]) + " -->";
    if (!edge.values.empty()) out += "|\"" + mermaid_text(joined(edge.values)) + "\"|";
    out += ' ' + short_id(graph.nodes[edge.to]) + '\n';
  }
  return out;
}

class JsonGraph {
 public:
  std::string write(const Graph& graph) {
    out_ = "{\n  \"nodes\": [";
    for (const Node& node : graph.nodes) {
      next_line(&node == graph.nodes.data());
      out_ += "{\"id\": ";
      id(node);
      out_ += ", \"kind\": ";
      string(kind_name(node.kind));
      out_ += ", \"name\": ";
      string(node.name);
      if (node.collection != nullptr) what(*node.collection);
      out_ += '}';
    }
    out_ += "\n  ],\n  \"edges\": [";
    for (const Edge& edge : graph.edges) {
      next_line(&edge == graph.edges.data());
      out_ += "{\"from\": ";
      id(graph.nodes[edge.from]);
      out_ += ", \"to\": ";
      id(graph.nodes[edge.to]);
      out_ += ", \"values\": [";
      for (std::size_t i = 0; i < edge.values.size(); ++i) {
        if (i > 0) out_ += ", ";
        string(edge.values[i]);
      }
      out_ += "]}";
    }
    return std::move(out_ += "\n  ]\n}\n");
  }

 private:
  void string(std::string_view text) { value::append_json_string(text, out_); }
  void id(const Node& node) { string(std::string(kind_name(node.kind)) + ':' + node.name); }
  void next_line(bool first) { out_ += first ? "\n    " : ",\n    "; }
  void what(const ir::Collection& collection) {
    const auto flag = [&](std::string_view key, bool value) {
      out_ += ", \"" + std::string(key) + (value ? "\": true" : "\": false");
    };
    out_ += ", \"reads\": " + std::to_string(collection.reads.size());
    flag("emit", collection.emit.has_value());
    flag("update", collection.update.has_value());
    flag("delete", collection.erase.has_value());
  }

  std::string out_;
};

}  // namespace

std::string graph(const ir::Connector& connector, GraphFormat format) {
  const Graph graph = Builder(connector).build();
  switch (format) {
    case GraphFormat::dot:
      return dot(graph, connector.name);
    case GraphFormat::mermaid:
      return mermaid(graph);
    case GraphFormat::json:
      return JsonGraph().write(graph);
  }
  return {};
}

}  // namespace fconn::plan
