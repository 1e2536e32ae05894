// The ports through which the world enters: each an interface of a few members, picked by tools/.
// Nothing else in the program reads a clock, draws random numbers, writes rows or traces.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/value/result.hh"
#include "interpreter/value/row_batch.hh"

namespace fconn::value {

using TimePoint = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() = 0;  // monotonic: schedules, timeouts
  virtual WallTime wall() = 0;  // now(), Retry-After dates; fixed under --now
};

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;  // 64 uniform bits; a fixed sequence under --seed
};

/// How a collection ended. `complete` unless something says otherwise.
enum class CollectionState : std::uint8_t { complete, skipped, capped, failed };
std::string_view name(CollectionState state);

struct Outcome {
  CollectionState state = CollectionState::complete;
  std::string reason;  // empty when complete; else one sentence
  std::uint64_t requests = 0;
  std::uint64_t rows = 0;
  std::uint64_t retries = 0;
  std::uint64_t resumed = 0;                   // jobs of an earlier run that were gone on with
  std::uint64_t bytes = 0;                     // decoded response bytes
  std::map<std::string, std::uint64_t> skips;  // reason of a `skip` clause -> answers
  /// Rows left out because an earlier one has their key, though they hold something else.
  std::uint64_t unlike = 0;
};

/// Receives finished rows. Called from one thread at a time; may block.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> write(std::string_view instance, std::string_view collection,
                             const RowBatch& batch) = 0;
  virtual Result<void> finish(std::string_view instance, std::string_view collection,
                              const Outcome& outcome) = 0;
  virtual Result<void> close() = 0;
};

/// One event of a run for --trace, as a JSON object's members without braces; already redacted.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual bool enabled() const = 0;
  virtual void event(std::string_view json_object) = 0;
};

}  // namespace fconn::value
