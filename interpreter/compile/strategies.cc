// Strategies are language, not plug-ins: where one is used, its clauses are lowered with its
// arguments in place of its parameters.
#include <algorithm>

#include "interpreter/compile/lower_request.hh"

namespace fconn::compile {

using grammar::Clause;
using ir::Op;

namespace {

/// Larger arguments are computed once, into a local.
constexpr std::size_t largest_substitute = 6;

std::size_t size_of(const ir::Expr& expr) {
  std::size_t size = 1;
  for (const ir::Expr& kid : expr.kids) size += size_of(kid);
  return size;
}

struct Inlined {
  std::uint32_t slot = 0;
  ir::Expr value;
  Span span;
};

/// Binds a strategy's parameters in `inside`; `store` receives what has to be computed first.
template <class Store>
void bind_arguments(Unit& unit, Env& outside, Env& inside,
                    const std::vector<grammar::FnParam>& params,
                    const std::vector<const grammar::Argument*>& arguments, Store store) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    Typed value{make(Op::null_value, unit.at(params[i].span)), Type::any};
    bool impure = false;
    if (arguments[i] != nullptr) {
      const bool before = std::exchange(outside.impure, false);
      value = ExprLowerer(unit, outside).lower(arguments[i]->value.front());
      impure = outside.impure;
      outside.impure = before;
    } else if (!params[i].default_value.empty()) {
      Env alone;
      alone.in_connector = inside.in_connector;
      alone.see = inside.see & See::params;
      alone.next_slot = outside.next_slot;
      ++unit.muted;
      value = ExprLowerer(unit, alone).lower(params[i].default_value.front());
      --unit.muted;
      outside.frame = std::max(outside.frame, alone.frame);
    }
    LocalSymbol local;
    local.name = params[i].name.text;
    local.span = params[i].name.span;
    local.secret = value.secret;
    // A text stays what it is, so that a target made of it shows which host it names.
    const bool small = size_of(value.expr) <= largest_substitute || value.expr.op == Op::text;
    if (!impure && (is_constant(value.expr) || small)) {
      local.substitute = std::move(value.expr);
    } else {
      local.slot = outside.take_slot();
      store(Inlined{local.slot, std::move(value.expr), params[i].span});
    }
    inside.locals.push_back(std::move(local));
  }
  inside.next_slot = outside.next_slot;
  inside.frame = outside.frame;
}

template <class Params>
std::vector<const grammar::Argument*> match(Unit& unit, Env& env, const Params& params,
                                            const std::vector<grammar::Argument>& arguments,
                                            const grammar::Name& strategy) {
  std::vector<std::string_view> names;
  std::vector<bool> required;
  for (const grammar::FnParam& param : params) {
    names.push_back(param.name.text);
    required.push_back(param.default_value.empty());
  }
  return ExprLowerer(unit, env).match_arguments(names, required, arguments, strategy.text,
                                                strategy.span);
}

void lower_arguments(Unit& unit, Env& env, const std::vector<grammar::Argument>& arguments) {
  for (const grammar::Argument& argument : arguments) {
    ExprLowerer(unit, env).lower(argument.value.front());
  }
}

See strategy_see(bool in_connector) {
  return in_connector ? See::params | See::request_id : See::none;
}

ir::PageStepKind next_kind(grammar::NextPart part) {
  switch (part) {
    case grammar::NextPart::url:
      return ir::PageStepKind::next_url;
    case grammar::NextPart::query:
      return ir::PageStepKind::next_query;
    case grammar::NextPart::headers:
      return ir::PageStepKind::next_headers;
    case grammar::NextPart::body:
      return ir::PageStepKind::next_body;
  }
  return ir::PageStepKind::next_url;
}

void not_in_strategy(Unit& unit, const Clause& clause, std::string_view kind) {
  unit.report(DiagnosticId::clause_not_here, clause.keyword,
              quoted(unit.sources.slice(clause.keyword)) + " can't stand in " + std::string(kind),
              kind == "a pagination strategy"
                  ? "it holds `stop`, `let` and `next`"
                  : "it holds `token`, `refresh`, `login`, `challenge`, `let`, `headers`, `query` "
                    "and `body`");
}

void bind_let(Unit& unit, ExprLowerer& lowerer, const grammar::Name& name, const Typed& value) {
  LocalSymbol& local = lowerer.bind(name);
  local.type = value.type;
  local.secret = value.secret;
  unit.note_type(name.span, value.type);
}

/// The clauses of a pagination strategy as steps; what folds away isn't there.
void page_steps(Unit& unit, Env& env, const grammar::PaginationDecl& decl,
                std::vector<ir::PageStep>& steps) {
  ExprLowerer lowerer(unit, env);
  const auto add = [&](ir::PageStepKind kind, ir::Expr value, Span span, std::uint32_t slot = 0) {
    steps.push_back({kind, std::move(value), slot, unit.at(span), std::nullopt});
  };
  for (const Clause& clause : decl.clauses) {
    if (const auto* stop = std::get_if<grammar::StopClause>(&clause.node)) {
      ir::Expr when = fold(lowerer.condition(stop->when.front()));
      const bool never = when.op == Op::null_value || (when.op == Op::boolean && when.number == 0);
      std::optional<ir::Expr> reason;
      if (!stop->reason.empty()) reason = fold(lowerer.text(stop->reason.front()).expr);
      if (never) continue;
      add(ir::PageStepKind::stop, std::move(when), clause.span);
      steps.back().reason = std::move(reason);
    } else if (const auto* let = std::get_if<grammar::LetClause>(&clause.node)) {
      if (let->value.empty()) {
        not_in_strategy(unit, clause, "a pagination strategy");
        continue;
      }
      Typed value = lowerer.lower(let->value.front());
      ir::Expr folded = fold(std::move(value.expr));
      bind_let(unit, lowerer, let->name, value);
      LocalSymbol& local = env.locals.back();
      if (is_constant(folded)) {
        local.substitute = std::move(folded);
        local.type = Type::any;
      } else {
        add(ir::PageStepKind::let, std::move(folded), clause.span, local.slot);
      }
    } else if (const auto* next = std::get_if<grammar::NextClause>(&clause.node)) {
      const bool url = next->part == grammar::NextPart::url;
      const Type allowed = url ? Type::string | Type::null_value : Type::object | Type::null_value;
      ir::Expr value = fold(lowerer.value(next->value.front(), allowed, "`next`").expr);
      const bool nothing =
          !url && (value.op == Op::null_value || (value.op == Op::object && value.kids.empty()));
      if (!nothing) add(next_kind(next->part), std::move(value), clause.span);
    } else {
      not_in_strategy(unit, clause, "a pagination strategy");
    }
  }
}

Env pagination_env(bool in_connector) {
  Env env;
  env.in_connector = in_connector;
  env.see = strategy_see(in_connector) | See::response | See::request | See::paging;
  env.dot = Dot::body;
  env.place = "a pagination strategy";
  return env;
}

}  // namespace

std::optional<ir::Pagination> lower_pagination(Unit& unit, Env& env,
                                               const grammar::PaginateClause& clause, Span span) {
  PaginationSymbol* strategy =
      unit.find_pagination(clause.strategy.text, clause.strategy.span, env.in_connector);
  if (strategy == nullptr) {
    if (unit.wanted(clause.strategy.text)) {
      unit.offer_strategies(NameKind::pagination, clause.strategy.span, env.in_connector);
    }
    unit.report(
        DiagnosticId::unknown_strategy, clause.strategy.span,
        "there is no pagination strategy " + quoted(clause.strategy.text),
        suggestion(clause.strategy.text,
                   unit.pagination_names(clause.strategy.span, env.in_connector),
                   "the library has link, link_header, offset, page, after_last and cursor"));
    lower_arguments(unit, env, clause.arguments);
    return std::nullopt;
  }
  strategy->used = true;
  const auto arguments =
      match(unit, env, strategy->decl->params, clause.arguments, clause.strategy);
  unit.note(clause.strategy.span, strategy->decl->name.span, NameKind::pagination);
  note_arguments(unit, strategy->decl->params, arguments);
  ir::Pagination result;
  result.strategy = clause.strategy.text;
  result.span = unit.at(span);
  Env inside = pagination_env(strategy->in_connector);
  inside.request = env.request;
  bind_arguments(unit, env, inside, strategy->decl->params, arguments, [&](Inlined let) {
    result.steps.push_back(
        {ir::PageStepKind::let, std::move(let.value), let.slot, unit.at(let.span), std::nullopt});
  });
  ++unit.muted;  // the strategy's own text is checked once, where it is declared
  page_steps(unit, inside, *strategy->decl, result.steps);
  --unit.muted;
  env.frame = std::max(env.frame, inside.frame);
  return result;
}

namespace {

Env auth_env(bool in_connector) {
  Env env;
  env.in_connector = in_connector;
  env.see = strategy_see(in_connector) | See::request;
  env.place = "an auth strategy";
  return env;
}

/// A token's value inside its strategy is a reference to it.
void bind_token(Unit& unit, Env& env, const grammar::Name& name, std::size_t index) {
  ExprLowerer(unit, env).check_hiding(name);
  LocalSymbol local;
  local.name = name.text;
  local.span = name.span;
  local.substitute = make(Op::token, unit.at(name.span), {}, {}, static_cast<std::int64_t>(index));
  local.kind = NameKind::token;
  unit.note_declared(name, NameKind::token);
  local.secret = true;
  env.locals.push_back(std::move(local));
}

void note_used(Env& env, const Env& inside) {
  for (std::size_t i = 0; i < env.locals.size(); ++i) {
    env.locals[i].used = env.locals[i].used || inside.locals[i].used;
  }
}

/// The request of a token, login or refresh, with what is kept of its answer. Tokens declared
/// before it are visible; in a refresh the token itself, too.
template <class Fetch>
void lower_fetch(Unit& unit, Env& env, const grammar::TokenClause& clause, Fetch& fetch,
                 std::string_view place, bool needs_value) {
  TokenParts parts;
  Env inside = env;
  inside.place = place;
  inside.see = env.see & (See::params | See::request_id);
  if constexpr (requires { fetch.when; }) {
    if (!clause.when.empty()) fetch.when = ExprLowerer(unit, inside).condition(clause.when.front());
  } else if (!clause.when.empty()) {
    unit.report(DiagnosticId::clause_not_here, clause.when.front().span,
                "only a `refresh` has a `when`", "choose between strategies in the client instead");
  }
  fetch.request = lower_request(unit, inside, clause.request.front(), Role::token, &parts);
  fetch.value = parts.value ? std::move(*parts.value) : make(Op::null_value, fetch.span);
  const grammar::Span block = clause.request.front().span;
  const bool whole = std::none_of(
      unit.diagnostics.begin(), unit.diagnostics.end(), [&](const grammar::Diagnostic& found) {
        return found.severity == grammar::Severity::error && found.where.file == block.file &&
               found.where.begin >= block.begin && found.where.begin <= block.end;
      });
  if (needs_value && !parts.value && whole) {
    unit.report(DiagnosticId::missing_clause, clause.name.span,
                quoted(clause.name.text) + " has no `value`",
                "say what is kept of the answer: `value .access_token`");
  }
  fetch.expires_in = std::move(parts.expires_in);
  fetch.expires_at = std::move(parts.expires_at);
  fetch.margin_ms = parts.margin_ms;
  if constexpr (requires { fetch.show; }) fetch.show = std::move(parts.show);
  note_used(env, inside);
}

ir::Token lower_token(Unit& unit, Env& env, const grammar::TokenClause& clause, Span span) {
  ir::Token token;
  token.name = clause.name.text;
  token.span = unit.at(span);
  token.login = clause.kind == grammar::TokenKind::login;
  const auto shows = [](const Clause& c) {
    return std::holds_alternative<grammar::ShowClause>(c.node);
  };
  const std::vector<Clause>& clauses = clause.request.front().clauses;
  const auto show = std::find_if(clauses.begin(), clauses.end(), shows);
  if (!token.login && show != clauses.end()) {
    unit.report(DiagnosticId::clause_not_here, show->keyword, "`show` can't stand in a `token`",
                "a `login` is what needs a person");
  }
  const bool in_browser = token.login && show == clauses.end();
  lower_fetch(unit, env, clause, token, token.login ? "a `login`" : "a `token`", !in_browser);
  return token;
}

Span declared_token(const Env& env, const grammar::Name& name) {
  for (const LocalSymbol& local : env.locals) {
    if (local.kind == NameKind::token && local.name == name.text) return local.span;
  }
  return name.span;
}

void lower_refresh(Unit& unit, Env& env, const grammar::TokenClause& clause, Span span,
                   ir::Auth& auth) {
  const auto token = std::find_if(auth.tokens.begin(), auth.tokens.end(), [&](const ir::Token& t) {
    return t.name == clause.name.text && !t.login;
  });
  if (token == auth.tokens.end()) {
    unit.report(DiagnosticId::unknown_name, clause.name.span,
                "there is no token " + quoted(clause.name.text) + " to refresh",
                "declare it before: `token " + clause.name.text + " = POST …`");
    return;
  }
  unit.note(clause.name.span, declared_token(env, clause.name), NameKind::token);
  if (token->refresh) {
    unit.report(DiagnosticId::duplicate_clause, clause.name.span,
                quoted(clause.name.text) + " has a `refresh` already", "remove one of the two");
    return;
  }
  ir::Refresh refresh;
  refresh.span = unit.at(span);
  lower_fetch(unit, env, clause, refresh, "a `refresh`", true);
  token->refresh = std::move(refresh);
}

/// What a 401 asks for: `c.value` is what the expression gave, `c.uses` how many requests it was
/// used for.
void lower_challenge(Unit& unit, Env& env, const grammar::ChallengeClause& clause, ir::Auth& auth) {
  Env inside = env;
  inside.place = "a `challenge`";
  inside.see = env.see | See::response;
  ir::Expr value = ExprLowerer(unit, inside).lower(clause.value.front()).expr;
  env.frame = std::max(env.frame, inside.frame);
  auth.challenge = fold(std::move(value));
  note_used(env, inside);
  ExprLowerer(unit, env).check_hiding(clause.name);
  LocalSymbol local;
  local.name = clause.name.text;
  local.span = clause.name.span;
  local.substitute = make(Op::challenge, unit.at(clause.name.span));
  local.kind = NameKind::token;
  unit.note_declared(clause.name, NameKind::token);
  env.locals.push_back(std::move(local));
}

void auth_clauses(Unit& unit, Env& env, const grammar::AuthDecl& decl, ir::Auth& auth) {
  constexpr Type object_or_null = Type::object | Type::null_value;
  ExprLowerer lowerer(unit, env);
  for (const Clause& clause : decl.clauses) {
    if (const auto* let = std::get_if<grammar::LetClause>(&clause.node)) {
      if (let->value.empty()) {
        unit.report(DiagnosticId::clause_not_here, clause.keyword,
                    "`let` of an auth strategy can't send a request", "fetch a `token` instead");
        continue;
      }
      Typed value = lowerer.lower(let->value.front());
      bind_let(unit, lowerer, let->name, value);
      auth.lets.push_back({env.locals.back().slot, fold(std::move(value.expr))});
    } else if (const auto* token = std::get_if<grammar::TokenClause>(&clause.node)) {
      if (token->request.empty()) continue;
      if (token->kind == grammar::TokenKind::refresh) {
        lower_refresh(unit, env, *token, clause.span, auth);
        continue;
      }
      auth.tokens.push_back(lower_token(unit, env, *token, clause.span));
      bind_token(unit, env, token->name, auth.tokens.size() - 1);
    } else if (const auto* challenge = std::get_if<grammar::ChallengeClause>(&clause.node)) {
      lower_challenge(unit, env, *challenge, auth);
    } else if (const auto* headers = std::get_if<grammar::HeadersClause>(&clause.node)) {
      auth.headers = fold(lowerer.value(headers->value.front(), object_or_null, "`headers`").expr);
    } else if (const auto* query = std::get_if<grammar::QueryClause>(&clause.node)) {
      auth.query = fold(lowerer.value(query->value.front(), object_or_null, "`query`").expr);
    } else if (const auto* body = std::get_if<grammar::BodyClause>(&clause.node)) {
      auth.body = fold(lowerer.value(body->value.front(), object_or_null, "`body`").expr);
    } else {
      not_in_strategy(unit, clause, "an auth strategy");
    }
  }
}

}  // namespace

ir::Auth lower_auth(Unit& unit, Env& env, const grammar::AuthClause& clause, Span span) {
  ir::Auth auth;
  auth.strategy = clause.strategy.text;
  auth.span = unit.at(span);
  if (!clause.when.empty()) auth.when = ExprLowerer(unit, env).condition(clause.when.front());
  AuthSymbol* strategy =
      unit.find_auth(clause.strategy.text, clause.strategy.span, env.in_connector);
  if (strategy == nullptr) {
    if (unit.wanted(clause.strategy.text)) {
      unit.offer_strategies(NameKind::auth, clause.strategy.span, env.in_connector);
    }
    unit.report(
        DiagnosticId::unknown_strategy, clause.strategy.span,
        "there is no auth strategy " + quoted(clause.strategy.text),
        suggestion(clause.strategy.text, unit.auth_names(clause.strategy.span, env.in_connector),
                   "the library has basic, bearer, header, query, digest, the oauth2_… ones "
                   "and more; or write your own: `auth name(…) { … }`"));
    lower_arguments(unit, env, clause.arguments);
    return auth;
  }
  strategy->used = true;
  const auto arguments =
      match(unit, env, strategy->decl->params, clause.arguments, clause.strategy);
  unit.note(clause.strategy.span, strategy->decl->name.span, NameKind::auth);
  note_arguments(unit, strategy->decl->params, arguments);
  Env inside = auth_env(strategy->in_connector);
  // Arguments are computed where the strategy uses them: a text to sign may name the request.
  const See seen = std::exchange(env.see, env.see | See::request);
  bind_arguments(unit, env, inside, strategy->decl->params, arguments, [&](Inlined let) {
    auth.lets.push_back({let.slot, std::move(let.value)});
  });
  env.see = seen;
  ++unit.muted;
  auth_clauses(unit, inside, *strategy->decl, auth);
  --unit.muted;
  env.frame = std::max(env.frame, inside.frame);
  auth.locals = env.frame;
  return auth;
}

namespace {

/// Parameters as plain locals: the strategy is looked at for itself.
void bind_params(Unit& unit, Env& env, const std::vector<grammar::FnParam>& params) {
  ExprLowerer lowerer(unit, env);
  for (const grammar::FnParam& param : params) {
    if (!param.default_value.empty()) {
      Env alone;
      alone.in_connector = env.in_connector;
      alone.see = env.see & See::params;
      alone.place = "a default";
      ExprLowerer(unit, alone).lower(param.default_value.front());
    }
  }
  for (const grammar::FnParam& param : params) lowerer.bind(param.name);
}

void warn_unused(Unit& unit, const Env& env, std::size_t params) {
  for (std::size_t i = 0; i < env.locals.size(); ++i) {
    const LocalSymbol& local = env.locals[i];
    if (local.used) continue;
    unit.report(DiagnosticId::unused_name, local.span,
                (i < params ? "argument " : "") + quoted(local.name) + " is never used",
                "remove it");
  }
}

void check_pagination(Unit& unit, const PaginationSymbol& strategy) {
  ir::Request scratch;
  Env env = pagination_env(strategy.in_connector);
  env.request = &scratch;
  bind_params(unit, env, strategy.decl->params);
  std::vector<ir::PageStep> steps;
  page_steps(unit, env, *strategy.decl, steps);
  warn_unused(unit, env, strategy.decl->params.size());
  const bool next = std::any_of(strategy.decl->clauses.begin(), strategy.decl->clauses.end(),
                                [](const Clause& clause) {
                                  return std::holds_alternative<grammar::NextClause>(clause.node);
                                });
  if (!next) {
    unit.report(DiagnosticId::missing_next, strategy.decl->name.span,
                "pagination strategy " + quoted(strategy.decl->name.text) +
                    " never says how to get the next page",
                "add `next url …` or `next query { … }`");
  }
}

void check_auth(Unit& unit, const AuthSymbol& strategy) {
  Env env = auth_env(strategy.in_connector);
  bind_params(unit, env, strategy.decl->params);
  ir::Auth scratch;
  auth_clauses(unit, env, *strategy.decl, scratch);
  warn_unused(unit, env, strategy.decl->params.size());
}

}  // namespace

void check_strategies(Unit& unit) {
  for (std::size_t i = 0; i < unit.paginations.size(); ++i) {
    if (unit.paginations[i].own) check_pagination(unit, unit.paginations[i]);
  }
  for (std::size_t i = 0; i < unit.auths.size(); ++i) {
    if (unit.auths[i].own) check_auth(unit, unit.auths[i]);
  }
}

}  // namespace fconn::compile
