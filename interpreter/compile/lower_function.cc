#include <algorithm>

#include "interpreter/compile/lower_expr.hh"

namespace fconn::compile {
namespace {

void report_recursion(Unit& unit, const FunctionSymbol& function, Span called_at) {
  const auto first = std::find(unit.function_stack.begin(), unit.function_stack.end(), &function);
  std::string cycle;
  for (auto it = first; it != unit.function_stack.end(); ++it) {
    cycle += (*it)->decl->name.text + " -> ";
  }
  unit.report(
      DiagnosticId::recursion, called_at,
      quoted(function.decl->name.text) + " calls itself: " + cycle + function.decl->name.text,
      "functions can't be recursive, so that every expression ends");
}

/// Defaults are lowered at each call; here they are checked once.
void check_defaults(Unit& unit, const FunctionSymbol& function) {
  for (const grammar::FnParam& param : function.decl->params) {
    if (param.default_value.empty()) continue;
    Env env;
    env.in_connector = function.in_connector;
    env.see = function.in_connector ? See::params : See::none;
    env.place = "a default";
    ExprLowerer(unit, env).lower(param.default_value.front());
  }
}

}  // namespace

void note_arguments(Unit& unit, const std::vector<grammar::FnParam>& params,
                    const std::vector<const grammar::Argument*>& arguments) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (arguments[i] == nullptr || !arguments[i]->name) continue;
    unit.note(arguments[i]->name->span, params[i].name.span, NameKind::local);
  }
}

void lower_function(Unit& unit, FunctionSymbol& function, Span called_at) {
  if (function.state == FunctionSymbol::State::done) return;
  if (function.state == FunctionSymbol::State::busy) {
    report_recursion(unit, function, called_at);
    return;
  }
  function.state = FunctionSymbol::State::busy;
  unit.function_stack.push_back(&function);
  const int muted = std::exchange(unit.muted, function.own ? 0 : 1);

  check_defaults(unit, function);
  Env env;
  env.in_connector = function.in_connector;
  env.see = function.in_connector ? See::params : See::none;
  env.place = "a function";
  ExprLowerer lowerer(unit, env);
  for (const grammar::FnParam& param : function.decl->params) lowerer.bind(param.name);
  Typed body = lowerer.lower(function.decl->body.front());
  for (const LocalSymbol& local : env.locals) {
    if (local.used) continue;
    unit.report(DiagnosticId::unused_name, local.span,
                "argument " + quoted(local.name) + " is never used", "remove it");
  }

  unit.muted = muted;
  unit.function_stack.pop_back();
  function.state = FunctionSymbol::State::done;
  function.result = body.type;
  unit.note_type(function.decl->name.span, body.type);
  function.secret = body.secret;
  function.pure = !env.impure;
  function.id.value = static_cast<std::uint32_t>(unit.out.functions.size());
  ir::Function lowered;
  lowered.name = function.decl->name.text;
  lowered.doc = function.whole->doc;
  lowered.params = static_cast<std::uint32_t>(function.decl->params.size());
  lowered.locals = env.frame;
  lowered.body = std::move(body.expr);
  lowered.span = unit.at(function.decl->name.span);
  unit.out.functions.push_back(std::move(lowered));
}

}  // namespace fconn::compile
