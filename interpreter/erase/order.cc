#include "interpreter/erase/order.hh"

#include <algorithm>

namespace fconn::erase {

namespace {

using Reach = std::vector<std::vector<bool>>;  // [a][b]: a waits for b, directly or not

/// Adds a -> b and all that follows from it.
void add(Reach& reach, std::size_t a, std::size_t b) {
  for (std::size_t x = 0; x < reach.size(); ++x) {
    if (x != a && !reach[x][a]) continue;
    for (std::size_t y = 0; y < reach.size(); ++y) {
      if (y == b || reach[b][y]) reach[x][y] = true;
    }
  }
}

}  // namespace

ErasureOrder erasure_order(const ir::Connector& connector) {
  const std::size_t count = connector.collections.size();
  Reach reach(count, std::vector<bool>(count, false));
  for (std::size_t i = 0; i < count; ++i) {
    for (const ir::CollectionId after : connector.collections[i].erase_after) {
      if (after.value != i) add(reach, i, after.value);
    }
  }
  for (std::size_t child = 0; child < count; ++child) {
    for (const ir::Source& source : connector.collections[child].sources) {
      if (!source.collection) continue;
      const std::size_t parent = source.collection->value;
      if (parent != child && !reach[child][parent]) add(reach, parent, child);
    }
  }
  ErasureOrder order;
  order.waits_for.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::uint32_t j = 0; j < count; ++j) {
      if (reach[i][j] && j != i) order.waits_for[i].push_back(ir::CollectionId{j});
    }
  }
  std::vector<bool> placed(count, false);
  while (order.sequence.size() < count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto& waits = order.waits_for[i];
      if (placed[i] || !std::all_of(waits.begin(), waits.end(),
                                    [&](ir::CollectionId id) { return placed[id.value]; })) {
        continue;
      }
      placed[i] = true;
      order.sequence.push_back(ir::CollectionId{i});
      break;
    }
  }
  return order;
}

}  // namespace fconn::erase
