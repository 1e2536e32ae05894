// Calls: of library functions with their arguments checked against the table, and of `fn`.
#include <algorithm>

#include "interpreter/eval/machine.hh"

namespace fconn::eval {

using ir::Expr;
using value::FailureKind;
using value::Kind;
using value::Member;
using value::Value;

namespace {

// Looking at one element or byte is cheaper than a step of an expression by about this much.
constexpr std::uint64_t work_per_step = 16;

/// Marks a value with all that is in it; what is marked already is shared.
Value deep_secret(const Value& value, value::Arena& arena) {
  Value out = value.as_secret();
  if (value.kind == Kind::list) {
    std::span<Value> elements = arena.make<Value>(value.count);
    for (std::size_t i = 0; i < elements.size(); ++i) {
      elements[i] = deep_secret(value.elements[i], arena);
    }
    out.elements = elements.data();
  } else if (value.kind == Kind::object) {
    std::span<Member> members = arena.make<Member>(value.count);
    for (std::size_t i = 0; i < members.size(); ++i) {
      members[i] = {value.members[i].key, deep_secret(value.members[i].value, arena)};
    }
    out.members = members.data();
  }
  return out;
}

std::size_t least_arguments(const Intrinsic& function) {
  return static_cast<std::size_t>(
      std::count_if(function.parameters.begin(), function.parameters.end(),
                    [](const Parameter& parameter) { return !parameter.optional; }));
}

}  // namespace

bool Machine::check_argument(const Expr& expr, const Intrinsic& function, std::size_t index,
                             const Value& argument) {
  const Parameter& parameter = function.parameters[std::min(index, function.parameters.size() - 1)];
  if (overlap(type_of(argument), parameter.type)) return true;
  const Expr& kid = expr.kids[index];
  if (argument.is_null()) {
    if (parameter.optional) return true;
    if (index == 0 && function.on_null != OnNull::error) return true;
    return refuse_null(kid);
  }
  return refuse(FailureKind::shape, kid,
                '`' + std::string(function.name) + "` takes " + describe(parameter.type) +
                    " for `" + std::string(parameter.name) + "`, and " + called(kid) + " is " +
                    describe(type_of(argument)) + " here");
}

bool Machine::call(const Expr& expr, Value& out) {
  const Intrinsic* function = find_intrinsic(expr.text);
  if (function == nullptr) {
    return refuse(FailureKind::unsupported, expr,
                  "this version has no function `" + expr.text + '`');
  }
  const std::size_t count = expr.kids.size();
  if (count < least_arguments(*function) ||
      (!function->variadic && count != function->parameters.size())) {
    return refuse(FailureKind::shape, expr,
                  '`' + expr.text + "` has the wrong number of arguments");
  }
  std::span<Value> arguments = arena_.make<Value>(count);
  bool secret = false;
  bool secret_scalar = false;
  for (std::size_t i = 0; i < count; ++i) {
    Value& argument = arguments[i];
    if (!eval(expr.kids[i], argument)) return false;
    // Raw text may be large and its parts unmarked, so it counts as a scalar here.
    const bool nested = argument.kind == Kind::list || argument.kind == Kind::object;
    secret = secret || argument.secret;
    secret_scalar = secret_scalar || (argument.secret && !nested);
    if (argument.kind == Kind::raw) argument = value::decoded(argument, arena_);
    if (!check_argument(expr, *function, i, argument)) return false;
  }
  if (count > 0 && arguments[0].is_null() && function->on_null == OnNull::gives_null) {
    out = Value::null().as_secret(secret);
    return true;
  }
  CallContext context{arena_, shared_.clock, shared_.random, shared_.crypto,
                      shared_.limits.max_bytes};
  auto result = function->function(arguments, context);
  if (!result) {
    failure_ = std::move(result.error());
    failure_->where = expr.span;
    return false;
  }
  out = secret_scalar ? deep_secret(*result, arena_) : result->as_secret(secret);
  return charge(expr, context.work / work_per_step);
}

bool Machine::call_fn(const Expr& expr, Value& out) {
  const auto number = static_cast<std::size_t>(expr.number);
  if (number >= shared_.connector.functions.size()) {
    return refuse(FailureKind::unsupported, expr, "this function isn't there");
  }
  const ir::Function& function = shared_.connector.functions[number];
  const std::size_t frame = std::max<std::size_t>(function.locals, expr.kids.size());
  std::span<Value> locals = arena_.make<Value>(frame);
  for (std::size_t i = 0; i < expr.kids.size(); ++i) {
    if (!eval(expr.kids[i], locals[i])) return false;
  }
  const std::span<Value> outer = std::exchange(locals_, locals);
  const bool good = eval(function.body, out);
  locals_ = outer;
  return good;
}

}  // namespace fconn::eval
