// Which parts of a connector its tests have exercised: requests that were made, `skip`, `fail`,
// `retry` and `stop` that held, `keep` and `until` that went both ways, both branches of each `if`.
// Only what the connector's own files say counts, not the standard library, nor a bundled connector
// that it extends.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "interpreter/eval/eval.hh"
#include "interpreter/ir/ir.hh"

namespace fconn::contract {

/// What was decided in runs of one connector. For one thread at a time; merge() joins those of
/// several.
class Seen final : public eval::Decisions {
 public:
  void made(grammar::Span where, bool holds) override { ways_[place(where)] |= way(holds); }
  void merge(const Seen& other) {
    for (const auto& [where, ways] : other.ways_) ways_[where] |= ways;
  }
  bool ever(grammar::Span where, bool holds) const {
    const auto found = ways_.find(place(where));
    return found != ways_.end() && (found->second & way(holds)) != 0;
  }

 private:
  using Place = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  static Place place(grammar::Span where) { return {where.file.value, where.begin, where.end}; }
  static std::uint8_t way(bool holds) { return holds ? 1 : 2; }
  std::map<Place, std::uint8_t> ways_;
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

/// `seen` holds what was decided in runs of this connector.
Coverage coverage(const ir::Connector& connector, const Seen& seen);

}  // namespace fconn::contract
