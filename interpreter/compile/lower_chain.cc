#include <algorithm>

#include "interpreter/compile/lower_request.hh"

namespace fconn::compile {

using grammar::Clause;

namespace {

bool reads_answer(const ir::Expr& expr) {
  switch (expr.op) {
    case ir::Op::body_cell:
    case ir::Op::row_cell:
    case ir::Op::current_row:
    case ir::Op::rows_count:
    case ir::Op::rows_first:
    case ir::Op::rows_last:
    case ir::Op::rows_all:
    case ir::Op::status:
    case ir::Op::header:
    case ir::Op::headers:
    case ir::Op::links:
    case ir::Op::request:
    case ir::Op::request_part:
      return true;
    default:
      return std::any_of(expr.kids.begin(), expr.kids.end(), reads_answer);
  }
}

/// Whether it is known before the request is sent if a clause holds.
bool known_before(const ir::Judgement& judgement) {
  return judgement.condition.on.empty() && judgement.condition.when &&
         !reads_answer(*judgement.condition.when) &&
         (!judgement.reason || !reads_answer(*judgement.reason));
}

class ChainLowerer {
 public:
  ChainLowerer(Unit& unit, ChainEnv& env, Role role) : unit_(unit), env_(env), role_(role) {}

  void lower(const grammar::Chain& chain) {
    env_.acts = role_ == Role::erase || role_ == Role::consent;
    env_.ir->span = unit_.at(chain.span);
    for (const Clause& step : chain.steps) lower_step(step);
    if (!chain.request.empty()) {
      const grammar::Request& last = chain.request.front();
      hoist_lets(last);
      Env env = environment("a request");
      env_.ir->request = lower_request(unit_, env, last, role_);
      judge_before(*env_.ir->request);
      env_.ir->locals = std::max(env_.ir->locals, env.frame);
    }
    finish_needs(chain.needs);
    warn_unused();
  }

 private:
  Env environment(std::string_view place) {
    Env env;
    env.in_connector = true;
    env.place = place;
    env.chain = &env_;
    env.collection = env_.collection;
    env.see = See::params | See::lets | See::token | See::request_id;
    if (role_ != Role::check) env.see = env.see | See::identities | See::externals;
    if (env_.collection != nullptr) env.see = env.see | See::bindings;
    if (role_ == Role::erase) env.see = env.see | See::erased;
    return env;
  }

  /// `let` in a request's block is a step before the request.
  void hoist_lets(const grammar::Request& request) {
    for (const Clause& clause : request.clauses) {
      if (std::holds_alternative<grammar::LetClause>(clause.node)) lower_step(clause);
    }
  }

  /// A `skip` or `fail` that reads nothing of the answer is a step before the request: what isn't
  /// to be done must not be done first.
  void judge_before(ir::Request& request) {
    take_known(request.skips, ir::StepKind::skip);
    take_known(request.fails, ir::StepKind::fail);
  }

  void take_known(std::vector<ir::Judgement>& judgements, ir::StepKind kind) {
    const auto known = std::stable_partition(
        judgements.begin(), judgements.end(),
        [](const ir::Judgement& judgement) { return !known_before(judgement); });
    for (auto judgement = known; judgement != judgements.end(); ++judgement) {
      ir::Step step;
      step.kind = kind;
      step.span = judgement->span;
      step.judgement = std::move(*judgement);
      env_.ir->steps.push_back(std::move(step));
    }
    judgements.erase(known, judgements.end());
  }

  void lower_step(const Clause& clause) {
    ir::Step step;
    step.span = unit_.at(clause.span);
    if (const auto* let = std::get_if<grammar::LetClause>(&clause.node)) {
      lower_let(*let, step);
    } else if (const auto* skip = std::get_if<grammar::SkipClause>(&clause.node)) {
      step.kind = ir::StepKind::skip;
      judgement(skip->on, skip->when, skip->reason, step, clause);
    } else if (const auto* fail = std::get_if<grammar::FailClause>(&clause.node)) {
      step.kind = ir::StepKind::fail;
      judgement(fail->on, fail->when, fail->message, step, clause);
    } else if (const auto* each = std::get_if<grammar::ForEachClause>(&clause.node)) {
      if (!for_each(*each, step, clause)) return;
    } else {
      unit_.report(DiagnosticId::clause_not_here, clause.keyword,
                   quoted(unit_.sources.slice(clause.keyword)) +
                       " can't stand between the requests of a chain",
                   "move it into a request's block");
      return;
    }
    env_.ir->steps.push_back(std::move(step));
  }

  void lower_let(const grammar::LetClause& let, ir::Step& step) {
    Env env = environment("a `let`");
    ExprLowerer lowerer(unit_, env);
    LetSymbol symbol;
    symbol.name = let.name.text;
    symbol.span = let.name.span;
    step.name = let.name.text;
    if (let.request.empty()) {
      Typed value = lowerer.lower(let.value.front());
      step.kind = ir::StepKind::let_value;
      step.value = std::move(value.expr);
      symbol.type = value.type;
      symbol.secret = value.secret;
    } else {
      hoist_lets(let.request.front());
      step.kind = ir::StepKind::let_request;
      step.request = lower_request(unit_, env, let.request.front(), Role::step);
      judge_before(*step.request);
      // One that changes something may be there for its effect alone.
      symbol.used = step.request->method != "GET";
    }
    lowerer.check_hiding(let.name);
    env_.ir->locals = std::max(env_.ir->locals, env.frame);
    step.slot = symbol.slot = env_.ir->lets++;
    unit_.note_declared(let.name, NameKind::let);
    unit_.note_type(let.name.span, symbol.type);
    env_.lets.push_back(symbol);
  }

  void judgement(const std::vector<grammar::StatusRange>& on,
                 const std::vector<grammar::Expr>& when, const std::vector<grammar::Expr>& reason,
                 ir::Step& step, const Clause& clause) {
    if (!on.empty()) {
      unit_.report(DiagnosticId::clause_not_here, on.front().span,
                   "between the requests of a chain there is no answer with a status",
                   "move the clause into a request's block, or say `when`");
    }
    Env env = environment("a chain's step");
    ExprLowerer lowerer(unit_, env);
    ir::Judgement result;
    result.span = unit_.at(clause.span);
    if (!when.empty()) result.condition.when = lowerer.condition(when.front());
    if (!reason.empty()) result.reason = lowerer.text(reason.front()).expr;
    step.judgement = std::move(result);
    env_.ir->locals = std::max(env_.ir->locals, env.frame);
  }

  bool for_each(const grammar::ForEachClause& each, ir::Step& step, const Clause& clause) {
    if (role_ != Role::erase || !env_.ir->steps.empty() || env_.loop) {
      unit_.report(DiagnosticId::clause_not_here, clause.keyword,
                   "`for` may stand at the head of an update's or delete's block only",
                   "a collection's own `for` runs its reads once for each input");
      return false;
    }
    Env env = environment("a chain's `for`");
    ExprLowerer lowerer(unit_, env);
    step.kind = ir::StepKind::for_each;
    step.name = each.name.text;
    step.value = lowerer.value(each.source.front(), Type::list | Type::null_value, "`for`").expr;
    lowerer.check_hiding(each.name);
    env_.ir->locals = std::max(env_.ir->locals, env.frame);
    LetSymbol symbol;
    symbol.name = each.name.text;
    symbol.span = each.name.span;
    unit_.note_declared(each.name, NameKind::let);
    env_.loop = symbol;
    return true;
  }

  void finish_needs(const grammar::Needs& needs) {
    ir::Chain& chain = *env_.ir;
    std::sort(chain.request_identities.begin(), chain.request_identities.end());
    std::sort(chain.keep_identities.begin(), chain.keep_identities.end());
    std::vector<ir::IdentityId> all;
    std::set_union(chain.request_identities.begin(), chain.request_identities.end(),
                   chain.keep_identities.begin(), chain.keep_identities.end(),
                   std::back_inserter(all));
    std::erase_if(chain.keep_identities, [&](ir::IdentityId id) {
      return std::binary_search(chain.request_identities.begin(), chain.request_identities.end(),
                                id);
    });
    std::sort(chain.uses.begin(), chain.uses.end());
    if (needs.present) {
      for (const std::vector<grammar::Name>& alternative : needs.alternatives) {
        chain.needs.emplace_back();
        for (const grammar::Name& name : alternative) need(name, chain.needs.back());
      }
    } else if (!all.empty()) {
      chain.needs.push_back(std::move(all));
    }
  }

  void need(const grammar::Name& name, std::vector<ir::IdentityId>& set) {
    const auto found = unit_.values.find(name.text);
    if (found != unit_.values.end() && found->second.kind == ValueSymbol::Kind::identity) {
      found->second.used = true;
      unit_.note(name.span, found->second.span, NameKind::identity);
      set.push_back(ir::IdentityId{found->second.id});
      return;
    }
    std::vector<std::string> names;
    for (const ir::Identity& identity : unit_.out.identities) names.push_back(identity.name);
    if (unit_.wanted(name.text)) {
      for (const std::string& one : names) unit_.offer(one, NameKind::identity);
    }
    unit_.report(DiagnosticId::unknown_name, name.span, "there is no identity " + quoted(name.text),
                 suggestion(name.text, names, "declare it: `identity " + name.text + "`"));
  }

  void warn_unused() {
    for (const LetSymbol& let : env_.lets) {
      if (let.used) continue;
      unit_.report(DiagnosticId::unused_name, let.span, quoted(let.name) + " is never used",
                   "remove the `let`");
    }
    if (env_.loop && !env_.loop->used) {
      unit_.report(DiagnosticId::unused_name, env_.loop->span,
                   quoted(env_.loop->name) + " is never used", "every turn would do the same");
    }
  }

  Unit& unit_;
  ChainEnv& env_;
  Role role_;
};

}  // namespace

void lower_chain(Unit& unit, ChainEnv& env, const grammar::Chain& chain, Role role) {
  ChainLowerer(unit, env, role).lower(chain);
}

}  // namespace fconn::compile
