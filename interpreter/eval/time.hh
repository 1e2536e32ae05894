// Times of the expression language: texts in ISO 8601 (the profile of RFC 3339), UTC, years 0 to
// 9999, to the microsecond. No time zone database, no locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fconn::eval {

/// Microseconds since 1970-01-01T00:00:00Z, without leap seconds.
struct Moment {
  std::int64_t micros = 0;
};

/// "2024-05-06T07:08:09Z"; a fraction only when there is one, without trailing zeros.
std::string iso8601_text(Moment moment);

/// A date, or a date and a time with `T` or a space between, seconds and fraction optional, with
/// `Z`, `+hh:mm`, `+hhmm` or nothing (UTC) behind.
std::optional<Moment> parse_iso8601(std::string_view text);

/// Adds milliseconds; false (and unchanged) when that leaves the years 0 to 9999.
bool move(Moment& moment, std::int64_t milliseconds);

/// Seconds (and a fraction) since 1970; nothing outside the years 0 to 9999.
std::optional<Moment> moment_from_micros(std::int64_t micros);

/// The directives that both of these know: %Y %m %d %H %M %S %f %z %s %j %b %B %a %A %y %e %I %p
/// %L (milliseconds) %Z (GMT) %% (and %T = %H:%M:%S, %F = %Y-%m-%d). `bad` is the directive that
/// isn't one of them.
std::optional<std::string> format_time(Moment moment, std::string_view format, std::string& bad);
std::optional<Moment> parse_time(std::string_view text, std::string_view format, std::string& bad);

}  // namespace fconn::eval
