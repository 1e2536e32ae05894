// What a run needs from a response: a few values of the body, the place of the rows, and a few
// values of each row. Compiled once per request kind into a trie that the walker follows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fconn::rows {

/// Object keys from a root; empty is the root itself.
using KeyPath = std::vector<std::string>;

struct Projection {
  std::vector<KeyPath> body_cells;  // from the body's root
  std::optional<KeyPath> rows;      // where the rows lie; none: only body cells are wanted
  std::vector<KeyPath> row_cells;   // from the row; the empty path is the whole row
};

/// Immutable trie of a Projection; cheap to share between readers of one thread.
class CompiledProjection {
 public:
  explicit CompiledProjection(Projection projection);
  ~CompiledProjection();
  CompiledProjection(CompiledProjection&&) noexcept;
  CompiledProjection& operator=(CompiledProjection&&) noexcept;
  const Projection& projection() const { return projection_; }

  struct Node;
  const Node& body() const { return *body_; }
  const Node& row() const { return *row_; }

 private:
  Projection projection_;
  std::unique_ptr<Node> body_;
  std::unique_ptr<Node> row_;
};

/// Whether a JsonStream can serve it: false when a body cell is the whole body or holds the rows,
/// which a bounded window can't keep. Such a body is read whole (JsonReader).
bool streamable(const Projection& projection);

}  // namespace fconn::rows
