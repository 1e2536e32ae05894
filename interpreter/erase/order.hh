// In which order collections are erased: children before parents, so that what hangs on a row goes
// while the row is there, unless `erase_after` says otherwise.
#pragma once

#include <vector>

#include "interpreter/ir/ir.hh"

namespace fconn::erase {

struct ErasureOrder {
  /// By CollectionId: the collections whose erasures must be over before this one's begin; also
  /// through collections that aren't erased. Sorted.
  std::vector<std::vector<ir::CollectionId>> waits_for;
  /// All collections, each after those that it waits for; by declaration where nothing is said.
  std::vector<ir::CollectionId> sequence;
};

/// `erase_after` has no circle (checked when compiled). Where "children before parents" would make
/// one together with it, it gives way.
ErasureOrder erasure_order(const ir::Connector& connector);

}  // namespace fconn::erase
