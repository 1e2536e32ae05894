#include "interpreter/compile/lower_request.hh"

#include <algorithm>
#include <array>

#include "interpreter/ir/repeat.hh"

namespace fconn::compile {

using grammar::Clause;
using grammar::Overloaded;
using ir::Op;

namespace {

constexpr Type object_or_null = Type::object | Type::null_value;

ir::BodyKind body_kind(grammar::BodyKind kind) {
  switch (kind) {
    case grammar::BodyKind::json:
      return ir::BodyKind::json;
    case grammar::BodyKind::form:
      return ir::BodyKind::form;
    case grammar::BodyKind::text:
      return ir::BodyKind::text;
    case grammar::BodyKind::xml:
      return ir::BodyKind::xml;
    case grammar::BodyKind::multipart:
      return ir::BodyKind::multipart;
    case grammar::BodyKind::csv:
      return ir::BodyKind::csv;
    case grammar::BodyKind::ndjson:
      return ir::BodyKind::ndjson;
  }
  return ir::BodyKind::none;
}

Type body_type(grammar::BodyKind kind) {
  switch (kind) {
    case grammar::BodyKind::json:
      return Type::any;
    case grammar::BodyKind::form:
    case grammar::BodyKind::multipart:
      return object_or_null;
    case grammar::BodyKind::text:
      return text_types;
    case grammar::BodyKind::xml:
      return Type::xml | Type::string;
    case grammar::BodyKind::csv:
    case grammar::BodyKind::ndjson:
      return Type::list | Type::null_value;
  }
  return Type::any;
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::read:
      return "a `read`";
    case Role::step:
      return "a `let`";
    case Role::erase:
      return "an `update` or `delete`";
    case Role::check:
      return "a `check`";
    case Role::consent:
      return "a `consent`";
    case Role::token:
      return "a `token`";
  }
  return {};
}

class RequestLowerer {
 public:
  RequestLowerer(Unit& unit, Env& env, const grammar::Request& request, Role role,
                 TokenParts* token)
      : unit_(unit),
        env_(env),
        lowerer_(unit, env),
        request_(request),
        role_(role),
        token_(token),
        before_(env.see) {}

  ir::Request lower() {
    env_.request = &out_;
    out_.method = request_.method.text;
    out_.span = unit_.at({request_.method.span.file, request_.method.span.begin,
                          std::max(request_.target_span.end, request_.method.span.end)});
    via();
    at_sent();
    target();
    for (const Clause& clause : request_.clauses) lower_clause(clause);
    finish_rows();
    finish_limits();
    check_target(unit_, request_, out_);
    out_.locals = env_.frame;
    env_.see = before_;
    env_.dot = Dot::none;
    env_.request = nullptr;
    return std::move(out_);
  }

 private:
  const ClientSymbol& client() const { return unit_.clients[out_.client.value]; }

  void via() {
    // A token is fetched through the client whose strategy asks for it.
    if (role_ == Role::token && !unit_.out.clients.empty()) {
      out_.client.value = static_cast<std::uint32_t>(unit_.out.clients.size() - 1);
    }
    if (!request_.via) return;
    for (ClientSymbol& known : unit_.clients) {
      if (known.decl == nullptr || !known.decl->name) continue;
      if (known.decl->name->text != request_.via->text) continue;
      known.used = true;
      unit_.note(request_.via->span, known.decl->name->span, NameKind::client);
      out_.client = known.id;
      return;
    }
    std::vector<std::string> names;
    for (ClientSymbol& known : unit_.clients) {
      known.used = true;  // one of them was meant
      if (known.decl == nullptr || !known.decl->name) continue;
      names.push_back(known.decl->name->text);
      if (unit_.wanted(request_.via->text)) {
        unit_.offer(names.back(), NameKind::client, known.decl->name->span);
      }
    }
    unit_.report(DiagnosticId::unknown_client, request_.via->span,
                 "there is no client " + quoted(request_.via->text),
                 suggestion(request_.via->text, names,
                            "declare it: `client " + request_.via->text + " { base … }`"));
  }

  void place(See more, Dot dot, Phase phase, std::string_view name) {
    env_.see = before_ | more;
    env_.dot = dot;
    env_.phase = phase;
    env_.place = name;
  }
  void at_sent() { place(See::none, Dot::none, Phase::sent, "a request"); }
  void at_answer() {
    place(See::response | See::request, Dot::body, Phase::response, "what judges an answer");
  }
  void at_row(Phase phase, std::string_view name) {
    place(See::response | See::request, mapped_ ? Dot::mapped_row : Dot::row, phase, name);
  }

  void target() {
    for (const grammar::PathPart& part : request_.target) {
      ir::TargetPart lowered;
      lowered.span = unit_.at(part.span);
      if (part.hole.empty()) {
        lowered.text = part.text;
      } else {
        lowered.kind = part.raw ? ir::TargetPartKind::raw : ir::TargetPartKind::segment;
        Typed value = lowerer_.text(part.hole.front());
        if (value.secret) {
          unit_.report(DiagnosticId::secret_in_path, part.hole.front().span,
                       "a secret in a URL's path ends up in logs on the way",
                       "send it in a header or in the body");
        }
        // What a strategy's arguments decide shows which hosts are meant.
        lowered.value = fold(std::move(value.expr));
      }
      out_.target.push_back(std::move(lowered));
    }
  }

  void not_allowed(const Clause& clause, std::string_view why) {
    unit_.report(DiagnosticId::clause_not_here, clause.keyword,
                 quoted(unit_.sources.slice(clause.keyword)) + " can't stand in " +
                     std::string(role_name(role_)),
                 std::string(why));
  }

  /// Clauses that shape rows; false (and reported) where there are none.
  bool shapes_rows(const Clause& clause) {
    if (role_ == Role::read || role_ == Role::step) return true;
    not_allowed(clause, "its answer gives no rows");
    return false;
  }

  void lower_clause(const Clause& clause) {
    std::visit(
        Overloaded{
            [&](const grammar::QueryClause& c) {
              at_sent();
              out_.query = lowerer_.value(c.value.front(), object_or_null, "`query`").expr;
            },
            [&](const grammar::HeadersClause& c) {
              at_sent();
              out_.headers = lowerer_.value(c.value.front(), object_or_null, "`headers`").expr;
            },
            [&](const grammar::BodyClause& c) { body(c); },
            [&](const grammar::AsClause& c) { accept(c); },
            [&](const grammar::SkipClause& c) {
              out_.skips.push_back(judgement(c.on, c.when, c.reason, clause.span));
              out_.skips.back().condition.on = skipped_ranges(c.on);
            },
            [&](const grammar::FailClause& c) {
              out_.fails.push_back(judgement(c.on, c.when, c.message, clause.span));
            },
            [&](const grammar::UntilClause& c) { until(c, clause); },
            [&](const grammar::RowsClause& c) {
              if (shapes_rows(clause)) rows(c);
            },
            [&](const grammar::KeepClause& c) {
              if (shapes_rows(clause)) keep(c, clause.span);
            },
            [&](const grammar::MapClause& c) {
              if (shapes_rows(clause)) map(c, clause.span);
            },
            [&](const grammar::TakeClause& c) {
              if (shapes_rows(clause)) take(c, clause.span);
            },
            [&](const grammar::PaginateClause& c) {
              if (!shapes_rows(clause)) return;
              at_answer();
              paginate_ = clause.keyword;
              out_.pagination = lower_pagination(unit_, env_, c, clause.span);
            },
            [&](const grammar::RetryClause& c) {
              at_answer();
              out_.retries.push_back(retry_rule(unit_, lowerer_, c, clause.span));
            },
            [&](const grammar::TimeoutClause& c) {
              out_.timeout_ms = duration_constant(unit_, c.total.front(), "`timeout`", 60000, 1);
              if (!c.connect.empty()) {
                out_.connect_timeout_ms =
                    duration_constant(unit_, c.connect.front(), "`connect`", 5000, 1);
              }
            },
            [&](const grammar::RateClause& c) { out_.rates = rate_windows(unit_, c); },
            [&](const grammar::IdempotentClause&) { idempotent(clause); },
            [&](const grammar::LetClause&) {
              if (role_ == Role::token) not_allowed(clause, "write it before the `token`");
              // Elsewhere the chain has taken it as a step.
            },
            [&](const grammar::ValueClause& c) { token_value(c, clause); },
            [&](const grammar::ExpiresClause& c) { expires(c, clause); },
            [&](const grammar::ShowClause& c) { show(c, clause); },
            [&](const auto&) { not_allowed(clause, "it belongs to another block"); },
        },
        clause.node);
  }

  void body(const grammar::BodyClause& c) {
    at_sent();
    out_.body_kind = body_kind(c.kind);
    out_.body = lowerer_.value(c.value.front(), body_type(c.kind), "`body`").expr;
    if (!c.media_type.empty()) out_.body_type = lowerer_.text(c.media_type.front()).expr;
  }

  void accept(const grammar::AsClause& c) {
    static constexpr std::array<std::string_view, 6> formats = {"json",   "csv",  "xml",
                                                                "ndjson", "text", "bytes"};
    const auto found = std::find(formats.begin(), formats.end(), c.format.text);
    if (found == formats.end()) return;  // the parser has said so
    out_.accept = static_cast<ir::Accept>(1 + (found - formats.begin()));
  }

  ir::Judgement judgement(const std::vector<grammar::StatusRange>& on,
                          const std::vector<grammar::Expr>& when,
                          const std::vector<grammar::Expr>& reason, Span span) {
    at_answer();
    ir::Judgement result;
    result.span = unit_.at(span);
    result.condition.on = status_ranges(on);
    if (!when.empty()) result.condition.when = lowerer_.condition(when.front());
    if (!reason.empty()) result.reason = lowerer_.text(reason.front()).expr;
    return result;
  }

  void until(const grammar::UntilClause& c, const Clause& clause) {
    at_answer();
    ir::Until until;
    until.span = unit_.at(clause.span);
    until.condition = lowerer_.condition(c.condition.front());
    if (!c.every.empty())
      until.every_ms = duration_constant(unit_, c.every.front(), "`every`", 5000);
    if (!c.limit.empty())
      until.limit_ms = duration_constant(unit_, c.limit.front(), "`for`", 3600000);
    out_.until = std::move(until);
    until_ = clause.keyword;
  }

  /// A promise about what may have been done already; reads are repeated without one.
  void idempotent(const Clause& clause) {
    if (role_ == Role::token || env_.chain == nullptr || !env_.chain->acts) {
      return not_allowed(clause,
                         "leave it out: it is about what `update`, `delete` and `consent` send; "
                         "anything else may be repeated without it");
    }
    if (ir::idempotent_method(out_.method)) {
      unit_.report(DiagnosticId::clause_not_here, clause.keyword,
                   "`idempotent` says nothing new about a " + out_.method,
                   "leave it out: a " + out_.method + " may be repeated by its definition");
      return;
    }
    out_.idempotent = true;
  }

  void rows(const grammar::RowsClause& c) {
    at_answer();
    const grammar::Expr& expr = c.value.front();
    std::vector<PathStep> steps;
    const grammar::Expr& base = ExprLowerer::split_path(strip(expr), steps);
    const bool keys = std::holds_alternative<grammar::DotExpr>(base.node) &&
                      std::all_of(steps.begin(), steps.end(), [](const PathStep& step) {
                        return step.kind == PathStep::Kind::member;
                      });
    if (keys) {
      ir::KeyPath path;
      for (const PathStep& step : steps) path.push_back(step.name->text);
      out_.rows_path = std::move(path);
      return;
    }
    Typed rows = lowerer_.value(expr, Type::list | object_or_null, "`rows`");
    if (rows.secret) {
      unit_.report(DiagnosticId::secret_in_rows, expr.span,
                   "a secret would become part of the rows", "leave it out of `rows`");
    }
    out_.rows = std::move(rows.expr);
  }

  void row_op(ir::RowOpKind kind, ir::Expr value, Span span) {
    out_.row_ops.push_back({kind, std::move(value), unit_.at(span)});
  }

  void keep(const grammar::KeepClause& c, Span span) {
    at_row(Phase::keep, "`keep`");
    const bool fields = env_.collection != nullptr && role_ == Role::read;
    if (fields) env_.cast_fields = &env_.collection->ir->fields;
    row_op(ir::RowOpKind::keep, lowerer_.condition(c.value.front()), span);
    env_.cast_fields = nullptr;
  }

  void map(const grammar::MapClause& c, Span span) {
    at_row(Phase::map, "`map`");
    Typed value = lowerer_.lower(c.value.front());
    if (value.secret) {
      unit_.report(DiagnosticId::secret_in_rows, c.value.front().span,
                   "a secret would become part of the rows", "leave it out of `map`");
    }
    row_op(ir::RowOpKind::map, std::move(value.expr), span);
    mapped_ = true;
  }

  void take(const grammar::TakeClause& c, Span span) {
    at_sent();
    Typed value = lowerer_.value(c.value.front(), Type::integer, "`take`");
    if (value.expr.op == Op::integer && value.expr.number < 0) {
      unit_.report(DiagnosticId::clause_value, c.value.front().span,
                   "`take` can't take fewer rows than none");
    }
    row_op(ir::RowOpKind::take, std::move(value.expr), span);
  }

  void token_value(const grammar::ValueClause& c, const Clause& clause) {
    if (token_ == nullptr) return not_allowed(clause, "it stands in a `token` of an auth strategy");
    at_answer();
    token_->value = lowerer_.lower(c.value.front()).expr;
  }

  void expires(const grammar::ExpiresClause& c, const Clause& clause) {
    if (token_ == nullptr) return not_allowed(clause, "it stands in a `token` of an auth strategy");
    at_answer();
    Typed when = lowerer_.lower(c.value.front());
    (c.at ? token_->expires_at : token_->expires_in) = std::move(when.expr);
    if (!c.margin.empty()) {
      token_->margin_ms = duration_constant(unit_, c.margin.front(), "`margin`", 30000);
    }
  }

  void show(const grammar::ShowClause& c, const Clause& clause) {
    if (token_ == nullptr) return not_allowed(clause, "it stands in a `login` of an auth strategy");
    at_answer();
    token_->show = lowerer_.text(c.value.front()).expr;
  }

  /// A read always has rows; a `let` has them where it says something about rows.
  void finish_rows() {
    const bool shaped = !out_.row_ops.empty() || out_.pagination.has_value() || paginate_;
    const bool needed = role_ == Role::read || (role_ == Role::step && shaped);
    if (needed && !out_.rows_path && !out_.rows) out_.rows_path.emplace();
    if (until_ && paginate_) {
      unit_.report(DiagnosticId::clause_not_here, *until_,
                   "a request that pages can't also be asked again until something holds",
                   "wait in a `let` of the chain, then page", *paginate_, "the paging");
    }
  }

  /// Retry rules and time limits of the client come after the request's own.
  void finish_limits() {
    const grammar::ClientDecl* decl = client().decl;
    ++unit_.muted;  // the client's clauses are checked where it is lowered
    if (decl != nullptr) {
      for (const Clause& clause : decl->clauses) {
        if (const auto* retry = std::get_if<grammar::RetryClause>(&clause.node)) {
          at_answer();
          env_.see = See::params | See::response | See::request | See::request_id;
          out_.retries.push_back(retry_rule(unit_, lowerer_, *retry, clause.span));
        } else if (const auto* timeout = std::get_if<grammar::TimeoutClause>(&clause.node)) {
          client_timeout(*timeout);
        }
      }
    }
    --unit_.muted;
    if (out_.retries.empty()) out_.retries.push_back(default_retry());
  }

  void client_timeout(const grammar::TimeoutClause& timeout) {
    if (!out_.timeout_ms) {
      out_.timeout_ms = duration_constant(unit_, timeout.total.front(), "`timeout`", 60000, 1);
    }
    if (!out_.connect_timeout_ms && !timeout.connect.empty()) {
      out_.connect_timeout_ms =
          duration_constant(unit_, timeout.connect.front(), "`connect`", 5000, 1);
    }
  }

  Unit& unit_;
  Env& env_;
  ExprLowerer lowerer_;
  const grammar::Request& request_;
  Role role_;
  TokenParts* token_;
  See before_;
  ir::Request out_;
  bool mapped_ = false;
  std::optional<Span> until_, paginate_;
};

}  // namespace

ir::Request lower_request(Unit& unit, Env& env, const grammar::Request& request, Role role,
                          TokenParts* token) {
  return RequestLowerer(unit, env, request, role, token).lower();
}

}  // namespace fconn::compile
