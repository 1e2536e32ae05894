// The table of library functions: name, parameters, types, documentation, and the native function.
// The checker's signatures, `fconn help functions`, completion and docs/functions.md come from it.
// Examples in the documentation are run as tests.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/eval/crypto.hh"
#include "interpreter/value/ports.hh"
#include "interpreter/value/value.hh"

namespace fconn::eval {

/// Types that a parameter takes or a result has: a set.
enum class Type : std::uint16_t {
  null_value = 1,
  boolean = 2,
  integer = 4,
  decimal = 8,
  string = 16,
  list = 32,
  object = 64,
  duration = 128,
  bytes = 256,
  xml = 512,
  number = 4 | 8,
  any = 1023,
};
constexpr Type operator|(Type a, Type b) {
  return static_cast<Type>(static_cast<std::uint16_t>(a) | static_cast<std::uint16_t>(b));
}
constexpr bool overlap(Type a, Type b) {
  return (static_cast<std::uint16_t>(a) & static_cast<std::uint16_t>(b)) != 0;
}
/// "string", "int or number", "list", "anything"
std::string describe(Type type);

struct Parameter {
  std::string_view name;
  Type type = Type::any;
  bool optional = false;
  std::string_view default_text;  // JSON text of the default when optional
};

/// What a null first argument gives.
enum class OnNull : std::uint8_t { error, gives_null, accepts };

struct CallContext {
  value::Arena& arena;
  value::Clock& clock;
  value::Random& random;
  Crypto& crypto;
  std::size_t max_bytes;   // a result larger than this is a `limit` failure
  std::uint64_t work = 0;  // counted up by functions: elements and bytes looked at
};
using Function = value::Result<value::Value> (*)(std::span<const value::Value>, CallContext&);

struct Intrinsic {
  std::string_view name;
  std::vector<Parameter> parameters;
  bool variadic = false;  // the last parameter may repeat
  Type result = Type::any;
  OnNull on_null = OnNull::gives_null;
  bool pure = true;                        // false: now, uuid, random_string
  std::string_view summary;                // one sentence
  std::string_view errors;                 // when it fails; empty: never
  std::vector<std::string_view> examples;  // "lower(\"Ada\") == \"ada\""
  Function function = nullptr;
};

/// All of them, by name.
const std::vector<Intrinsic>& intrinsics();
const Intrinsic* find_intrinsic(std::string_view name);

}  // namespace fconn::eval
