// Arithmetic on values that are numbers (integer or decimal). Integers are exact and never wrap.
// Decimals are computed in long double from their spellings and come back as the shortest spelling
// of the nearest double: 0.1 + 0.2 is 0.3. Internal to eval/.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "interpreter/value/number.hh"
#include "interpreter/value/value.hh"

namespace fconn::eval {

enum class Arithmetic : std::uint8_t { add, subtract, multiply, divide };

inline bool is_number(const value::Value& value) {
  return value.kind == value::Kind::integer || value.kind == value::Kind::decimal;
}

/// The number nearest to what is spelt; infinite when it is too large.
long double to_long_double(const value::Value& number);

/// A decimal of the nearest double, always with a point or an exponent ("3.0"); nothing when it
/// isn't finite.
std::optional<value::Value> decimal_of(long double number, value::Arena& arena);

/// The integer that a decimal is, if it is one in 64 bits: 3.0, 3e2.
std::optional<std::int64_t> integral(const value::Value& number);

/// `message` says why there is no result: overflow or division by zero, a clause without a subject.
std::optional<value::Value> compute(Arithmetic operation, const value::Value& a,
                                    const value::Value& b, value::Arena& arena,
                                    std::string_view& message);

/// The spelling that `number("…")` and casts accept.
using value::is_number_spelling;

/// Value of a spelling that is_number_spelling: integer if it is one in 64 bits, else decimal.
value::Value number_from(std::string_view spelling, value::Arena& arena);

}  // namespace fconn::eval
