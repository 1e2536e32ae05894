// The end of a run of a plan: proof by reading, what is said, exit code.
#include <algorithm>

#include "grammar/display_text.hh"
#include "interpreter/erase/rows.hh"
#include "tools/fconn/erase_apply.hh"
#include "tools/fconn/signals.hh"

namespace fconn::cli {

using value::FailureKind;

int ApplyRun::conclude() {
  requests_ += reading_.requests;
  elapsed_ += reading_.elapsed;
  if (args_.verify && !interrupted_ && !broken_) prove();
  const ActionCounts all = counts();
  if (!interrupted_ && !broken_) {
    (void)record("end", nullptr,
                 "{\"done\":" + std::to_string(all.sent) + ",\"skipped\":" +
                     std::to_string(all.skipped) + ",\"failed\":" + std::to_string(all.failed) +
                     ",\"pending\":" + std::to_string(all.pending) +
                     ",\"person\":" + std::to_string(all.for_person) + "}");
  }
  report();
  int code = exit_code();
  run::RunSummary summary = reading_;
  summary.requests = requests_;
  summary.elapsed = elapsed_;
  summary.interrupted = interrupted_;
  if (!write_erase_summary(session_, summary, all, code)) code = std::max(code, 1);
  return session_.close() ? code : std::max(code, 1);
}

/// The collections are read once more, by an engine that knows nothing of what was sent.
void ApplyRun::prove() {
  const run::Options options = reading(Reading::all);
  if (options.seeds->empty()) return;
  run::Engine engine(options, session_.ports());
  for (const run::Instance& instance : session_.facts.instances) engine.add(instance);
  {
    const InterruptGuard interrupts(engine);
    reading_ = engine.run();
  }
  session_.clear_progress();
  requests_ += reading_.requests;
  elapsed_ += reading_.elapsed;
  report_reading(session_.terminal, reading_, session_.facts);
  Rows rows;
  take_rows(engine, rows);
  for (Item& item : items_) {
    if (!item.action->reread) continue;
    std::string why;
    if (reading_.interrupted || unreadable(reading_, item, why)) {
      item.proof = erasure::unread;
    } else {
      const Seen* seen = find(item, rows);
      item.proof = erasure::proof(
          {item.action->kind,
           &session_.facts.instances[item.instance].connector->collections[item.collection],
           item.context.row, item.context.masked, seen != nullptr ? &seen->contents : nullptr,
           item.state == State::done, touched_elsewhere(item)});
    }
    std::string data = R"({"found":)";
    value::append_json_string(item.proof, data);
    if (!record("proof", &item, data + "}")) return;
    if (item.state == State::done && item.proof == erase::name(erase::Found::still_there)) {
      item.state = State::failed;
      item.failure = FailureKind::status;
      item.reason = erasure::unchanged;
    }
  }
}

ActionCounts ApplyRun::counts() const {
  ActionCounts all;
  for (const Item& item : items_) {
    switch (item.state) {
      case State::done:
        ++all.sent;
        break;
      case State::skipped:
        ++all.skipped;
        break;
      case State::pending:
        ++all.pending;
        break;
      case State::person:
        ++all.for_person;
        break;
      default:
        ++all.failed;
    }
  }
  return all;
}

int ApplyRun::exit_code() const {
  if (interrupted_) return 130;
  bool guard = false, open = false, any = false;
  bool refused = false, unreached = false, unproven = false;
  for (const Item& item : items_) {
    guard = guard || item.state == State::drifted || item.state == State::held;
    const bool over = item.state == State::done || item.state == State::skipped;
    any = any || over || item.state == State::pending;
    open = open || !over;
    unproven = unproven || item.proof == erasure::unread;
    refused = refused || item.failure == FailureKind::authentication;
    unreached =
        unreached || item.failure == FailureKind::network || item.failure == FailureKind::timeout;
  }
  if (guard) return 6;
  if (broken_) return any ? 3 : 1;
  if (!open) return unproven ? 3 : 0;
  if (any) return 3;
  return refused ? 4 : unreached ? 5 : 1;
}

namespace {

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what;
}

}  // namespace

void ApplyRun::report() const {
  Terminal& out = session_.terminal;
  const auto named = [](const Item& item) {
    return item.action->id + " " + item.action->instance + ":" + item.action->collection +
           (item.action->key.empty() ? "" : " " + item.action->key);
  };
  const auto list = [&](State state, const std::string& what) {
    for (const Item& item : items_) {
      if (item.state != state) continue;
      out.complain(named(item) + " " + what +
                   (item.reason.empty() ? "" : ": " + grammar::safe_text(item.reason)) + "\n");
    }
  };
  list(State::drifted, "refused");
  list(State::held, "refused");
  list(State::failed, "failed");
  list(State::waits, "held back");
  list(State::open, "not sent");
  list(State::pending, "pending");
  list(State::doubt, "in doubt, --resume repeats it");
  list(State::person, "in doubt, a person decides");
  for (const Item& item : items_) {
    if (item.state == State::skipped) {
      out.say(named(item) + " skipped" +
              (item.reason.empty() ? "" : ": " + grammar::safe_text(item.reason)) + "\n");
    }
  }
  for (const Item& item : items_) {
    if (!item.proof.empty()) out.say(named(item) + " proof: " + item.proof + "\n");
  }
  const ActionCounts all = counts();
  if (broken_) {
    out.complain("fconn: error: the journal can't be written, so nothing more was sent: " +
                 broken_->text + "\n");
  }
  std::string line = "run " + run_ + ": " + counted(items_.size(), "actions: ") +
                     counted(all.sent, "done, ") + counted(all.skipped, "skipped, ") +
                     counted(all.failed, "failed or refused");
  if (all.pending > 0) line += counted(all.pending, "pending").insert(0, ", ");
  if (all.for_person > 0) line += counted(all.for_person, "for a person").insert(0, ", ");
  out.say(line + "\n");
  if (!records_.empty()) out.say("journal head: " + records_.back().hash + "\n");
  const std::string path = args_.journal  ? *args_.journal
                           : args_.resume ? *args_.resume
                                          : default_journal(session_.project());
  if (all.failed + all.pending + all.for_person > 0 || interrupted_) {
    out.say("help: `fconn erase --resume " + path + " " + run_ +
            "` goes on with what isn't done; a changed row needs a new plan\n");
  }
  if (all.for_person > 0) {
    out.say(
        "help: look at the service whether they were done, then --decide ACTION=done, or "
        "ACTION=again to send it again\n");
  }
}

}  // namespace fconn::cli
