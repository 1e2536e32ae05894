// Library functions on objects.
#include <algorithm>
#include <unordered_set>

#include "interpreter/eval/intrinsics_support.hh"

namespace fconn::eval {

using value::Kind;
using value::Member;
using value::Value;

namespace {

std::span<const Member> members_of(const Value& object, CallContext& context) {
  context.work += object.count;
  return object.object_view();
}

Answer keys(Arguments a, CallContext& context) {
  std::vector<Value> out;
  for (const Member& member : members_of(a[0], context)) out.push_back(Value::string(member.key));
  return list_answer(out, context);
}

Answer values(Arguments a, CallContext& context) {
  std::vector<Value> out;
  for (const Member& member : members_of(a[0], context)) out.push_back(member.value);
  return list_answer(out, context);
}

Answer pairs(Arguments a, CallContext& context) {
  std::vector<Value> out;
  for (const Member& member : members_of(a[0], context)) {
    std::span<Value> pair = context.arena.make<Value>(2);
    pair[0] = Value::string(member.key);
    pair[1] = member.value;
    out.push_back(Value::list(pair).as_secret(member.value.secret));
  }
  return list_answer(out, context);
}

Answer merge(Arguments a, CallContext& context) {
  std::vector<Member> members;
  for (const Value& object : a) {
    const auto more = members_of(object.is_null() ? Value::object({}) : object, context);
    members.insert(members.end(), more.begin(), more.end());
  }
  return object_answer(members, context);
}

/// The keys among the arguments behind the first: strings and lists of strings.
bool wanted_keys(Arguments a, CallContext& context, std::unordered_set<std::string_view>& out) {
  for (const Value& argument : a.subspan(1)) {
    if (argument.kind == Kind::string) {
      out.insert(argument.view());
      continue;
    }
    for (const Value& element : elements_of(argument, context)) {
      const Value key = decoded(element, context);
      if (key.kind != Kind::string) return false;
      out.insert(key.view());
    }
  }
  return true;
}

template <bool Keep>
Answer select(Arguments a, CallContext& context) {
  std::unordered_set<std::string_view> keys;
  if (!wanted_keys(a, context, keys)) return wrong("keys must be strings, and one of these isn't");
  std::vector<Member> members;
  for (const Member& member : members_of(a[0], context)) {
    if (keys.contains(member.key) == Keep) members.push_back(member);
  }
  return object_answer(members, context);
}

bool is_null(const Value& value) { return value.is_null(); }

bool is_empty(const Value& value) {
  switch (value.kind) {
    case Kind::null_value:
      return true;
    case Kind::list:
    case Kind::object:
      return value.count == 0;
    case Kind::string:
    case Kind::bytes:
    case Kind::xml:
      return value.length == 0;
    default:
      return false;
  }
}

template <bool (*Unwanted)(const Value&)>
Answer without(Arguments a, CallContext& context) {
  if (a[0].kind == Kind::list) {
    std::vector<Value> out;
    for (const Value& element : elements_of(a[0], context)) {
      if (!Unwanted(decoded(element, context))) out.push_back(element);
    }
    return list_answer(out, context);
  }
  std::vector<Member> members;
  for (const Member& member : members_of(a[0], context)) {
    if (!Unwanted(decoded(member.value, context))) members.push_back(member);
  }
  return object_answer(members, context);
}

}  // namespace

void add_object_functions(std::vector<Intrinsic>& table) {
  const Parameter object{"object", Type::object, false, {}};
  const Parameter either{"of", Type::object | Type::list, false, {}};
  const Parameter some_keys{"keys", Type::string | Type::list, true, "[]"};
  table.push_back({.name = "keys",
                   .parameters = {object},
                   .result = Type::list,
                   .summary = "The keys of an object, in order of appearance.",
                   .examples = {"keys({ b: 1, a: 2 }) == [\"b\", \"a\"]", "keys({}) == []"},
                   .function = keys});
  table.push_back({.name = "values",
                   .parameters = {object},
                   .result = Type::list,
                   .summary = "The values of an object, in order of appearance.",
                   .examples = {"values({ b: 1, a: 2 }) == [1, 2]", "values({}) == []"},
                   .function = values});
  table.push_back({.name = "pairs",
                   .parameters = {object},
                   .result = Type::list,
                   .summary = "A list [key, value] for each member; for comprehensions.",
                   .examples = {"pairs({ a: 1 }) == [[\"a\", 1]]",
                                "{ [v]: k for k, v in pairs({ a: \"b\" }) } == { b: \"a\" }"},
                   .function = pairs});
  table.push_back({.name = "merge",
                   .parameters = {{"first", Type::object | Type::null_value, false, {}},
                                  {"second", Type::object | Type::null_value, true, "{}"}},
                   .variadic = true,
                   .result = Type::object,
                   .on_null = OnNull::accepts,
                   .summary = "The members of all objects; a later one of one key replaces an "
                              "earlier one. A null is an empty object.",
                   .examples = {"merge({ a: 1, b: 1 }, { b: 2 }) == { a: 1, b: 2 }",
                                "merge({ a: 1 }, null, { c: 3 }) == { a: 1, c: 3 }"},
                   .function = merge});
  table.push_back({.name = "pick",
                   .parameters = {object, some_keys},
                   .variadic = true,
                   .result = Type::object,
                   .summary = "Only the members of these keys, given one by one or as lists.",
                   .errors = "A key isn't a string.",
                   .examples = {"pick({ a: 1, b: 2, c: 3 }, \"c\", \"a\") == { a: 1, c: 3 }",
                                "pick({ a: 1 }, [\"b\"]) == {}"},
                   .function = select<true>});
  table.push_back({.name = "omit",
                   .parameters = {object, some_keys},
                   .variadic = true,
                   .result = Type::object,
                   .summary = "All members but those of these keys, given one by one or as lists.",
                   .errors = "A key isn't a string.",
                   .examples = {"omit({ a: 1, b: 2, c: 3 }, \"b\") == { a: 1, c: 3 }",
                                "omit({ a: 1, b: 2 }, [\"a\", \"b\"]) == {}"},
                   .function = select<false>});
  table.push_back({.name = "without_nulls",
                   .parameters = {either},
                   .result = Type::object | Type::list,
                   .summary = "Without the members or elements that are null, one level.",
                   .examples = {"without_nulls({ a: 1, b: null }) == { a: 1 }",
                                "without_nulls([1, null, \"\"]) == [1, \"\"]"},
                   .function = without<is_null>});
  table.push_back({.name = "without_empty",
                   .parameters = {either},
                   .result = Type::object | Type::list,
                   .summary = "Without what is null, an empty string, list or object, one level.",
                   .examples = {"without_empty({ a: \"\", b: [], c: 0 }) == { c: 0 }",
                                "without_empty([{}, false, null]) == [false]"},
                   .function = without<is_empty>});
}

}  // namespace fconn::eval
