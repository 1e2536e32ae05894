// Chains: from one request to the next. ChainWalk says what comes; here it is counted, waited for
// and traced.
#include <algorithm>

#include "interpreter/run/answer.hh"
#include "interpreter/run/state.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;

/// The steps before the request that is due. False: they say that there is nothing to do in this
/// turn, and the next turn waits for its own start, or the task has ended.
bool Engine::State::advance(Task& task) {
  Task::Live& live = *task.live;
  const ir::Step* const before = live.walk.step();
  auto stop = live.walk.advance(evaluator_of(task), environment(task));
  see_steps(task, before, stop && *stop == ChainWalk::Stop::skipped);
  if (!stop) {
    value::Failure failure = stop.error();
    const ir::Step* const at = live.walk.step();
    if (failure.kind == FailureKind::rule && at != nullptr && at->judgement) {
      failure.text = planned_words(task, *at->judgement, std::move(failure.text));
    }
    fail_task(task, std::move(failure), "");
    return false;
  }
  count_bound(task);
  live.now.stepped = true;
  if (*stop == ChainWalk::Stop::request) return true;
  if (task.erasure != nullptr) {
    const bool skipped = *stop == ChainWalk::Stop::skipped;
    ErasureEnd end;
    end.how = ErasureEnd::How::skipped;
    end.reason = !skipped ? "the list of its `for` is empty"
                          : ports.redactor.redact(planned_words(task, *live.walk.step()->judgement,
                                                                live.walk.skip_reason()));
    end_erasure(task, std::move(end));
    return false;
  }
  if (*stop == ChainWalk::Stop::skipped) {
    see(task, Event::skipped, ports.redactor.redact(live.walk.skip_reason()));
    ++task.collection->outcome.skips[ports.redactor.redact(live.walk.skip_reason())];
    end_turn(task);
  } else {
    end_task(task);
  }
  return false;
}

/// The turn is over, by its last request or by a skip: the next element of a `for`, or the end.
void Engine::State::end_turn(Task& task) {
  Task::Live& live = *task.live;
  if (!live.walk.again()) return end_task(task);
  live.earlier.clear();
  live.now = {};
  submit(task, {});
}

/// What a `let` asked for is there.
void Engine::State::bind_answer(Task& task, std::string_view json) {
  Task::Live& live = *task.live;
  const ir::Step& step = *live.walk.step();
  if (json.size() > options.max_bound_body) {
    value::Failure failure;
    failure.kind = FailureKind::limit;
    failure.text = "the answer has " + std::to_string(json.size() >> 10U) +
                   " KiB, and a `let` keeps at most " +
                   std::to_string(options.max_bound_body >> 10U) +
                   " KiB; take what is needed of it with `rows` and `map`";
    failure.where = step.span;
    return fail_task(task, std::move(failure), "");
  }
  std::string members = ",\"step\":";
  value::append_json_string(step.name, members);
  members += ",\"request\":\"" + live.request_name + "\",\"bytes\":" + std::to_string(json.size());
  trace("bound", task.collection, members);
  live.resumed = false;
  live.earlier.push_back(live.request_name);
  see(task, Event::bound, json);
  live.walk.bind(json.empty() ? "null" : json);
  live.now = {};
  if (task.erasure != nullptr) told(task, erase::Sent::confirmed, 0, "", false, true);
  count_bound(task);
  submit(task, {});
}

/// Rows of a `let` wait in the task until all its pages are there.
Result<void> Engine::State::gather_rows(Task& task, const Page& got) {
  std::string& text = task.live->now.rows;
  for (std::size_t i = 0; i < got.rows.size(); ++i) {
    text += text.empty() ? '[' : ',';
    text += got.rows.row(i);
    if (text.size() > options.max_bound_body) {
      return fail(FailureKind::limit, "the rows of a `let` are larger than the " +
                                          std::to_string(options.max_bound_body >> 10U) +
                                          " KiB that it keeps");
    }
  }
  return {};
}

/// `until` doesn't hold yet: the same question later, or a failure once its time is up.
Result<void> Engine::State::ask_again(Task& task, const Answer& answer) {
  Task::Current& now = task.live->now;
  const ir::Until& until = *request_of(task).request->until;
  ++now.questions;
  task.live->resumed = false;  // the server knows the job
  value::Milliseconds wait(until.every_ms);
  const auto asked_for = retry_after_of(answer, ports.clock);
  if (asked_for && *asked_for > wait) wait = *asked_for;
  const value::TimePoint at = ports.clock.now() + wait;
  const auto passed = std::chrono::duration_cast<value::Milliseconds>(at - now.first_question);
  if (task.erasure != nullptr && !stopping) {
    told(task, erase::Sent::pending, answer.status, "", true);
    if (wait + passed > options.erasure_wait) {
      left_pending(task);
      return {};
    }
  }
  if (passed.count() > until.limit_ms) {
    value::Failure failure;
    failure.kind = FailureKind::rule;
    failure.text = "`until` still doesn't hold after " + duration_text(until.limit_ms) + " and " +
                   std::to_string(now.questions) +
                   (now.questions == 1 ? " question" : " questions");
    if (asked_for && asked_for->count() > until.every_ms) {
      failure.text += "; the server asks for a pause of " + duration_text(asked_for->count());
    }
    failure.where = until.span;
    failure.body_start = ports.redactor.body_start(answer.body);
    return fail(std::move(failure));
  }
  trace("poll", task.collection,
        ",\"request\":\"" + task.live->request_name + "\",\"wait_ms\":" +
            std::to_string(wait.count()) + ",\"questions\":" + std::to_string(now.questions));
  submit(task, at);
  return {};
}

/// New chains wait while those under way keep more than the bound.
void Engine::State::count_bound(Task& task) {
  Task::Live& live = *task.live;
  const std::size_t kept = live.walk.bytes();
  bound_bytes += kept - live.counted;
  live.counted = kept;
  scheduler.hold_opening(bound_bytes > options.max_bound_bytes);
}

}  // namespace fconn::run
