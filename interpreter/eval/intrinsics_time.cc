// Library functions on times. A time is a string in ISO 8601, in results always in UTC.
#include <cmath>

#include "interpreter/eval/intrinsics_support.hh"
#include "interpreter/eval/numbers.hh"
#include "interpreter/eval/time.hh"

namespace fconn::eval {

using value::Kind;
using value::Value;

namespace {

constexpr std::int64_t micros_per_second = 1'000'000;

Answer time_answer(Moment moment, CallContext& context) {
  return text_answer(iso8601_text(moment), context);
}

auto not_a_time() { return wrong("this isn't a time like 2024-05-06T07:08:09Z"); }
auto out_of_range() { return wrong("the result is outside the years 0 to 9999"); }

/// From a text, or from a number of seconds since 1970.
std::optional<Moment> moment_of(const Value& value) {
  if (value.kind == Kind::string) return parse_iso8601(value.view());
  const long double micros = std::floor(to_long_double(value) * micros_per_second + 0.5L);
  if (!(std::fabs(micros) < 1e18L)) return std::nullopt;
  return moment_from_micros(static_cast<std::int64_t>(micros));
}

Answer now(Arguments, CallContext& context) {
  const std::int64_t milliseconds = context.clock.wall().time_since_epoch().count();
  const std::optional<Moment> moment = moment_from_micros(milliseconds * 1000);
  if (!moment) return out_of_range();
  return time_answer(*moment, context);
}

Answer unix(Arguments a, CallContext&) {
  const std::optional<Moment> moment = parse_iso8601(a[0].view());
  if (!moment) return not_a_time();
  const std::int64_t rest = moment->micros % micros_per_second;
  return Value::of(moment->micros / micros_per_second - (rest < 0 ? 1 : 0));
}

Answer unix_ms(Arguments a, CallContext&) {
  const std::optional<Moment> moment = parse_iso8601(a[0].view());
  if (!moment) return not_a_time();
  const std::int64_t rest = moment->micros % 1000;
  return Value::of(moment->micros / 1000 - (rest < 0 ? 1 : 0));
}

Answer iso8601(Arguments a, CallContext& context) {
  const std::optional<Moment> moment = moment_of(a[0]);
  if (!moment) return a[0].kind == Kind::string ? not_a_time() : out_of_range();
  return time_answer(*moment, context);
}

Answer parse_time_text(Arguments a, CallContext& context) {
  std::string bad;
  const std::optional<Moment> moment = parse_time(a[0].view(), a[1].view(), bad);
  if (!bad.empty()) return wrong("the format has `" + bad + "`, which isn't known");
  if (!moment)
    return wrong("this text isn't a time in the format `" + std::string(a[1].view()) + '`');
  return time_answer(*moment, context);
}

Answer format_time_text(Arguments a, CallContext& context) {
  const std::optional<Moment> moment = moment_of(a[0]);
  if (!moment) return not_a_time();
  std::string bad;
  const std::optional<std::string> text = format_time(*moment, a[1].view(), bad);
  if (!text) return wrong("the format has `" + bad + "`, which isn't known");
  return text_answer(*text, context);
}

Answer add_time(Arguments a, CallContext& context) {
  std::optional<Moment> moment = parse_iso8601(a[0].view());
  if (!moment) return not_a_time();
  if (!move(*moment, a[1].integer)) return out_of_range();
  return time_answer(*moment, context);
}

Answer seconds(Arguments a, CallContext&) {
  Value number = a[0];
  if (number.kind == Kind::string) {
    if (!is_number_spelling(number.view())) return wrong("this text isn't a number");
    number = Value::decimal(number.view());
  }
  const long double milliseconds = std::floor(to_long_double(number) * 1000 + 0.5L);
  if (!(std::fabs(milliseconds) < 1e18L)) return wrong("this is too long a time");
  return Value::duration(static_cast<std::int64_t>(milliseconds));
}

}  // namespace

void add_time_functions(std::vector<Intrinsic>& table) {
  const Parameter time{"time", Type::string, false, {}};
  const Parameter format{"format", Type::string, false, {}};
  constexpr std::string_view no_time = "It isn't a time in ISO 8601.";
  table.push_back({.name = "now",
                   .parameters = {},
                   .result = Type::string,
                   .pure = false,
                   .summary = "The time now, in UTC, to the millisecond.",
                   .examples = {"length(now()) >= 20", "unix(now()) > 0"},
                   .function = now});
  table.push_back({.name = "unix",
                   .parameters = {time},
                   .result = Type::integer,
                   .summary = "Seconds since 1970-01-01T00:00:00Z, rounded down.",
                   .errors = no_time,
                   .examples = {"unix(\"1970-01-02\") == 86400",
                                "unix(\"2024-05-06T09:08:09.5+02:00\") == 1714979289"},
                   .function = unix});
  table.push_back({.name = "unix_ms",
                   .parameters = {time},
                   .result = Type::integer,
                   .summary = "Milliseconds since 1970-01-01T00:00:00Z, rounded down.",
                   .errors = no_time,
                   .examples = {"unix_ms(\"1970-01-01T00:00:01.5Z\") == 1500",
                                "iso8601(unix_ms(\"2024-05-06T07:08:09.25Z\") / 1000) == "
                                "\"2024-05-06T07:08:09.25Z\""},
                   .function = unix_ms});
  table.push_back(
      {.name = "iso8601",
       .parameters = {{"time", Type::number | Type::string, false, {}}},
       .result = Type::string,
       .summary = "The time of a number of seconds since 1970, or a time put into UTC.",
       .errors = "It is outside the years 0 to 9999, or a text that isn't a time.",
       .examples = {"iso8601(1714979289) == \"2024-05-06T07:08:09Z\"",
                    "iso8601(\"2024-05-06T01:00:00+02:00\") == \"2024-05-05T23:00:00Z\""},
       .function = iso8601});
  table.push_back(
      {.name = "parse_time",
       .parameters = {{"text", Type::string, false, {}}, format},
       .result = Type::string,
       .summary = "The time that a text gives in a format of strftime's directives (%Y "
                  "%m %d %H %M %S %f %z %s %j %b %B %a %A %y %e %I %p %L %Z %F %T %%); names "
                  "are English, and what isn't given is 1970-01-01T00:00:00Z.",
       .errors = "The text doesn't fit the format, or a directive isn't known.",
       .examples = {"parse_time(\"06/05/2024\", \"%d/%m/%Y\") == \"2024-05-06T00:00:00Z\"",
                    "parse_time(\"May 6, 2024 7:08 PM\", \"%b %d, %Y %I:%M %p\") == "
                    "\"2024-05-06T19:08:00Z\""},
       .function = parse_time_text});
  table.push_back(
      {.name = "format_time",
       .parameters = {{"time", Type::number | Type::string, false, {}}, format},
       .result = Type::string,
       .summary = "A time, or a number of seconds since 1970, written in a format (see "
                  "parse_time), in UTC.",
       .errors = "It isn't a time, or a directive isn't known.",
       .examples = {"format_time(\"2024-05-06T07:08:09Z\", \"%Y%m%d\") == \"20240506\"",
                    "format_time(0, \"%a, %d %b %Y %T %Z\") == \"Thu, 01 Jan 1970 00:00:00 GMT\""},
       .function = format_time_text});
  table.push_back({.name = "add_time",
                   .parameters = {time, {"duration", Type::duration, false, {}}},
                   .result = Type::string,
                   .summary = "A time moved by a duration, which may be negative.",
                   .errors = "It isn't a time, or the result is outside the years 0 to 9999.",
                   .examples = {"add_time(\"2024-02-28\", 2d) == \"2024-03-01T00:00:00Z\"",
                                "add_time(\"2024-01-01T00:00:00Z\", -500ms) == "
                                "\"2023-12-31T23:59:59.5Z\""},
                   .function = add_time});
  table.push_back({.name = "seconds",
                   .parameters = {{"number", Type::number | Type::string, false, {}}},
                   .result = Type::duration,
                   .summary = "A duration of so many seconds, to the millisecond.",
                   .errors = "It is a text that isn't a number, or too long a time.",
                   .examples = {"seconds(90) == 90s", "seconds(\"1.5\") == 1500ms"},
                   .function = seconds});
}

}  // namespace fconn::eval
