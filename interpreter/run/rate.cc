#include "interpreter/run/rate.hh"

#include <algorithm>

namespace fconn::run {

RateLimiter::RateLimiter(const std::vector<ir::RateWindow>& windows) {
  for (const ir::RateWindow& window : windows) {
    if (window.amount == 0) continue;
    windows_.push_back({window.amount, value::Milliseconds(window.window_ms), {}});
  }
}

value::TimePoint RateLimiter::earliest(value::TimePoint now) const {
  value::TimePoint at = now;
  for (const Window& window : windows_) {
    if (window.starts.size() < window.amount) continue;
    at = std::max(at, window.starts.front() + window.length);
  }
  return at;
}

void RateLimiter::started(value::TimePoint now) {
  for (Window& window : windows_) {
    window.starts.push_back(now);
    if (window.starts.size() > window.amount) window.starts.pop_front();
  }
}

std::shared_ptr<LanePace> Pace::of(const std::string& instance, const void* what,
                                   const std::vector<ir::RateWindow>& windows) {
  std::shared_ptr<LanePace>& lane = lanes_[{instance, what}];
  if (lane == nullptr) lane = std::make_shared<LanePace>(windows);
  return lane;
}

void RateLimiter::take_back() {
  // What started() dropped in front was out of its window by then, and isn't missed.
  for (Window& window : windows_) window.starts.pop_back();
}

}  // namespace fconn::run
