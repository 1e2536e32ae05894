#include "tools/policy/condition.hh"

#include "interpreter/compile/compile.hh"

namespace fconn::policy {

tl::expected<std::shared_ptr<const privacy::RowCondition>, ConditionMistake> compile_condition(
    const privacy::Hold& hold) {
  grammar::SourceMap sources;
  const grammar::FileId file = sources.add("hold", hold.where);
  const compile::CompiledExpr compiled = compile::compile_expression(file, sources, {"."});
  if (!compiled.expr) {
    for (const grammar::Diagnostic& one : compiled.diagnostics) {
      if (one.severity != grammar::Severity::error) continue;
      return tl::unexpected(ConditionMistake{one.text, one.help, one.where.begin});
    }
    return tl::unexpected(ConditionMistake{"it isn't an expression", "", 0});
  }
  privacy::RowCondition condition;
  condition.scope = compiled.scope;
  condition.expr = *compiled.expr;
  condition.locals = compiled.locals;
  return std::make_shared<const privacy::RowCondition>(std::move(condition));
}

}  // namespace fconn::policy
