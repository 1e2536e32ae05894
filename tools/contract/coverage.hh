// Which parts of a connector its tests have exercised: requests that were made, `skip`, `fail`,
// `retry` and `stop` that held, `keep` and `until` that went both ways, both branches of each `if`.
// Only what the connector's own files say counts, not the standard library.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "interpreter/eval/eval.hh"
#include "interpreter/ir/ir.hh"

namespace fconn::contract {

/// What was decided in runs of one or several connectors. For one thread at a time; merge() joins
/// those of several.
class Seen final : public eval::Decisions {
 public:
  void made(const void* node, bool holds) override { nodes_[node] |= holds ? 1 : 2; }
  void merge(const Seen& other) {
    for (const auto& [node, ways] : other.nodes_) nodes_[node] |= ways;
  }
  bool ever(const void* node, bool holds) const {
    const auto found = nodes_.find(node);
    return found != nodes_.end() && (found->second & (holds ? 1 : 2)) != 0;
  }

 private:
  std::unordered_map<const void*, std::uint8_t> nodes_;  // 1: held, 2: didn't
};

/// Something that no test has exercised.
struct Missed {
  std::string file;
  std::uint32_t line = 0, column = 0;
  std::string text;  // "`skip` never held"
};
struct Coverage {
  std::size_t covered = 0, total = 0;
  std::vector<Missed> missed;  // by file and line
  /// In whole percent, rounded down, so that 100 means everything.
  std::size_t percent() const { return total == 0 ? 100 : covered * 100 / total; }
};

/// `seen` holds nodes of this very object.
Coverage coverage(const ir::Connector& connector, const Seen& seen);

}  // namespace fconn::contract
