#include <algorithm>

#include "tools/config/config.hh"
#include "tools/erasure/plan_values.hh"
#include "tools/fconn/erase_apply.hh"
#include "tools/fconn/signals.hh"
#include "tools/policy/condition.hh"

namespace fconn::cli {

using erase::Next;
using value::fail;
using value::FailureKind;
using value::Result;
using value::Value;

namespace {

constexpr const char* state_held = "held";
constexpr const char* state_drifted = "drifted";

std::string collection_of(const erase::Action& action) {
  return action.instance + ":" + action.collection;
}

std::optional<erase::ActionRecord> read_record(const store::JournalRecord& record) {
  erase::ActionRecord read;
  value::Arena arena;
  auto data = value::parse_json(record.data, arena);
  if (!data || data->kind != value::Kind::object) return std::nullopt;
  const Value* request = value::find_member(*data, "request");
  if (request != nullptr && request->kind == value::Kind::integer) {
    read.request = static_cast<std::uint32_t>(request->integer);
  }
  if (record.kind == "intent") {
    read.kind = erase::ActionRecord::Kind::intent;
  } else if (record.kind == "outcome") {
    read.kind = erase::ActionRecord::Kind::outcome;
    const auto sent = erase::sent_named(member_of(record.data, "result"));
    if (!sent) return std::nullopt;
    read.sent = *sent;
  } else if (record.kind == "settled") {
    read.kind = erase::ActionRecord::Kind::settled;
    read.state = member_of(record.data, "state");
  } else if (record.kind == "decided") {
    read.kind = erase::ActionRecord::Kind::decided;
    read.state = member_of(record.data, "decision");
  } else {
    return std::nullopt;
  }
  return read;
}

/// "instance:collection" of those that a reading couldn't read.
std::set<std::string> unread_of(const store::JournalRecord& record) {
  value::Arena arena;
  auto data = value::parse_json(record.data, arena);
  const Value* list = data ? value::find_member(*data, "unread") : nullptr;
  std::set<std::string> names;
  if (list == nullptr || list->kind != value::Kind::list) return names;
  for (const Value& one : list->list_view()) names.insert(std::string(one.view()));
  return names;
}

/// Whether it ever left open that one of an action's requests was done.
bool was_unsure(const std::vector<erase::ActionRecord>& history) {
  bool open = false;
  for (const erase::ActionRecord& record : history) {
    if (record.kind == erase::ActionRecord::Kind::intent) open = true;
    if (record.kind != erase::ActionRecord::Kind::outcome) continue;
    if (record.sent == erase::Sent::unknown) return true;
    open = false;
  }
  return open;
}

/// What a person's "done" leaves out: the requests behind the one that was in doubt.
std::string left_by_decision(const erase::Action& action,
                             const std::vector<erase::ActionRecord>& history) {
  bool decided = false;
  std::size_t sent = 0;
  for (const erase::ActionRecord& record : history) {
    if (record.kind == erase::ActionRecord::Kind::intent) {
      sent = std::max<std::size_t>(sent, record.request + std::size_t{1});
    }
    decided =
        decided || (record.kind == erase::ActionRecord::Kind::decided && record.state == "done");
  }
  std::string left;
  for (std::size_t i = sent; decided && i < action.requests.size(); ++i) {
    left += (left.empty() ? "" : ", ") + action.requests[i].method + " " + action.requests[i].url;
  }
  return left;
}

/// No run found its row changed, or under a hold.
bool never_refused(const std::vector<erase::ActionRecord>& history) {
  return std::none_of(history.begin(), history.end(), [](const erase::ActionRecord& record) {
    return record.kind == erase::ActionRecord::Kind::settled &&
           (record.state == state_drifted || record.state == state_held);
  });
}

}  // namespace

ApplyRun::ApplyRun(EraseSession& session, const EraseArgs& args, const erase::Plan& plan,
                   const erase::PlanContext& context, const EraseKey& key, store::Journal& journal,
                   std::string run, std::vector<store::JournalRecord> records)
    : session_(session),
      args_(args),
      plan_(plan),
      context_(context),
      key_(key),
      journal_(journal),
      run_(std::move(run)),
      records_(std::move(records)),
      resumed_(!records_.empty()) {}

int ApplyRun::run() {
  if (!open_items() || !write_begin()) return exit_code::usage;
  run::Engine engine(reading(Reading::open), session_.ports());
  for (const run::Instance& instance : session_.facts.instances) engine.add(instance);
  {
    const InterruptGuard interrupts(engine);
    reading_ = engine.run();
    session_.clear_progress();
    interrupted_ = reading_.interrupted;
    if (!interrupted_) {
      report_reading(session_.terminal, reading_, session_.facts);
      take_rows(engine, rows_);
      judge_all();
    }
  }
  if (!interrupted_ && !broken_) act(engine);
  session_.clear_progress();
  return conclude();
}

/// Sends what is open. What doesn't get to begin within `--reread` of the last reading waits until
/// its row has been read once more.
void ApplyRun::act(run::Engine& engine) {
  value::Milliseconds fresh{30'000};
  if (args_.reread) {
    const auto given = config::parse_duration(*args_.reread);
    if (given) fresh = value::Milliseconds(*given);
  }
  for (;;) {
    const std::vector<run::ErasureTask> all = tasks();
    if (all.empty()) return;
    postponed_ = false;
    run::Performed performed;
    {
      const InterruptGuard interrupts(engine);
      performed = engine.perform(all, *this, session_.clock->now() + fresh);
    }
    requests_ += performed.requests;
    elapsed_ += performed.elapsed;
    interrupted_ = interrupted_ || performed.interrupted;
    if (!broken_ && performed.halted) broken_ = performed.halted;
    if (!postponed_ || interrupted_ || broken_ || stopped_) return;
    read_once_more();
    if (interrupted_ || broken_) return;
  }
}

run::Options ApplyRun::reading(Reading what) const {
  run::Options options = session_.options();
  options.erasure_now = value::WallTime(value::Milliseconds(context_.now_ms));
  if (args_.wait) {
    const auto wait = config::parse_duration(*args_.wait);
    if (wait) options.erasure_wait = value::Milliseconds(*wait);
  }
  options.collections.clear();
  options.seeds.emplace();
  std::set<std::string> seen;
  for (const Item& item : items_) {
    const bool over = item.step.next == Next::finished || item.step.next == Next::person;
    if (!item.action->reread || (over && what != Reading::all)) continue;
    if (what == Reading::postponed && item.state != State::open) continue;
    for (std::string& bound : erasure::bounds_of(item.context)) {
      if (!seen.insert(collection_of(*item.action) + bound).second) continue;
      (*options.seeds)[item.action->instance][item.action->collection].push_back(std::move(bound));
    }
  }
  return options;
}

// ---- what is to be done
// --------------------------------------------------------------------------

bool ApplyRun::open_items() {
  std::map<std::string, std::vector<erase::ActionRecord>> histories;
  std::vector<std::set<std::string>> unread;  // by record of a reading: what it couldn't read
  for (const store::JournalRecord& record : records_) {
    if (record.kind == "checked") unread.push_back(unread_of(record));
    if (record.action.empty()) continue;
    if (auto read = read_record(record)) histories[record.action].push_back(*std::move(read));
  }
  for (const erase::Action& action : plan_.actions) {
    Item item;
    item.action = &action;
    auto sealed = key_.open(action.sealed, erase::context_of(plan_, action));
    auto context = sealed ? erase::action_context(*sealed)
                          : Result<erase::ActionContext>(fail(
                                FailureKind::configuration,
                                "action " + action.id + " of the plan doesn't open with this key"));
    if (!context) {
      session_.terminal.report({context.error().text, "", ""});
      return false;
    }
    item.context = *std::move(context);
    bool found = false;
    for (std::uint32_t i = 0; i < session_.facts.instances.size(); ++i) {
      const run::Instance& instance = session_.facts.instances[i];
      if (instance.key != action.instance) continue;
      for (std::uint32_t c = 0; c < instance.connector->collections.size(); ++c) {
        if (instance.connector->collections[c].name != action.collection) continue;
        item.instance = i;
        item.collection = c;
        found = true;
      }
    }
    FCONN_ASSERT(found, "the connector is the plan's");
    const std::vector<erase::ActionRecord>& history = histories[action.id];
    const bool sent = std::any_of(history.begin(), history.end(), [](const auto& record) {
      return record.kind == erase::ActionRecord::Kind::intent;
    });
    if (sent) touch(item);
    item.tried = sent;
    item.unsure = was_unsure(history);
    item.as_planned = never_refused(history) &&
                      std::any_of(unread.begin(), unread.end(), [&](const auto& collections) {
                        return !collections.contains(collection_of(action));
                      });
    if (!history.empty()) {
      auto state = journal_.state(plan_.id, action.id);
      if (!state) {
        session_.terminal.report({state.error().text, "", ""});
        return false;
      }
      item.chain_state = state->value_or("");
    }
    item.step = erase::next_step(action, history, !item.chain_state.empty());
    if (const std::string left = left_by_decision(action, history); !left.empty()) {
      session_.terminal.complain("fconn: warning: " + action.id +
                                 " is done, as a person decided, and what comes behind the request "
                                 "in doubt isn't sent: " +
                                 left + "\n");
    }
    if (item.step.next == Next::finished) {
      const bool skipped = !history.empty() && history.back().state == "skipped";
      item.state = skipped ? State::skipped : State::done;
    } else if (item.step.next == Next::person) {
      item.state = State::person;
      item.reason = "it was sent, and whether it was done isn't known";
    }
    items_.push_back(std::move(item));
  }
  std::vector<std::string> texts = context_.holds;
  if (!plan_.policy.empty() && session_.project() != nullptr) {
    // Holds that were added since count, too.
    const auto found = session_.project()->policies.find(plan_.policy);
    if (found != session_.project()->policies.end()) {
      for (const auto& hold : found->second.hold) texts.push_back(hold.text);
    }
  }
  for (const std::string& text : texts) {
    auto hold = privacy::parse_hold(text);
    if (!hold) {
      session_.terminal.report({hold.error().text, "", ""});
      return false;
    }
    if (hold->kind == privacy::HoldKind::rows) {
      auto condition = policy::compile_condition(*hold);
      if (condition) hold->condition = *condition;  // without one every row is held
    }
    holds_.push_back(*std::move(hold));
  }
  return true;
}

bool ApplyRun::write_begin() {
  const std::string text = erase::to_json(plan_, false);
  auto digest = store::digest(text);
  Result<void> done = digest ? Result<void>() : Result<void>(fail(digest.error()));
  if (done) done = journal_.keep_plan(plan_.id, text);
  if (done) {
    std::string data = R"({"plan":")" + plan_.id + R"(","digest":")" + *digest + R"(","actions":)" +
                       std::to_string(items_.size()) + R"(,"who":)" + who();
    data += R"(,"request":)";
    value::append_json_string(plan_.request_id, data);
    if (resumed_) data += ",\"resumed\":true";
    done = record("begin", nullptr, data + "}");
  }
  if (done) return true;
  session_.terminal.report({"nothing was sent: " + done.error().text, "", ""});
  return false;
}

// ---- sending
// -------------------------------------------------------------------------------------

std::vector<run::ErasureTask> ApplyRun::tasks() {
  std::vector<run::ErasureTask> all;
  of_task_.clear();
  std::map<std::string, std::uint32_t> groups;
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    if (item.state != State::open) continue;
    const std::string name = collection_of(*item.action);
    groups.emplace(name, static_cast<std::uint32_t>(groups.size()));
  }
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    if (item.state != State::open) continue;
    run::ErasureTask task;
    task.instance = item.instance;
    task.collection = item.collection;
    task.removal = item.action->kind == erase::ActionKind::removal;
    task.values = {item.context.row, item.context.masked, item.context.masked_row,
                   item.context.bound, item.context.identities};
    task.turn = item.context.turn;
    task.seed = erasure::action_seed(context_.seed, erasure::identity_of(task));
    task.state = item.chain_state;
    task.doubtful = item.step.next == Next::look || item.step.next == Next::repeat;
    task.group = groups.at(collection_of(*item.action));
    for (const std::string& name : item.action->waits_for) {
      const auto found = groups.find(name);
      if (found != groups.end()) task.waits_for.push_back(found->second);
    }
    all.push_back(std::move(task));
    of_task_.push_back(i);
  }
  return all;
}

bool ApplyRun::blocked(const Item& item, std::string& by) const {
  for (const std::string& name : item.action->waits_for) {
    for (const Item& other : items_) {
      if (collection_of(*other.action) != name) continue;
      switch (other.state) {
        case State::done:
        case State::skipped:
        case State::drifted:
        case State::held:
          continue;
        default:
          by = other.action->id;
          return true;
      }
    }
  }
  return false;
}

Result<void> ApplyRun::may_begin(std::uint32_t task) {
  Item& item = items_[of_task_[task]];
  std::string by;
  if (stopped_) return fail(FailureKind::cancelled, "not sent: stopped at the first problem");
  if (!blocked(item, by)) return {};
  item.state = State::waits;
  return fail(FailureKind::cancelled, "not sent: " + by + " goes first and isn't done");
}

Result<void> ApplyRun::about_to_send(std::uint32_t task, std::uint32_t request,
                                     const std::string& exact) {
  Item& item = items_[of_task_[task]];
  const erase::PlannedRequest& planned = item.action->requests[request];
  const std::string digest = erasure::request_digest(exact, key_);
  if (planned.known && planned.digest != digest) {
    return fail(FailureKind::guard,
                "not sent: the request would not be the one of the plan, as parameters or answers "
                "before it have changed");
  }
  std::string data = R"({"request":)" + std::to_string(request) + R"(,"method":)";
  value::append_json_string(planned.method, data);
  data += R"(,"collection":)";
  value::append_json_string(collection_of(*item.action), data);
  data += R"(,"row":")" + key_.hash("key\n" + item.action->key).substr(0, 24) + R"(","digest":")" +
          digest + "\"}";
  touch(item);
  return record("intent", &item, std::move(data));
}

Result<void> ApplyRun::answered(std::uint32_t task, const run::Answered& answered) {
  Item& item = items_[of_task_[task]];
  item.last = answered.sent;
  item.last_request = answered.request;
  std::string data = R"({"request":)" + std::to_string(answered.request) + R"(,"result":")" +
                     std::string(erase::name(*item.last)) + "\"";
  if (answered.gone) data += ",\"by\":\"repetition\"";
  if (answered.status != 0) data += ",\"status\":" + std::to_string(answered.status);
  if (answered.again) data += ",\"again\":true";
  // With the last request where the chain stands is over, in one step with its outcome: a run that
  // ends before the action is settled must not go on from there.
  const bool over = answered.sent == erase::Sent::confirmed && answered.state.empty();
  const bool kept = !answered.state.empty() || (over && !item.chain_state.empty());
  if (kept) item.chain_state = answered.state;
  return record("outcome", &item, data + "}", kept ? &answered.state : nullptr);
}

void ApplyRun::ended(std::uint32_t task, const run::ErasureEnd& end) {
  Item& item = items_[of_task_[task]];
  switch (end.how) {
    case run::ErasureEnd::How::done:
      return settle(item, State::done, "");
    case run::ErasureEnd::How::skipped:
      return settle(item, State::skipped, end.reason);
    case run::ErasureEnd::How::pending:
      item.state = State::pending;
      item.reason = "the service has begun, and isn't done yet";
      return;
    case run::ErasureEnd::How::postponed:
      postponed_ = true;
      return;
    case run::ErasureEnd::How::failed:
      break;
  }
  item.reason = end.failure->text;
  item.failure = end.failure->kind;
  if (item.state == State::waits) return;
  if (end.failure->kind == FailureKind::guard && !item.last) {
    settle(item, State::drifted, item.reason);
  } else if (item.last == erase::Sent::unknown) {
    // A chain goes on with this very request: what was confirmed before it isn't sent again.
    const bool repeatable = item.action->requests[item.last_request].repeatable;
    item.state = repeatable ? State::doubt : State::person;
  } else {
    item.state = State::failed;
  }
  if (args_.stop) stopped_ = true;
}

void ApplyRun::settle(Item& item, State state, std::string reason) {
  item.state = state;
  item.reason = std::move(reason);
  const bool over = state == State::done || state == State::skipped;
  if (args_.stop && !over) stopped_ = true;
  const char* const name = state == State::done      ? "done"
                           : state == State::skipped ? "skipped"
                           : state == State::held    ? state_held
                                                     : state_drifted;
  const std::string nothing;
  // A failure is kept in broken_; what was sent has its own record already.
  (void)record("settled", &item, R"({"state":")" + std::string(name) + "\"}",
               over && !item.chain_state.empty() ? &nothing : nullptr);
}

Result<void> ApplyRun::record(const std::string& kind, const Item* item, std::string data,
                              const std::string* state) {
  if (broken_) return fail(*broken_);
  store::JournalRecord made;
  made.run = run_;
  made.at = session_.clock->wall();
  made.kind = kind;
  if (item != nullptr) made.action = item->action->id;
  made.data = std::move(data);
  store::Journal::State kept;
  if (state != nullptr) kept = {plan_.id, *state};
  auto appended = journal_.append(made, state != nullptr ? &kept : nullptr);
  if (!appended) {
    broken_ = appended.error();
    broken_->kind = FailureKind::output;
    return fail(*broken_);
  }
  records_.push_back(std::move(made));
  return {};
}

}  // namespace fconn::cli
