// The trie behind CompiledProjection. Built once, then read only. Nodes own their children.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/rows/projection.hh"

namespace fconn::rows {

struct CompiledProjection::Node {
  struct Child {
    std::uint64_t head = 0;  // the key's first 8 bytes, zero padded
    std::uint64_t mask = 0;  // which bytes of `head` the key has
    std::string key;
    std::unique_ptr<Node> node;
  };

  std::vector<Child> children;
  std::uint64_t lengths = 0;         // bit n: a child's key has n bytes (63: 63 or more)
  std::vector<std::uint32_t> cells;  // the paths that end here
  std::vector<std::uint32_t> below;  // the paths that end here or deeper
  bool rows = false;                 // the rows lie here
  bool toward_rows = false;          // the rows lie here or deeper

  /// The child named by `length` bytes at `key`, behind which 8 bytes must be readable.
  const Node* find(const char* key, std::size_t length) const {
    if (((lengths >> (length < 63 ? length : 63)) & 1U) == 0) return nullptr;
    std::uint64_t head = 0;
    std::memcpy(&head, key, sizeof head);
    for (const Child& child : children) {
      if (child.key.size() != length || (head & child.mask) != child.head) continue;
      if (length <= 8 || std::memcmp(key + 8, child.key.data() + 8, length - 8) == 0) {
        return child.node.get();
      }
    }
    return nullptr;
  }
};

}  // namespace fconn::rows
