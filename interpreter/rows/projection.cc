#include "interpreter/rows/projection.hh"

#include <algorithm>
#include <utility>

#include "interpreter/rows/trie.hh"

namespace fconn::rows {

namespace {

using Node = CompiledProjection::Node;

Node& child_of(Node& node, const std::string& key) {
  for (Node::Child& child : node.children) {
    if (child.key == key) return *child.node;
  }
  Node::Child child;
  const std::size_t bytes = std::min<std::size_t>(key.size(), 8);
  std::memcpy(&child.head, key.data(), bytes);
  const std::uint64_t ones = ~std::uint64_t{0};
  std::memcpy(&child.mask, &ones, bytes);
  child.key = key;
  child.node = std::make_unique<Node>();
  node.lengths |= std::uint64_t{1} << std::min<std::size_t>(key.size(), 63);
  node.children.push_back(std::move(child));
  return *node.children.back().node;
}

void add_cell(Node& root, const KeyPath& path, std::uint32_t cell) {
  Node* node = &root;
  node->below.push_back(cell);
  for (const std::string& key : path) {
    node = &child_of(*node, key);
    node->below.push_back(cell);
  }
  node->cells.push_back(cell);
}

std::unique_ptr<Node> trie_of(const std::vector<KeyPath>& paths) {
  auto root = std::make_unique<Node>();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    add_cell(*root, paths[i], static_cast<std::uint32_t>(i));
  }
  return root;
}

}  // namespace

CompiledProjection::CompiledProjection(Projection projection)
    : projection_(std::move(projection)),
      body_(trie_of(projection_.body_cells)),
      row_(trie_of(projection_.row_cells)) {
  if (!projection_.rows) return;
  Node* node = body_.get();
  node->toward_rows = true;
  for (const std::string& key : *projection_.rows) {
    node = &child_of(*node, key);
    node->toward_rows = true;
  }
  node->rows = true;
}

CompiledProjection::~CompiledProjection() = default;
CompiledProjection::CompiledProjection(CompiledProjection&&) noexcept = default;
CompiledProjection& CompiledProjection::operator=(CompiledProjection&&) noexcept = default;

bool streamable(const Projection& projection) {
  return std::none_of(projection.body_cells.begin(), projection.body_cells.end(),
                      [&](const KeyPath& cell) {
                        if (cell.empty()) return true;
                        return projection.rows && cell.size() <= projection.rows->size() &&
                               std::equal(cell.begin(), cell.end(), projection.rows->begin());
                      });
}

}  // namespace fconn::rows
