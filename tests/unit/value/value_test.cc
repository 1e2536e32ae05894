#include "interpreter/value/value.hh"

#include <doctest/doctest.h>

#include <cstdint>

#include "interpreter/value/ports.hh"
#include "interpreter/value/result.hh"

using fconn::value::Arena;
using fconn::value::copy;
using fconn::value::decoded;
using fconn::value::Kind;
using fconn::value::Member;
using fconn::value::OwnedValue;
using fconn::value::to_json;
using fconn::value::Value;

TEST_CASE("an arena hands out aligned memory and keeps its first block over a reset") {
  Arena arena(64);
  void* first = arena.allocate(3, 1);
  for (const std::size_t align : {1, 2, 4, 8, 16}) {
    const auto address = reinterpret_cast<std::uintptr_t>(arena.allocate(5, align));
    CHECK(address % align == 0);
  }
  CHECK(arena.used() == 28);
  const std::string large(1000, 'x');
  CHECK(arena.copy(large) == large);
  arena.reset();
  CHECK(arena.used() == 0);
  CHECK(arena.allocate(3, 1) == first);
}

TEST_CASE("an arena that was moved from can be used again") {
  Arena arena;
  const std::string_view text = arena.copy("kept");
  Arena other = std::move(arena);
  CHECK(text == "kept");
  arena.reset();
  CHECK(arena.copy("new") == "new");
}

TEST_CASE("a raw value is decoded one level at a time") {
  Arena arena;
  const Value value = decoded(Value::raw(R"( {"a" : [1, {"b":2}] , "c":"x\ty" } )"), arena);
  REQUIRE(value.kind == Kind::object);
  REQUIRE(value.count == 2);
  CHECK(value.object_view()[0].key == "a");
  CHECK(value.object_view()[0].value.kind == Kind::raw);
  CHECK(value.object_view()[0].value.view() == R"([1, {"b":2}])");
  CHECK(decoded(value.object_view()[1].value, arena).view() == "x\ty");
  const Value list = decoded(value.object_view()[0].value, arena);
  REQUIRE(list.kind == Kind::list);
  CHECK(list.count == 2);
}

TEST_CASE("scalars of raw values") {
  struct Case {
    std::string_view json;
    Kind kind;
  };
  Arena arena;
  for (const Case& c :
       {Case{"null", Kind::null_value}, Case{"true", Kind::boolean}, Case{"12", Kind::integer},
        Case{"-9223372036854775808", Kind::integer}, Case{"9223372036854775808", Kind::decimal},
        Case{"1.0", Kind::decimal}, Case{"-0", Kind::decimal}, Case{"1e2", Kind::decimal},
        Case{"\"\"", Kind::string}, Case{"[]", Kind::list}, Case{"{}", Kind::object}}) {
    CAPTURE(c.json);
    CHECK(decoded(Value::raw(c.json), arena).kind == c.kind);
    CHECK(to_json(decoded(Value::raw(c.json), arena)) == c.json);
  }
}

TEST_CASE("raw text that isn't JSON after all is read within its bounds") {
  Arena arena;
  for (const std::string_view text :
       {"", "{", "[", "\"", "{\"", "{\"a\"", "{\"a\":", "[1", "[1,", "\"\\", "{\"a\\", "[\"\\u1",
        "\"\\u12\"", "{\"a\":[", "}", "]", ",", "[,]"}) {
    CAPTURE(text);
    const std::string exact(text);
    const Value value = decoded(Value::raw(exact), arena);
    CHECK(value.kind != Kind::raw);
    CHECK(value.count <= 2);
  }
}

TEST_CASE("a member of a raw object is found without decoding, the last of equal keys") {
  Arena arena;
  const Value raw = Value::raw(R"({"a":{"b":[1]},"k\u0065y":2,"a":3})");
  CHECK(to_json(raw_member(raw, "a", arena)) == "3");
  CHECK(to_json(raw_member(raw, "key", arena)) == "2");
  CHECK(raw_member(raw, "b", arena).is_null());
  CHECK(raw_member(Value::raw("[1]"), "a", arena).is_null());
  CHECK(to_json(*find_member(decoded(raw, arena), "a")) == "3");
  CHECK(to_json(decoded(raw, arena)) == R"({"a":3,"key":2})");
}

TEST_CASE("a later member replaces an earlier one in its place, few or many") {
  for (const std::size_t count : {5U, 200U}) {
    Arena arena;
    std::span<Member> members = arena.make<Member>(count + 1);
    for (std::size_t i = 0; i < count; ++i) {
      members[i] = {arena.copy("k" + std::to_string(i)), Value::of(static_cast<int>(i))};
    }
    members[count] = {"k1", Value::of(-1)};
    const std::span<Member> kept = distinct(members);
    CHECK(kept.size() == count);
    CHECK(kept[1].value.integer == -1);
    CHECK(kept[2].value.integer == 2);
  }
}

TEST_CASE("a secret taints what is read from it") {
  Arena arena;
  const Value raw = Value::raw(R"({"a":[1]})").as_secret();
  const Value object = decoded(raw, arena);
  CHECK(object.secret);
  CHECK(object.object_view()[0].value.secret);
  CHECK(raw_member(raw, "a", arena).secret);
  CHECK(decoded(object.object_view()[0].value, arena).list_view()[0].secret);
  CHECK_FALSE(Value::of(1).as_secret(false).secret);
}

TEST_CASE("a copy lives on its own and keeps kinds and taint") {
  Arena target;
  Value kept;
  {
    Arena source;
    const std::string text = "temporary";
    std::span<Member> members = source.make<Member>(1);
    members[0] = {source.copy("key"), Value::string(text).as_secret()};
    kept = copy(Value::object(members), target);
  }
  CHECK(to_json(kept) == R"({"key":"temporary"})");
  CHECK(kept.object_view()[0].value.secret);
}

TEST_CASE("an owned value is shared by its copies") {
  OwnedValue value;
  {
    const OwnedValue first = OwnedValue::string("a text", true);
    value = first;
  }
  CHECK(value.get().view() == "a text");
  CHECK(value.get().secret);
  CHECK(OwnedValue().get().is_null());
}

TEST_CASE("names") {
  CHECK(name(Kind::integer) == "int");
  CHECK(name(Kind::boolean) == "bool");
  CHECK(kind_name(Value::raw(" [1]")) == "list");
  CHECK(kind_name(Value::raw("-1")) == "number");
  CHECK(kind_name(Value::string("x")) == "string");
  CHECK(name(fconn::value::FailureKind::shape) == "shape");
  CHECK(name(fconn::value::CollectionState::capped) == "capped");
}
