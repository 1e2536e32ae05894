// Operators: logic, comparison, patterns, arithmetic.
#include <re2/re2.h>

#include "interpreter/eval/machine.hh"
#include "interpreter/eval/numbers.hh"
#include "interpreter/eval/time.hh"

namespace fconn::eval {

using ir::Expr;
using ir::Op;
using value::FailureKind;
using value::Kind;
using value::Value;

namespace {

// A pattern computed at run time may not be arbitrarily large.
constexpr std::size_t longest_dynamic_pattern = 10'000;

std::string_view sign(Op op) {
  switch (op) {
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::greater:
      return ">";
    case Op::greater_equal:
      return ">=";
    case Op::add:
      return "+";
    case Op::subtract:
    case Op::negate:
      return "-";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    default:
      return "%";
  }
}

bool is_text(const Value& value) { return value.kind == Kind::string; }

std::string kinds(const Value& a, const Value& b) {
  return describe(type_of(a)) + " and " + describe(type_of(b));
}

}  // namespace

bool Machine::operate(const Expr& expr, Value& out) {
  switch (expr.op) {
    case Op::if_else: {
      bool holds = false;
      bool secret = false;
      if (!test(expr.kids[0], holds, secret)) return false;
      if (!eval(branch(expr, holds), out)) return false;
      out = out.as_secret(secret);
      return true;
    }
    case Op::or_:
    case Op::and_:
    case Op::not_:
      return logic(expr, out);
    case Op::equal:
    case Op::not_equal:
      return equality(expr, out);
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
      return order(expr, out);
    case Op::in:
      return in_list(expr, out);
    case Op::matches:
    case Op::matches_dynamic:
      return match(expr, out);
    case Op::coalesce: {
      if (!eval(expr.kids[0], out)) return false;
      const bool null = out.is_null() || (out.kind == Kind::raw && out.view() == "null");
      return !null || eval(expr.kids[1], out);
    }
    case Op::cast: {
      Value from;
      if (!eval(expr.kids[0], from)) return false;
      bool ok = false;
      out = cast(from, static_cast<ir::ScalarType>(expr.number), arena_, ok);
      if (!ok) out = from;
      return true;
    }
    case Op::negate:
      return negate(expr, out);
    default:
      return arithmetic(expr, out);
  }
}

bool Machine::logic(const Expr& expr, Value& out) {
  bool holds = false;
  bool secret = false;
  if (!test(expr.kids[0], holds, secret)) return false;
  const bool decided = expr.op == Op::or_ ? holds : !holds;
  if (expr.op == Op::not_) {
    holds = !holds;
  } else if (!decided && !test(expr.kids[1], holds, secret)) {
    return false;
  }
  out = Value::boolean(holds).as_secret(secret);
  return true;
}

bool Machine::operands(const Expr& expr, Value& a, Value& b) {
  if (!eval(expr.kids[0], a) || !eval(expr.kids[1], b)) return false;
  if (a.kind == Kind::raw) a = value::decoded(a, arena_);
  if (b.kind == Kind::raw) b = value::decoded(b, arena_);
  if (a.is_null()) return refuse_null(expr.kids[0]);
  if (b.is_null()) return refuse_null(expr.kids[1]);
  return true;
}

bool Machine::equality(const Expr& expr, Value& out) {
  Value a;
  Value b;
  if (!eval(expr.kids[0], a) || !eval(expr.kids[1], b)) return false;
  if (a.count != 0 && b.count != 0) {
    const std::uint64_t bound = shared_.limits.max_steps;
    if (!charge(expr, std::max(weight(a, bound), weight(b, bound)))) return false;
  }
  const bool same = value::equal(a, b, arena_);
  out = Value::boolean(same == (expr.op == Op::equal)).as_secret(a.secret || b.secret);
  return true;
}

bool Machine::order(const Expr& expr, Value& out) {
  Value a;
  Value b;
  if (!operands(expr, a, b)) return false;
  int order = 0;
  if (is_number(a) && is_number(b)) {
    order = value::compare_numbers(a, b);
  } else if (is_text(a) && is_text(b)) {
    order = a.view().compare(b.view());
  } else if (a.kind == Kind::duration && b.kind == Kind::duration) {
    order = a.integer < b.integer ? -1 : a.integer > b.integer ? 1 : 0;
  } else {
    return refuse(FailureKind::shape, expr,
                  '`' + std::string(sign(expr.op)) + "` can't order " + kinds(a, b) +
                      "; both must be numbers, strings or durations");
  }
  const bool holds = expr.op == Op::less         ? order < 0
                     : expr.op == Op::less_equal ? order <= 0
                     : expr.op == Op::greater    ? order > 0
                                                 : order >= 0;
  out = Value::boolean(holds).as_secret(a.secret || b.secret);
  return true;
}

bool Machine::in_list(const Expr& expr, Value& out) {
  Value needle;
  Value list;
  if (!eval(expr.kids[0], needle) || !eval(expr.kids[1], list)) return false;
  list = value::decoded(list, arena_);
  if (!list.is_null() && list.kind != Kind::list) {
    return refuse(FailureKind::shape, expr.kids[1],
                  "`in` looks into a list, and " + called(expr.kids[1]) + " is " +
                      describe(type_of(list)) + " here; `contains` looks into a string");
  }
  if (list.is_null()) {
    out = Value::boolean(false).as_secret(list.secret || needle.secret);
    return true;
  }
  const std::uint64_t bound = shared_.limits.max_steps;
  const std::uint64_t work = needle.count == 0 ? list.count / 8 : weight(list, bound);
  if (!charge(expr, work)) return false;
  bool found = false;
  for (const Value& element : list.list_view()) {
    if (value::equal(needle, element, arena_)) {
      found = true;
      break;
    }
  }
  out = Value::boolean(found).as_secret(list.secret || needle.secret);
  return true;
}

bool Machine::match(const Expr& expr, Value& out) {
  Value text;
  if (!eval(expr.kids[0], text)) return false;
  text = value::decoded(text, arena_);
  bool secret = text.secret;
  const re2::RE2* pattern = nullptr;
  if (expr.op == Op::matches) {
    const auto number = static_cast<std::size_t>(expr.number);
    if (number < shared_.patterns.size()) pattern = shared_.patterns[number].get();
  } else {
    Value spelt;
    if (!eval(expr.kids[1], spelt)) return false;
    spelt = value::decoded(spelt, arena_);
    if (spelt.is_null()) return refuse_null(expr.kids[1]);
    if (!is_text(spelt)) return refuse_value(expr.kids[1], spelt, "a pattern");
    if (spelt.length > longest_dynamic_pattern) {
      return refuse(FailureKind::limit, expr.kids[1], "this pattern is too long");
    }
    secret = secret || spelt.secret;
    if (!shared_.dynamic_pattern || shared_.dynamic_text != spelt.view()) {
      RE2::Options options;
      options.set_log_errors(false);
      shared_.dynamic_text = std::string(spelt.view());
      shared_.dynamic_pattern = std::make_unique<RE2>(shared_.dynamic_text, options);
    }
    pattern = shared_.dynamic_pattern.get();
  }
  if (pattern == nullptr || !pattern->ok()) {
    return refuse(FailureKind::shape, expr, "this pattern isn't a regular expression of RE2");
  }
  if (!text.is_null() && !is_text(text)) return refuse_value(expr.kids[0], text, "a string");
  const bool found =
      is_text(text) &&
      re2::RE2::PartialMatch(re2::StringPiece(text.view().data(), text.length), *pattern);
  out = Value::boolean(found).as_secret(secret);
  return charge(expr, text.is_null() ? 0 : text.length / 64);
}

bool Machine::arithmetic(const Expr& expr, Value& out) {
  Value a;
  Value b;
  if (!operands(expr, a, b)) return false;
  const bool secret = a.secret || b.secret;
  bool done = true;
  if (expr.op == Op::modulo) {
    if (!modulo(expr, a, b, out)) return false;
  } else if (is_number(a) && is_number(b)) {
    const Arithmetic operation = expr.op == Op::add        ? Arithmetic::add
                                 : expr.op == Op::subtract ? Arithmetic::subtract
                                 : expr.op == Op::multiply ? Arithmetic::multiply
                                                           : Arithmetic::divide;
    std::string_view why;
    const std::optional<Value> result = compute(operation, a, b, arena_, why);
    if (!result) {
      return refuse(FailureKind::shape, expr,
                    '`' + std::string(sign(expr.op)) + "` can't work here: " + std::string(why));
    }
    out = *result;
  } else {
    done = false;
    if (!durations(expr, a, b, out, done)) return false;
    if (!done && expr.op == Op::add && !add_others(expr, a, b, out, done)) return false;
  }
  if (!done) {
    return refuse(FailureKind::shape, expr,
                  '`' + std::string(sign(expr.op)) + "` can't work with " + kinds(a, b));
  }
  out = out.as_secret(secret);
  return true;
}

bool Machine::add_others(const Expr& expr, const Value& a, const Value& b, Value& out, bool& done) {
  if (a.kind != b.kind) return true;
  done = true;
  switch (a.kind) {
    case Kind::string:
    case Kind::bytes:
    case Kind::xml: {
      if (!charge(expr, (a.length + b.length) / 256)) return false;
      std::span<char> joined = arena_.make<char>(a.length + b.length);
      if (a.length != 0) std::memcpy(joined.data(), a.text, a.length);
      if (b.length != 0) std::memcpy(joined.data() + a.length, b.text, b.length);
      out = a;
      out.text = joined.data();
      out.length = joined.size();
      return true;
    }
    case Kind::list: {
      if (!charge(expr, (a.count + std::uint64_t{b.count}) / 16)) return false;
      std::span<Value> joined = arena_.make<Value>(std::size_t{a.count} + b.count);
      std::copy(a.elements, a.elements + a.count, joined.begin());
      std::copy(b.elements, b.elements + b.count, joined.begin() + a.count);
      out = Value::list(joined);
      return true;
    }
    default:
      done = false;
      return true;
  }
}

bool Machine::durations(const Expr& expr, const Value& a, const Value& b, Value& out, bool& done) {
  const bool left = a.kind == Kind::duration;
  const bool right = b.kind == Kind::duration;
  const bool sums = expr.op == Op::add || expr.op == Op::subtract;
  done = true;
  std::int64_t result = 0;
  bool overflows = false;
  if (left && right && sums) {
    overflows = expr.op == Op::add ? __builtin_add_overflow(a.integer, b.integer, &result)
                                   : __builtin_sub_overflow(a.integer, b.integer, &result);
  } else if (expr.op == Op::multiply &&
             ((left && b.kind == Kind::integer) || (right && a.kind == Kind::integer))) {
    overflows = __builtin_mul_overflow(a.integer, b.integer, &result);
  } else if (expr.op == Op::divide && left && b.kind == Kind::integer && b.integer != 0 &&
             b.integer != -1) {
    result = a.integer / b.integer;
  } else if (expr.op == Op::divide && left && right) {
    std::string_view why;
    const std::optional<Value> ratio =
        compute(Arithmetic::divide, Value::of(a.integer), Value::of(b.integer), arena_, why);
    if (!ratio) return refuse(FailureKind::shape, expr, "`/` can't work here: " + std::string(why));
    out = *ratio;
    return true;
  } else if (sums && right && is_text(a)) {
    std::optional<Moment> moment = parse_iso8601(a.view());
    std::int64_t change = b.integer;
    if (expr.op == Op::subtract) overflows = __builtin_sub_overflow(0, b.integer, &change);
    if (!moment) return refuse_value(expr.kids[0], a, "a time like 2024-05-06T07:08:09Z");
    if (overflows || !move(*moment, change)) {
      return refuse(FailureKind::shape, expr, "the result is outside the years 0 to 9999");
    }
    out = Value::string(arena_.copy(iso8601_text(*moment)));
    return true;
  } else {
    done = false;
    return true;
  }
  if (overflows) {
    return refuse(FailureKind::shape, expr, "the result is too long a time");
  }
  out = Value::duration(result);
  return true;
}

bool Machine::modulo(const Expr& expr, const Value& a, const Value& b, Value& out) {
  if (a.kind != Kind::integer || b.kind != Kind::integer) {
    return refuse(FailureKind::shape, expr, "`%` takes two ints, and these are " + kinds(a, b));
  }
  if (b.integer == 0) {
    return refuse(FailureKind::shape, expr, "`%` can't work here: the divisor is 0");
  }
  // As in C, the remainder has the dividend's sign. x % -1 is 0 even where x / -1 overflows.
  out = Value::of(b.integer == -1 ? 0 : a.integer % b.integer);
  return true;
}

bool Machine::negate(const Expr& expr, Value& out) {
  Value a;
  if (!eval(expr.kids[0], a)) return false;
  a = value::decoded(a, arena_);
  if (a.is_null()) return refuse_null(expr.kids[0]);
  std::int64_t result = 0;
  switch (a.kind) {
    case Kind::integer:
    case Kind::duration:
      if (__builtin_sub_overflow(std::int64_t{0}, a.integer, &result)) {
        return refuse(FailureKind::shape, expr,
                      "`-` can't work here: the result doesn't fit into a number of 64 bits");
      }
      out = a.kind == Kind::integer ? Value::of(result) : Value::duration(result);
      break;
    case Kind::decimal: {
      const bool negative = a.view().substr(0, 1) == "-";
      out =
          Value::decimal(negative ? a.view().substr(1) : arena_.copy("-" + std::string(a.view())));
      break;
    }
    default:
      return refuse_value(expr.kids[0], a, "a number");
  }
  out = out.as_secret(a.secret);
  return true;
}

}  // namespace fconn::eval
