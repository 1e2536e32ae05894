#include "interpreter/value/value.hh"

#include <algorithm>
#include <unordered_map>

namespace fconn::value {

namespace {

// Up to here comparing every pair of keys is quicker than a hash table.
constexpr std::size_t few_members = 24;

Value text_value(Kind kind, std::string_view text) {
  Value value;
  value.kind = kind;
  value.text = text.data();
  value.length = text.size();
  return value;
}

Value number_like(Kind kind, std::int64_t number) {
  Value value;
  value.kind = kind;
  value.integer = number;
  return value;
}

std::string_view name_of_raw(const Value& value) {
  for (const char c : value.view()) {
    switch (c) {
      case ' ':
      case '\n':
      case '\r':
      case '\t':
        continue;
      case '{':
        return "object";
      case '[':
        return "list";
      case '"':
        return "string";
      case 't':
      case 'f':
        return "bool";
      case 'n':
        return "null";
      default:
        return "number";
    }
  }
  return "null";
}

std::span<Member> distinct_many(std::span<Member> members) {
  std::unordered_map<std::string_view, std::size_t> places;
  places.reserve(members.size());
  std::size_t kept = 0;
  for (const Member& member : members) {
    const auto [place, is_new] = places.try_emplace(member.key, kept);
    members[place->second] = member;
    if (is_new) ++kept;
  }
  return members.first(kept);
}

}  // namespace

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::null_value:
      return "null";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::decimal:
      return "number";
    case Kind::string:
      return "string";
    case Kind::list:
      return "list";
    case Kind::object:
      return "object";
    case Kind::duration:
      return "duration";
    case Kind::bytes:
      return "bytes";
    case Kind::raw:
      return "json";
    case Kind::xml:
      return "xml";
  }
  return "unknown";
}

std::string_view kind_name(const Value& value) {
  return value.kind == Kind::raw ? name_of_raw(value) : name(value.kind);
}

Value Value::boolean(bool b) { return number_like(Kind::boolean, b ? 1 : 0); }
Value Value::of(std::int64_t i) { return number_like(Kind::integer, i); }
Value Value::duration(std::int64_t milliseconds) {
  return number_like(Kind::duration, milliseconds);
}
Value Value::string(std::string_view text) { return text_value(Kind::string, text); }
Value Value::decimal(std::string_view spelling) { return text_value(Kind::decimal, spelling); }
Value Value::bytes(std::string_view text) { return text_value(Kind::bytes, text); }
Value Value::raw(std::string_view json) { return text_value(Kind::raw, json); }
Value Value::xml(std::string_view text) { return text_value(Kind::xml, text); }

Value Value::list(std::span<const Value> elements) {
  Value value;
  value.kind = Kind::list;
  value.elements = elements.data();
  value.count = static_cast<std::uint32_t>(elements.size());
  return value;
}

Value Value::object(std::span<const Member> members) {
  Value value;
  value.kind = Kind::object;
  value.members = members.data();
  value.count = static_cast<std::uint32_t>(members.size());
  return value;
}

const Value* find_member(const Value& object, std::string_view key) {
  if (object.kind != Kind::object) return nullptr;
  const std::span<const Member> members = object.object_view();
  for (std::size_t i = members.size(); i > 0; --i) {
    if (members[i - 1].key == key) return &members[i - 1].value;
  }
  return nullptr;
}

std::span<Member> distinct(std::span<Member> members) {
  if (members.size() > few_members) return distinct_many(members);
  std::size_t kept = 0;
  for (const Member& member : members) {
    std::size_t place = 0;
    while (place < kept && members[place].key != member.key) ++place;
    members[place] = member;
    if (place == kept) ++kept;
  }
  return members.first(kept);
}

Value copy(const Value& value, Arena& arena) {
  Value out = value;
  switch (value.kind) {
    case Kind::decimal:
    case Kind::string:
    case Kind::bytes:
    case Kind::raw:
    case Kind::xml:
      out.text = arena.copy(value.view()).data();
      break;
    case Kind::list: {
      std::span<Value> elements = arena.make<Value>(value.count);
      for (std::size_t i = 0; i < elements.size(); ++i) {
        elements[i] = copy(value.elements[i], arena);
      }
      out.elements = elements.data();
      break;
    }
    case Kind::object: {
      std::span<Member> members = arena.make<Member>(value.count);
      for (std::size_t i = 0; i < members.size(); ++i) {
        const Member& member = value.members[i];
        members[i] = {arena.copy(member.key), copy(member.value, arena)};
      }
      out.members = members.data();
      break;
    }
    case Kind::null_value:
    case Kind::boolean:
    case Kind::integer:
    case Kind::duration:
      break;
  }
  return out;
}

namespace {
// Most owned values are a short text.
constexpr std::size_t owned_block = 256;
}  // namespace

OwnedValue::OwnedValue(const Value& value) {
  auto arena = std::make_shared<Arena>(owned_block);
  value_ = copy(value, *arena);
  arena_ = std::move(arena);
}

OwnedValue OwnedValue::string(std::string_view text, bool secret) {
  return OwnedValue(Value::string(text).as_secret(secret));
}

}  // namespace fconn::value
