// Rows that an apply reads again: what they say of each action.
#include <algorithm>

#include "interpreter/erase/depends.hh"
#include "interpreter/erase/rows.hh"
#include "tools/erasure/found_rows.hh"
#include "tools/fconn/erase_apply.hh"
#include "tools/fconn/signals.hh"

namespace fconn::cli {

using erase::Next;
using value::FailureKind;
using value::Value;

namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// What isn't found in it may be there all the same.
bool unwhole(const run::CollectionSummary& one) {
  return one.outcome.state == value::CollectionState::failed ||
         one.outcome.state == value::CollectionState::capped;
}

}  // namespace

void ApplyRun::take_rows(const run::Engine& engine, Rows& rows) {
  for (erasure::RowFound& one : erasure::rows_of(engine.found(), session_.facts.instances)) {
    const run::FoundRow& found = one.row;
    if (found.row.empty()) continue;
    const ir::Collection& collection =
        session_.facts.instances[found.instance].connector->collections[found.collection];
    value::Arena arena;
    auto row = value::parse_json(found.row, arena);
    if (!row) continue;
    rows[{found.instance, found.collection}]
        [erasure::name_of(collection, *row, found.used, arena)] = {
            found.row, erase::row_digest(*row, key_, arena), std::move(one.contents)};
  }
}

/// In the journal, with what couldn't be read: its rows weren't found as planned.
void ApplyRun::note_reading(const run::RunSummary& reading, const Rows& rows) {
  if (broken_) return;
  std::uint64_t read = 0;
  for (const auto& [place, found] : rows) read += found.size();
  std::string data = "{\"rows\":" + std::to_string(read) + ",\"unread\":[";
  bool first = true;
  for (const run::CollectionSummary& one : reading.collections) {
    if (!unwhole(one)) continue;
    if (!first) data += ',';
    first = false;
    value::append_json_string(one.instance + ":" + one.collection, data);
  }
  (void)record("checked", nullptr, data + "]}");
}

/// The reading is noted once all are judged, so that no action counts as found as planned that
/// wasn't looked at.
void ApplyRun::judge_all() {
  for (Item& item : items_) {
    if (item.state == State::open && !broken_) judge(item);
  }
  note_reading(reading_, rows_);
}

/// Members that aren't as planned, without those that may differ.
std::vector<std::string> ApplyRun::changed(const Item& item, const Seen& seen) const {
  if (seen.digest == item.action->row) return {};
  value::Arena arena;
  auto row = value::parse_json(seen.row, arena);
  FCONN_ASSERT(row, "a row that was parsed before");
  std::vector<std::string> names =
      erase::changed_members(item.context.fields, erase::member_digests(*row, key_, arena));
  const auto ignored = [&](const std::string& name) {
    return std::find(args_.ignore_drift.begin(), args_.ignore_drift.end(), name) !=
           args_.ignore_drift.end();
  };
  names.erase(std::remove_if(names.begin(), names.end(), ignored), names.end());
  return names;
}

const ApplyRun::Seen* ApplyRun::find(const Item& item, const Rows& rows) const {
  const auto place = rows.find({item.instance, item.collection});
  if (place == rows.end()) return nullptr;
  return erasure::find_row(
      place->second,
      session_.facts.instances[item.instance].connector->collections[item.collection],
      item.context);
}

bool ApplyRun::unreadable(const run::RunSummary& reading, const Item& item, std::string& why) {
  return erasure::unreadable(reading, item.action->instance, item.action->collection, why);
}

bool ApplyRun::touched_elsewhere(const Item& item) const {
  return erasure::touched_elsewhere(touched_, *session_.facts.instances[item.instance].connector,
                                    {item.instance, item.collection});
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
  if (seen == nullptr) return holds.row(item.context.row).value_or("");
  for (const std::string& content : seen->contents) {
    if (auto hold = holds.row(content)) return *hold;
  }
  return holds.row(seen->row).value_or("");
}

void ApplyRun::judge(Item& item) {
  const Seen* seen = nullptr;
  std::string what;
  if (item.action->reread && !midway(item) && unreadable(reading_, item, what)) {
    item.failure = FailureKind::network;
    const bool doubt = item.step.next == Next::look;
    item.state = doubt ? State::doubt : State::failed;
    item.reason = "its row couldn't be read again" + (what.empty() ? "" : ": " + what);
    return;
  }
  if (item.action->reread) seen = find(item, rows_);
  if (std::string held = held_now(item, seen); !held.empty()) {
    return settle(item, State::held, std::move(held));
  }
  if (!item.action->reread || midway(item)) return;
  if (seen != nullptr) what = listed(changed(item, *seen));
  const bool same = seen != nullptr && what.empty();
  if (item.step.next == Next::look) return look(item, seen, same);
  if (same || begun(item, seen)) return;
  // A person said that it should be sent again, and meanwhile it shows that it was done.
  const bool alone = item.action->requests.size() == 1;
  if (seen != nullptr && item.tried && alone && looks(item, seen) == erase::Found::masked) {
    return settle(item, State::done, "found masked by reading");
  }
  if (seen != nullptr) {
    return settle(item, State::drifted,
                  "the row changed since the plan was made" + (what.empty() ? "" : ": " + what));
  }
  // That it is out of reach may be this erasure's own doing.
  if (resumed_ && touched_elsewhere(item)) {
    if (item.as_planned) return;
    return settle(item, State::drifted,
                  "the row isn't found any more, and no earlier run found it as it was planned");
  }
  settle_missing(item, rows_);
}

/// Whether a request of it is confirmed and others are still to be sent: its row, which may be gone
/// by that, says nothing any more.
bool ApplyRun::midway(const Item& item) {
  return item.step.next == Next::go_on || (item.step.next == Next::repeat && item.step.request > 0);
}

/// Whether what reading shows is a chain's own doing: an earlier run sent something of it that may
/// have been done, and the rest is still to be sent.
bool ApplyRun::begun(const Item& item, const Seen* seen) const {
  if (!item.unsure || item.action->requests.size() == 1) return false;
  return seen == nullptr ? keyed(item) : looks(item, seen) == erase::Found::masked;
}

/// Whether its row can be told from others once it has changed.
bool ApplyRun::keyed(const Item& item) const {
  const ir::Collection& collection =
      session_.facts.instances[item.instance].connector->collections[item.collection];
  value::Arena arena;
  const auto row = value::parse_json(item.context.row, arena);
  return row && erase::has_key(collection, *row, arena);
}

/// Masked only if no answer holds anything else.
erase::Found ApplyRun::looks(const Item& item, const Seen* seen) {
  return erasure::looks(item.action->kind, seen != nullptr ? &seen->contents : nullptr,
                        item.context.masked);
}

/// In doubt: the row says what became of it, where that can be said.
void ApplyRun::look(Item& item, const Seen* seen, bool same) {
  if (seen == nullptr && !keyed(item) && others_in_place(item, rows_)) {
    item.state = State::person;
    item.reason = "it was sent; the row isn't there as it was, and has no key to find it by";
    return;
  }
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

/// Whether a change of its row may come from what this erasure did: to collections on the way to
/// it, or that it leads to.
bool ApplyRun::touched_beside(const Item& item) const {
  const ir::Connector& connector = *session_.facts.instances[item.instance].connector;
  const std::set<std::uint32_t> above = erasure::collections_above(connector, item.collection);
  return std::any_of(touched_.begin(), touched_.end(), [&](const auto& one) {
    const Place& place = one.first;
    if (place.first != item.instance || place.second == item.collection) return false;
    return above.contains(place.second) ||
           erasure::collections_above(connector, place.second).contains(item.collection);
  });
}

/// Of what waited: the same rows, as they are by now.
void ApplyRun::read_once_more() {
  run::Engine engine(reading(Reading::postponed), session_.ports());
  for (const run::Instance& instance : session_.facts.instances) engine.add(instance);
  run::RunSummary reading;
  {
    const InterruptGuard interrupts(engine);
    reading = engine.run();
  }
  session_.clear_progress();
  requests_ += reading.requests;
  elapsed_ += reading.elapsed;
  interrupted_ = interrupted_ || reading.interrupted;
  if (interrupted_) return;
  report_reading(session_.terminal, reading, session_.facts);
  Rows rows;
  take_rows(engine, rows);
  for (Item& item : items_) {
    if (item.state == State::open && !broken_) judge_again(item, reading, rows);
  }
  note_reading(reading, rows);
}

bool ApplyRun::others_in_place(const Item& item, const Rows& rows) {
  const auto place = rows.find({item.instance, item.collection});
  return place != rows.end() && !place->second.empty();
}

/// A row without a key is itself alone: another one in its place may be the same row, changed.
void ApplyRun::settle_missing(Item& item, const Rows& rows) {
  if (keyed(item) || !others_in_place(item, rows)) {
    return settle(item, State::skipped, "the row isn't there any more");
  }
  settle(item, State::drifted,
         "the row isn't there as it was; it has no key, so nobody can tell whether it changed");
}

/// Between its first reading and its turn.
void ApplyRun::judge_again(Item& item, const run::RunSummary& reading, const Rows& rows) {
  std::string why;
  if (item.action->reread && !midway(item) && unreadable(reading, item, why)) {
    item.state = State::failed;
    item.failure = FailureKind::network;
    item.reason = "its row couldn't be read again" + (why.empty() ? "" : ": " + why);
    return;
  }
  const Seen* seen = item.action->reread ? find(item, rows) : nullptr;
  if (std::string held = held_now(item, seen); !held.empty()) {
    return settle(item, State::held, std::move(held));
  }
  if (!item.action->reread || item.step.next != Next::send) return;
  if (seen == nullptr) {
    // Out of reach, which may be this erasure's own doing.
    if (touched_elsewhere(item) || begun(item, seen)) return;
    return settle_missing(item, rows);
  }
  std::vector<std::string> names = changed(item, *seen);
  if (names.empty()) return;
  if (touched_beside(item)) {
    const ir::Collection& collection =
        session_.facts.instances[item.instance].connector->collections[item.collection];
    const erase::Depends depends =
        erase::depends_on(collection, item.action->kind, item.context.masked);
    names.erase(std::remove_if(names.begin(), names.end(),
                               [&](const std::string& name) { return !depends.on(name); }),
                names.end());
    if (names.empty()) return;
  }
  settle(item, State::drifted, "the row changed while the plan was applied: " + listed(names));
}

}  // namespace fconn::cli
