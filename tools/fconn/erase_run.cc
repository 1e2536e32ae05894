#include <algorithm>

#include "interpreter/erase/rows.hh"
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
      resumed_(!records_.empty()) {
  checked_before_ = std::any_of(records_.begin(), records_.end(),
                                [](const auto& record) { return record.kind == "checked"; });
}

int ApplyRun::run() {
  if (!open_items() || !write_begin()) return exit_code::usage;
  const run::Options options = reading(false);
  run::Engine engine(options, session_.ports());
  for (const run::Instance& instance : session_.facts.instances) engine.add(instance);
  run::Performed performed;
  {
    const InterruptGuard interrupts(engine);
    reading_ = engine.run();
    session_.clear_progress();
    interrupted_ = reading_.interrupted;
    if (!interrupted_) {
      report_reading(session_.terminal, reading_, session_.facts);
      take_rows(engine, rows_);
      judge_all();
      if (!broken_) {
        const std::vector<run::ErasureTask> all = tasks();
        performed = engine.perform(all, *this);
      }
    }
  }
  session_.clear_progress();
  return conclude(performed);
}

run::Options ApplyRun::reading(bool all) const {
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
    if (!item.action->reread || (over && !all)) continue;
    if (!seen.insert(collection_of(*item.action) + item.context.bound).second) continue;
    (*options.seeds)[item.action->instance][item.action->collection].push_back(item.context.bound);
  }
  return options;
}

// ---- what is to be done
// --------------------------------------------------------------------------

bool ApplyRun::open_items() {
  std::map<std::string, std::vector<erase::ActionRecord>> histories;
  for (const store::JournalRecord& record : records_) {
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
    if (!history.empty()) {
      auto state = journal_.state(plan_.id, action.id);
      if (!state) {
        session_.terminal.report({state.error().text, "", ""});
        return false;
      }
      item.chain_state = state->value_or("");
    }
    item.step = erase::next_step(action, history, !item.chain_state.empty());
    item.doubtful = item.step.next == Next::look || item.step.next == Next::repeat;
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

void ApplyRun::take_rows(const run::Engine& engine,
                         std::map<Place, std::map<std::string, Seen>>& rows) {
  for (const run::FoundRow& found : engine.found()) {
    if (found.row.empty()) continue;
    const ir::Collection& collection =
        session_.facts.instances[found.instance].connector->collections[found.collection];
    value::Arena arena;
    auto row = value::parse_json(found.row, arena);
    if (!row) continue;
    rows[{found.instance, found.collection}][erase::row_identity(collection, *row, arena)] = {
        found.row, erase::row_digest(*row, key_, arena)};
  }
}

void ApplyRun::judge_all() {
  std::uint64_t read = 0;
  for (const auto& [place, rows] : rows_) read += rows.size();
  if (auto kept = record("checked", nullptr, "{\"rows\":" + std::to_string(read) + "}"); !kept) {
    return;
  }
  for (Item& item : items_) {
    if (item.state == State::open && !broken_) judge(item);
  }
}

/// Why the row's collection can't be relied on to have been read whole.
bool ApplyRun::unreadable(const Item& item, std::string& why) const {
  for (const run::CollectionSummary& one : reading_.collections) {
    if (one.instance != item.action->instance || one.collection != item.action->collection) {
      continue;
    }
    why = one.outcome.reason;
    return one.outcome.state == value::CollectionState::failed ||
           one.outcome.state == value::CollectionState::capped;
  }
  return false;
}

bool ApplyRun::unchanged(const Item& item, const Seen& seen, std::string& what) const {
  if (seen.digest == item.action->row) return true;
  value::Arena arena;
  auto row = value::parse_json(seen.row, arena);
  if (!row) return false;
  std::vector<std::string> names =
      erase::changed_members(item.context.fields, erase::member_digests(*row, key_, arena));
  const auto ignored = [&](const std::string& name) {
    return std::find(args_.ignore_drift.begin(), args_.ignore_drift.end(), name) !=
           args_.ignore_drift.end();
  };
  names.erase(std::remove_if(names.begin(), names.end(), ignored), names.end());
  for (const std::string& name : names) what += (what.empty() ? "" : ", ") + name;
  return names.empty();
}

/// A row that isn't found may be out of reach only because something else was erased: searches by
/// an address that is masked by now, ways that led through a row that is gone.
bool ApplyRun::touched_elsewhere(const Item& item) const {
  const ir::Connector& connector = *session_.facts.instances[item.instance].connector;
  const ir::Collection& collection = connector.collections[item.collection];
  const bool searched =
      std::any_of(collection.reads.begin(), collection.reads.end(), [](const ir::Read& read) {
        return !read.chain.request_identities.empty() || !read.chain.keep_identities.empty();
      });
  std::set<std::uint32_t> above;  // what stands on the way to its rows
  std::vector<std::uint32_t> next{item.collection};
  while (!next.empty()) {
    const std::uint32_t at = next.back();
    next.pop_back();
    for (const ir::Source& source : connector.collections[at].sources) {
      if (source.collection && above.insert(source.collection->value).second) {
        next.push_back(source.collection->value);
      }
    }
  }
  return std::any_of(touched_.begin(), touched_.end(), [&](const auto& one) {
    const Place& place = one.first;
    if (place.first != item.instance || place.second == item.collection) return false;
    return searched || (one.second && above.contains(place.second));
  });
}

void ApplyRun::touch(const Item& item) {
  touched_[{item.instance, item.collection}] |= item.action->kind == erase::ActionKind::removal;
}

std::string ApplyRun::held_now(const Item& item, const Seen* seen) {
  const run::Instance& instance = session_.facts.instances[item.instance];
  for (const privacy::Hold& hold : holds_) {
    if (hold.kind != privacy::HoldKind::identity) continue;
    const auto found = instance.identities.find(hold.identity);
    if (found == instance.identities.end()) continue;
    for (const value::OwnedValue& value : found->second) {
      const Value& given = value.get();
      const std::string text =
          given.kind == value::Kind::string ? std::string(given.view()) : value::to_json(given);
      if (privacy::holds_identity(hold, hold.identity, text)) {
        return "held: identity " + hold.identity;
      }
    }
  }
  privacy::CollectionHolds holds(holds_, instance.key, item.action->collection, *session_.clock,
                                 *session_.random);
  if (const privacy::Hold* whole = holds.whole()) return "held: " + whole->text;
  if (holds.empty() || item.context.row.empty()) return {};
  return holds.row(seen != nullptr ? seen->row : item.context.row).value_or("");
}

void ApplyRun::judge(Item& item) {
  const Seen* seen = nullptr;
  std::string what;
  if (item.action->reread && unreadable(item, what)) {
    item.failure = FailureKind::network;
    const bool doubt = item.step.next == Next::look;
    item.state = doubt ? State::doubt : State::failed;
    item.reason = "its row couldn't be read again" + (what.empty() ? "" : ": " + what);
    return;
  }
  if (item.action->reread) {
    const ir::Collection& collection =
        session_.facts.instances[item.instance].connector->collections[item.collection];
    value::Arena arena;
    auto row = value::parse_json(item.context.row, arena);
    const auto& rows = rows_[{item.instance, item.collection}];
    const auto found = row ? rows.find(erase::row_identity(collection, *row, arena)) : rows.end();
    if (found != rows.end()) seen = &found->second;
  }
  if (std::string held = held_now(item, seen); !held.empty()) {
    return settle(item, State::held, std::move(held));
  }
  if (!item.action->reread || item.step.next == Next::go_on) return;
  const bool same = seen != nullptr && unchanged(item, *seen, what);
  if (item.step.next == Next::look) return look(item, seen, same);
  if (same) return;
  // A person said that it should be sent again, and meanwhile it shows that it was done.
  if (seen != nullptr && item.tried && looks(item, seen) == erase::Found::masked) {
    return settle(item, State::done, "found masked by reading");
  }
  if (seen != nullptr) {
    return settle(item, State::drifted,
                  "the row changed since the plan was made" + (what.empty() ? "" : ": " + what));
  }
  // Found as planned by an earlier run; that it is out of reach may be this erasure's own doing.
  if (resumed_ && checked_before_ && touched_elsewhere(item)) return;
  settle(item, State::skipped, "the row isn't there any more");
}

erase::Found ApplyRun::looks(const Item& item, const Seen* seen) {
  value::Arena arena;
  std::optional<Value> row;
  if (seen != nullptr) {
    auto parsed = value::parse_json(seen->row, arena);
    if (parsed) row = *parsed;
  }
  return erase::found_after(item.action->kind, row ? &*row : nullptr, item.context.masked, arena);
}

/// In doubt: the row says what became of it, where that can be said.
void ApplyRun::look(Item& item, const Seen* seen, bool same) {
  const erase::Found found = looks(item, seen);
  switch (
      erase::after_look(*item.action, item.step.request, found, same, !touched_elsewhere(item))) {
    case erase::Looked::done:
      if (auto kept = record("outcome", &item,
                             R"({"request":)" + std::to_string(item.step.request) +
                                 R"(,"result":"confirmed","by":"reading"})");
          !kept) {
        return;
      }
      return settle(item, State::done, "found " + std::string(erase::name(found)) + " by reading");
    case erase::Looked::again:
      return;
    case erase::Looked::drifted:
      return settle(item, State::drifted,
                    "it may have been done, and the row is neither as planned nor as it would be");
    case erase::Looked::person:
      item.state = State::person;
      item.reason = seen == nullptr
                        ? "it was sent; the row isn't found, which may be another erasure's doing"
                        : "it was sent; the row is there" +
                              std::string(same ? ", unchanged" : ", and has changed");
      return;
  }
}

// ---- sending
// -------------------------------------------------------------------------------------

std::vector<run::ErasureTask> ApplyRun::tasks() {
  std::vector<run::ErasureTask> all;
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
  // What was deleted before, unseen, isn't there to be deleted again.
  const bool gone = item.doubtful && answered.sent == erase::Sent::refused &&
                    (answered.status == 404 || answered.status == 410) &&
                    item.action->requests[answered.request].method == "DELETE";
  item.last = gone ? erase::Sent::confirmed : answered.sent;
  item.last_request = answered.request;
  item.doubtful = item.doubtful || answered.sent == erase::Sent::unknown;
  std::string data = R"({"request":)" + std::to_string(answered.request) + R"(,"result":")" +
                     std::string(erase::name(*item.last)) + "\"";
  if (gone) data += ",\"by\":\"repetition\"";
  if (answered.status != 0) data += ",\"status\":" + std::to_string(answered.status);
  if (answered.again) data += ",\"again\":true";
  return record("outcome", &item, data + "}", answered.state.empty() ? nullptr : &answered.state);
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
    case run::ErasureEnd::How::failed:
      break;
  }
  const bool last_request = item.last == erase::Sent::confirmed;
  if (last_request && item.doubtful && (end.failure->status == 404 || end.failure->status == 410)) {
    return settle(item, State::done, "it was gone already when it was repeated");
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
                           : state == State::held    ? "held"
                                                     : "drifted";
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
