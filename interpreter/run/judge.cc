// What an answer means, judged in the order of language.md "Requests": retry, skip, status, fail,
// until, then rows; and what comes after it.
#include <xxhash.h>

#include <algorithm>

#include "interpreter/ir/dump_expr.hh"
#include "interpreter/run/answer.hh"
#include "interpreter/run/message.hh"
#include "interpreter/run/state.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;
using value::Value;

namespace {

/// Values of a private URL's query that are hidden; shorter ones are counts and names.
constexpr std::size_t shortest_signature = 8;

/// `stranger`: another origin than the client's, which got no credentials to refuse.
value::Failure status_failure(const Answer& answer, const ir::Request& request, bool stranger,
                              const http::Redactor& redactor) {
  value::Failure failure;
  const bool refused = !stranger && (answer.status == 401 || answer.status == 403);
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
  return message_text(*said, arena);
}

Result<bool> condition_holds(const ir::Condition& condition, grammar::Span clause, int status,
                             eval::Evaluator& evaluator, eval::Environment& env,
                             value::Arena& arena) {
  if (covers(condition, status)) {
    evaluator.made(clause, true);
    return true;
  }
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

/// Reads cells and, of a good answer, rows into `page`; remembers why it couldn't.
void Engine::State::take_rows(Task& task, Answer& answer, eval::Environment& env) {
  RequestRun& site = request_of(task);
  const ir::Request& request = *site.request;
  const bool good = answer.status >= 200 && answer.status < 300;
  const auto cells_missing = [&] {
    answer.envelope.body_cells.assign(site.cells_only->projection().body_cells.size(), {});
  };
  if (answer.stream != nullptr) {
    auto finished = answer.stream->finish();
    if (finished) {
      answer.envelope = *std::move(finished);
      answer.rows_read = true;
      task.live->now.taken = answer.stream->taken;
    } else {
      answer.unreadable = finished.error();
      cells_missing();
    }
    return;
  }
  auto body = json_body(request, answer, body_storage);
  if (body && body->empty() && site.step != nullptr && !site.has_rows()) {
    body_storage = "null" + std::string(rows::padding, ' ');
    body = std::string_view(body_storage).substr(0, 4);
  }
  if (!body) {
    cells_missing();
    if (good) answer.unreadable = body.error();
    return;
  }
  const bool rowless = task.erasure != nullptr && site.step == nullptr;
  if (good && request.rows_path && !rowless) {
    page.clear();
    site.pipeline->watch(row_watch(task));
    site.pipeline->begin(env, read_of(task).choices[task.choice].keep_identities,
                         task.live->now.taken, page);
    const std::uint64_t taken = task.live->now.taken;
    auto envelope = reader.read(*body, *site.full, *site.pipeline);
    if (envelope) {
      answer.envelope = *std::move(envelope);
      answer.page = &page;
      answer.rows_read = true;
      return;
    }
    task.live->now.taken = taken;
    answer.unreadable = envelope.error();
  }
  NoRows none;
  auto cells = reader.read(*body, *site.cells_only, none);
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

bool reads_body(const ir::Expr& expr) {
  return expr.op == ir::Op::body_cell ||
         std::any_of(expr.kids.begin(), expr.kids.end(), reads_body);
}

std::uint64_t rows_signature(const Answer& answer) {
  if (answer.envelope.rows == 0) return 0;
  if (answer.stream != nullptr) return answer.stream->pipeline->signature();
  const char* begin = answer.envelope.first_row.data();
  const char* end = answer.envelope.last_row.data() + answer.envelope.last_row.size();
  return begin < end ? XXH3_64bits(begin, static_cast<std::size_t>(end - begin)) : 0;
}

}  // namespace

bool blind(const ir::Condition& condition, const Answer& answer) {
  const bool empty = answer.stream == nullptr && answer.body.empty();
  return answer.unreadable && !empty && !covers(condition, answer.status) && condition.when &&
         reads_body(*condition.when);
}

std::string duration_text(std::int64_t milliseconds) {
  const std::int64_t seconds = milliseconds / 1000;
  if (milliseconds % 1000 != 0) return std::to_string(milliseconds) + " ms";
  if (seconds > 0 && seconds % 3600 == 0) return std::to_string(seconds / 3600) + " h";
  if (seconds > 0 && seconds % 60 == 0) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds) + " s";
}

void Engine::State::judge(Task& task, Answer& answer) {
  const RequestRun& site = request_of(task);
  const ir::Request& request = *site.request;
  CollectionRun& collection = *task.collection;
  eval::Evaluator& evaluator = *collection.instance->evaluator;
  page_arena.reset();
  eval::Environment env = environment(task);
  env.status = answer.status;
  if (site.needs.headers) env.headers = headers_value(*answer.headers, page_arena);
  if (site.needs.links) env.links = links_value(*answer.headers, page_arena);
  eval::RequestView view;
  if (site.needs.request) {
    view = request_view(task.live->now.draft, page_arena);
    env.request = &view;
  }
  const auto failed = [&](value::Failure failure) {
    if (failure.where == grammar::Span{}) failure.where = request.span;
    if (failure.status == 0) failure.status = answer.status;
    fail_task(task, std::move(failure), answer.request);
  };

  const bool stranger = !task.live->now.at_home;
  const std::uint64_t taken = task.live->now.taken;
  const auto untaken = [&] { task.live->now.taken = taken; };
  take_rows(task, answer, env);
  env.body_cells = answer.envelope.body_cells;

  if (task.live->now.draft.private_url && answer.status >= 300) {
    // Such services quote the signature that they refuse.
    for (const auto& [name, text] : task.live->now.draft.query) {
      if (text.size() >= shortest_signature) ports.redactor.add(text);
    }
  }
  // credentials
  if (answer.status == 401 && !stranger) {
    auto renewed = renew_credentials(task, answer, env);
    if (!renewed) return publish(task, nullptr, &renewed.error()), failed(renewed.error());
    if (*renewed) {
      see(task, Event::renewed, "");
      if (task.erasure != nullptr) told(task, erase::Sent::refused, answer.status, "", true);
      return untaken();
    }
  } else {
    task.renewed = false;
  }
  // retry
  for (std::size_t i = 0; i < request.retries.size(); ++i) {
    auto again = condition_holds(request.retries[i].condition, request.retries[i].span,
                                 answer.status, evaluator, env, page_arena);
    if (!again) return publish(task, nullptr, &again.error()), failed(again.error());
    see(task, Clause::Kind::retry, request.retries[i].condition, request.retries[i].span, *again,
        "", env);
    if (!*again) continue;
    auto timed_rule = timed(request.retries[i], evaluator, env, page_arena);
    if (!timed_rule) {
      return publish(task, nullptr, &timed_rule.error()), failed(timed_rule.error());
    }
    const ir::RetryRule& rule = *timed_rule;
    untaken();
    const auto wait = retry_after_of(answer, ports.clock);
    const bool open = leaves_open(answer.status);
    const bool once = task.erasure != nullptr && acts(task) && !repeatable(task);
    const bool once_more = !stopping && !answer.retried && (!once || !open);
    if (once_more && retry(task, i, rule, wait, "status " + std::to_string(answer.status))) {
      if (task.erasure != nullptr) {
        told(task, open ? erase::Sent::unknown : erase::Sent::refused, answer.status, "", true);
      }
      return;
    }
    if (wait && *wait > max_retry_after) {
      value::Failure failure = status_failure(answer, request, stranger, ports.redactor);
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
    if (task.live->now.owns) shared.at(*task.live->now.owns)->retried = true;
    break;
  }
  std::vector<std::uint32_t>& attempts = task.live->now.attempts;
  std::fill(attempts.begin(), attempts.end(), 0U);
  if (task.live->now.owns) {
    // The owner's exchange is still in place; others judge the same bytes by their own clauses.
    const auto mine = std::find_if(exchanges.begin(), exchanges.end(), [&](const auto& exchange) {
      return exchange->task == task.id && exchange->name == answer.name;
    });
    publish(task, mine == exchanges.end() ? nullptr : mine->get(), nullptr);
  }

  if (gone_already(task, answer.status)) return;

  // skip
  for (const ir::Judgement& skip : request.skips) {
    auto skipped =
        condition_holds(skip.condition, skip.span, answer.status, evaluator, env, page_arena);
    if (!skipped) return failed(skipped.error());
    if (!*skipped) {
      see(task, Clause::Kind::skip, skip.condition, skip.span, false, "", env);
      continue;
    }
    if (blind(skip.condition, answer) && answer.status >= 200 && answer.status < 300) {
      return failed(explain(*answer.unreadable, answer, request, ports.redactor));
    }
    auto reason =
        judgement_text(skip, "status " + std::to_string(answer.status), evaluator, env, page_arena);
    if (!reason) return failed(reason.error());
    *reason = planned_words(task, skip, *reason);
    see(task, Clause::Kind::skip, skip.condition, skip.span, true, *reason, env);
    see(task, Event::skipped, ports.redactor.redact(*reason));
    if (task.erasure != nullptr) {
      ErasureEnd end;
      end.how = ErasureEnd::How::skipped;
      end.reason = ports.redactor.redact(*reason);
      told(task, erase::Sent::skipped, answer.status, *reason);
      return end_erasure(task, std::move(end));
    }
    ++collection.outcome.skips[ports.redactor.redact(*reason)];
    return end_turn(task);
  }
  // status
  if (answer.status < 200 || answer.status >= 300) {
    value::Failure failure = status_failure(answer, request, stranger, ports.redactor);
    say_doubt(task, failure);
    return failed(std::move(failure));
  }
  // fail
  for (const ir::Judgement& rule : request.fails) {
    auto fails =
        condition_holds(rule.condition, rule.span, answer.status, evaluator, env, page_arena);
    if (!fails) return failed(fails.error());
    see(task, Clause::Kind::fail, rule.condition, rule.span, *fails, "", env);
    if (!*fails) continue;
    auto reason =
        judgement_text(rule, "a `fail` clause of the connector holds", evaluator, env, page_arena);
    if (!reason) return failed(reason.error());
    value::Failure failure;
    failure.kind = FailureKind::rule;
    failure.text = ports.redactor.redact(planned_words(task, rule, *std::move(reason)));
    failure.where = rule.span;
    failure.body_start = ports.redactor.body_start(answer.body);
    return failed(std::move(failure));
  }
  // until
  if (request.until) {
    auto done = evaluator.test(request.until->condition, env, page_arena);
    if (!done) return failed(done.error());
    see(task, {Clause::Kind::until, request.until->span, &request.until->condition, *done}, env);
    if (!*done) {
      see(task, Event::waits, "");
      untaken();
      if (auto again = ask_again(task, answer); !again) return failed(again.error());
      return;
    }
    if (answer.unreadable && !answer.body.empty() && reads_body(request.until->condition)) {
      return failed(explain(*answer.unreadable, answer, request, ports.redactor));
    }
  }
  // rows
  if (task.erasure != nullptr && site.step == nullptr) {
    told(task, erase::Sent::confirmed, answer.status, "");
    return end_erasure(task, {});
  }
  if (answer.unreadable && !site.unread) {
    return failed(explain(*answer.unreadable, answer, request, ports.redactor));
  }
  accept(task, answer, env);
}

/// The answer is good: its rows count now, and the chain goes on to the next page.
void Engine::State::accept(Task& task, Answer& answer, eval::Environment& env) {
  RequestRun& site = request_of(task);
  const ir::Request& request = *site.request;
  CollectionRun& collection = *task.collection;
  eval::Evaluator& evaluator = *collection.instance->evaluator;
  const auto failed = [&](value::Failure failure) {
    if (failure.where == grammar::Span{}) failure.where = request.span;
    fail_task(task, std::move(failure), answer.request);
  };
  if (site.step != nullptr && !site.has_rows()) {
    return bind_answer(task, answer.envelope.body_cells[site.body_cell]);
  }
  if (answer.rows_read && answer.envelope.rows_missing) {
    // Perhaps there are none; perhaps it is an error under a good status.
    ++collection.outcome.skips["there is no `" + ir::path_text(*request.rows_path) + "` in it"];
  }
  std::string elements;
  const RowPipeline* pipeline = answer.stream ? answer.stream->pipeline.get() : site.pipeline.get();
  if (request.rows && !request.rows_path) {
    auto computed = evaluator.evaluate(*request.rows, env, page_arena);
    if (!computed) return failed(computed.error());
    value::append_json(*computed, elements);
    const std::size_t size = elements.size();
    elements.append(rows::padding, ' ');
    page.clear();
    site.pipeline->watch(row_watch(task));
    site.pipeline->begin(env, read_of(task).choices[task.choice].keep_identities,
                         task.live->now.taken, page);
    auto cells = std::move(answer.envelope.body_cells);
    auto envelope =
        reader.read(std::string_view(elements).substr(0, size), *site.elements, *site.pipeline);
    if (!envelope) return failed(envelope.error());
    answer.envelope = *std::move(envelope);
    answer.envelope.body_cells = std::move(cells);
    answer.page = &page;
    env.body_cells = answer.envelope.body_cells;
    if (site.needs.rows_all) env.rows_all = *computed;
  } else if (site.needs.rows_all && request.rows_path) {
    const std::string_view all = answer.envelope.body_cells[site.rows_cell];
    if (all.data() != nullptr) env.rows_all = Value::raw(all);
  }
  env.rows_count = answer.envelope.rows;
  env.rows_first = answer.envelope.first_row;
  env.rows_last = answer.envelope.last_row;

  if (site.has_rows()) {
    Clause clause{Clause::Kind::rows, request.rows ? request.rows->span : grammar::Span{}};
    clause.rows = env.rows_count;
    see(task, clause, env);
  }
  NextPage turn;
  std::optional<value::Failure> trouble;
  const bool cut = pipeline != nullptr && pipeline->cut();
  if (!task.live->now.guard.page(rows_signature(answer), answer.envelope.rows)) {
    trouble = value::Failure{};
    trouble->kind = FailureKind::loop;
    trouble->text = "pagination loop: page " + std::to_string(task.live->now.page + 1) +
                    " holds exactly the rows of the page before it";
    trouble->where = request.pagination ? request.pagination->span : request.span;
  } else if (request.pagination && !cut) {
    auto next = next_page(*request.pagination, task.live->now.draft, evaluator, env, page_arena,
                          collection.instance->guard, answer.url, step_watch(task, env));
    if (next) {
      turn = *std::move(next);
    } else {
      trouble = next.error();
    }
  }
  // The rows of this page are good whatever comes of the next one, unless they repeat.
  if (!trouble || trouble->kind != FailureKind::loop) {
    see(task, Event::accepted, "");
    if (auto committed = commit_answer(task, answer); !committed) return failed(committed.error());
  }
  if (trouble) return failed(*std::move(trouble));
  if (cut) cap_collection(collection, "`take` of the connector");
  if (turn.capped) cap_collection(collection, *turn.capped);
  bool more = turn.more;
  Task::Current& now = task.live->now;
  if (more && ++now.page >= options.max_pages) {
    cap_collection(collection, "limit of " + std::to_string(options.max_pages) + " pages");
    more = false;
  }
  if (request.pagination) {
    const std::string_view reason = turn.capped ? std::string_view(*turn.capped) : "";
    see(task, more ? Event::more : turn.capped ? Event::capped : Event::last, reason);
  }
  if (!more && site.step == nullptr) ++collection.turns_done;
  if (!more)
    return site.step != nullptr ? bind_answer(task, (now.rows.empty() ? "[" : now.rows) + "]")
                                : end_turn(task);
  now.admitted = false;
  now.at_home = at_home(now.draft.url, collection.instance->clients[request.client.value],
                        collection.instance->guard);
  submit(task, {});
}

Result<void> Engine::State::commit_answer(Task& task, Answer& answer) {
  CollectionRun& collection = *task.collection;
  if (answer.stream != nullptr) {
    // A giant's rows are more than the queue may hold, whatever the sink's speed.
    auto released = answer.stream->staging.release([&](Page& staged) {
      writer->wait_for_room();
      return commit(collection, staged, &task);
    });
    if (!released) return released;
    return commit(collection, answer.stream->page, &task);
  }
  if (answer.page == nullptr) return {};
  if (request_of(task).step != nullptr) return gather_rows(task, *answer.page);
  return commit(collection, *answer.page, &task);
}

}  // namespace fconn::run
