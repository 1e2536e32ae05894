// Library functions that compare the elements of lists: order, duplicates, groups, sums.
#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "interpreter/eval/eval.hh"
#include "interpreter/eval/intrinsics_support.hh"
#include "interpreter/eval/numbers.hh"

namespace fconn::eval {

using value::Kind;
using value::Member;
using value::Value;

namespace {

/// A text that equal values share; different ones nearly never do. Then `equal` decides.
void append_likeness(const Value& raw, CallContext& context, std::string& out) {
  if (out.size() > context.max_bytes) return;
  const Value value = decoded(raw, context);
  switch (value.kind) {
    case Kind::integer:
    case Kind::decimal: {
      char buffer[40];
      const auto near = static_cast<double>(to_long_double(value));
      out += 'n';
      out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, near == 0 ? 0 : near).ptr);
      return;
    }
    case Kind::list:
      out += '[';
      for (const Value& element : value.list_view()) append_likeness(element, context, out);
      out += ']';
      return;
    case Kind::object: {
      std::vector<const Member*> members;
      for (const Member& member : value.object_view()) members.push_back(&member);
      std::sort(members.begin(), members.end(),
                [](const Member* a, const Member* b) { return a->key < b->key; });
      out += '{';
      for (const Member* member : members) {
        out += member->key;
        out += ':';
        append_likeness(member->value, context, out);
      }
      out += '}';
      return;
    }
    default:
      out += static_cast<char>('a' + static_cast<int>(value.kind));
      value::append_json(value, out);
  }
}

/// A set of values by `equal`.
class Seen {
 public:
  explicit Seen(CallContext& context) : context_(context) {}

  bool holds(const Value& value) {
    const auto [first, end] = values_.equal_range(likeness(value));
    for (auto it = first; it != end; ++it) {
      if (value::equal(it->second, value, context_.arena)) return true;
    }
    return false;
  }
  /// False if it was there already.
  bool add(const Value& value) {
    if (holds(value)) return false;
    values_.emplace(likeness_, value);
    return true;
  }
  bool overflowed() const { return bytes_ > context_.max_bytes; }

 private:
  const std::string& likeness(const Value& value) {
    likeness_.clear();
    append_likeness(value, context_, likeness_);
    bytes_ += likeness_.size();
    context_.work += 1 + likeness_.size() / 16;
    return likeness_;
  }
  CallContext& context_;
  std::unordered_multimap<std::string, Value> values_;
  std::string likeness_;
  std::size_t bytes_ = 0;
};

auto too_much() {
  return value::fail(value::FailureKind::limit, "this list is too large to be compared");
}

/// The element itself, or its member of that name (null without).
Value key_of(const Value& element, const Value& by, CallContext& context) {
  if (by.is_null()) return decoded(element, context);
  const Value object = decoded(element, context);
  const Value* found = value::find_member(object, by.view());
  return found == nullptr ? Value::null() : decoded(*found, context);
}

enum class Order : std::uint8_t { none, numbers, texts, times };

Order order_of(const Value& value) {
  if (is_number(value)) return Order::numbers;
  if (value.kind == Kind::string) return Order::texts;
  return value.kind == Kind::duration ? Order::times : Order::none;
}

/// `a` before `b`; both of one order.
bool before(const Value& a, const Value& b) {
  if (a.kind == Kind::string) return a.view() < b.view();
  if (a.kind == Kind::duration) return a.integer < b.integer;
  return value::compare_numbers(a, b) < 0;
}

/// Whether all keys but null can be ordered together; `odd` is one that can't.
bool comparable(const std::vector<Value>& keys, const Value*& odd) {
  Order common = Order::none;
  for (const Value& key : keys) {
    if (key.is_null()) continue;
    const Order order = order_of(key);
    odd = &key;
    if (order == Order::none || (common != Order::none && order != common)) return false;
    common = order;
  }
  return true;
}

Answer sort(Arguments a, CallContext& context) {
  const std::span<const Value> list = elements_of(a[0], context);
  std::vector<Value> keys;
  for (const Value& element : list) keys.push_back(key_of(element, a[1], context));
  const Value* odd = nullptr;
  if (!comparable(keys, odd)) {
    return wrong(
        "`sort` orders numbers or strings or durations, not a mixture, and one of these "
        "is " +
        with_article(*odd));
  }
  std::vector<std::size_t> order(list.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&keys](std::size_t x, std::size_t y) {
    if (keys[x].is_null() || keys[y].is_null()) return !keys[x].is_null() && keys[y].is_null();
    return before(keys[x], keys[y]);
  });
  std::vector<Value> out;
  out.reserve(order.size());
  for (const std::size_t i : order) out.push_back(list[i]);
  return list_answer(out, context);
}

Answer unique(Arguments a, CallContext& context) {
  Seen seen(context);
  std::vector<Value> out;
  for (const Value& element : elements_of(a[0], context)) {
    if (seen.add(key_of(element, a[1], context))) out.push_back(element);
    if (seen.overflowed()) return too_much();
  }
  return list_answer(out, context);
}

Answer difference(Arguments a, CallContext& context) {
  Seen seen(context);
  for (const Value& element : elements_of(a[1], context)) {
    seen.add(element);
    if (seen.overflowed()) return too_much();
  }
  std::vector<Value> out;
  for (const Value& element : elements_of(a[0], context)) {
    if (!seen.holds(element)) out.push_back(element);
    if (seen.overflowed()) return too_much();
  }
  return list_answer(out, context);
}

Answer group_by(Arguments a, CallContext& context) {
  std::unordered_map<std::string_view, std::size_t> places;
  std::vector<std::string_view> names;
  std::vector<std::vector<Value>> groups;
  for (const Value& element : elements_of(a[0], context)) {
    auto key = text_of(key_of(element, a[1], context), context.arena);
    if (!key) {
      return wrong("`group_by` needs a text for each element, and `" + std::string(a[1].view()) +
                   "` of one is null, a list or an object");
    }
    const auto [place, is_new] = places.try_emplace(*key, groups.size());
    if (is_new) {
      names.push_back(*key);
      groups.emplace_back();
    }
    groups[place->second].push_back(element);
  }
  std::vector<Member> members;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Answer group = list_answer(groups[i], context);
    if (!group) return group;
    members.push_back({names[i], *group});
  }
  return object_answer(members, context);
}

Answer sum(Arguments a, CallContext& context) {
  Value total = Value::of(0);
  bool secret = false;
  for (const Value& element : elements_of(a[0], context)) {
    const Value number = decoded(element, context);
    if (!is_number(number)) {
      return wrong("`sum` adds numbers, and an element is " + with_article(number));
    }
    secret = secret || number.secret;
    std::string_view why;
    const auto result = compute(Arithmetic::add, total, number, context.arena, why);
    if (!result) return wrong("`sum` can't add these: " + std::string(why));
    total = *result;
  }
  return total.as_secret(secret);
}

template <bool Largest>
Answer extreme(Arguments a, CallContext& context) {
  std::vector<Value> keys;
  for (const Value& element : elements_of(a[0], context)) {
    keys.push_back(decoded(element, context));
  }
  const Value* odd = nullptr;
  if (!comparable(keys, odd)) {
    return wrong(
        "only numbers, strings or durations can be compared, not a mixture, and one of "
        "these is " +
        with_article(*odd));
  }
  Value best;
  for (const Value& key : keys) {
    if (key.is_null()) continue;
    if (best.is_null() || (Largest ? before(best, key) : before(key, best))) best = key;
  }
  return best;
}

constexpr std::string_view mixture =
    "The elements aren't all numbers, all strings or all durations.";

}  // namespace

void add_order_functions(std::vector<Intrinsic>& table) {
  const Parameter list{"list", Type::list, false, {}};
  const Parameter by{"by", Type::string, true, "null"};
  table.push_back({.name = "sort",
                   .parameters = {list, by},
                   .result = Type::list,
                   .summary = "In ascending order, by the member `by` of each element if given; "
                              "nulls last, equal ones as they were.",
                   .errors = mixture,
                   .examples = {"sort([3, 1.5, null, 2]) == [1.5, 2, 3, null]",
                                "sort([{ n: \"b\" }, { n: \"a\" }], \"n\") == [{ n: \"a\" }, { n: "
                                "\"b\" }]"},
                   .function = sort});
  table.push_back(
      {.name = "unique",
       .parameters = {list, by},
       .result = Type::list,
       .summary = "The first of equal elements, or of those with an equal member `by`.",
       .examples = {"unique([1, 2, 1.0, \"1\"]) == [1, 2, \"1\"]",
                    "unique([{ id: 1, n: 1 }, { id: 1, n: 2 }], \"id\") == [{ id: 1, n: "
                    "1 }]"},
       .function = unique});
  table.push_back(
      {.name = "difference",
       .parameters = {list, {"without", Type::list | Type::null_value, false, {}}},
       .result = Type::list,
       .summary = "The elements that aren't in the other list; a null there is empty.",
       .examples = {"difference([1, 2, 2, 3], [2]) == [1, 3]", "difference([1], []) == [1]"},
       .function = difference});
  table.push_back(
      {.name = "group_by",
       .parameters = {list, {"by", Type::string, false, {}}},
       .result = Type::object,
       .summary = "An object from the text of member `by` to the list of the elements "
                  "that have it, in order of appearance.",
       .errors = "The member of an element is missing, null, a list or an object.",
       .examples = {"group_by([{ k: 1 }, { k: 2 }, { k: 1 }], \"k\") == { \"1\": [{ k: 1 "
                    "}, { k: 1 }], \"2\": [{ k: 2 }] }",
                    "group_by([], \"k\") == {}"},
       .function = group_by});
  table.push_back({.name = "sum",
                   .parameters = {list},
                   .result = Type::number,
                   .summary = "The sum of the numbers in a list; 0 of an empty one.",
                   .errors = "An element isn't a number, or the sum doesn't fit into 64 bits.",
                   .examples = {"sum([1, 2, 3]) == 6", "sum([0.1, 0.2]) == 0.3", "sum([]) == 0"},
                   .function = sum});
  table.push_back({.name = "min",
                   .parameters = {list},
                   .result = Type::number | Type::string | Type::duration | Type::null_value,
                   .summary = "The least element; nulls don't count; null of an empty list.",
                   .errors = mixture,
                   .examples = {"min([3, 1.5, 2]) == 1.5", "min([]) == null"},
                   .function = extreme<false>});
  table.push_back({.name = "max",
                   .parameters = {list},
                   .result = Type::number | Type::string | Type::duration | Type::null_value,
                   .summary = "The greatest element; nulls don't count; null of an empty list.",
                   .errors = mixture,
                   .examples = {"max([3, 1.5, null]) == 3", "max([\"a\", \"b\"]) == \"b\""},
                   .function = extreme<true>});
}

}  // namespace fconn::eval
