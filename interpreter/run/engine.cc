// The loop: performs what scheduler, judgement and pagination decide.
#include "interpreter/run/engine.hh"

#include <algorithm>

#include "interpreter/run/state.hh"
#include "interpreter/store/memory_store.hh"

namespace fconn::run {

using value::FailureKind;

Engine::State::State(Options engine_options, Ports engine_ports)
    : options(std::move(engine_options)),
      ports(std::move(engine_ports)),
      own_tokens(ports.tokens == nullptr ? store::make_memory_store() : nullptr),
      tokens(ports.tokens == nullptr ? own_tokens.get() : ports.tokens),
      pace(ports.pace == nullptr ? &own_pace : ports.pace),
      scheduler(Scheduler::Limits{options.max_parallel, 4096}),
      seed(ports.random.next()) {}

void Engine::State::trace(std::string_view event, const CollectionRun* collection,
                          std::string_view members) {
  if (ports.trace == nullptr || !ports.trace->enabled()) return;
  const auto at =
      std::chrono::duration_cast<value::Milliseconds>(ports.clock.now() - started).count();
  std::string line = "{\"ms\":" + std::to_string(at) + ",\"event\":\"" + std::string(event) + "\"";
  if (collection != nullptr) {
    line += ",\"instance\":";
    value::append_json_string(collection->instance->instance.key, line);
    line += ",\"collection\":";
    value::append_json_string(collection->collection->name, line);
  }
  line.append(members).append("}");
  ports.trace->event(line);
}

void Engine::State::report_progress(bool force) {
  if (!ports.progress) return;
  const value::TimePoint now = ports.clock.now();
  if (!force && now < next_progress) return;
  next_progress = now + value::Milliseconds(100);
  Progress progress;
  progress.requests = requests;
  progress.in_flight = scheduler.running();
  progress.rows = rows;
  progress.bytes = bytes;
  for (const auto& instance : instances) {
    for (const auto& collection : instance->collections) {
      if (!collection->runs) continue;
      ++progress.collections;
      if (collection->finished) ++progress.collections_done;
    }
  }
  ports.progress(progress);
}

/// ^C or a sink that can't write: nothing new starts, what runs is cancelled, what is complete
/// stays.
void Engine::State::stop() {
  stopping = true;
  value::Failure cancelled;
  cancelled.kind = FailureKind::cancelled;
  cancelled.text = "interrupted before it was complete";
  for (const auto& [task, exchange] : in_flight) {
    // An erasure that has left is waited for: whether it was done is worth knowing.
    const auto found_task = tasks.find(task);
    const bool acting = found_task != tasks.end() && found_task->second->erasure != nullptr &&
                        found_task->second->erasure->in_flight;
    if (!acting) ports.transport.cancel(exchange->sent.id);
  }
  for (const Ticket& ticket : scheduler.drain()) {
    if (const auto fetch = fetches.find(ticket.id); fetch != fetches.end()) {
      fail_fetch(ticket.id, *fetch->second, cancelled);
      continue;
    }
    Task& task = *tasks.at(ticket.id);
    if (task.erasure != nullptr) {
      fail_erasure(task, halted ? *halted : cancelled);
      continue;
    }
    fail_collection(*task.collection, cancelled, "", true);
    end_task(task);
  }
  for (auto& [key, answer] : shared) {
    for (const TicketId waiting : answer->waiting) {
      Task& task = *tasks.at(waiting);
      fail_collection(*task.collection, cancelled, "", true);
      end_task(task);
    }
    answer->waiting.clear();
  }
}

RunSummary Engine::State::run() {
  started = ports.clock.now();
  writer =
      std::make_unique<Writer>(ports.sink, options.queue_bytes, [this] { ports.transport.wake(); });
  prepare();
  trace_start();
  if (options.login_only) {
    for (auto& instance : instances) {
      for (auto& auth : instance->auths) fetch_next(*auth);
    }
  }
  begin_sources();
  settle();
  loop();
  settle();
  write_all_pending();
  report_progress(true);
  if (auto closed = writer->close(); !closed) {
    lose_rows(closed.error());
    messages.push_back({"", "", closed.error(), ""});
    stopping = stopping && interrupted;
  }
  if (interrupted) stopping = true;
  return summarize();
}

/// Until nothing is left to be sent or waited for.
void Engine::State::loop() {
  constexpr value::Milliseconds longest_wait{1000};
  while (!tasks.empty() || !fetches.empty()) {
    if (!stopping && (interrupted || halted || writer->failed())) stop();
    if (!stopping && !halted) postpone();
    value::TimePoint now = ports.clock.now();
    if (!stopping && !writer->full()) {
      while (!halted) {
        const auto ticket = scheduler.next(now);
        if (!ticket) break;
        start_task(*ticket);
      }
    }
    serve_all();
    settle();
    if (tasks.empty() && fetches.empty()) break;
    if (stopping && in_flight.empty() && completed.empty()) {
      stop();  // what a last answer submitted
      settle();
      continue;
    }
    if (completed.empty()) {
      now = ports.clock.now();
      value::TimePoint until = now + longest_wait;
      if (const auto wake = scheduler.wake_at(now); wake && !writer->full()) {
        until = std::min(until, *wake);
      }
      if (flush_at) until = std::min(until, *flush_at);
      ports.transport.wait(until);
    }
    std::vector<Exchange*> done;
    std::swap(done, completed);
    for (Exchange* exchange : done) {
      answered(*exchange);
      tell([&](Observer& one) { one.judged(exchange->name); });
      const auto found =
          std::find_if(exchanges.begin(), exchanges.end(),
                       [exchange](const auto& item) { return item.get() == exchange; });
      exchange->stream.reset();
      idle.push_back(std::move(*found));
      exchanges.erase(found);
    }
    if (flush_at && ports.clock.now() >= *flush_at) write_all_pending();
    report_progress(false);
    // The end of a collection may send its children their last batch.
    if (tasks.empty() && fetches.empty()) settle();
  }
}

Engine::Engine(Options options, Ports ports)
    : state_(std::make_unique<State>(std::move(options), std::move(ports))) {}
Engine::~Engine() = default;

void Engine::add(Instance instance) { state_->add(std::move(instance)); }
RunSummary Engine::run() { return state_->run(); }

void Engine::interrupt() noexcept {
  state_->interrupted = true;
  state_->ports.transport.wake();
}

}  // namespace fconn::run
