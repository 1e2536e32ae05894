// Library functions that look at lists as they are; those that order them are in
// intrinsics_order.cc.
#include <algorithm>

#include "interpreter/eval/intrinsics_support.hh"
#include "interpreter/value/utf8.hh"

namespace fconn::eval {

using value::Kind;
using value::Value;

namespace {

// A list of numbers is made from nothing, so its length must be bounded by itself.
constexpr std::int64_t longest_range = 100'000;

Answer length(Arguments a, CallContext& context) {
  if (a[0].kind == Kind::list || a[0].kind == Kind::object) return Value::of(a[0].count);
  const std::size_t count = a[0].kind == Kind::bytes
                                ? a[0].length
                                : value::count_code_points(text_of_argument(a[0], context));
  return Value::of(static_cast<std::int64_t>(count));
}

Answer first(Arguments a, CallContext&) {
  return a[0].count == 0 ? Value::null() : a[0].elements[0];
}

Answer last(Arguments a, CallContext&) {
  return a[0].count == 0 ? Value::null() : a[0].elements[a[0].count - 1];
}

Answer range(Arguments a, CallContext& context) {
  const std::int64_t from = a[0].integer;
  const std::int64_t to = a[1].integer;
  std::int64_t count = 0;
  if (to > from && (__builtin_sub_overflow(to, from, &count) || count > longest_range)) {
    return value::fail(value::FailureKind::limit, "`range` gives at most 100000 numbers");
  }
  std::vector<Value> numbers;
  for (std::int64_t i = 0; i < count; ++i) numbers.push_back(Value::of(from + i));
  return list_answer(numbers, context);
}

Answer zip(Arguments a, CallContext& context) {
  std::size_t shortest = a[0].count;
  for (const Value& list : a) shortest = std::min<std::size_t>(shortest, list.count);
  if (shortest * a.size() > context.max_bytes / sizeof(Value)) {
    return value::fail(value::FailureKind::limit, "the resulting list is too long");
  }
  std::vector<Value> rows;
  for (std::size_t i = 0; i < shortest; ++i) {
    std::span<Value> row = context.arena.make<Value>(a.size());
    bool secret = false;
    for (std::size_t k = 0; k < a.size(); ++k) {
      row[k] = a[k].elements[i];
      secret = secret || row[k].secret;
    }
    rows.push_back(Value::list(row).as_secret(secret));
  }
  context.work += shortest * a.size();
  return list_answer(rows, context);
}

Answer flatten(Arguments a, CallContext& context) {
  std::vector<Value> out;
  for (const Value& element : elements_of(a[0], context)) {
    const Value inner = decoded(element, context);
    if (inner.kind != Kind::list) {
      out.push_back(inner);
      continue;
    }
    if (out.size() + inner.count > context.max_bytes / sizeof(Value)) {
      return value::fail(value::FailureKind::limit, "the resulting list is too long");
    }
    out.insert(out.end(), inner.elements, inner.elements + inner.count);
  }
  return list_answer(out, context);
}

}  // namespace

void add_list_functions(std::vector<Intrinsic>& table) {
  const Parameter list{"list", Type::list, false, {}};
  table.push_back(
      {.name = "length",
       .parameters = {{"of", Type::string | Type::list | Type::object | Type::bytes, false, {}}},
       .result = Type::integer,
       .summary = "Characters of a string, elements of a list, members of an object, bytes.",
       .examples = {"length(\"grüße\") == 5", "length([1, [2, 3]]) == 2", "length({ a: 1 }) == 1",
                    "length(null) == null"},
       .function = length});
  table.push_back({.name = "first",
                   .parameters = {list},
                   .result = Type::any,
                   .summary = "The first element; null of an empty list.",
                   .examples = {"first([1, 2]) == 1", "first([]) == null"},
                   .function = first});
  table.push_back({.name = "last",
                   .parameters = {list},
                   .result = Type::any,
                   .summary = "The last element; null of an empty list.",
                   .examples = {"last([1, 2]) == 2", "last([]) == null"},
                   .function = last});
  table.push_back(
      {.name = "range",
       .parameters = {{"from", Type::integer, false, {}}, {"to", Type::integer, false, {}}},
       .result = Type::list,
       .on_null = OnNull::error,
       .summary = "The whole numbers from `from` up to, not including, `to`.",
       .errors = "There are more than 100000.",
       .examples = {"range(1, 4) == [1, 2, 3]", "range(3, 3) == []"},
       .function = range});
  table.push_back(
      {.name = "zip",
       .parameters = {{"first", Type::list, false, {}}, {"second", Type::list, false, {}}},
       .variadic = true,
       .result = Type::list,
       .summary = "Lists of the first elements, of the second ones, and so on, as far "
                  "as the shortest list goes.",
       .examples = {"zip([1, 2], [\"a\", \"b\"]) == [[1, \"a\"], [2, \"b\"]]",
                    "zip([1, 2, 3], [4], [5, 6]) == [[1, 4, 5]]"},
       .function = zip});
  table.push_back(
      {.name = "flatten",
       .parameters = {list},
       .result = Type::list,
       .summary = "The elements of the lists in a list, one level; others stay.",
       .examples = {"flatten([[1], [2, [3]], 4]) == [1, 2, [3], 4]", "flatten([]) == []"},
       .function = flatten});
}

}  // namespace fconn::eval
