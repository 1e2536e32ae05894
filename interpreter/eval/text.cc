#include <algorithm>
#include <charconv>

#include "interpreter/eval/eval.hh"
#include "interpreter/eval/machine.hh"
#include "interpreter/eval/numbers.hh"
#include "interpreter/eval/time.hh"

namespace fconn::eval {

using ir::ScalarType;
using value::Arena;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

Type type_of(const Value& value) {
  switch (value.kind) {
    case Kind::null_value:
      return Type::null_value;
    case Kind::boolean:
      return Type::boolean;
    case Kind::integer:
      return Type::integer;
    case Kind::decimal:
      return Type::decimal;
    case Kind::string:
      return Type::string;
    case Kind::list:
      return Type::list;
    case Kind::object:
      return Type::object;
    case Kind::duration:
      return Type::duration;
    case Kind::bytes:
      return Type::bytes;
    case Kind::xml:
      return Type::xml;
    case Kind::raw:
      break;
  }
  return Type::any;
}

Result<std::string_view> text_of(const Value& from, Arena& arena) {
  const Value value = value::decoded(from, arena);
  switch (value.kind) {
    case Kind::string:
    case Kind::decimal:
    case Kind::bytes:
    case Kind::xml:
      return value.view();
    case Kind::boolean:
      return std::string_view(value.integer != 0 ? "true" : "false");
    case Kind::integer:
    case Kind::duration: {
      char buffer[24];
      const auto end = std::to_chars(buffer, buffer + sizeof buffer, value.integer).ptr;
      return arena.copy({buffer, static_cast<std::size_t>(end - buffer)});
    }
    case Kind::null_value:
      return value::fail(FailureKind::shape,
                         "null has no text; write `?? …` to say what else to use");
    default:
      return value::fail(FailureKind::shape, describe(type_of(value)) +
                                                 " has no text of its own; use `join` or `json`");
  }
}

namespace {

Value cast_number(const Value& from, bool whole, Arena& arena, bool& ok) {
  Value number = from;
  if (from.kind == Kind::string) {
    if (!is_number_spelling(from.view())) return from;
    number = number_from(from.view(), arena);
  }
  if (!is_number(number)) return from;
  if (!whole) {
    ok = true;
    return number;
  }
  const std::optional<std::int64_t> integer = integral(number);
  ok = integer.has_value();
  return ok ? Value::of(*integer) : from;
}

Value cast_boolean(const Value& from, bool& ok) {
  ok = true;
  if (from.kind == Kind::boolean) return from;
  if (is_number(from)) {
    if (value::compare_numbers(from, Value::of(0)) == 0) return Value::boolean(false);
    if (value::compare_numbers(from, Value::of(1)) == 0) return Value::boolean(true);
  } else if (from.kind == Kind::string) {
    const std::string_view text = from.view();
    if (text == "true" || text == "1") return Value::boolean(true);
    if (text == "false" || text == "0") return Value::boolean(false);
  }
  ok = false;
  return from;
}

Value cast_string(const Value& from, Arena& arena, bool& ok) {
  if (from.kind == Kind::string) {
    ok = true;
    return from;
  }
  const bool scalar = is_number(from) || from.kind == Kind::boolean || from.kind == Kind::xml;
  if (!scalar) return from;
  ok = true;
  return Value::string(*text_of(from, arena));
}

}  // namespace

Value cast(const Value& value, ScalarType type, Arena& arena, bool& ok) {
  const Value from = value::decoded(value, arena);
  ok = from.is_null() || type == ScalarType::any;
  if (ok) return value;
  Value out = from;
  switch (type) {
    case ScalarType::any:
      break;
    case ScalarType::string:
    case ScalarType::host:
    case ScalarType::url:
      out = cast_string(from, arena, ok);
      break;
    case ScalarType::integer:
      out = cast_number(from, true, arena, ok);
      break;
    case ScalarType::number:
      out = cast_number(from, false, arena, ok);
      break;
    case ScalarType::boolean:
      out = cast_boolean(from, ok);
      break;
    case ScalarType::datetime:
      // Kept as text; a number may be seconds or milliseconds, so it can't be told.
      ok = from.kind == Kind::string && parse_iso8601(from.view()).has_value();
      break;
    case ScalarType::object:
      ok = from.kind == Kind::object;
      break;
    case ScalarType::list:
      ok = from.kind == Kind::list;
      break;
  }
  return out.as_secret(value.secret);
}

namespace {

class NoClock final : public value::Clock {
 public:
  value::TimePoint now() override { return {}; }
  value::WallTime wall() override { return {}; }
};
class NoRandom final : public value::Random {
 public:
  std::uint64_t next() override { return 0; }
};

/// No reference to anything but its own loop variables, nothing that differs from time to time.
bool is_closed(const ir::Expr& expr, std::vector<std::int64_t>& bound) {
  using ir::Op;
  const bool reference = expr.op > Op::cast && expr.op != Op::local;
  // The pattern of `matches` and the body of a function are in the connector.
  if (reference || expr.op == Op::matches || expr.op == Op::call_fn) return false;
  if (expr.op == Op::local) {
    return std::find(bound.begin(), bound.end(), expr.number) != bound.end();
  }
  if (expr.op == Op::call) {
    const Intrinsic* function = find_intrinsic(expr.text);
    if (function == nullptr || !function->pure) return false;
  }
  const std::size_t outer = bound.size();
  if (expr.op == Op::list_for || expr.op == Op::object_for || expr.op == Op::each) {
    bound.push_back(expr.number);
    if (expr.text == "2") bound.push_back(expr.number + 1);
  }
  const bool closed = std::all_of(expr.kids.begin(), expr.kids.end(),
                                  [&bound](const ir::Expr& kid) { return is_closed(kid, bound); });
  bound.resize(outer);
  return closed;
}

std::size_t locals_needed(const ir::Expr& expr) {
  using ir::Op;
  const bool binds = expr.op == Op::list_for || expr.op == Op::object_for || expr.op == Op::each ||
                     expr.op == Op::local;
  std::size_t needed = binds ? static_cast<std::size_t>(expr.number) + 2 : 0;
  for (const ir::Expr& kid : expr.kids) needed = std::max(needed, locals_needed(kid));
  return needed;
}

}  // namespace

std::optional<Value> constant(const ir::Expr& expr, Arena& arena) {
  std::vector<std::int64_t> bound;
  if (!is_closed(expr, bound)) return std::nullopt;
  const ir::Connector none;
  NoClock clock;
  NoRandom random;
  Evaluator evaluator(none, clock, random);
  std::vector<Value> locals(locals_needed(expr));
  Environment env;
  env.locals = locals;
  auto result = evaluator.evaluate(expr, env, arena);
  if (!result) return std::nullopt;
  return value::copy(*result, arena);  // texts of the expression may not live as long
}

}  // namespace fconn::eval
