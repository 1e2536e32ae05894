#include "interpreter/eval/numbers.hh"

#include <charconv>
#include <cmath>
#include <string>

namespace fconn::eval {

using value::Arena;
using value::Kind;
using value::Value;

namespace {

constexpr std::string_view overflow = "the result doesn't fit into a number of 64 bits";
constexpr std::string_view too_large = "the result is too large";
constexpr std::string_view too_wide =
    "an integer that doesn't fit into 64 bits can't be computed with exactly";
constexpr std::string_view by_zero = "the divisor is 0";

/// An identifier, most likely: as a decimal it would lose its last digits.
bool is_wide_integer(const Value& number) {
  return number.kind == Kind::decimal &&
         number.view().find_first_of(".eE") == std::string_view::npos;
}

bool is_zero(const Value& number) {
  return number.kind == Kind::integer ? number.integer == 0 : to_long_double(number) == 0;
}

std::optional<Value> compute_integers(Arithmetic operation, std::int64_t a, std::int64_t b,
                                      bool& exact) {
  std::int64_t result = 0;
  bool overflows = false;
  exact = true;
  switch (operation) {
    case Arithmetic::add:
      overflows = __builtin_add_overflow(a, b, &result);
      break;
    case Arithmetic::subtract:
      overflows = __builtin_sub_overflow(a, b, &result);
      break;
    case Arithmetic::multiply:
      overflows = __builtin_mul_overflow(a, b, &result);
      break;
    case Arithmetic::divide:
      if (b == -1) {
        overflows = __builtin_sub_overflow(std::int64_t{0}, a, &result);
      } else if (a % b == 0) {
        result = a / b;
      } else {
        exact = false;
      }
      break;
  }
  if (overflows || !exact) return std::nullopt;
  return Value::of(result);
}

}  // namespace

long double to_long_double(const Value& number) {
  if (number.kind == Kind::integer) return static_cast<long double>(number.integer);
  std::string_view text = number.view();
  long double result = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc::result_out_of_range) return result;
  // Too large or too small: the exponent's sign tells which.
  const std::size_t e = text.find_first_of("eE");
  const bool tiny = e != std::string_view::npos && text.substr(e + 1).substr(0, 1) == "-";
  if (tiny) return 0;
  return text[0] == '-' ? -HUGE_VALL : HUGE_VALL;
}

std::optional<Value> decimal_of(long double number, Arena& arena) {
  const auto nearest = static_cast<double>(number);
  if (!std::isfinite(nearest)) return std::nullopt;
  char buffer[40];
  const double unsigned_zero = nearest == 0 ? 0 : nearest;
  auto end = std::to_chars(buffer, buffer + sizeof buffer - 2, unsigned_zero).ptr;
  const std::string_view spelt(buffer, static_cast<std::size_t>(end - buffer));
  if (spelt.find_first_of(".e") == std::string_view::npos) {
    *end++ = '.';
    *end++ = '0';
  }
  return Value::decimal(arena.copy({buffer, static_cast<std::size_t>(end - buffer)}));
}

std::optional<std::int64_t> integral(const Value& number) {
  if (number.kind == Kind::integer) return number.integer;
  const long double near = to_long_double(number);
  // A long double holds every 64-bit integer; the comparison by digits makes sure.
  if (!(near >= -9223372036854775808.0L && near <= 9223372036854775807.0L)) return std::nullopt;
  const auto candidate = static_cast<std::int64_t>(near);
  if (value::compare_numbers(number, Value::of(candidate)) != 0) return std::nullopt;
  return candidate;
}

std::optional<Value> compute(Arithmetic operation, const Value& a, const Value& b, Arena& arena,
                             std::string_view& message) {
  if (operation == Arithmetic::divide && is_zero(b)) {
    message = by_zero;
    return std::nullopt;
  }
  if (is_wide_integer(a) || is_wide_integer(b)) {
    message = too_wide;
    return std::nullopt;
  }
  if (a.kind == Kind::integer && b.kind == Kind::integer) {
    bool exact = true;
    const std::optional<Value> result = compute_integers(operation, a.integer, b.integer, exact);
    if (exact && !result) message = overflow;
    if (exact) return result;
  }
  const long double x = to_long_double(a);
  const long double y = to_long_double(b);
  long double result = 0;
  switch (operation) {
    case Arithmetic::add:
      result = x + y;
      break;
    case Arithmetic::subtract:
      result = x - y;
      break;
    case Arithmetic::multiply:
      result = x * y;
      break;
    case Arithmetic::divide:
      result = x / y;
      break;
  }
  std::optional<Value> decimal = decimal_of(result, arena);
  if (!decimal) message = too_large;
  return decimal;
}

Value number_from(std::string_view spelling, Arena& arena) {
  return value::decoded(Value::raw(arena.copy(spelling)), arena);
}

}  // namespace fconn::eval
