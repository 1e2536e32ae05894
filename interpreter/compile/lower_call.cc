#include <algorithm>

#include "interpreter/compile/lower_expr.hh"

namespace fconn::compile {

using ir::Op;

namespace {

Span argument_span(const grammar::Argument& argument) { return argument.value.front().span; }

const grammar::Name* as_name(const grammar::Expr& expr) {
  const auto* name = std::get_if<grammar::NameExpr>(&strip(expr).node);
  return name == nullptr ? nullptr : &name->name;
}

}  // namespace

void ExprLowerer::report_surplus(const std::vector<std::string_view>& names,
                                 const grammar::Argument& argument, std::string_view callee) {
  if (argument.name) {
    const std::vector<std::string> known(names.begin(), names.end());
    unit_.report(DiagnosticId::unknown_argument, argument.name->span,
                 quoted(callee) + " has no argument " + quoted(argument.name->text),
                 suggestion(argument.name->text, known));
    return;
  }
  unit_.report(DiagnosticId::argument_count, argument.span,
               quoted(callee) + " takes " + std::to_string(names.size()) +
                   (names.size() == 1 ? " argument" : " arguments") + ", and this is one more");
}

std::vector<const grammar::Argument*> ExprLowerer::match_arguments(
    const std::vector<std::string_view>& names, const std::vector<bool>& required,
    const std::vector<grammar::Argument>& arguments, std::string_view callee, Span where) {
  for (const grammar::Argument& argument : arguments) {
    const grammar::Name* name = argument.name ? &*argument.name : as_name(argument.value.front());
    if (name == nullptr || !unit_.wanted(name->text)) continue;
    for (const std::string_view one : names) unit_.offer(one, NameKind::argument);
  }
  std::vector<const grammar::Argument*> result(names.size(), nullptr);
  std::size_t position = 0;
  bool complete = true;
  for (const grammar::Argument& argument : arguments) {
    std::size_t index = position;
    if (argument.name) {
      index = static_cast<std::size_t>(std::find(names.begin(), names.end(), argument.name->text) -
                                       names.begin());
    } else {
      ++position;
    }
    if (index >= names.size()) {
      if (complete || argument.name) report_surplus(names, argument, callee);
      complete = false;
      lower(argument.value.front());  // its own mistakes and uses count all the same
      continue;
    }
    if (result[index] != nullptr) {
      unit_.report(DiagnosticId::argument_count, argument.span,
                   "argument " + quoted(names[index]) + " of " + quoted(callee) + " is given twice",
                   "leave one of them out");
      continue;
    }
    result[index] = &argument;
  }
  for (std::size_t i = 0; complete && i < names.size(); ++i) {
    if (result[i] != nullptr || !required[i]) continue;
    std::string signature;
    for (const std::string_view name : names) {
      signature += (signature.empty() ? "" : ", ") + std::string(name);
    }
    unit_.report(DiagnosticId::argument_count, where,
                 quoted(callee) + " needs its argument " + quoted(names[i]),
                 "it is called " + quoted(std::string(callee) + "(" + signature + ")"));
    break;
  }
  return result;
}

Typed ExprLowerer::call(const grammar::CallExpr& call, Span span) {
  if (auto rows = rows_call(call, span)) return std::move(*rows);
  if (FunctionSymbol* function =
          unit_.find_function(call.callee.text, call.callee.span, env_.in_connector)) {
    return call_function(*function, call, span);
  }
  if (const eval::Intrinsic* intrinsic = eval::find_intrinsic(call.callee.text)) {
    return call_intrinsic(*intrinsic, call, span);
  }
  return unknown_call(call);
}

Typed ExprLowerer::unknown_call(const grammar::CallExpr& call) {
  const std::string& name = call.callee.text;
  if (unit_.wanted(name)) unit_.offer_functions(call.callee.span, env_.in_connector);
  if (name == "batch" || name == "union") {
    unit_.report(DiagnosticId::name_not_here, call.callee.span,
                 quoted(name) + " can't be used in " + std::string(env_.place),
                 name == "batch" ? "it stands in a `for`: `for ids in batch(customer.id, 100)`"
                                 : "it stands in a `for`: `for id in union(order.id, invoice.id)`");
  } else {
    unit_.report(DiagnosticId::unknown_function, call.callee.span,
                 "there is no function " + quoted(name),
                 suggestion(name, unit_.function_names(call.callee.span, env_.in_connector),
                            "`fconn help functions` lists them"));
  }
  for (const grammar::Argument& argument : call.arguments) lower(argument.value.front());
  return poison(call.callee.span);
}

// `rows | length`, `rows | first` and `rows | last` need no list of all rows.
std::optional<Typed> ExprLowerer::rows_call(const grammar::CallExpr& call, Span span) {
  if (!has(env_.see, See::paging) || call.arguments.size() != 1) return std::nullopt;
  const grammar::Name* name = as_name(call.arguments.front().value.front());
  if (name == nullptr || name->text != "rows") return std::nullopt;
  const std::string& callee = call.callee.text;
  if (callee == "length" || callee == "first" || callee == "last") {
    unit_.note_declared(call.callee, NameKind::intrinsic);
    unit_.note_declared(*name, NameKind::builtin);
  }
  if (callee == "length") return Typed{make(Op::rows_count, at(span)), Type::integer};
  if (callee == "first") return Typed{make(Op::rows_first, at(span)), Type::any};
  if (callee == "last") return Typed{make(Op::rows_last, at(span)), Type::any};
  return std::nullopt;
}

Typed ExprLowerer::call_function(FunctionSymbol& function, const grammar::CallExpr& call,
                                 Span span) {
  function.used = true;
  unit_.note(call.callee.span, function.decl->name.span, NameKind::function);
  lower_function(unit_, function, call.callee.span);
  const std::vector<grammar::FnParam>& params = function.decl->params;
  std::vector<std::string_view> names;
  std::vector<bool> required;
  for (const grammar::FnParam& param : params) {
    names.push_back(param.name.text);
    required.push_back(param.default_value.empty());
  }
  const auto arguments =
      match_arguments(names, required, call.arguments, call.callee.text, call.callee.span);
  note_arguments(unit_, params, arguments);
  Typed result{make(Op::call_fn, at(span), {}, {}, function.id.value), function.result,
               function.secret};
  if (!function.pure) env_.impure = true;
  for (std::size_t i = 0; i < params.size(); ++i) {
    Typed argument = poison(span);
    if (arguments[i] != nullptr) {
      argument = lower(arguments[i]->value.front());
    } else if (!params[i].default_value.empty()) {
      // A default sees what the function sees, but for its arguments.
      Env outside;
      outside.in_connector = function.in_connector;
      outside.see = function.in_connector ? See::params : See::none;
      outside.place = "a default";
      outside.next_slot = env_.next_slot;
      ++unit_.muted;  // reported where the function is checked
      argument = ExprLowerer(unit_, outside).lower(params[i].default_value.front());
      --unit_.muted;
      env_.frame = std::max(env_.frame, outside.frame);
    }
    result.secret = result.secret || argument.secret;
    result.expr.kids.push_back(std::move(argument.expr));
  }
  return function.state == FunctionSymbol::State::done ? std::move(result) : poison(span);
}

ir::Expr ExprLowerer::intrinsic_argument(const eval::Intrinsic& intrinsic, std::size_t index,
                                         const grammar::Argument& argument, bool& secret) {
  Typed value = lower(argument.value.front());
  const eval::Parameter& parameter =
      intrinsic.parameters[std::min(index, intrinsic.parameters.size() - 1)];
  Type allowed = parameter.type;
  if (index == 0 && intrinsic.on_null != eval::OnNull::error) allowed = allowed | Type::null_value;
  if (!eval::overlap(value.type, allowed)) {
    unit_.report(DiagnosticId::argument_type, argument_span(argument),
                 quoted(intrinsic.name) + " takes " + eval::describe(parameter.type) + " for " +
                     quoted(parameter.name) + ", and this is " + eval::describe(value.type));
  }
  secret = secret || value.secret;
  return std::move(value.expr);
}

Typed ExprLowerer::call_intrinsic(const eval::Intrinsic& intrinsic, const grammar::CallExpr& call,
                                  Span span) {
  if (!intrinsic.pure) env_.impure = true;
  unit_.note_declared(call.callee, NameKind::intrinsic);
  if (intrinsic.variadic) return call_variadic(intrinsic, call, span);
  std::vector<std::string_view> names;
  std::vector<bool> required;
  for (const eval::Parameter& parameter : intrinsic.parameters) {
    names.push_back(parameter.name);
    required.push_back(!parameter.optional);
  }
  const auto arguments =
      match_arguments(names, required, call.arguments, intrinsic.name, call.callee.span);
  Type result_type = intrinsic.result;
  if (intrinsic.on_null == eval::OnNull::gives_null) result_type = result_type | Type::null_value;
  Typed result{make(Op::call, at(span), {}, std::string(intrinsic.name)), result_type};
  for (std::size_t i = 0; i < names.size(); ++i) {
    result.expr.kids.push_back(
        arguments[i] == nullptr ? json_constant(intrinsic.parameters[i].default_text, at(span))
                                : intrinsic_argument(intrinsic, i, *arguments[i], result.secret));
  }
  return result;
}

Typed ExprLowerer::call_variadic(const eval::Intrinsic& intrinsic, const grammar::CallExpr& call,
                                 Span span) {
  Typed result{make(Op::call, at(span), {}, std::string(intrinsic.name)), intrinsic.result};
  const auto optional = std::count_if(intrinsic.parameters.begin(), intrinsic.parameters.end(),
                                      [](const eval::Parameter& p) { return p.optional; });
  if (call.arguments.size() + static_cast<std::size_t>(optional) < intrinsic.parameters.size()) {
    unit_.report(DiagnosticId::argument_count, call.callee.span,
                 quoted(intrinsic.name) + " needs at least " +
                     std::to_string(intrinsic.parameters.size()) + " arguments");
  }
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const grammar::Argument& argument = call.arguments[i];
    if (argument.name) {
      unit_.report(DiagnosticId::unknown_argument, argument.name->span,
                   quoted(intrinsic.name) + " takes any number of arguments, without names");
    }
    result.expr.kids.push_back(intrinsic_argument(intrinsic, i, argument, result.secret));
  }
  return result;
}

}  // namespace fconn::compile
