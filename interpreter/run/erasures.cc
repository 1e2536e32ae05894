// Erasures: rows that were found, chains of requests that act on them, as drafts or for good.
#include <algorithm>

#include "interpreter/ir/repeat.hh"
#include "interpreter/run/answer.hh"
#include "interpreter/run/looks.hh"
#include "interpreter/run/state.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;
using value::Value;

namespace {

/// After so many requests in a row that never left, an instance's other erasures aren't tried.
constexpr std::uint32_t most_unreached = 5;

std::string list_json(std::span<const Value> values) {
  std::string out = "[";
  for (const Value& value : values) {
    if (out.size() > 1) out += ',';
    value::append_json(value, out);
  }
  return out + "]";
}

/// A list's elements; fewer where the text is no list, which is our own then.
std::vector<Value> list_of(const std::string& json, value::Arena& arena) {
  auto parsed = value::parse_json(json, arena);
  if (!parsed || parsed->kind != value::Kind::list) return {};
  return {parsed->list_view().begin(), parsed->list_view().end()};
}

Value value_of(const std::string& json, value::Arena& arena) {
  if (json.empty()) return Value::null();
  auto parsed = value::parse_json(arena.copy(json), arena);
  return parsed ? *parsed : Value::null();
}

bool asks_only(const ir::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

std::string shown_body(const Draft& draft) {
  if (!draft.has_body) return {};
  if (draft.body_kind == ir::BodyKind::json || draft.body_kind == ir::BodyKind::form) {
    return value::to_json(draft.body_value.get());
  }
  std::string out;
  value::append_json_string(draft.body, out);
  return out;
}

/// All that is sent but what authentication adds.
std::string exact_text(const Draft& draft) {
  std::string text = draft.method + ' ' + url_text(draft) + '\n';
  for (const http::HeaderField& field : draft.headers) {
    text += field.name + ": " + field.value + '\n';
  }
  return text + '\n' + draft.body;
}

std::uint64_t mixed(std::uint64_t seed, std::uint64_t turn, std::uint64_t request) {
  SeededRandom random;
  random.begin(seed + turn * 0x9E3779B97F4A7C15ULL + request * 0xD1B54A32D192ED03ULL);
  return random.next();
}

}  // namespace

// ---- what was found ----------------------------------------------------------------------------

void Engine::State::find(const CollectionRun& collection, std::string_view row,
                         std::span<const Value> bound, std::string used,
                         const std::vector<Value>& identities) {
  FoundRow one;
  for (std::uint32_t i = 0; i < instances.size(); ++i) {
    if (instances[i].get() == collection.instance) one.instance = i;
  }
  one.collection = collection.index;
  one.row = row;
  one.bound = list_json(bound);
  one.used = std::move(used);
  one.identities = list_json(identities);
  found_bytes +=
      one.row.size() + one.bound.size() + one.used.size() + one.identities.size() + sizeof one;
  found_rows.push_back(std::move(one));
}

/// A collection without rows is erased once for each binding.
Result<void> Engine::State::find_binding(CollectionRun& collection, std::span<const Value> slots) {
  std::vector<Value> bound(slots.size());
  for (const std::uint32_t slot : collection.erasure_uses) bound[slot] = slots[slot];
  auto fresh = collection.inputs_seen.insert(rows::RowHasher(seed).hash(list_json(bound)));
  if (!fresh) return fail(fresh.error());
  ++collection.tasks_made;
  if (*fresh && collection.output) {
    find(collection, "", bound, "",
         std::vector<Value>(collection.instance->connector->identities.size()));
  }
  return {};
}

const std::vector<FoundRow>& Engine::found() const { return state_->found_rows; }

std::vector<std::string> Engine::identity_choices(const FoundRow& row, bool removal) const {
  const InstanceRun& run = *state_->instances[row.instance];
  const CollectionRun& collection = *run.collections[row.collection];
  const auto& chain = removal ? collection.removal : collection.update;
  value::Arena arena;
  std::vector<std::vector<Value>> choices{list_of(row.identities, arena)};
  choices.front().resize(run.connector->identities.size());
  if (chain == nullptr) return {};
  std::vector<ir::IdentityId> used = chain->chain->request_identities;
  used.insert(used.end(), chain->chain->keep_identities.begin(),
              chain->chain->keep_identities.end());
  for (const ir::IdentityId id : used) {
    const auto given = run.instance.identities.find(run.connector->identities[id.value].name);
    if (given == run.instance.identities.end() || given->second.empty()) continue;
    std::vector<std::vector<Value>> more;
    for (const std::vector<Value>& choice : choices) {
      if (!choice[id.value].is_null()) {
        more.push_back(choice);
        continue;
      }
      for (const value::OwnedValue& value : given->second) {
        more.push_back(choice);
        more.back()[id.value] = value.get();
      }
    }
    choices = std::move(more);
  }
  std::vector<std::string> all;
  for (const std::vector<Value>& choice : choices) {
    std::string text = list_json(choice);
    if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(std::move(text));
  }
  return all;
}

// ---- tasks -------------------------------------------------------------------------------------

std::vector<DraftedTurn> Engine::draft(const std::vector<ErasureTask>& tasks, const Hide& hide) {
  State& state = *state_;
  state.erasing = std::make_unique<Erasing>();
  state.erasing->wanted = &tasks;
  state.erasing->hide = &hide;
  for (std::uint32_t i = 0; i < tasks.size(); ++i) state.begin_erasure(tasks[i], i);
  state.loop();
  std::vector<DraftedTurn> turns = std::move(state.erasing->turns);
  state.erasing.reset();
  std::stable_sort(turns.begin(), turns.end(), [](const DraftedTurn& a, const DraftedTurn& b) {
    return a.task != b.task ? a.task < b.task : a.turn < b.turn;
  });
  return turns;
}

Performed Engine::perform(const std::vector<ErasureTask>& tasks, ErasureHooks& hooks,
                          std::optional<value::TimePoint> until) {
  State& state = *state_;
  const value::TimePoint begun = state.ports.clock.now();
  const std::uint64_t before = state.requests;
  state.erasing = std::make_unique<Erasing>();
  Erasing& erasing = *state.erasing;
  erasing.wanted = &tasks;
  erasing.hooks = &hooks;
  erasing.until = until;
  erasing.unreached.resize(state.instances.size());
  std::uint32_t groups = 0;
  for (const ErasureTask& task : tasks) groups = std::max(groups, task.group + 1);
  erasing.open.resize(groups);
  erasing.begun.resize(groups);
  erasing.members.resize(groups);
  for (std::uint32_t i = 0; i < tasks.size(); ++i) {
    ++erasing.open[tasks[i].group];
    erasing.members[tasks[i].group].push_back(i);
  }
  state.release_groups();
  state.loop();
  // Whoever didn't get to begin.
  ErasureEnd never;
  const bool cut = state.halted || state.stopping;
  never.how = erasing.closing && !cut ? ErasureEnd::How::postponed : ErasureEnd::How::failed;
  never.failure = value::Failure{};
  never.failure->kind = FailureKind::cancelled;
  never.failure->text = state.halted ? state.halted->text : "interrupted before it began";
  for (std::uint32_t group = 0; group < groups; ++group) {
    if (erasing.begun[group]) continue;
    for (const std::uint32_t task : erasing.members[group]) hooks.ended(task, never);
  }
  Performed performed;
  performed.requests = state.requests - before;
  performed.interrupted = state.interrupted;
  performed.halted = state.halted;
  performed.elapsed =
      std::chrono::duration_cast<value::Milliseconds>(state.ports.clock.now() - begun);
  state.erasing.reset();
  return performed;
}

/// Groups that wait for nothing that is still open.
void Engine::State::release_groups() {
  Erasing& all = *erasing;
  for (std::uint32_t group = 0; group < all.open.size(); ++group) {
    if (all.begun[group] || all.closing || stopping || halted) continue;
    const auto& waits = all.members[group].empty()
                            ? std::vector<std::uint32_t>()
                            : (*all.wanted)[all.members[group].front()].waits_for;
    const bool free = std::all_of(waits.begin(), waits.end(),
                                  [&](std::uint32_t other) { return all.open[other] == 0; });
    if (!free) continue;
    all.begun[group] = true;
    for (const std::uint32_t task : all.members[group]) begin_erasure((*all.wanted)[task], task);
  }
}

/// Time is over: what hasn't begun won't, what has goes on to its end.
void Engine::State::postpone() {
  if (erasing == nullptr || erasing->closing || !erasing->until || !erasing->any_begun) return;
  if (ports.clock.now() < *erasing->until) return;
  erasing->closing = true;
  ErasureEnd postponed;
  postponed.how = ErasureEnd::How::postponed;
  for (const Ticket& ticket : scheduler.drain()) {
    const auto found = tasks.find(ticket.id);
    if (found != tasks.end() && found->second->erasure != nullptr && !found->second->live) {
      end_erasure(*found->second, postponed);
    } else {
      scheduler.submit(ticket);
    }
  }
}

void Engine::State::begin_erasure(const ErasureTask& wanted, std::uint32_t number) {
  auto made = std::make_unique<ErasureRun>();
  made->wanted = &wanted;
  made->number = number;
  made->doubtful = wanted.doubtful;
  made->drafted.task = number;
  auto task = std::make_unique<Task>();
  task->id = next_ticket++;
  task->collection = instances[wanted.instance]->collections[wanted.collection].get();
  task->erasure = made.get();
  ++task->collection->open_tasks;
  Task& kept = *task;
  erasing->runs.push_back(std::move(made));
  tasks.emplace(kept.id, std::move(task));
  submit(kept, {});
}

/// Its values in place, at its turn or where it stopped.
Result<void> Engine::State::open_erasure(Task& task) {
  ErasureRun& run = *task.erasure;
  const ErasureTask& wanted = *run.wanted;
  if (!erasing->drafting()) {
    if (erasing->closed.contains(wanted.instance)) {
      return fail(FailureKind::cancelled,
                  "not tried: the instance can't be reached, or refuses the credentials");
    }
    erasing->any_begun = true;
    if (auto may = erasing->hooks->may_begin(run.number); !may) return may;
  }
  const ir::Chain& chain = *read_of(task).chain;
  task.live = std::make_unique<Task::Live>(chain);
  Task::Live& live = *task.live;
  live.bound = list_of(wanted.values.bound, live.arena);
  live.bound.resize(task.collection->collection->slots.size());
  std::uint32_t locals = chain.locals;
  for (const RequestRun& request : read_of(task).requests) {
    locals = std::max(locals, request.request->locals);
  }
  live.locals.resize(locals);
  run.identities = list_of(wanted.values.identities, live.arena);
  run.identities.resize(task.collection->instance->connector->identities.size());
  run.row = value_of(wanted.values.row, live.arena);
  run.masked = value_of(wanted.values.masked, live.arena);
  run.masked_row = value_of(wanted.values.masked_row, live.arena);
  if (!wanted.turn) return {};
  auto there = live.walk.turn_to(*wanted.turn, evaluator_of(task), environment(task));
  if (!there) return fail(there.error());
  if (!*there) {
    return fail(FailureKind::guard, "the `for` of this action has fewer elements than planned");
  }
  if (!wanted.state.empty()) {
    if (!live.walk.resume(wanted.state)) {
      return fail(FailureKind::shape, "what the journal keeps of it doesn't fit the connector");
    }
    live.now.stepped = true;
  }
  return {};
}

void Engine::State::see_erasure(const Task& task, eval::Environment& env) const {
  const ErasureRun& run = *task.erasure;
  env.erased_row = run.row;
  env.masked = run.masked;
  env.masked_row = run.masked_row;
  env.identities = run.identities;
}

/// Requests of erasures are made of the plan's time and the plan's random values.
eval::Evaluator& Engine::State::evaluator_of(Task& task) {
  InstanceRun& run = *task.collection->instance;
  if (task.erasure == nullptr) return *run.evaluator;
  run.plan_time->random.begin(
      mixed(task.erasure->wanted->seed, task.live->walk.turn(), task.live->walk.request()));
  return run.plan_time->evaluator;
}

/// Whether the request that is due may change something.
bool Engine::State::acts(Task& task) {
  const RequestRun& due = request_of(task);
  if (!asks_only(*due.request)) return true;
  if (due.step != nullptr) return false;
  const auto& chain = read_of(task).requests;
  return std::all_of(chain.begin(), chain.end(),
                     [](const RequestRun& request) { return asks_only(*request.request); });
}

bool Engine::State::repeatable(Task& task) { return ir::repeatable(*request_of(task).request); }

// ---- rendering ---------------------------------------------------------------------------------

Result<Draft> Engine::State::render_as(Task& task, ErasureView view) {
  const ir::Request& request = *request_of(task).request;
  Task::Live& live = *task.live;
  InstanceRun& run = *task.collection->instance;
  eval::Environment env = environment(task);
  std::vector<Value> params, lets;
  if (view != ErasureView::wire) {
    for (std::size_t i = 0; i < run.params.size(); ++i) {
      const ir::Param& param = run.connector->params[i];
      params.push_back(param.secret ? Value::string(live.arena.copy("secret-" + param.name))
                                    : run.params[i]);
    }
    env.params = params;
    if (!env.auth_token.is_null()) env.auth_token = Value::string("secret-token");
  }
  std::vector<Value> bound, identities;
  if (view == ErasureView::shown) {
    const ErasureValues& values = task.erasure->wanted->shown;
    bound = list_of(values.bound, live.arena);
    bound.resize(live.bound.size());
    identities = list_of(values.identities, live.arena);
    identities.resize(env.identities.size());
    env.bound = bound;
    env.identities = identities;
    env.erased_row = value_of(values.row, live.arena);
    env.masked = value_of(values.masked, live.arena);
    env.masked_row = value_of(values.masked_row, live.arena);
    for (const Value& let : env.lets) lets.push_back((*erasing->hide)(let, live.arena));
    env.lets = lets;
    env.loop_value = (*erasing->hide)(env.loop_value, live.arena);
  }
  return render(request, run.clients[request.client.value], evaluator_of(task), env, live.arena,
                run.guard);
}

/// In a draft, a request that acts is written down; the chain goes on as far as it can without it.
void Engine::State::draft_request(Task& task) {
  const RequestRun& due = request_of(task);
  DraftedRequest made;
  made.method = due.request->method;
  made.repeatable = repeatable(task);
  auto named = render_as(task, ErasureView::named);
  if (!named) {
    fail_erasure(task, named.error());
    return;
  }
  made.exact = exact_text(*named);
  made.url = url_text(*named);
  made.body = shown_body(*named);
  auto shown = render_as(task, ErasureView::shown);
  if (shown) {
    made.shown_url = url_text(*shown);
    made.shown_body = shown_body(*shown);
  } else {
    // What a hash can't stand for: the connector's own words.
    made.shown_url = template_of(*due.request);
    made.shown_body = named->has_body ? "\"(not shown)\"" : "";
  }
  task.erasure->drafted.requests.push_back(std::move(made));
  const bool last = due.step == nullptr;
  if (last) return end_erasure(task, {});
  if (due.unread) return bind_answer(task, "null");
  draft_unknown(task);
}

/// What a clause says goes into the plan, which tells nothing of the person: where it is made of an
/// answer, the connector's own words stand for it.
std::string Engine::State::planned_words(Task& task, const ir::Judgement& judgement,
                                         std::string said) {
  if (task.erasure == nullptr || !erasing->drafting() || !judgement.reason) return said;
  if (eval::constant(*judgement.reason, task.live->arena)) return said;
  const ir::Connector& connector = *task.collection->instance->connector;
  std::string words = source_text(connector, judgement.reason->span);
  return words.empty() ? "a clause of the connector holds" : words;
}

/// All that follows needs the answer of a request that isn't sent.
void Engine::State::draft_unknown(Task& task) {
  const auto& chain = read_of(task).requests;
  for (std::size_t i = task.live->walk.request() + 1; i < chain.size(); ++i) {
    const ir::Request& request = *chain[i].request;
    if (asks_only(request)) continue;
    DraftedRequest made;
    made.method = request.method;
    made.known = false;
    made.repeatable = ir::repeatable(request);
    made.url = made.shown_url = template_of(request);
    task.erasure->drafted.requests.push_back(std::move(made));
  }
  end_erasure(task, {});
}

// ---- sending -----------------------------------------------------------------------------------

/// A request that acts is about to leave: whoever keeps the journal knows before.
Result<void> Engine::State::announce(Task& task) {
  if (erasing->drafting() || !acts(task)) return {};
  ErasureRun& run = *task.erasure;
  if (halted) return fail(*halted);
  const auto& chain = read_of(task).requests;
  std::uint32_t index = 0;
  for (std::size_t i = 0; i < task.live->walk.request(); ++i) {
    if (!asks_only(*chain[i].request)) ++index;
  }
  auto named = render_as(task, ErasureView::named);
  if (!named) return fail(named.error());
  auto allowed = erasing->hooks->about_to_send(run.number, index, exact_text(*named));
  if (!allowed) {
    if (allowed.error().kind == FailureKind::output) halted = allowed.error();
    return allowed;
  }
  run.in_flight = true;
  run.sending = index;
  return {};
}

/// A DELETE that may have been done before, unseen, and finds nothing left: it was done, and what
/// comes behind it follows. False: it isn't that.
bool Engine::State::gone_already(Task& task, int status) {
  if (task.erasure == nullptr || (status != 404 && status != 410)) return false;
  ErasureRun& run = *task.erasure;
  const RequestRun& site = request_of(task);
  if (!run.doubtful || !run.in_flight || site.request->method != "DELETE") return false;
  run.gone = true;
  if (site.step == nullptr) {
    told(task, erase::Sent::confirmed, status, "");
    end_erasure(task, {});
  } else if (site.unread) {
    bind_answer(task, "null");
  } else {
    value::Failure failure;
    failure.kind = FailureKind::status;
    failure.status = status;
    failure.text = "it was done before, and the answer, which the next request needs, was lost";
    failure.where = site.request->span;
    fail_task(task, std::move(failure), "");
  }
  return true;
}

/// What became of a request that was announced.
void Engine::State::told(Task& task, erase::Sent sent, int status, const std::string& reason,
                         bool again, bool with_state) {
  ErasureRun& run = *task.erasure;
  if (!run.in_flight) return;
  run.in_flight = false;
  Answered answered;
  answered.request = run.sending;
  answered.sent = sent;
  answered.status = status;
  answered.again = again;
  answered.gone = run.gone;
  if (sent == erase::Sent::unknown) run.doubtful = true;
  if (sent == erase::Sent::confirmed) run.doubtful = run.gone = false;
  answered.reason = ports.redactor.redact(reason);
  if (with_state) answered.state = task.live->walk.save_turn();
  auto& unreached_now = erasing->unreached[run.wanted->instance];
  unreached_now = sent == erase::Sent::unsent ? unreached_now + 1 : 0;
  if (unreached_now >= most_unreached) erasing->closed.insert(run.wanted->instance);
  auto kept = erasing->hooks->answered(run.number, answered);
  if (!kept && !halted) halted = kept.error();
}

void Engine::State::end_erasure(Task& task, ErasureEnd end) {
  ErasureRun& run = *task.erasure;
  Erasing& all = *erasing;
  if (all.drafting()) {
    run.drafted.turn = task.live ? task.live->walk.turn() : 0;
    if (end.how == ErasureEnd::How::skipped) run.drafted.skipped = end.reason;
    run.drafted.failure = std::move(end.failure);
    all.turns.push_back(std::move(run.drafted));
    run.drafted = {};
    run.drafted.task = run.number;
    if (!run.wanted->turn && task.live && task.live->walk.again()) {
      task.live->earlier.clear();
      task.live->now = {};
      submit(task, {});
      return;
    }
    return end_task(task);
  }
  all.hooks->ended(run.number, end);
  const std::uint32_t group = run.wanted->group;
  end_task(task);
  if (--all.open[group] == 0) release_groups();
}

void Engine::State::fail_erasure(Task& task, value::Failure failure) {
  failure.text = ports.redactor.redact(failure.text);
  if (!erasing->drafting()) {
    const bool answered = failure.status >= 300 && !leaves_open(failure.status);
    const bool refused = failure.kind == FailureKind::rule || answered;
    const erase::Sent sent = task.erasure->gone     ? erase::Sent::confirmed
                             : task.erasure->unsent ? erase::Sent::unsent
                             : refused              ? erase::Sent::refused
                                                    : erase::Sent::unknown;
    told(task, sent, failure.status, failure.text);
    const bool stranger = task.live && !task.live->now.at_home;
    if (failure.status == 401 && !stranger) {
      erasing->closed.insert(task.erasure->wanted->instance);
    }
  }
  ErasureEnd end;
  end.how = ErasureEnd::How::failed;
  end.failure = std::move(failure);
  end_erasure(task, std::move(end));
}

/// `until` doesn't hold, and this run has waited as long as it may.
void Engine::State::left_pending(Task& task) {
  ErasureRun& run = *task.erasure;
  if (erasing->drafting()) {
    value::Failure failure;
    failure.kind = FailureKind::rule;
    failure.text = "`until` doesn't hold yet; make the plan once it does";
    failure.where = request_of(task).request->until->span;
    return fail_task(task, std::move(failure), "");
  }
  run.in_flight = true;  // a question is no request that acts, but what it waits for is
  told(task, erase::Sent::pending, 0, "", false, true);
  ErasureEnd end;
  end.how = ErasureEnd::How::pending;
  end_erasure(task, std::move(end));
}

}  // namespace fconn::run
