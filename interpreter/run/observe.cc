// Tells observers, where there are any, what the parts of the engine do.
#include "interpreter/run/answer.hh"
#include "interpreter/run/state.hh"

namespace fconn::run {

Seen Engine::State::seen(Task& task) {
  Seen seen;
  const CollectionRun& collection = *task.collection;
  seen.instance = collection.instance->instance.key;
  seen.collection = collection.collection->name;
  if (const ir::Step* step = request_of(task).step) seen.step = step->name;
  if (task.live) seen.request = task.live->request_name;
  seen.task = task.id;
  seen.connector = collection.instance->connector;
  seen.declared_in = collection.collection;
  seen.chain = read_of(task).chain;
  seen.declared = request_of(task).request;
  return seen;
}

Seen Engine::State::seen(const AuthRun& auth, std::string_view request) {
  Seen seen;
  seen.instance = auth.instance->instance.key;
  seen.request = request;
  seen.connector = auth.instance->connector;
  return seen;
}

/// False: it must not be sent.
bool Engine::State::see_sending(const Wire& wire, const std::string& name, http::Request& request) {
  if (ports.observer == nullptr) return true;
  if (const auto fetch = fetches.find(wire.task); fetch != fetches.end()) {
    Seen about = seen(*fetch->second, name);
    about.declared = wire.declared;
    return ports.observer->sending(about, request, nullptr);
  }
  Task& task = *tasks.at(wire.task);
  Seen about = seen(task);
  about.request = name;
  const eval::Environment env = environment(task);
  const Sight sight{evaluator_of(task), env};
  return ports.observer->sending(about, request, &sight);
}

void Engine::State::see_answer(Task& task, const Answer& answer, const Exchange* exchange,
                               bool redirects) {
  if (ports.observer == nullptr) return;
  Arrived arrived{answer.status, *answer.headers, answer.body, {}};
  std::string storage;
  if (answer.stream == nullptr) {
    if (const auto json = json_body(*request_of(task).request, answer, storage)) {
      arrived.json = *json;
    }
  }
  arrived.streamed = answer.stream != nullptr;
  arrived.shared = exchange == nullptr;
  arrived.redirects = redirects;
  arrived.received = answer.received;
  if (exchange != nullptr) arrived.timing = exchange->timing;
  const eval::Environment env = environment(task);
  const Sight sight{evaluator_of(task), env};
  Seen about = seen(task);
  about.request = answer.name;
  ports.observer->arrived(about, arrived, &sight);
}

void Engine::State::see(Task& task, const Clause& clause, const eval::Environment& env) {
  if (!observed()) return;
  const Seen about = seen(task);
  const Sight sight{evaluator_of(task), env};
  tell([&](Observer& one) { one.clause(about, clause, sight); });
}

void Engine::State::see(Task& task, Clause::Kind kind, const ir::Condition& condition,
                        grammar::Span where, bool holds, std::string_view said,
                        const eval::Environment& env) {
  if (!observed()) return;
  Clause clause;
  clause.kind = kind;
  clause.where = where;
  clause.expr = condition.when ? &*condition.when : nullptr;
  clause.holds = holds;
  clause.said = said;
  see(task, clause, env);
}

void Engine::State::see(Task& task, Event event, std::string_view text) {
  if (!observed()) return;
  const Seen about = seen(task);
  tell([&](Observer& one) { one.event(about, event, text); });
}

/// The steps of a chain that were done, from `from` (null: none) to the request that is due. With
/// `skipped` the last one is the `skip` that holds.
void Engine::State::see_steps(Task& task, const ir::Step* from, bool skipped) {
  if (!observed() || from == nullptr) return;
  const std::vector<ir::Step>& steps = read_of(task).chain->steps;
  const ir::Step* to = task.live->walk.step();
  if (to == nullptr) to = steps.data() + steps.size();
  const eval::Environment env = environment(task);
  for (const ir::Step* step = from; step != to + (skipped ? 1 : 0); ++step) {
    Clause clause;
    clause.where = step->span;
    if (step->judgement) {
      clause.kind = step->kind == ir::StepKind::skip ? Clause::Kind::skip : Clause::Kind::fail;
      clause.holds = skipped && step == to;
      if (step->judgement->condition.when) clause.expr = &*step->judgement->condition.when;
    } else if (step->value) {
      clause.kind = Clause::Kind::let;
      clause.expr = &*step->value;
    } else {
      continue;
    }
    see(task, clause, env);
  }
}

RowPipeline::Watch Engine::State::row_watch(Task& task) {
  if (!observed()) return {};
  return [this, &task](const SeenRow& row, const eval::Environment& env) {
    const Seen about = seen(task);
    const Sight sight{evaluator_of(task), env};
    tell([&](Observer& one) { one.row(about, row, sight); });
  };
}

StepSeen Engine::State::step_watch(Task& task, const eval::Environment& env) {
  if (!observed()) return {};
  return [this, &task, &env](const ir::PageStep& step, std::optional<bool> holds) {
    Clause clause;
    clause.kind = step.kind == ir::PageStepKind::stop  ? Clause::Kind::stop
                  : step.kind == ir::PageStepKind::let ? Clause::Kind::let
                                                       : Clause::Kind::next;
    clause.where = step.span;
    clause.expr = &step.value;
    clause.holds = holds;
    see(task, clause, env);
  };
}

}  // namespace fconn::run
