#include "interpreter/compile/types.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "interpreter/value/value.hh"

namespace fconn::compile {

using ir::Op;

Type type_of(ir::ScalarType type) {
  switch (type) {
    case ir::ScalarType::any:
      return Type::any;
    case ir::ScalarType::string:
    case ir::ScalarType::datetime:
    case ir::ScalarType::host:
    case ir::ScalarType::url:
      return Type::string;
    case ir::ScalarType::integer:
      return Type::integer;
    case ir::ScalarType::number:
      return Type::number;
    case ir::ScalarType::boolean:
      return Type::boolean;
    case ir::ScalarType::object:
      return Type::object;
    case ir::ScalarType::list:
      return Type::list;
  }
  return Type::any;
}

Type type_of_field(ir::ScalarType type) {
  if (type == ir::ScalarType::any || type == ir::ScalarType::datetime) return Type::any;
  return type_of(type) | Type::null_value;
}

std::optional<ir::ScalarType> scalar_named(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, ir::ScalarType>, 9> table{{
      {"string", ir::ScalarType::string},
      {"int", ir::ScalarType::integer},
      {"number", ir::ScalarType::number},
      {"bool", ir::ScalarType::boolean},
      {"host", ir::ScalarType::host},
      {"url", ir::ScalarType::url},
      {"datetime", ir::ScalarType::datetime},
      {"object", ir::ScalarType::object},
      {"any", ir::ScalarType::any},
  }};
  for (const auto& entry : table) {
    if (entry.first == name) return entry.second;
  }
  return std::nullopt;
}

const std::vector<std::string>& scalar_names() {
  static const std::vector<std::string> names = {"string", "int",      "number", "bool", "host",
                                                 "url",    "datetime", "object", "any"};
  return names;
}

ir::Expr make(Op op, Span span, std::vector<ir::Expr> kids, std::string text, std::int64_t number) {
  ir::Expr expr;
  expr.op = op;
  expr.span = span;
  expr.kids = std::move(kids);
  expr.text = std::move(text);
  expr.number = number;
  return expr;
}

std::optional<std::int64_t> duration_ms(std::string_view text) {
  std::int64_t amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  std::int64_t factor = 0;
  if (unit == "ms") factor = 1;
  if (unit == "s") factor = 1000;
  if (unit == "m") factor = 60'000;
  if (unit == "h") factor = 3'600'000;
  if (unit == "d") factor = 86'400'000;
  std::int64_t result = 0;
  if (factor == 0 || __builtin_mul_overflow(amount, factor, &result)) return std::nullopt;
  return result;
}

namespace {

std::int64_t size_bytes(std::string_view text) {
  std::int64_t amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  (void)error;  // the parser has read it already
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  int shift = 0;
  if (unit == "KiB") shift = 10;
  if (unit == "MiB") shift = 20;
  if (unit == "GiB") shift = 30;
  return amount << shift;
}

}  // namespace

Typed literal(const grammar::Literal& literal, Span span, bool negative) {
  using grammar::LiteralKind;
  switch (literal.kind) {
    case LiteralKind::null_value:
      return {make(Op::null_value, span), Type::null_value};
    case LiteralKind::boolean:
      return {make(Op::boolean, span, {}, {}, literal.text == "true" ? 1 : 0), Type::boolean};
    case LiteralKind::integer: {
      const std::string spelt = (negative ? "-" : "") + literal.text;
      std::int64_t number = 0;
      std::from_chars(spelt.data(), spelt.data() + spelt.size(), number);
      return {make(Op::integer, span, {}, {}, number), Type::integer};
    }
    case LiteralKind::decimal:
      return {make(Op::decimal, span, {}, (negative ? "-" : "") + literal.text), Type::decimal};
    case LiteralKind::duration: {
      const std::int64_t ms = duration_ms(literal.text).value_or(0);
      return {make(Op::duration, span, {}, {}, negative ? -ms : ms), Type::duration};
    }
    case LiteralKind::size: {
      const std::int64_t bytes = size_bytes(literal.text);
      return {make(Op::integer, span, {}, {}, negative ? -bytes : bytes), Type::integer};
    }
  }
  return {make(Op::null_value, span), Type::any};
}

namespace {

ir::Expr constant_of(const value::Value& from, Span span, value::Arena& arena) {
  const value::Value v = value::decoded(from, arena);
  switch (v.kind) {
    case value::Kind::boolean:
      return make(Op::boolean, span, {}, {}, v.integer);
    case value::Kind::integer:
      return make(Op::integer, span, {}, {}, v.integer);
    case value::Kind::decimal:
      return make(Op::decimal, span, {}, std::string(v.view()));
    case value::Kind::string:
      return make(Op::string, span, {}, std::string(v.view()));
    case value::Kind::list: {
      ir::Expr list = make(Op::list, span);
      for (const value::Value& e : v.list_view()) list.kids.push_back(constant_of(e, span, arena));
      return list;
    }
    case value::Kind::object: {
      ir::Expr object = make(Op::object, span);
      for (const value::Member& m : v.object_view()) {
        object.kids.push_back(
            make(Op::entry, span, kids(constant_of(m.value, span, arena)), std::string(m.key)));
      }
      return object;
    }
    default:
      return make(Op::null_value, span);
  }
}

}  // namespace

ir::Expr json_constant(std::string_view json, Span span) {
  value::Arena arena;
  const auto parsed = value::parse_json(json, arena);
  return parsed ? constant_of(*parsed, span, arena) : make(Op::null_value, span);
}

bool is_constant(const ir::Expr& expr) {
  switch (expr.op) {
    case Op::null_value:
    case Op::boolean:
    case Op::integer:
    case Op::decimal:
    case Op::string:
    case Op::duration:
      return true;
    case Op::list:
    case Op::object:
    case Op::entry:
      return std::all_of(expr.kids.begin(), expr.kids.end(), is_constant);
    default:
      return false;
  }
}

bool same(const ir::Expr& a, const ir::Expr& b) {
  return a.op == b.op && a.number == b.number && a.text == b.text &&
         std::equal(a.kids.begin(), a.kids.end(), b.kids.begin(), b.kids.end(), same);
}

namespace {

bool is_truth(const ir::Expr& expr, bool which) {
  if (expr.op == Op::null_value) return !which;
  return expr.op == Op::boolean && (expr.number != 0) == which;
}

bool is_scalar(const ir::Expr& expr) {
  return is_constant(expr) && expr.kids.empty() && expr.op != Op::decimal;
}

ir::Expr fold_logic(ir::Expr expr) {
  const bool absorbing = expr.op == Op::or_;
  if (is_truth(expr.kids[0], absorbing)) return make(Op::boolean, expr.span, {}, {}, absorbing);
  if (is_truth(expr.kids[0], !absorbing)) return std::move(expr.kids[1]);
  if (is_truth(expr.kids[1], !absorbing)) return std::move(expr.kids[0]);
  return expr;
}

}  // namespace

ir::Expr fold(ir::Expr expr) {
  for (ir::Expr& kid : expr.kids) kid = fold(std::move(kid));
  switch (expr.op) {
    case Op::and_:
    case Op::or_:
      return fold_logic(std::move(expr));
    case Op::not_:
      if (is_truth(expr.kids[0], true)) return make(Op::boolean, expr.span, {}, {}, 0);
      if (is_truth(expr.kids[0], false)) return make(Op::boolean, expr.span, {}, {}, 1);
      return expr;
    case Op::equal:
    case Op::not_equal:
      if (is_scalar(expr.kids[0]) && is_scalar(expr.kids[1])) {
        const bool equal = same(expr.kids[0], expr.kids[1]);
        return make(Op::boolean, expr.span, {}, {}, equal == (expr.op == Op::equal));
      }
      return expr;
    case Op::if_else:
      if (is_truth(expr.kids[0], true)) return std::move(expr.kids[1]);
      if (is_truth(expr.kids[0], false)) return std::move(expr.kids[2]);
      return expr;
    case Op::coalesce:
      if (expr.kids[0].op == Op::null_value) return std::move(expr.kids[1]);
      if (is_scalar(expr.kids[0]) || expr.kids[0].op == Op::text) return std::move(expr.kids[0]);
      return expr;
    default:
      return expr;
  }
}

}  // namespace fconn::compile
