// Jobs that outlive a run: a chain that waits with `until` keeps what it has bound in the store,
// and another run of the same goes on from there (docs/long-jobs.md).
#include <algorithm>

#include "interpreter/run/state.hh"

namespace fconn::run {

using value::FailureKind;
using value::Result;

/// A request that waits stands behind one that may have made the job.
bool Engine::State::waits_for_job(const ReadRun& read) const {
  return ports.jobs != nullptr && read.read != nullptr &&
         std::any_of(read.requests.begin() + 1, read.requests.end(),
                     [](const RequestRun& request) { return request.request->until.has_value(); });
}

/// All that the job was made of: another connector, parameter or input makes another job.
store::JobKey Engine::State::job_key(Task& task) {
  InstanceRun& run = *task.collection->instance;
  if (run.job_origin.empty()) {
    run.job_origin = ir::dump(*run.connector);
    for (const value::Value& param : run.params) {
      value::append_json(param, run.job_origin);
      run.job_origin += '\n';
    }
    if (run.guard.send_to()) run.job_origin += http::to_string(*run.guard.send_to());
  }
  store::JobKey key;
  key.instance = run.instance.key;
  key.origin = task.collection->collection->name + '\n' + std::to_string(read_of(task).index) +
               '\n' + task.inputs + '\n';
  const IdentityChoice& choice = read_of(task).choices[task.choice];
  const auto add = [&key](const std::vector<value::Value>& identities) {
    for (const value::Value& identity : identities) {
      value::append_json(identity, key.origin);
      key.origin += '\n';
    }
  };
  add(choice.identities);
  for (const auto& alternative : choice.keep_identities) add(alternative);
  key.origin += run.job_origin;
  return key;
}

/// A new task goes on where an earlier run was stopped, if it was.
Result<void> Engine::State::resume_job(Task& task) {
  if (task.anew || !waits_for_job(read_of(task))) return {};
  Task::Live& live = *task.live;
  store::JobKey key = job_key(task);
  auto stored = ports.jobs->load_job(key);
  if (!stored) return value::fail(stored.error());
  if (!*stored) return {};
  const auto age = ports.clock.wall() - (*stored)->kept;
  if (age > options.max_job_age || !live.walk.resume((*stored)->value)) {
    return ports.jobs->forget_job(key);
  }
  live.job = std::move(key);
  live.resumed = true;
  live.now.stepped = true;
  ++task.collection->outcome.resumed;
  trace("resumed", task.collection,
        ",\"step\":" + std::to_string(live.walk.request()) +
            ",\"age_ms\":" + std::to_string(age.count()));
  return {};
}

/// Before the first question of an `until`.
Result<void> Engine::State::keep_job(Task& task) {
  Task::Live& live = *task.live;
  const bool waits = request_of(task).request->until.has_value() && live.walk.request() > 0;
  if (!waits || live.resumed || !waits_for_job(read_of(task))) return {};
  const std::string saved = live.walk.save();
  if (saved.empty()) return {};
  if (!live.job) live.job = job_key(task);
  return ports.jobs->save_job(*live.job, {saved, ports.clock.wall()});
}

/// The task ends. What it waited for is of use to another run only where this one was stopped, or
/// couldn't reach the server.
void Engine::State::leave_job(Task& task, bool keep) {
  if (!task.live || !task.live->job || keep || stopping) return;
  if (auto gone = ports.jobs->forget_job(*task.live->job); !gone) {
    trace("store", task.collection, ",\"text\":\"a job couldn't be forgotten\"");
  }
  task.live->job.reset();
}

/// A job of an earlier run that the server doesn't know any more, or that failed meanwhile: the
/// chain begins at its beginning. False: the failure isn't about that.
bool Engine::State::begin_anew(Task& task, const value::Failure& failure) {
  const bool about_job = failure.kind == FailureKind::status || failure.kind == FailureKind::rule ||
                         failure.kind == FailureKind::shape;
  if (!task.live || !task.live->resumed || !about_job || stopping) return false;
  leave_job(task, false);
  trace("anew", task.collection, "");
  bound_bytes -= task.live->counted;
  task.live.reset();
  task.anew = true;
  --task.collection->outcome.resumed;
  submit(task, {});
  return true;
}

}  // namespace fconn::run
