// Rate limits: "at most N starts in any window of T", several windows at once (language.md `rate`).
// A sliding log of start times, so that no window is ever exceeded, whatever its phase.
#pragma once

#include <deque>
#include <vector>

#include "interpreter/ir/ir.hh"
#include "interpreter/value/ports.hh"

namespace fconn::run {

class RateLimiter {
 public:
  explicit RateLimiter(const std::vector<ir::RateWindow>& windows);
  /// The earliest time at which one more start keeps within every window; `now` if at once.
  value::TimePoint earliest(value::TimePoint now) const;
  void started(value::TimePoint now);
  /// The last start didn't happen after all.
  void take_back();

 private:
  struct Window {
    std::uint32_t amount;
    value::Milliseconds length;
    std::deque<value::TimePoint> starts;  // the last `amount` of them at most
  };
  std::vector<Window> windows_;
};

}  // namespace fconn::run
