#include <re2/re2.h>

#include "interpreter/compile/lower_expr.hh"

namespace fconn::compile {

using grammar::BinaryOp;
using ir::Op;

namespace {

Op op_of(BinaryOp op) {
  switch (op) {
    case BinaryOp::or_:
      return Op::or_;
    case BinaryOp::and_:
      return Op::and_;
    case BinaryOp::equal:
      return Op::equal;
    case BinaryOp::not_equal:
      return Op::not_equal;
    case BinaryOp::less:
      return Op::less;
    case BinaryOp::less_equal:
      return Op::less_equal;
    case BinaryOp::greater:
      return Op::greater;
    case BinaryOp::greater_equal:
      return Op::greater_equal;
    case BinaryOp::in:
      return Op::in;
    case BinaryOp::matches:
      return Op::matches;
    case BinaryOp::coalesce:
      return Op::coalesce;
    case BinaryOp::add:
      return Op::add;
    case BinaryOp::subtract:
      return Op::subtract;
    case BinaryOp::multiply:
      return Op::multiply;
    case BinaryOp::divide:
      return Op::divide;
    case BinaryOp::modulo:
      return Op::modulo;
  }
  return Op::null_value;
}

constexpr Type ordered = Type::number | Type::string | Type::duration;

/// Kinds that can be equal to one of `type`: all numbers are one kind, so are all texts.
Type comparable(Type type) {
  constexpr Type texts = Type::string | Type::bytes | Type::xml;
  Type wide = type;
  if (eval::overlap(type, Type::number)) wide = wide | Type::number;
  if (eval::overlap(type, texts)) wide = wide | texts;
  return wide;
}

}  // namespace

Typed ExprLowerer::unary(const grammar::UnaryExpr& unary, Span span) {
  const grammar::Expr& operand = unary.operand.front();
  if (unary.op == grammar::UnaryOp::not_) {
    const std::size_t before = unit_.diagnostics.size();
    Typed inner = lower(operand);
    if (unit_.diagnostics.size() == before && !may_be_condition(inner.type)) {
      unit_.report(DiagnosticId::condition_type, operand.span,
                   "`not` takes true or false, and this is " + eval::describe(inner.type));
    }
    return {make(Op::not_, at(span), kids(std::move(inner.expr))), Type::boolean, inner.secret};
  }
  if (const auto* number = std::get_if<grammar::Literal>(&operand.node)) {
    if (number->kind != grammar::LiteralKind::null_value &&
        number->kind != grammar::LiteralKind::boolean) {
      return literal(*number, at(span), true);
    }
  }
  Typed inner = lower(operand);
  constexpr Type allowed = Type::number | Type::duration;
  if (!eval::overlap(inner.type, allowed)) {
    unit_.report(DiagnosticId::operand_type, operand.span,
                 "`-` takes a number, and this is " + eval::describe(inner.type));
  }
  const Type type = eval::overlap(inner.type, allowed) ? inner.type & allowed : Type::any;
  return {make(Op::negate, at(span), kids(std::move(inner.expr))), type, inner.secret};
}

Typed ExprLowerer::logic(const grammar::BinaryExpr& binary, Span span) {
  ir::Expr left = condition(binary.operands[0]);
  ir::Expr right = condition(binary.operands[1]);
  return {make(op_of(binary.op), at(span), kids(std::move(left), std::move(right))), Type::boolean};
}

Typed ExprLowerer::binary(const grammar::BinaryExpr& binary, Span span) {
  if (binary.op == BinaryOp::or_ || binary.op == BinaryOp::and_) return logic(binary, span);
  if (binary.op == BinaryOp::matches) return matching(binary, span);
  Typed left = lower(binary.operands[0]);
  Typed right = lower(binary.operands[1]);
  Type type = Type::boolean;
  switch (binary.op) {
    case BinaryOp::coalesce:
      type = without(left.type, Type::null_value) | right.type;
      break;
    case BinaryOp::in:
      if (!eval::overlap(right.type, Type::list | Type::null_value)) {
        unit_.report(DiagnosticId::operand_type, binary.operands[1].span,
                     "`in` looks into a list, and this is " + eval::describe(right.type),
                     right.type == Type::string ? "use `contains` to look into a text"
                                                : "write a list: `[…]`");
      }
      break;
    case BinaryOp::equal:
    case BinaryOp::not_equal:
    case BinaryOp::less:
    case BinaryOp::less_equal:
    case BinaryOp::greater:
    case BinaryOp::greater_equal:
      check_comparison(binary, left, right);
      break;
    default:
      type = arithmetic_type(binary, left, right);
      break;
  }
  const bool secret = left.secret || right.secret;
  return {make(op_of(binary.op), at(span), kids(std::move(left.expr), std::move(right.expr))), type,
          secret};
}

void ExprLowerer::check_comparison(const grammar::BinaryExpr& binary, const Typed& left,
                                   const Typed& right) {
  const bool equality = binary.op == BinaryOp::equal || binary.op == BinaryOp::not_equal;
  const std::string sign = quoted(grammar::spelling(binary.op));
  if (equality) {
    const bool with_null = left.type == Type::null_value || right.type == Type::null_value;
    if (with_null || eval::overlap(comparable(left.type), right.type)) return;
    unit_.report(DiagnosticId::operand_type, binary.op_span,
                 "these are never equal: " + eval::describe(left.type) + " " + sign + " " +
                     eval::describe(right.type),
                 "convert one of them, with `string` or `number` for instance");
    return;
  }
  if (!eval::overlap(comparable(left.type) & ordered, right.type)) {
    unit_.report(
        DiagnosticId::operand_type, binary.op_span,
        sign + " can't order " + eval::describe(left.type) + " and " + eval::describe(right.type),
        "both must be numbers, texts or durations");
  }
}

Type ExprLowerer::arithmetic_type(const grammar::BinaryExpr& binary, const Typed& left,
                                  const Typed& right) {
  Type result{};
  const auto both = [&](Type kind) {
    return eval::overlap(left.type, kind) && eval::overlap(right.type, kind);
  };
  if (both(Type::number)) {
    result = result | (both(Type::integer) && binary.op != BinaryOp::divide
                           ? (left.type | right.type) & Type::number
                           : Type::number);
  }
  const bool times = binary.op == BinaryOp::multiply || binary.op == BinaryOp::divide;
  if (binary.op == BinaryOp::add) {
    if (both(Type::string)) result = result | Type::string;
    if (both(Type::bytes)) result = result | Type::bytes;
    if (both(Type::xml)) result = result | Type::xml;
    if (both(Type::list)) result = result | Type::list;
  }
  if (binary.op != BinaryOp::modulo && both(Type::duration)) result = result | Type::duration;
  if (times &&
      (eval::overlap(left.type, Type::duration) || eval::overlap(right.type, Type::duration)) &&
      both(Type::number | Type::duration)) {
    result = result | Type::duration;
  }
  if (result != Type{}) return result;
  const std::string sign = quoted(grammar::spelling(binary.op));
  const bool texts = binary.op == BinaryOp::add && (eval::overlap(left.type, Type::string) ||
                                                    eval::overlap(right.type, Type::string));
  unit_.report(
      DiagnosticId::operand_type, binary.op_span,
      sign + " can't work with " + eval::describe(left.type) + " and " + eval::describe(right.type),
      texts ? "put values into a text with holes: `\"… {x}\"`" : "convert one of them");
  return Type::any;
}

Typed ExprLowerer::matching(const grammar::BinaryExpr& binary, Span span) {
  Typed left = lower(binary.operands[0]);
  Typed right = lower(binary.operands[1]);
  if (!eval::overlap(left.type, Type::string | Type::null_value)) {
    unit_.report(DiagnosticId::operand_type, binary.operands[0].span,
                 "`matches` looks at a text, and this is " + eval::describe(left.type),
                 "convert it with `string`");
  }
  const bool secret = left.secret || right.secret;
  if (right.expr.op == Op::string) {
    const std::int64_t index = pattern(right.expr.text, binary.operands[1].span);
    return {
        make(Op::matches, at(span), kids(std::move(left.expr)), std::move(right.expr.text), index),
        Type::boolean, secret};
  }
  if (!eval::overlap(right.type, Type::string)) {
    unit_.report(DiagnosticId::operand_type, binary.operands[1].span,
                 "a pattern is a text, and this is " + eval::describe(right.type));
  }
  return {make(Op::matches_dynamic, at(span), kids(std::move(left.expr), std::move(right.expr))),
          Type::boolean, secret};
}

std::int64_t ExprLowerer::pattern(const std::string& text, Span span) {
  std::vector<ir::Pattern>& patterns = unit_.out.patterns;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (patterns[i].text == text) return static_cast<std::int64_t>(i);
  }
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 compiled(text, options);
  if (!compiled.ok()) {
    unit_.report(DiagnosticId::bad_pattern, span,
                 "this pattern doesn't compile: " + compiled.error(),
                 "patterns are written in RE2's syntax, best in a raw string: 'a\\d+'");
  }
  patterns.push_back({text, at(span)});
  return static_cast<std::int64_t>(patterns.size() - 1);
}

}  // namespace fconn::compile
