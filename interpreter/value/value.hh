// Values of the expression language. A Value is small and trivially copyable; texts, lists and
// objects lie in an Arena (or in memory that outlives it, such as a response body), so a Value is
// good until its arena is reset. Numbers: 64-bit integers are exact; any other number keeps its
// spelling as text and never passes through double unless arithmetic asks for it. `raw` is JSON
// text not yet looked at (a cell of a response, already validated by rows/): readers decode it on
// first use, writers copy it byte for byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "interpreter/value/result.hh"

namespace fconn::value {

/// Bump allocator. reset() keeps the first block, so steady state allocates nothing.
class Arena {
 public:
  explicit Arena(std::size_t block = std::size_t{16} * 1024) : block_size_(block) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  void* allocate(std::size_t size, std::size_t align);
  std::string_view copy(std::string_view text);
  template <class T>
  std::span<T> make(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    T* first = static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    for (std::size_t i = 0; i < count; ++i) new (first + i) T();
    return {first, count};
  }
  void reset();
  /// Bytes handed out since the last reset; the size budget looks at it.
  std::size_t used() const { return used_; }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::size_t block_size_;
  std::size_t position_ = 0;  // in the last block
  std::size_t used_ = 0;
};

enum class Kind : std::uint8_t {
  null_value,
  boolean,
  integer,
  decimal,
  string,
  list,
  object,
  duration,
  bytes,
  raw,
  xml
};
std::string_view name(Kind kind);  // "null", "bool", "int", "number", …

struct Value;
struct Member;

struct Value {
  Kind kind = Kind::null_value;
  bool secret = false;      // computed from a secret: never printed
  std::uint32_t count = 0;  // list, object: elements
  union {
    std::int64_t integer = 0;  // boolean (0/1), integer, duration (milliseconds)
    const char* text;          // decimal, string, bytes, raw, xml: with `length`
    const Value* elements;     // list
    const Member* members;     // object, in order of appearance
  };
  std::size_t length = 0;  // of text

  static Value null() { return {}; }
  static Value boolean(bool b);
  static Value of(std::int64_t i);
  static Value duration(std::int64_t milliseconds);
  static Value string(std::string_view text);  // text must outlive the value
  static Value decimal(std::string_view spelling);
  static Value bytes(std::string_view text);
  static Value raw(std::string_view json);
  static Value xml(std::string_view text);
  static Value list(std::span<const Value> elements);
  static Value object(std::span<const Member> members);

  bool is_null() const { return kind == Kind::null_value; }
  std::string_view view() const { return {text, length}; }
  std::span<const Value> list_view() const { return {elements, count}; }
  inline std::span<const Member> object_view() const;
  Value as_secret(bool taint = true) const {
    Value copy = *this;
    copy.secret = copy.secret || taint;
    return copy;
  }
};

struct Member {
  std::string_view key;
  Value value;
};
inline std::span<const Member> Value::object_view() const { return {members, count}; }
static_assert(std::is_trivially_copyable_v<Value>);

/// The same for a value; of a raw one, of what it holds.
std::string_view kind_name(const Value& value);

/// Decodes one level of a raw value: scalars fully, lists and objects into elements that are raw
/// themselves. Anything else is returned as it is. The text must be valid JSON (rows/ saw to it).
Value decoded(const Value& value, Arena& arena);

/// The member of a raw object, itself raw, without decoding its neighbours; null when it isn't an
/// object or has no such key. Of equal keys the last counts, as everywhere.
Value raw_member(const Value& value, std::string_view key, Arena& arena);
/// The member of an object (not raw); null pointer when it isn't there.
const Value* find_member(const Value& object, std::string_view key);
/// A later member of one key replaces an earlier one in its place: gives the shortened front.
std::span<Member> distinct(std::span<Member> members);

/// Parses any JSON text into a whole tree; a mistake is a `protocol` failure with its offset.
/// Bounds: nesting 512. Used for parameters, fixtures and parse_json, never per row.
Result<Value> parse_json(std::string_view text, Arena& arena);

/// Compact JSON text (RFC 8259), numbers as spelt, valid UTF-8 passed through, `/` not escaped.
/// bytes are written as base64, xml as a string, durations as milliseconds.
void append_json(const Value& value, std::string& out);
void append_json_string(std::string_view text, std::string& out);
std::string to_json(const Value& value);

/// Exact, typed equality: 1 == 1 but not "1"; 1 and 1.0 are the same number; objects without
/// regard to order; raw values by what they hold.
bool equal(const Value& a, const Value& b, Arena& arena);

/// Exact order of two numbers (integer or decimal): negative, 0 or positive. Decimals are compared
/// digit by digit, never through double.
int compare_numbers(const Value& a, const Value& b);

/// Deep copy into another arena (raw text included), keeping taint.
Value copy(const Value& value, Arena& arena);

/// A value that owns its memory: parameters, identities, inputs of a task. Copying shares it.
class OwnedValue {
 public:
  OwnedValue() = default;
  explicit OwnedValue(const Value& value);
  /// From text, as a string.
  static OwnedValue string(std::string_view text, bool secret = false);
  const Value& get() const { return value_; }

 private:
  std::shared_ptr<const Arena> arena_;
  Value value_;
};

}  // namespace fconn::value
