#include "interpreter/run/retry.hh"

#include <algorithm>

namespace fconn::run {

value::Milliseconds retry_wait(const ir::RetryRule& rule, std::uint32_t attempt,
                               std::optional<value::Milliseconds> retry_after,
                               value::Random& random) {
  if (retry_after && retry_after->count() > 0) return *retry_after;
  if (rule.every_ms) return value::Milliseconds(*rule.every_ms);
  std::int64_t ceiling = std::max<std::int64_t>(rule.backoff_min_ms, 0);
  for (std::uint32_t i = 0; i < attempt && ceiling < rule.backoff_max_ms; ++i) ceiling *= 2;
  ceiling = std::min(ceiling, rule.backoff_max_ms);
  if (ceiling <= 0) return value::Milliseconds(0);
  return value::Milliseconds(
      static_cast<std::int64_t>(random.next() % (static_cast<std::uint64_t>(ceiling) + 1)));
}

bool covers(const ir::Condition& condition, int status) {
  return std::any_of(condition.on.begin(), condition.on.end(), [status](const auto& range) {
    return status >= range.low && status <= range.high;
  });
}

ir::RetryRule network_retry_rule() {
  ir::RetryRule rule;
  rule.times = 3;
  rule.backoff_min_ms = 1000;
  rule.backoff_max_ms = 60'000;
  return rule;
}

bool leaves_open(int status) {
  const bool redirect = status >= 300 && status < 400 && status != 307 && status != 308;
  return status >= 500 || status == 408 || redirect;
}

}  // namespace fconn::run
