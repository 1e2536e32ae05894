// What the tests of privacy/ share: the reference's unit data, and ports that repeat themselves.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "interpreter/ir/ir.hh"
#include "interpreter/value/ports.hh"
#include "interpreter/value/value.hh"

namespace fconn::privacy::test {

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// A fixed, well spread sequence (SplitMix64).
class FixedRandom : public value::Random {
 public:
  std::uint64_t next() override {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

 private:
  std::uint64_t state_ = 7;
};

class FixedClock : public value::Clock {
 public:
  value::TimePoint now() override { return {}; }
  value::WallTime wall() override { return {}; }
};

/// A cases' file as values; `arena` holds them.
inline value::Value cases(std::string_view name, value::Arena& arena) {
  const std::string text = read_file(std::string(FCONN_UNIT_DATA) + "/" + std::string(name));
  const auto parsed = value::parse_json(arena.copy(text), arena);
  return parsed ? *parsed : value::Value::null();
}

/// The member, null if there is none.
inline value::Value member(const value::Value& object, std::string_view key) {
  if (object.kind != value::Kind::object) return {};
  const value::Value* found = value::find_member(object, key);
  return found == nullptr ? value::Value::null() : *found;
}
inline std::string text(const value::Value& object, std::string_view key) {
  const value::Value found = member(object, key);
  return found.kind == value::Kind::string ? std::string(found.view()) : std::string();
}
inline bool same_json(std::string_view a, std::string_view b) {
  value::Arena arena;
  const auto left = value::parse_json(a, arena);
  const auto right = value::parse_json(b, arena);
  return left && right && value::equal(*left, *right, arena);
}

/// A strategy with its configuration, in the reference's names.
inline std::string_view plain_strategy(std::string_view name) {
  if (name == "null_rewrite") return "null";
  if (name == "string_rewrite") return "string";
  if (name == "random_string_rewrite") return "random";
  return name == "aes_encrypt" ? "aes" : name;
}

}  // namespace fconn::privacy::test
