// Erasures under way: part of the engine's state. Private to run/.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "interpreter/eval/eval.hh"
#include "interpreter/run/erasure.hh"

namespace fconn::run {

/// Whom a rendering is for.
enum class ErasureView : std::uint8_t {
  wire,   // the server
  named,  // the plan's digest: secrets stand as their names
  shown,  // a person: and values of the person concerned as hashes
};

/// The plan's clock.
class FixedClock final : public value::Clock {
 public:
  explicit FixedClock(value::WallTime wall) : wall_(wall) {}
  value::TimePoint now() override { return {}; }
  value::WallTime wall() override { return wall_; }

 private:
  value::WallTime wall_;
};

/// The same numbers for the same seed (SplitMix64).
class SeededRandom final : public value::Random {
 public:
  void begin(std::uint64_t seed) { state_ = seed; }
  std::uint64_t next() override {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

 private:
  std::uint64_t state_ = 0;
};

struct PlanTime {
  PlanTime(const ir::Connector& connector, value::WallTime now)
      : clock(now), evaluator(connector, clock, random) {}
  FixedClock clock;
  SeededRandom random;
  eval::Evaluator evaluator;
};

/// One erasure.
struct ErasureRun {
  const ErasureTask* wanted = nullptr;
  std::uint32_t number = 0;  // in the list
  // What its expressions see; lives in the task's arena.
  value::Value row, masked, masked_row;
  std::vector<value::Value> identities;
  bool in_flight = false;     // about_to_send() was told, and answered() not yet
  std::uint32_t sending = 0;  // that request
  bool unsent = false;        // not a byte of it left
  bool doubtful = false;      // the request that is due may have been done already
  bool gone = false;          // its answer says that it was
  DraftedTurn drafted;
};

/// All of one draft() or perform().
struct Erasing {
  const std::vector<ErasureTask>* wanted = nullptr;
  const Hide* hide = nullptr;     // draft
  ErasureHooks* hooks = nullptr;  // perform
  std::vector<std::unique_ptr<ErasureRun>> runs;
  std::vector<DraftedTurn> turns;
  std::vector<std::uint32_t> open;                  // by group: tasks that haven't ended
  std::vector<bool> begun;                          // by group
  std::optional<value::TimePoint> until;            // nothing begins any more
  bool any_begun = false;                           // a task of this perform() has
  bool closing = false;                             // `until` is over
  std::vector<std::vector<std::uint32_t>> members;  // by group
  std::unordered_set<std::uint32_t> closed;         // instances that can't be reached, or refuse
  std::vector<std::uint32_t> unreached;  // by instance: requests in a row that never left

  bool drafting() const { return hooks == nullptr; }
};

}  // namespace fconn::run
