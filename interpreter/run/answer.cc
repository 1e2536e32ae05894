// What an answer means, judged in the order of language.md "Requests": retry, skip, status, fail,
// then rows; and what comes after it.
#include "interpreter/run/answer.hh"

#include <xxhash.h>

#include <algorithm>

#include "interpreter/http/redirect.hh"
#include "interpreter/run/state.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;
using value::Value;

namespace {

bool is_redirect(const Exchange& exchange) {
  return (exchange.status == 301 || exchange.status == 302 || exchange.status == 303 ||
          exchange.status == 307 || exchange.status == 308) &&
         http::find(exchange.headers, "Location") != nullptr;
}

value::Failure status_failure(const Answer& answer, const ir::Request& request,
                              const http::Redactor& redactor) {
  value::Failure failure;
  const bool refused = answer.status == 401 || answer.status == 403;
  failure.kind = refused ? FailureKind::authentication : FailureKind::status;
  failure.status = answer.status;
  failure.text = "the server answered " + std::to_string(answer.status);
  if (answer.status == 401) failure.text += " (not authenticated)";
  if (answer.status == 403) failure.text += " (not allowed)";
  if (answer.status == 404) failure.text += " (not found); `skip on 404` would accept that";
  if (answer.status == 429) failure.text += " (too many requests), also after the retries";
  failure.where = request.span;
  failure.body_start = redactor.body_start(answer.body);
  return failure;
}

}  // namespace

Result<std::string> judgement_text(const ir::Judgement& judgement, const std::string& otherwise,
                                   eval::Evaluator& evaluator, eval::Environment& env,
                                   value::Arena& arena) {
  if (!judgement.reason) return otherwise;
  auto said = evaluator.evaluate(*judgement.reason, env, arena);
  if (!said) return fail(said.error());
  auto text = eval::text_of(*said, arena);
  if (!text) return fail(text.error());
  return std::string(*text);
}

Result<bool> condition_holds(const ir::Condition& condition, int status, eval::Evaluator& evaluator,
                             eval::Environment& env, value::Arena& arena) {
  if (covers(condition, status)) return true;
  if (!condition.when) return false;
  return evaluator.test(*condition.when, env, arena);
}

Result<ir::RetryRule> timed(const ir::RetryRule& rule, eval::Evaluator& evaluator,
                            eval::Environment& env, value::Arena& arena) {
  ir::RetryRule result = rule;
  if (!rule.every) return result;
  auto every = evaluator.evaluate(*rule.every, env, arena);
  if (!every) return fail(every.error());
  if (every->kind != value::Kind::duration || every->integer < 0) {
    return fail(FailureKind::shape, "`every` must be a duration", rule.every->span);
  }
  result.every_ms = every->integer;
  return result;
}

std::optional<value::Milliseconds> retry_after_of(const Answer& answer, value::Clock& clock) {
  const std::string* field = http::find(*answer.headers, "Retry-After");
  if (field == nullptr) return std::nullopt;
  return http::parse_retry_after(*field, clock.wall());
}

void Engine::State::answered(Exchange& exchange) {
  if (fetches.contains(exchange.task)) {
    in_flight.erase(exchange.task);
    return fetch_answered(exchange);
  }
  const auto found = tasks.find(exchange.task);
  FCONN_ASSERT(found != tasks.end(), "an exchange belongs to a task");
  Task& task = *found->second;
  in_flight.erase(task.id);
  const ReadRun& read = read_of(task);
  scheduler.finished(task.collection->instance->lanes[read.chain->request->client.value]);
  value::Outcome& outcome = task.collection->outcome;
  ++outcome.requests;
  ++requests;
  outcome.bytes += exchange.received;
  bytes += exchange.received;
  if (ports.trace != nullptr && ports.trace->enabled()) {
    trace("response", task.collection,
          ",\"request\":\"" + exchange.name + "\",\"status\":" + std::to_string(exchange.status) +
              ",\"bytes\":" + std::to_string(exchange.received) +
              ",\"ms\":" + std::to_string(exchange.timing.total.count()));
  }
  const std::string described = ports.redactor.describe(exchange.sent);
  if (exchange.failure) {
    value::Failure failure = *exchange.failure;
    if (failure.where == grammar::Span{}) failure.where = read.chain->request->span;
    const bool transient =
        failure.kind == FailureKind::network || failure.kind == FailureKind::timeout;
    // A body that ended early counts as transient too: the next try may bring all of it.
    const bool broken_off = failure.kind == FailureKind::protocol && !exchange.stream &&
                            exchange.status == 200 && exchange.received > 0;
    if ((transient || broken_off) && !stopping) {
      if (retry(task, task.live->attempts.size() - 1, network_retry_rule(), std::nullopt,
                failure.text)) {
        return;
      }
    }
    publish(task, nullptr, &failure);
    fail_task(task, std::move(failure), described);
    return;
  }
  if (is_redirect(exchange) && redirected(task, exchange)) return;
  Answer answer;
  answer.status = exchange.status;
  answer.headers = &exchange.headers;
  answer.body = exchange.stream ? std::string_view() : exchange.whole();
  answer.stream = exchange.stream.get();
  answer.received = exchange.received;
  answer.request = described;
  answer.name = exchange.name;
  judge(task, answer);
}

bool Engine::State::redirected(Task& task, Exchange& exchange) {
  const ir::Request& request = *read_of(task).chain->request;
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
    publish(task, nullptr, &failure);
    fail_task(task, std::move(failure), ports.redactor.describe(exchange.sent));
    return true;
  }
  task.live->redirect = *std::move(next);
  task.live->redirects = exchange.redirects + 1;
  submit(task, {});
  return true;
}

bool Engine::State::retry(Task& task, std::size_t rule_index, const ir::RetryRule& rule,
                          std::optional<value::Milliseconds> retry_after, const std::string& why) {
  std::uint32_t& attempt = task.live->attempts[rule_index];
  const std::uint32_t most = std::min(rule.times, options.retries.value_or(rule.times));
  if (attempt >= most || (retry_after && *retry_after > max_retry_after)) return false;
  const value::Milliseconds wait = retry_wait(rule, attempt, retry_after, ports.random);
  ++attempt;
  ++task.collection->outcome.retries;
  const value::TimePoint at = ports.clock.now() + wait;
  if (retry_after) {
    const ReadRun& read = read_of(task);
    scheduler.pause(task.collection->instance->lanes[read.chain->request->client.value], at);
  }
  if (ports.trace != nullptr && ports.trace->enabled()) {
    std::string members = ",\"request\":\"" + task.live->request_name +
                          "\",\"wait_ms\":" + std::to_string(wait.count()) + ",\"why\":";
    value::append_json_string(ports.redactor.redact(why), members);
    trace("retry", task.collection, members);
  }
  submit(task, at);
  return true;
}

/// Hands the final answer of a shareable request to the tasks that wait for it, and keeps it.
void Engine::State::publish(Task& task, const Exchange* exchange, const value::Failure* failure) {
  if (!task.live || !task.live->owns) return;
  const std::uint64_t key = *task.live->owns;
  task.live->owns.reset();
  SharedAnswer& answer = *shared.at(key);
  answer.done = true;
  if (failure != nullptr) answer.failure = *failure;
  if (exchange != nullptr) {
    answer.status = exchange->status;
    answer.headers = exchange->headers;
    answer.body.assign(exchange->whole());
    answer.body.append(rows::padding, ' ');
    answer.request_name = exchange->name;
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
    serve(*tasks.at(task), *shared.at(key));
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
  Answer answer;
  answer.status = shared_answer.status;
  answer.headers = &shared_answer.headers;
  answer.body =
      std::string_view(shared_answer.body).substr(0, shared_answer.body.size() - rows::padding);
  answer.name = shared_answer.request_name;
  answer.request = "the answer of " + shared_answer.request_name;
  judge(task, answer);
}

/// Reads cells and, of a good answer, rows into `page`; remembers why it couldn't.
void Engine::State::take_rows(Task& task, Answer& answer, eval::Environment& env) {
  ReadRun& read = read_of(task);
  const ir::Request& request = *read.chain->request;
  const bool good = answer.status >= 200 && answer.status < 300;
  const auto cells_missing = [&] {
    answer.envelope.body_cells.assign(read.cells_only->projection().body_cells.size(), {});
  };
  if (answer.stream != nullptr) {
    auto finished = answer.stream->reader->finish();
    if (finished) {
      answer.envelope = *std::move(finished);
      answer.rows_read = true;
    } else {
      answer.unreadable = finished.error();
      cells_missing();
    }
    return;
  }
  auto body = json_body(request, answer, body_storage);
  if (!body) {
    cells_missing();
    if (good) answer.unreadable = body.error();
    return;
  }
  if (good && request.rows_path) {
    page.clear();
    read.pipeline->begin(env, read.choices[task.choice].keep_identities, task.live->taken, page);
    const std::uint64_t taken = task.live->taken;
    auto envelope = reader.read(*body, *read.full, *read.pipeline);
    if (envelope) {
      answer.envelope = *std::move(envelope);
      answer.page = &page;
      answer.rows_read = true;
      return;
    }
    task.live->taken = taken;
    answer.unreadable = envelope.error();
  }
  NoRows none;
  auto cells = reader.read(*body, *read.cells_only, none);
  if (cells) {
    answer.envelope = *std::move(cells);
    return;
  }
  cells_missing();
  if (good && !answer.unreadable) answer.unreadable = cells.error();
}

namespace {

/// Explains an unreadable body with what the server says it is.
value::Failure explain(value::Failure failure, const Answer& answer, const ir::Request& request,
                       const http::Redactor& redactor) {
  if (failure.where == grammar::Span{}) failure.where = request.span;
  if (failure.kind == FailureKind::protocol && failure.body_start.empty()) {
    const std::string* type = http::find(*answer.headers, "Content-Type");
    if (type != nullptr && type->find("json") == std::string::npos) {
      failure.text += "; the server calls it " + redactor.redact(*type);
    }
    failure.body_start = redactor.body_start(answer.body);
    failure.status = answer.status;
  }
  return failure;
}

std::uint64_t rows_signature(const Answer& answer) {
  if (answer.stream != nullptr || answer.envelope.rows == 0) return 0;
  const char* begin = answer.envelope.first_row.data();
  const char* end = answer.envelope.last_row.data() + answer.envelope.last_row.size();
  return begin < end ? XXH3_64bits(begin, static_cast<std::size_t>(end - begin)) : 0;
}

}  // namespace

void Engine::State::judge(Task& task, Answer& answer) {
  ReadRun& read = read_of(task);
  const ir::Request& request = *read.chain->request;
  CollectionRun& collection = *task.collection;
  eval::Evaluator& evaluator = *collection.instance->evaluator;
  page_arena.reset();
  eval::Environment env = environment(task);
  env.status = answer.status;
  if (read.needs.headers) env.headers = headers_value(*answer.headers, page_arena);
  if (read.needs.links) env.links = links_value(*answer.headers, page_arena);
  eval::RequestView view;
  if (read.needs.request) {
    view = request_view(task.live->draft, page_arena);
    env.request = &view;
  }
  const auto failed = [&](value::Failure failure) {
    if (failure.where == grammar::Span{}) failure.where = request.span;
    if (failure.status == 0) failure.status = answer.status;
    fail_task(task, std::move(failure), answer.request);
  };

  take_rows(task, answer, env);
  env.body_cells = answer.envelope.body_cells;

  // credentials
  if (answer.status == 401) {
    auto renewed = renew_credentials(task, answer, env);
    if (!renewed) return publish(task, nullptr, &renewed.error()), failed(renewed.error());
    if (*renewed) return;
  } else {
    task.renewed = false;
  }
  // retry
  for (std::size_t i = 0; i < request.retries.size(); ++i) {
    auto again =
        condition_holds(request.retries[i].condition, answer.status, evaluator, env, page_arena);
    if (!again) return publish(task, nullptr, &again.error()), failed(again.error());
    if (!*again) continue;
    auto timed_rule = timed(request.retries[i], evaluator, env, page_arena);
    if (!timed_rule) {
      return publish(task, nullptr, &timed_rule.error()), failed(timed_rule.error());
    }
    const ir::RetryRule& rule = *timed_rule;
    const auto wait = retry_after_of(answer, ports.clock);
    if (!stopping && retry(task, i, rule, wait, "status " + std::to_string(answer.status))) return;
    if (wait && *wait > max_retry_after) {
      value::Failure failure = status_failure(answer, request, ports.redactor);
      failure.text += "; it asks for a pause of " + std::to_string(wait->count() / 1000) +
                      " s, which is longer than this run waits";
      failure.retry_after = wait;
      publish(task, nullptr, &failure);
      return failed(std::move(failure));
    }
    if (answer.status < 400) {
      auto failure = value::Failure{};
      failure.kind = FailureKind::rule;
      failure.text = "the answer still asks to be tried again after all retries";
      failure.where = rule.span;
      failure.body_start = ports.redactor.body_start(answer.body);
      publish(task, nullptr, &failure);
      return failed(std::move(failure));
    }
    break;
  }
  std::fill(task.live->attempts.begin(), task.live->attempts.end(), 0U);
  if (task.live->owns) {
    // The owner's exchange is still in place; others judge the same bytes by their own clauses.
    const auto mine = std::find_if(exchanges.begin(), exchanges.end(), [&](const auto& exchange) {
      return exchange->task == task.id && exchange->name == answer.name;
    });
    publish(task, mine == exchanges.end() ? nullptr : mine->get(), nullptr);
  }

  // skip
  for (const ir::Judgement& skip : request.skips) {
    auto skipped = condition_holds(skip.condition, answer.status, evaluator, env, page_arena);
    if (!skipped) return failed(skipped.error());
    if (!*skipped) continue;
    auto reason =
        judgement_text(skip, "status " + std::to_string(answer.status), evaluator, env, page_arena);
    if (!reason) return failed(reason.error());
    ++collection.outcome.skips[ports.redactor.redact(*reason)];
    return end_task(task);
  }
  // status
  if (answer.status < 200 || answer.status >= 300) {
    return failed(status_failure(answer, request, ports.redactor));
  }
  // fail
  for (const ir::Judgement& rule : request.fails) {
    auto fails = condition_holds(rule.condition, answer.status, evaluator, env, page_arena);
    if (!fails) return failed(fails.error());
    if (!*fails) continue;
    auto reason =
        judgement_text(rule, "a `fail` clause of the connector holds", evaluator, env, page_arena);
    if (!reason) return failed(reason.error());
    value::Failure failure;
    failure.kind = FailureKind::rule;
    failure.text = ports.redactor.redact(*reason);
    failure.where = rule.span;
    failure.body_start = ports.redactor.body_start(answer.body);
    return failed(std::move(failure));
  }
  // rows
  if (answer.unreadable) {
    return failed(explain(*answer.unreadable, answer, request, ports.redactor));
  }
  accept(task, answer, env);
}

/// The answer is good: its rows count now, and the chain goes on to the next page.
void Engine::State::accept(Task& task, Answer& answer, eval::Environment& env) {
  ReadRun& read = read_of(task);
  const ir::Request& request = *read.chain->request;
  CollectionRun& collection = *task.collection;
  eval::Evaluator& evaluator = *collection.instance->evaluator;
  const auto failed = [&](value::Failure failure) {
    if (failure.where == grammar::Span{}) failure.where = request.span;
    fail_task(task, std::move(failure), answer.request);
  };
  std::string elements;
  const RowPipeline* pipeline = answer.stream ? answer.stream->pipeline.get() : read.pipeline.get();
  if (request.rows && !request.rows_path) {
    auto computed = evaluator.evaluate(*request.rows, env, page_arena);
    if (!computed) return failed(computed.error());
    value::append_json(*computed, elements);
    const std::size_t size = elements.size();
    elements.append(rows::padding, ' ');
    page.clear();
    read.pipeline->begin(env, read.choices[task.choice].keep_identities, task.live->taken, page);
    auto cells = std::move(answer.envelope.body_cells);
    auto envelope =
        reader.read(std::string_view(elements).substr(0, size), *read.elements, *read.pipeline);
    if (!envelope) return failed(envelope.error());
    answer.envelope = *std::move(envelope);
    answer.envelope.body_cells = std::move(cells);
    answer.page = &page;
    env.body_cells = answer.envelope.body_cells;
    if (read.needs.rows_all) env.rows_all = *computed;
  } else if (read.needs.rows_all && request.rows_path) {
    const std::string_view all = answer.envelope.body_cells[read.rows_cell];
    if (all.data() != nullptr) env.rows_all = Value::raw(all);
  }
  env.rows_count = answer.envelope.rows;
  env.rows_first = answer.envelope.first_row;
  env.rows_last = answer.envelope.last_row;

  bool more = false;
  std::optional<value::Failure> trouble;
  const bool cut = pipeline != nullptr && pipeline->cut();
  if (!task.live->guard.page(rows_signature(answer), answer.envelope.rows)) {
    trouble = value::Failure{};
    trouble->kind = FailureKind::loop;
    trouble->text = "pagination loop: page " + std::to_string(task.live->page + 1) +
                    " holds exactly the rows of the page before it";
    trouble->where = request.pagination ? request.pagination->span : request.span;
  } else if (request.pagination && !cut) {
    auto next = next_page(*request.pagination, task.live->draft, evaluator, env, page_arena,
                          collection.instance->guard);
    if (next) {
      more = *next;
    } else {
      trouble = next.error();
    }
  }
  // The rows of this page are good whatever comes of the next one, unless they repeat.
  if (!trouble || trouble->kind != FailureKind::loop) {
    if (auto committed = commit_answer(task, answer); !committed) return failed(committed.error());
  }
  if (trouble) return failed(*std::move(trouble));
  if (cut) cap_collection(collection, "`take` of the connector");
  if (!more) return end_task(task);
  if (++task.live->page >= options.max_pages) {
    cap_collection(collection, "limit of " + std::to_string(options.max_pages) + " pages");
    return end_task(task);
  }
  task.live->admitted = false;
  submit(task, {});
}

Result<void> Engine::State::commit_answer(Task& task, Answer& answer) {
  CollectionRun& collection = *task.collection;
  if (answer.stream != nullptr) {
    auto released = answer.stream->staging.release(
        [&](Page& staged) { return commit(collection, staged, &task); });
    if (!released) return released;
    return commit(collection, answer.stream->page, &task);
  }
  if (answer.page == nullptr) return {};
  return commit(collection, *answer.page, &task);
}

}  // namespace fconn::run
