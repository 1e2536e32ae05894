// The ports that the program picks: clock, random numbers, trace file.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "interpreter/sink/output.hh"
#include "interpreter/value/ports.hh"

namespace fconn::cli {

/// `fixed`: what wall() always says (--now); the monotonic clock runs on.
std::unique_ptr<value::Clock> make_clock(std::optional<value::WallTime> fixed);
/// `seed`: a fixed sequence (--seed); otherwise the kernel's generator.
std::unique_ptr<value::Random> make_random(std::optional<std::uint64_t> seed);

/// RFC 3339 ("2024-05-06T07:08:09Z", with fraction or offset), a date, or Unix seconds.
std::optional<value::WallTime> parse_time(std::string_view text);
/// "2024-05-06T07:08:09Z", with milliseconds where there are any.
std::string format_time(value::WallTime time);
/// A sortable id of a run (ULID: 48 bits of time, 80 random bits, Crockford's base 32).
std::string run_id(value::WallTime time, value::Random& random);
/// A random UUID (RFC 9562, version 4).
std::string uuid(value::Random& random);

/// --trace FILE: one JSON object a line, mode 0600. Events are redacted by whoever makes them.
class FileTrace : public value::TraceSink {
 public:
  explicit FileTrace(std::unique_ptr<sink::Output> output) : output_(std::move(output)) {}
  bool enabled() const override { return true; }
  void event(std::string_view json_object) override;
  /// Flushes; a failure of any write since the start.
  value::Result<void> close();

 private:
  std::unique_ptr<sink::Output> output_;
  std::optional<value::Failure> failure_;
};

}  // namespace fconn::cli
