// Rate limits: "at most N starts in any window of T", several windows at once (language.md `rate`).
// A sliding log of start times, so that no window is ever exceeded, whatever its phase.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
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

/// How fast one client, or one request with windows of its own, may go.
struct LanePace {
  explicit LanePace(const std::vector<ir::RateWindow>& windows) : rate(windows) {}
  RateLimiter rate;
  value::TimePoint paused_until{};  // Retry-After
};

/// What several engines that run one after the other keep of each other's requests, so that none
/// begins its windows anew (erasures read, act and read again).
class Pace {
 public:
  /// `what`: the ir::Client or ir::Request that it belongs to, which must outlive this.
  std::shared_ptr<LanePace> of(const std::string& instance, const void* what,
                               const std::vector<ir::RateWindow>& windows);

 private:
  std::map<std::pair<std::string, const void*>, std::shared_ptr<LanePace>> lanes_;
};

}  // namespace fconn::run
