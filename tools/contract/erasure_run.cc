#include "tools/contract/erasure_run.hh"

#include <algorithm>
#include <map>
#include <set>

#include "interpreter/privacy/category.hh"
#include "tools/contract/collecting_sink.hh"
#include "tools/erasure/proof.hh"
#include "tools/policy/condition.hh"
#include "tools/policy/match.hh"

namespace fconn::contract {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

/// Nothing of a test's plan leaves the program, so nothing has to be hidden or sealed.
class OpenKeeper final : public erase::Keeper {
 public:
  std::string hash(std::string_view text) const override {
    std::string digits;
    for (std::uint64_t part = 0; part < 4; ++part) {
      std::uint64_t hash = 14695981039346656037ULL + part;
      for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
      for (int shift = 60; shift >= 0; shift -= 4) {
        digits += "0123456789abcdef"[(hash >> static_cast<unsigned>(shift)) & 15U];
      }
    }
    return digits;
  }
  std::string seal(std::string_view text, std::string_view) const override {
    return std::string(text);
  }
  std::optional<std::string> open(std::string_view sealed, std::string_view) const override {
    return std::string(sealed);
  }
};

/// Lets go what is as planned and hasn't to wait for what isn't done, as `erase --apply` does.
class Hooks final : public run::ErasureHooks {
 public:
  Hooks(const erasure::MadePlan& made, const std::vector<run::ErasureTask>& tasks,
        std::vector<ActionEnd>& ends)
      : made_(made), tasks_(tasks), ends_(ends) {}

  Result<void> may_begin(std::uint32_t task) override {
    for (std::size_t other = 0; other < tasks_.size(); ++other) {
      const auto& waits = tasks_[task].waits_for;
      if (std::find(waits.begin(), waits.end(), tasks_[other].group) == waits.end()) continue;
      if (ends_[other].outcome == "done" || ends_[other].outcome == "skipped") continue;
      return fail(FailureKind::cancelled, "not sent: " + made_.plan.actions[other].id + " (" +
                                              made_.plan.actions[other].collection +
                                              ") goes first and isn't done");
    }
    return {};
  }

  Result<void> about_to_send(std::uint32_t task, std::uint32_t request,
                             const std::string& exact) override {
    const run::DraftedRequest& drafted = made_.sources[task].requests[request];
    if (!drafted.known || drafted.exact == exact) {
      ends_[task].sent.push_back(exact);
      return {};
    }
    return fail(FailureKind::guard, "not sent: the request would not be the one of the plan");
  }

  Result<void> answered(std::uint32_t, const run::Answered&) override { return {}; }

  void ended(std::uint32_t task, const run::ErasureEnd& end) override {
    ends_[task].reason = end.failure ? end.failure->text : end.reason;
    switch (end.how) {
      case run::ErasureEnd::How::done:
        ends_[task].outcome = "done";
        break;
      case run::ErasureEnd::How::skipped:
        ends_[task].outcome = "skipped";
        break;
      case run::ErasureEnd::How::pending:
        ends_[task].outcome = "pending";
        break;
      case run::ErasureEnd::How::postponed:  // only where perform() is given a time
        break;
      case run::ErasureEnd::How::failed:
        ends_[task].outcome = "failed";
        if (end.failure) failures_.push_back(end.failure->kind);
        break;
    }
  }

  const std::vector<FailureKind>& failures() const { return failures_; }

 private:
  const erasure::MadePlan& made_;
  const std::vector<run::ErasureTask>& tasks_;
  std::vector<ActionEnd>& ends_;
  std::vector<FailureKind> failures_;
};

bool is_personal(const std::string& category) { return privacy::covers("user", category); }

bool personal(const std::vector<ir::Field>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const ir::Field& field) {
    return std::any_of(field.categories.begin(), field.categories.end(), is_personal) ||
           personal(field.fields);
  });
}

/// The policy with its holds compiled; what names nothing of the connector is a mistake. Where no
/// field is personal, targets reach what has no fields.
privacy::Policy checked_policy(const TestPolicy& given, const run::Instance& instance,
                               std::vector<std::string>& mistakes) {
  const auto& collections = instance.connector->collections;
  const bool targets_count =
      std::any_of(collections.begin(), collections.end(),
                  [](const ir::Collection& collection) { return personal(collection.fields); });
  for (const policy::Finding& finding :
       policy::match(given.written, {{instance.key, instance.connector.get()}}, {instance.key})) {
    if (!finding.hold && !targets_count) continue;
    mistakes.push_back("the policy: " + finding.text +
                       (finding.help.empty() ? "" : "; " + finding.help));
  }
  privacy::Policy made = given.policy;
  for (privacy::Hold& hold : made.holds) {
    if (hold.kind != privacy::HoldKind::rows) continue;
    if (auto compiled = policy::compile_condition(hold)) hold.condition = *compiled;
  }
  return made;
}

std::vector<run::ErasureTask> tasks_of(const erasure::MadePlan& made) {
  std::map<std::string, std::uint32_t> groups;
  const auto name = [](const erase::Action& action) {
    return action.instance + ":" + action.collection;
  };
  for (const erase::Action& action : made.plan.actions) {
    groups.emplace(name(action), static_cast<std::uint32_t>(groups.size()));
  }
  std::vector<run::ErasureTask> tasks;
  for (std::size_t i = 0; i < made.plan.actions.size(); ++i) {
    run::ErasureTask task = made.sources[i].task;
    task.group = groups.at(name(made.plan.actions[i]));
    for (const std::string& before : made.plan.actions[i].waits_for) {
      const auto found = groups.find(before);
      if (found != groups.end()) task.waits_for.push_back(found->second);
    }
    tasks.push_back(std::move(task));
  }
  return tasks;
}

/// As they stand in the plan, unsealed.
std::vector<erase::ActionContext> contexts_of(const erasure::MadePlan& made) {
  std::vector<erase::ActionContext> contexts;
  for (const erase::Action& action : made.plan.actions) {
    auto context = erase::action_context(action.sealed);
    FCONN_ASSERT(context.has_value(), "a context of our own can be read");
    contexts.push_back(*std::move(context));
  }
  return contexts;
}

/// By the requests that found the rows, as `erase --verify` does.
run::Options reading_again(const run::Options& options, const erasure::MadePlan& made,
                           const std::vector<erase::ActionContext>& contexts) {
  run::Options again = options;
  again.collections.clear();
  again.seeds.emplace();
  std::set<std::string> seen;
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    const erase::Action& action = made.plan.actions[i];
    if (!action.reread) continue;
    for (std::string& bound : erasure::bounds_of(contexts[i])) {
      if (!seen.insert(action.collection + bound).second) continue;
      (*again.seeds)[action.instance][action.collection].push_back(std::move(bound));
    }
  }
  return again;
}

/// Contents of rows by erasure::name_of.
using RowsAgain = std::map<erasure::Place, std::map<std::string, std::vector<std::string>>>;

RowsAgain rows_again(const run::Engine& engine, const std::vector<run::Instance>& instances) {
  RowsAgain rows;
  for (erasure::RowFound& one : erasure::rows_of(engine.found(), instances)) {
    const run::FoundRow& found = one.row;
    value::Arena arena;
    const auto row = value::parse_json(found.row, arena);
    if (found.row.empty() || !row) continue;
    const ir::Collection& collection =
        instances[found.instance].connector->collections[found.collection];
    rows[{found.instance, found.collection}]
        [erasure::name_of(collection, *row, found.used, arena)] = std::move(one.contents);
  }
  return rows;
}

/// Fills ActionEnd::proof; what was confirmed and is still there has failed.
void verify(Erased& erased, const std::vector<run::Instance>& instances,
            const run::Options& options, const run::Ports& ports) {
  const std::vector<erase::ActionContext> contexts = contexts_of(erased.made);
  const run::Options again = reading_again(options, erased.made, contexts);
  if (again.seeds->empty()) return;
  CollectingSink nobody;
  run::Ports other{ports.transport, ports.guard, ports.redactor, ports.clock,
                   ports.random,    nobody,      nullptr,        {}};
  other.tokens = ports.tokens;
  other.decisions = ports.decisions;
  run::Engine engine(again, other);
  for (const run::Instance& instance : instances) engine.add(instance);
  const run::RunSummary reading = engine.run();

  const ir::Connector& connector = *instances.front().connector;
  RowsAgain rows = rows_again(engine, instances);
  erasure::Touched touched;
  for (std::size_t i = 0; i < erased.ends.size(); ++i) {
    const run::ErasureTask& task = erased.made.sources[i].task;
    if (!erased.ends[i].sent.empty()) touched[{task.instance, task.collection}] |= task.removal;
  }
  for (std::size_t i = 0; i < erased.ends.size(); ++i) {
    const erase::Action& action = erased.made.plan.actions[i];
    const run::ErasureTask& task = erased.made.sources[i].task;
    ActionEnd& end = erased.ends[i];
    if (!action.reread) continue;
    std::string why;
    if (erasure::unreadable(reading, action.instance, action.collection, why)) {
      end.proof = std::string(erasure::unread) + (why.empty() ? "" : ": " + why);
      continue;
    }
    const erasure::Place place{task.instance, task.collection};
    const ir::Collection& collection = connector.collections[task.collection];
    const bool confirmed = end.outcome == "done";
    end.proof = erasure::proof({action.kind, &collection, contexts[i].row, contexts[i].masked,
                                erasure::find_row(rows[place], collection, contexts[i]), confirmed,
                                erasure::touched_elsewhere(touched, connector, place)});
    if (confirmed && end.proof == erase::name(erase::Found::still_there)) {
      end.outcome = "failed";
      end.reason = erasure::unchanged;
    }
  }
}

/// As `erase --apply` ends.
int applied_code(const std::vector<ActionEnd>& ends, const std::vector<FailureKind>& failures) {
  bool open = false, any = false, unproven = false;
  for (const ActionEnd& end : ends) {
    const bool over = end.outcome == "done" || end.outcome == "skipped";
    any = any || over || end.outcome == "pending";
    open = open || !over;
    unproven = unproven || end.proof.starts_with(erasure::unread);
  }
  const auto failed = [&](FailureKind kind) {
    return std::find(failures.begin(), failures.end(), kind) != failures.end();
  };
  if (failed(FailureKind::guard)) return 6;
  if (!open) return unproven ? 3 : 0;
  if (any) return 3;
  if (failed(FailureKind::authentication)) return 4;
  return failed(FailureKind::network) || failed(FailureKind::timeout) ? 5 : 1;
}

}  // namespace

Erased run_erasure(const Test& test, run::Engine& engine, const run::RunSummary& summary,
                   const std::vector<run::Instance>& instances, const run::Options& options,
                   const run::Ports& ports) {
  Erased erased;
  const privacy::Policy policy = checked_policy(*test.policy, instances.front(), erased.mistakes);
  const privacy::MaskingSecrets secrets = privacy::make_masking_secrets(ports.random);
  const OpenKeeper keeper;
  erasure::PlanInput input{engine,
                           summary,
                           instances,
                           policy,
                           secrets,
                           keeper,
                           ports.clock,
                           ports.random,
                           options.request_id,
                           options.erasure_now};
  input.decisions = ports.decisions;
  input.keep_sources = true;
  erased.made = erasure::make_plan(input, {});
  erased.exit_code = summary.exit_code;
  if (erased.exit_code == 0 && erased.made.failed) erased.exit_code = 3;
  if (test.erase == "plan") return erased;
  const std::vector<run::ErasureTask> tasks = tasks_of(erased.made);
  erased.ends.resize(tasks.size());
  Hooks hooks(erased.made, tasks, erased.ends);
  (void)engine.perform(tasks, hooks);
  if (test.erase == "verify") verify(erased, instances, options, ports);
  const int applied = applied_code(erased.ends, hooks.failures());
  if (applied != 0) erased.exit_code = applied;
  return erased;
}

}  // namespace fconn::contract
