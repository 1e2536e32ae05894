// How collections end, and what the run says in the end (language.md "Nothing silent").
#include <algorithm>

#include "interpreter/run/state.hh"

namespace fconn::run {

using value::CollectionState;
using value::FailureKind;

namespace {
/// Enough to see what is wrong; the summary counts the rest. A kind of failure that wasn't said yet
/// is said all the same, as the exit code follows from it.
constexpr std::uint64_t max_messages_per_collection = 5;
}  // namespace

void Engine::State::end_task(Task& task) {
  leave_job(task, false);
  --task.collection->open_tasks;
  if (task.live && task.live->counted > 0) {
    bound_bytes -= task.live->counted;
    scheduler.hold_opening(bound_bytes > options.max_bound_bytes);
  }
  tasks.erase(task.id);
}

void Engine::State::fail_task(Task& task, value::Failure failure, const std::string& request) {
  if (task.erasure != nullptr) {
    if (const ir::Step* step = task.live ? request_of(task).step : nullptr) {
      failure.text = "in `let " + step->name + "`: " + failure.text;
    }
    return fail_erasure(task, std::move(failure));
  }
  if (begin_anew(task, failure)) return;
  const bool unreached =
      failure.kind == FailureKind::network || failure.kind == FailureKind::timeout ||
      failure.kind == FailureKind::authentication || failure.kind == FailureKind::cancelled;
  if (task.live && unreached) task.live->job.reset();  // stays in the store
  CollectionRun& collection = *task.collection;
  ++collection.tasks_failed;
  const bool stranger = task.live && !task.live->now.at_home;
  if (failure.status == 401 && !stranger) collection.abandoned = true;
  if (const ir::Step* step = request_of(task).step) {
    failure.text = "in `let " + step->name + "`: " + failure.text;
  }
  see(task, Event::failed, ports.redactor.redact(failure.text));
  fail_collection(collection, std::move(failure), request);
  end_task(task);
}

void Engine::State::fail_collection(CollectionRun& collection, value::Failure failure,
                                    const std::string& request, bool quiet) {
  failure.text = ports.redactor.redact(failure.text);
  const bool first = collection.outcome.state != CollectionState::failed;
  if (first) {
    collection.outcome.state = CollectionState::failed;
    collection.outcome.reason = failure.text;
    collection.failed_by = failure.kind;
  }
  trace("failure", &collection, [&] {
    std::string members = ",\"text\":";
    // What a `fail` says may come out of an answer.
    value::append_json_string(
        options.private_trace ? value::name(failure.kind) : std::string_view(failure.text),
        members);
    return members;
  }());
  if (quiet) return;
  const std::uint32_t kind = 1U << static_cast<std::uint32_t>(failure.kind);
  const bool shown =
      collection.tasks_failed <= max_messages_per_collection || (collection.kinds_said & kind) == 0;
  if (!shown) return;
  collection.kinds_said |= kind;
  messages.push_back({collection.instance->instance.key, collection.collection->name,
                      std::move(failure), request});
}

void Engine::State::skip_collection(CollectionRun& collection, std::string reason) {
  collection.outcome.state = CollectionState::skipped;
  collection.outcome.reason = std::move(reason);
}

void Engine::State::cap_collection(CollectionRun& collection, const std::string& reason) {
  if (collection.outcome.state == CollectionState::failed) return;
  collection.outcome.state = CollectionState::capped;
  collection.outcome.reason = reason;
}

/// Rows couldn't be written. Which of them are there isn't known, so no collection that had some is
/// whole.
void Engine::State::lose_rows(const value::Failure& unwritten) {
  for (auto& instance : instances) {
    for (auto& collection : instance->collections) {
      value::Outcome& outcome = collection->outcome;
      const bool stopped = collection->failed_by == FailureKind::cancelled && !interrupted;
      const bool whole = outcome.state != CollectionState::failed;
      if (!collection->output || !(stopped || (whole && outcome.rows > 0))) continue;
      outcome.state = CollectionState::failed;
      outcome.reason = "not all of its rows could be written: " + unwritten.text;
    }
  }
  // Requests that this ended say nothing more.
  if (interrupted) return;
  std::erase_if(messages,
                [](const Message& m) { return m.failure.kind == FailureKind::cancelled; });
}

void Engine::State::settle() {
  for (auto& instance : instances) {
    // Parents come before children, so one pass settles everything that can end now.
    for (auto& collection : instance->collections) {
      if (collection->finished || collection->waiting_parents > 0) continue;
      if (collection->open_tasks == 0) finish_collection(*collection);
    }
  }
}

void Engine::State::finish_collection(CollectionRun& collection) {
  collection.finished = true;
  value::Outcome& outcome = collection.outcome;
  if (collection.runs && outcome.state == CollectionState::complete && collection.tasks_made == 0 &&
      !collection.collection->sources.empty()) {
    std::string inputs;
    for (const ir::Source& source : collection.collection->sources) {
      if (!inputs.empty()) inputs += ", ";
      inputs += "`" +
                (source.collection
                     ? collection.instance->connector->collections[source.collection->value].name
                     : source.name) +
                "`";
    }
    skip_collection(collection, "no input: " + inputs + " gave nothing");
  }
  if (collection.tasks_failed > 1) {
    outcome.reason +=
        " (and " + std::to_string(collection.tasks_failed - 1) + " more requests of it failed)";
  }
  if (!collection.left_out.empty()) {
    outcome.rows = 0;
    const bool whole =
        outcome.state == CollectionState::complete || outcome.state == CollectionState::skipped;
    if (whole) skip_collection(collection, collection.left_out);
  }
  write_pending(collection);
  if (collection.output || !collection.left_out.empty()) {
    writer->finish(collection.instance->instance.key, collection.collection->name, outcome);
  }
  // Of one that has no part in the run there is nothing to say.
  if (collection.runs || collection.output || !collection.left_out.empty()) {
    std::string members = ",\"state\":\"" + std::string(value::name(outcome.state)) +
                          "\",\"rows\":" + std::to_string(outcome.rows);
    if (!options.private_trace && !outcome.reason.empty()) {
      members += ",\"reason\":";
      value::append_json_string(outcome.reason, members);
    }
    trace("finish", &collection, members);
  }
  for (const auto& [child_index, source] : collection.children) {
    CollectionRun& child = *collection.instance->collections[child_index];
    if (outcome.state == CollectionState::failed) {
      value::Failure failure;
      failure.kind = collection.failed_by.value_or(FailureKind::network);
      failure.text = "its input `" + collection.collection->name + "` failed";
      fail_collection(child, std::move(failure), "", true);
    } else if (outcome.state == CollectionState::capped) {
      cap_collection(child, "its input `" + collection.collection->name + "` is capped");
    }
    for (InputRun& input : child.inputs) {
      auto done = input.join->finish(source, [&](std::span<const value::Value> slots) {
        return emit_inputs(child, input.reads, slots);
      });
      if (!done) fail_collection(child, done.error(), "");
    }
    --child.waiting_parents;
  }
}

RunSummary Engine::State::summarize() {
  RunSummary summary;
  summary.interrupted = stopping;
  summary.messages = std::move(messages);
  summary.requests = requests;
  summary.rows = rows;
  summary.elapsed = std::chrono::duration_cast<value::Milliseconds>(ports.clock.now() - started);
  // Rows that couldn't be written are no collection's fault, and aren't there all the same.
  bool any_good = false;
  bool any_failed =
      std::any_of(summary.messages.begin(), summary.messages.end(),
                  [](const auto& m) { return m.failure.kind == FailureKind::output; });
  for (auto& instance : instances) {
    for (auto& collection : instance->collections) {
      const bool said = collection->output || !collection->left_out.empty();
      if (!said && collection->outcome.state != CollectionState::failed) continue;
      const CollectionState state = collection->outcome.state;
      any_failed = any_failed || state == CollectionState::failed;
      any_good = any_good || state == CollectionState::complete || state == CollectionState::capped;
      summary.collections.push_back(
          {instance->instance.key, collection->collection->name, collection->outcome});
    }
  }
  summary.state = !any_failed && !stopping ? RunState::complete
                  : any_good               ? RunState::partial
                                           : RunState::failed;
  count_actions(summary);
  if (summary.state == RunState::failed && summary.actions.sent > 0) {
    summary.state = RunState::partial;
  }
  summary.exit_code = exit_code(summary, false);
  return summary;
}

namespace {

int code_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::authentication:
      return 4;
    case FailureKind::network:
    case FailureKind::timeout:
      return 5;
    case FailureKind::guard:
      return 6;
    case FailureKind::configuration:
      return 2;
    default:
      return 1;
  }
}

}  // namespace

int exit_code(const RunSummary& summary, bool strict) {
  bool failed = false, succeeded = summary.actions.sent > 0;
  for (const CollectionSummary& collection : summary.collections) {
    const CollectionState state = collection.outcome.state;
    const bool counts_as_failed =
        state == CollectionState::failed ||
        (strict && (state == CollectionState::skipped || state == CollectionState::capped ||
                    collection.outcome.unlike > 0));
    failed = failed || counts_as_failed;
    const bool whole = state == CollectionState::complete || state == CollectionState::capped;
    succeeded = succeeded || (whole && !counts_as_failed);
  }
  std::vector<int> codes;
  for (const Message& message : summary.messages) codes.push_back(code_of(message.failure.kind));
  const auto has = [&codes](int code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
  };
  if (has(2)) return 2;
  if (summary.interrupted) return 130;
  if (!failed && codes.empty()) return 0;
  if (has(6)) return 6;
  if (succeeded) return 3;
  if (has(4)) return 4;
  if (has(5)) return 5;
  return 1;
}

}  // namespace fconn::run
