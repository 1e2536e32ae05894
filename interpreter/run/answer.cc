// Answers as they come in: from the wire, by way of redirects and retries, or shared. What one
// means is judge.cc's.
#include "interpreter/run/answer.hh"

#include <algorithm>

#include "interpreter/http/redirect.hh"
#include "interpreter/run/state.hh"
#include "interpreter/run/trace.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;

void Engine::State::answered(Exchange& exchange) {
  if (fetches.contains(exchange.task)) {
    in_flight.erase(exchange.task);
    return fetch_answered(exchange);
  }
  const auto found = tasks.find(exchange.task);
  FCONN_ASSERT(found != tasks.end(), "an exchange belongs to a task");
  Task& task = *found->second;
  in_flight.erase(task.id);
  const ir::Request& request = *request_of(task).request;
  scheduler.finished(lane_of(task));
  value::Outcome& outcome = task.collection->outcome;
  if (!exchange.held) {
    ++outcome.requests;
    ++requests;
  }
  outcome.bytes += exchange.received;
  bytes += exchange.received;
  if (!exchange.held && ports.trace != nullptr && ports.trace->enabled()) {
    trace("response", task.collection,
          ",\"request\":\"" + exchange.name + "\",\"status\":" + std::to_string(exchange.status) +
              ",\"bytes\":" + std::to_string(exchange.received) + timing_members(exchange.timing));
  }
  const std::string described = ports.redactor.describe(exchange.sent);
  const bool redirects = http::is_redirect(exchange.status, exchange.headers);
  task.live->now.doubtful = exchange.failure ? !exchange.unsent : leaves_open(exchange.status);
  if (exchange.failure) {
    value::Failure failure = *exchange.failure;
    if (failure.where == grammar::Span{}) failure.where = request.span;
    say_doubt(task, failure);
    const bool transient =
        failure.kind == FailureKind::network || failure.kind == FailureKind::timeout;
    // A body that ended early counts as transient too: the next try may bring all of it.
    const bool broken_off = failure.kind == FailureKind::protocol && !exchange.stream &&
                            exchange.status == 200 && exchange.received > 0;
    // What may have been done is done again only where that changes nothing.
    const bool once = task.erasure != nullptr && acts(task) && !repeatable(task);
    if (task.erasure != nullptr) task.erasure->unsent = exchange.unsent;
    if ((transient || broken_off) && !stopping && (!once || exchange.unsent)) {
      if (retry(task, task.live->now.attempts.size() - 1, network_retry_rule(), std::nullopt,
                failure.text)) {
        if (task.erasure != nullptr) {
          told(task, exchange.unsent ? erase::Sent::unsent : erase::Sent::unknown, 0, failure.text,
               true);
        }
        return;
      }
    }
    publish(task, nullptr, &failure);
    fail_task(task, std::move(failure), described);
    return;
  }
  if (task.erasure != nullptr) task.erasure->unsent = false;
  Answer answer;
  answer.status = exchange.status;
  answer.headers = &exchange.headers;
  answer.body = exchange.stream ? std::string_view() : exchange.whole();
  answer.stream = exchange.stream.get();
  answer.received = exchange.received;
  answer.request = described;
  answer.name = exchange.name;
  if (exchange.redirects > 0) answer.url = exchange.sent.url;
  see_answer(task, answer, &exchange, redirects);
  if (redirects && redirected(task, exchange)) return;
  judge(task, answer);
}

bool Engine::State::redirected(Task& task, Exchange& exchange) {
  const ir::Request& request = *request_of(task).request;
  const std::string& location = *http::find(exchange.headers, "Location");
  Result<http::Request> next =
      exchange.redirects >= http::max_redirects
          ? Result<http::Request>(
                fail(FailureKind::loop,
                     "more than " + std::to_string(http::max_redirects) + " redirects in a row"))
          : http::follow_redirect(exchange.sent, exchange.status, location,
                                  task.collection->instance->guard);
  if (!next) {
    value::Failure failure = next.error();
    failure.where = request.span;
    failure.status = exchange.status;
    say_doubt(task, failure);
    publish(task, nullptr, &failure);
    fail_task(task, std::move(failure), ports.redactor.describe(exchange.sent));
    return true;
  }
  task.live->now.redirect = *std::move(next);
  task.live->now.redirects = exchange.redirects + 1;
  if (task.erasure != nullptr)
    told(task, erase::Sent::refused, exchange.status, "redirected", true);
  submit(task, {});
  return true;
}

bool Engine::State::retry(Task& task, std::size_t rule_index, const ir::RetryRule& rule,
                          std::optional<value::Milliseconds> retry_after, const std::string& why) {
  if (task.live->now.doubtful && only_once(task)) return false;
  std::uint32_t& attempt = task.live->now.attempts[rule_index];
  const std::uint32_t most = std::min(rule.times, options.retries.value_or(rule.times));
  if (attempt >= most || (retry_after && *retry_after > max_retry_after)) return false;
  const value::Milliseconds wait = retry_wait(rule, attempt, retry_after, ports.random);
  ++attempt;
  ++task.collection->outcome.retries;
  const value::TimePoint at = ports.clock.now() + wait;
  if (retry_after) {
    scheduler.pause(lane_of(task), at);
  }
  if (ports.trace != nullptr && ports.trace->enabled()) {
    std::string members = ",\"request\":\"" + task.live->request_name +
                          "\",\"wait_ms\":" + std::to_string(wait.count()) + ",\"why\":";
    value::append_json_string(ports.redactor.redact(why), members);
    trace("retry", task.collection, members);
  }
  see(task, Event::retried, why + "; waits " + duration_text(wait.count()));
  submit(task, at);
  return true;
}

/// Hands the final answer of a shareable request to the tasks that wait for it, and keeps it.
void Engine::State::publish(Task& task, const Exchange* exchange, const value::Failure* failure) {
  if (!task.live || !task.live->now.owns) return;
  const std::uint64_t key = *task.live->now.owns;
  task.live->now.owns.reset();
  SharedAnswer& answer = *shared.at(key);
  answer.done = true;
  if (failure != nullptr) answer.failure = *failure;
  if (exchange != nullptr) {
    answer.status = exchange->status;
    answer.headers = exchange->headers;
    answer.body.assign(exchange->whole());
    answer.body.append(rows::padding, ' ');
    answer.request_name = exchange->name;
    if (exchange->redirects > 0) answer.url = exchange->sent.url;
    answer.transient = shared_bytes + answer.body.size() > options.max_shared_bytes;
    shared_bytes += answer.body.size();
  }
  for (const TicketId waiting : answer.waiting) served.emplace_back(waiting, key);
  answer.waiting.clear();
  if (answer.transient) spent.push_back(key);
}

/// Gives answers to the tasks that waited for them; then what is beyond the bound goes.
void Engine::State::serve_all() {
  while (!served.empty()) {
    const auto [task, key] = served.back();
    served.pop_back();
    const std::string request = shared.at(key)->request_name;
    serve(*tasks.at(task), *shared.at(key));
    tell([&](Observer& one) { one.judged(request); });
  }
  for (const std::uint64_t key : spent) {
    const auto found = shared.find(key);
    if (found == shared.end()) continue;
    shared_bytes -= found->second->body.size();
    shared.erase(found);
  }
  spent.clear();
}

void Engine::State::serve(Task& task, SharedAnswer& shared_answer) {
  if (shared_answer.failure) {
    fail_task(task, *shared_answer.failure, "");
    return;
  }
  task.live->request_name = shared_answer.request_name;
  Answer answer;
  answer.status = shared_answer.status;
  answer.headers = &shared_answer.headers;
  answer.body =
      std::string_view(shared_answer.body).substr(0, shared_answer.body.size() - rows::padding);
  answer.name = shared_answer.request_name;
  answer.url = shared_answer.url;
  answer.retried = shared_answer.retried;
  answer.request = "the answer of " + shared_answer.request_name;
  see_answer(task, answer, nullptr, false);
  judge(task, answer);
}

}  // namespace fconn::run
