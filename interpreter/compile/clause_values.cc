#include "interpreter/compile/lower_request.hh"

namespace fconn::compile {

using ir::Op;

namespace {

/// Lowers what must be a constant; names are unknown to it.
ir::Expr constant(Unit& unit, const grammar::Expr& expr) {
  Env env;
  env.place = "a constant";
  return ExprLowerer(unit, env).lower(expr).expr;
}

}  // namespace

std::int64_t duration_constant(Unit& unit, const grammar::Expr& expr, std::string_view what,
                               std::int64_t otherwise, std::int64_t least) {
  if (std::holds_alternative<grammar::ErrorExpr>(expr.node)) return otherwise;
  const ir::Expr value = constant(unit, expr);
  if (value.op == Op::duration && value.number >= least) return value.number;
  const bool none = value.op == Op::duration && value.number == 0;
  unit.report(DiagnosticId::clause_value, expr.span,
              std::string(what) + (none ? " can't be no time at all" : " takes a duration"),
              "write it with its unit: `30s`, `5m`, `500ms`");
  return otherwise;
}

std::int64_t integer_constant(Unit& unit, const grammar::Expr& expr, std::string_view what,
                              std::int64_t least, std::int64_t otherwise) {
  if (std::holds_alternative<grammar::ErrorExpr>(expr.node)) return otherwise;
  constexpr std::int64_t most = 1'000'000'000;
  const ir::Expr value = constant(unit, expr);
  if (value.op == Op::integer && value.number >= least && value.number <= most) return value.number;
  unit.report(DiagnosticId::clause_value, expr.span,
              std::string(what) + " takes a whole number from " + std::to_string(least) + " to " +
                  std::to_string(most));
  return otherwise;
}

std::string string_constant(Unit& unit, const std::vector<grammar::Expr>& value,
                            std::string_view what) {
  if (value.empty() || std::holds_alternative<grammar::ErrorExpr>(value.front().node)) return {};
  ir::Expr text = constant(unit, value.front());
  if (text.op == Op::string) return std::move(text.text);
  unit.report(DiagnosticId::clause_value, value.front().span,
              std::string(what) + " takes a text without holes");
  return {};
}

std::vector<ir::RateWindow> rate_windows(Unit& unit, const grammar::RateClause& clause) {
  std::vector<ir::RateWindow> windows;
  for (const grammar::RateLimit& limit : clause.limits) {
    ir::RateWindow window;
    window.amount =
        static_cast<std::uint32_t>(integer_constant(unit, limit.amount.front(), "`rate`", 1, 1));
    window.window_ms = duration_ms("1" + limit.unit.text).value_or(1000);
    windows.push_back(window);
  }
  return windows;
}

std::vector<ir::StatusRange> status_ranges(const std::vector<grammar::StatusRange>& ranges) {
  std::vector<ir::StatusRange> result;
  result.reserve(ranges.size());
  for (const grammar::StatusRange& range : ranges) result.push_back({range.low, range.high});
  return result;
}

std::vector<ir::StatusRange> skipped_ranges(const std::vector<grammar::StatusRange>& ranges) {
  std::vector<ir::StatusRange> result;
  for (const grammar::StatusRange& range : ranges) {
    if (range.low == 400 && range.high == 499) {
      for (const ir::StatusRange part : {ir::StatusRange{400, 400}, ir::StatusRange{402, 402},
                                         ir::StatusRange{404, 428}, ir::StatusRange{430, 499}}) {
        result.push_back(part);
      }
    } else {
      result.push_back({range.low, range.high});
    }
  }
  return result;
}

ir::RetryRule retry_rule(Unit& unit, ExprLowerer& lowerer, const grammar::RetryClause& clause,
                         Span span) {
  ir::RetryRule rule;
  rule.span = unit.at(span);
  rule.condition.on = status_ranges(clause.on);
  if (!clause.when.empty()) rule.condition.when = lowerer.condition(clause.when.front());
  if (!clause.times.empty()) {
    rule.times =
        static_cast<std::uint32_t>(integer_constant(unit, clause.times.front(), "`times`", 0, 3));
  }
  if (clause.backoff.size() == 2) {
    rule.backoff_min_ms = duration_constant(unit, clause.backoff[0], "`backoff`", 1000);
    rule.backoff_max_ms = duration_constant(unit, clause.backoff[1], "`backoff`", 60000);
    if (rule.backoff_max_ms < rule.backoff_min_ms) {
      unit.report(DiagnosticId::clause_value, clause.backoff[1].span,
                  "the longest wait is shorter than the shortest",
                  "write the shorter one first: `backoff 1s..60s`");
    }
  }
  if (!clause.every.empty()) {
    Typed every = lowerer.lower(clause.every.front());
    const bool literal = std::holds_alternative<grammar::Literal>(clause.every.front().node);
    if (literal || !overlap(every.type, Type::duration)) {
      rule.every_ms = duration_constant(unit, clause.every.front(), "`every`", 1000);
    } else if (every.expr.op != Op::null_value) {
      rule.every = std::move(every.expr);
    }
  }
  return rule;
}

ir::RetryRule default_retry() {
  ir::RetryRule rule;
  rule.condition.on = {{429, 429}, {502, 504}};
  return rule;
}

}  // namespace fconn::compile
