#include <algorithm>

#include "grammar/ast_words.hh"
#include "grammar/format_printer.hh"

namespace fconn::grammar {

namespace {

/// Clauses that stand in a column with their neighbours; those that name something don't.
bool in_column(const Clause& c) {
  return !std::holds_alternative<LetClause>(c.node) &&
         !std::holds_alternative<TokenClause>(c.node) &&
         !std::holds_alternative<ChallengeClause>(c.node) &&
         !std::holds_alternative<ForEachClause>(c.node);
}

/// A word alone.
bool is_mark(const Clause& c) { return std::holds_alternative<IdempotentClause>(c.node); }

}  // namespace

void Printer::request(const Request& r) {
  w_.comments_before(r.span.begin);
  name(r.method);
  w_.text(" ");
  target(r);
  std::uint32_t head_end = r.target_span.end;
  if (r.via) {
    w_.text(" via ");
    name(*r.via);
    head_end = r.via->span.end;
  }
  if (!r.has_block) return;
  w_.text(" ");
  block(w_.find("{", head_end, r.span.end) + 1, r.span.end - 1, r.clauses);
}

void Printer::block(std::uint32_t begin, std::uint32_t end, const std::vector<Clause>& clauses) {
  const bool one_line = !w_.newline_between(begin, end) && !w_.has_comment_before(end);
  if (clauses.empty() && !w_.has_comment_before(end)) {
    w_.text("{}");
    return;
  }
  const auto inline_block = [&clauses](Printer& p) {
    p.w_.text("{ ");
    p.clause(clauses.front(), 0);
    p.w_.text(" }");
  };
  if (w_.is_flat() || (clauses.size() == 1 && one_line && fits(inline_block))) {
    inline_block(*this);
    return;
  }
  const std::uint32_t base = item_indent();
  w_.text("{");
  w_.finish_item(begin, clauses.empty() ? end : clauses.front().span.begin);
  clause_items(clauses, base + 2, end);
  if (w_.has_comment_before(end)) w_.start_item(end, base + 2, clauses.empty());
  w_.line_break(base);
  w_.text("}");
}

void Printer::clause_items(const std::vector<Clause>& clauses, std::uint32_t indent,
                           std::uint32_t end) {
  const std::vector<std::size_t> widths = clause_widths(clauses);
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    w_.start_item(clauses[i].span.begin, indent, i == 0);
    const Continuation deeper(w_, indent + 2);
    clause(clauses[i], widths[i]);
    w_.finish_item(clauses[i].span.end, i + 1 < clauses.size() ? clauses[i + 1].span.begin : end);
  }
}

std::vector<std::size_t> Printer::clause_widths(const std::vector<Clause>& clauses) const {
  std::vector<std::size_t> widths(clauses.size(), 0);
  for (std::size_t i = 0; i < clauses.size();) {
    std::size_t width = 0;
    std::size_t end = i;
    for (; end < clauses.size() && in_column(clauses[end]); ++end) {
      const bool apart =
          end > i && w_.blank_line_between(clauses[end - 1].span.end, clauses[end].span.begin);
      if (apart) break;
      if (!is_mark(clauses[end])) width = std::max(width, clause_word(clauses[end]).size());
    }
    std::fill(widths.begin() + static_cast<std::ptrdiff_t>(i),
              widths.begin() + static_cast<std::ptrdiff_t>(end), width);
    i = std::max(end, i + 1);
  }
  return widths;
}

void Printer::clause(const Clause& c, std::size_t width) {
  w_.comments_before(c.span.begin);
  std::string word(clause_word(c));
  if (is_mark(c)) return w_.text(word);
  word.resize(std::max(word.size(), width), ' ');
  w_.text(word + " ");
  std::visit([this](const auto& node) { body(node); }, c.node);
}

void Printer::comma_separated(const std::vector<Expr>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) {
      w_.text(",");
      gap(values[i].span.begin);
    }
    expr(values[i]);
  }
}

void Printer::statuses(const std::vector<StatusRange>& ranges) {
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (i > 0) w_.text(", ");
    w_.comments_before(ranges[i].span.begin);
    w_.text(w_.slice(ranges[i].span.begin, ranges[i].span.end));
  }
}

void Printer::strategy(const Name& strategy_name, const std::vector<Argument>& args, bool bare) {
  name(strategy_name);
  if (!bare) arguments(strategy_name.span.end, args, 0);
}

void Printer::conditions(const std::vector<StatusRange>& on, const std::vector<Expr>& when,
                         const std::vector<Expr>& text) {
  if (!on.empty()) {
    w_.text("on ");
    statuses(on);
  }
  if (!when.empty()) keyword("when", when.front(), on.empty());
  if (!text.empty()) {
    gap(text.front().span.begin);
    only(text);
  }
}

void Printer::body(const BodyClause& c) {
  w_.text(std::string(body_word(c.kind)) + " ");
  only(c.value);
  if (c.media_type.empty()) return;
  w_.text(" as ");
  only(c.media_type);
}

void Printer::body(const SkipClause& c) { conditions(c.on, c.when, c.reason); }

void Printer::body(const FailClause& c) { conditions(c.on, c.when, c.message); }

void Printer::body(const UntilClause& c) {
  only(c.condition);
  if (!c.every.empty()) keyword("every", c.every.front());
  if (!c.limit.empty()) keyword("for", c.limit.front());
}

void Printer::body(const LetClause& c) {
  name(c.name);
  if (!c.value.empty()) {
    after_equals(c.value);
  } else if (!c.request.empty()) {
    w_.text(" = ");
    request(c.request.front());
  }
}

void Printer::body(const RetryClause& c) {
  conditions(c.on, c.when, {});
  bool first = c.on.empty() && c.when.empty();
  const auto part = [&](std::string_view word, const std::vector<Expr>& value) {
    if (value.empty()) return;
    keyword(word, value.front(), first);
    first = false;
  };
  part("times", c.times);
  part("backoff", c.backoff);
  if (!c.backoff.empty()) {
    w_.text("..");
    expr(c.backoff.at(1));
  }
  part("every", c.every);
}

void Printer::body(const TimeoutClause& c) {
  only(c.total);
  if (c.connect.empty()) return;
  w_.text(",");
  keyword("connect", c.connect.front());
}

void Printer::body(const RateClause& c) {
  for (std::size_t i = 0; i < c.limits.size(); ++i) {
    if (i > 0) w_.text(", ");
    only(c.limits[i].amount);
    w_.text("/" + c.limits[i].unit.text);
  }
}

void Printer::body(const ForEachClause& c) {
  name(c.name);
  word_between(c.name.span.end, c.source.front().span.begin, "in");
  only(c.source);
}

void Printer::body(const AuthClause& c) {
  strategy(c.strategy, c.arguments, c.bare);
  if (!c.when.empty()) keyword("when", c.when.front());
}

void Printer::body(const StopClause& c) { conditions({}, c.when, c.reason); }

void Printer::body(const NextClause& c) {
  w_.text(std::string(next_word(c.part)) + " ");
  only(c.value);
}

void Printer::body(const TokenClause& c) {
  name(c.name);
  if (!c.when.empty()) keyword("when", c.when.front());
  w_.text(" = ");
  request(c.request.front());
}

void Printer::body(const ExpiresClause& c) {
  w_.text(c.at ? "at " : "in ");
  only(c.value);
  if (!c.margin.empty()) keyword("margin", c.margin.front());
}

void Printer::body(const ChallengeClause& c) {
  name(c.name);
  after_equals(c.value);
}

// ---- chains ------------------------------------------------------------------------------------

void Printer::needs(const Needs& n) {
  w_.text("needs ");
  for (std::size_t i = 0; i < n.alternatives.size(); ++i) {
    if (i > 0) w_.text(" or ");
    for (std::size_t j = 0; j < n.alternatives[i].size(); ++j) {
      if (j > 0) w_.text(" and ");
      name(n.alternatives[i][j]);
    }
  }
}

void Printer::chain(const Chain& c) {
  if (c.needs.present) {
    needs(c.needs);
    w_.text(" ");
  }
  if (!c.is_block) {
    if (!c.request.empty()) request(c.request.front());
    return;
  }
  const std::uint32_t base = item_indent();
  const std::uint32_t begin = c.needs.present ? c.needs.span.end : c.span.begin;
  const std::uint32_t end = c.span.end - 1;
  w_.text("{");
  const std::uint32_t last_begin = c.request.empty() ? end : c.request.front().span.begin;
  w_.finish_item(w_.find("{", begin, c.span.end) + 1,
                 c.steps.empty() ? last_begin : c.steps.front().span.begin);
  clause_items(c.steps, base + 2, last_begin);
  if (!c.request.empty()) {
    const Request& last = c.request.front();
    w_.start_item(last.span.begin, base + 2, c.steps.empty());
    const Continuation deeper(w_, base + 4);
    request(last);
    w_.finish_item(last.span.end, end);
  }
  if (w_.has_comment_before(end)) w_.start_item(end, base + 2, false);
  w_.line_break(base);
  w_.text("}");
}

}  // namespace fconn::grammar
