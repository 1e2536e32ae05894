// How a token is had: from the store, by a request, by a person.
#include <algorithm>

#include "interpreter/run/answer.hh"
#include "interpreter/run/body.hh"
#include "interpreter/run/state.hh"
#include "interpreter/run/trace.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;
using value::Value;

namespace {

/// How often to look whether another process is done.
constexpr value::Milliseconds claim_poll{100};

/// What a token and its refresh have in common.
struct Fetched {
  const ir::Request& request;
  const ir::Expr& value;
  const std::optional<ir::Expr>&expires_in, &expires_at;
  std::optional<std::int64_t> margin_ms;
  const AuthReads& reads;
};

Fetched fetched_of(const AuthRun& auth) {
  const ir::Token& token = auth.auth->tokens[auth.fetch->token];
  const TokenState& state = auth.tokens[auth.fetch->token];
  if (auth.fetch->refreshing) {
    const ir::Refresh& r = *token.refresh;
    return {r.request, r.value, r.expires_in, r.expires_at, r.margin_ms, state.to_refresh};
  }
  return {token.request,    token.value,     token.expires_in,
          token.expires_at, token.margin_ms, state.to_fetch};
}

std::string name_of(const AuthRun& auth) {
  return "the token `" + auth.auth->tokens[auth.fetch->token].name + "` of `" +
         auth.auth->strategy + "`";
}

bool refused(int status) { return status == 400 || status == 401 || status == 403; }

}  // namespace

/// Starts what the ticket stands for. False: nothing is on the wire, the lane is free.
bool Engine::State::start_fetch(TicketId id) {
  AuthRun& auth = *fetches.at(id);
  const bool login = auth.auth->tokens[auth.fetch->token].login;
  auto went = login ? Result<Progressed>(Progressed::goes_on) : claim(id, auth);
  if (went && *went == Progressed::goes_on) went = send_fetch(id, auth);
  if (!went) {
    fail_fetch(id, auth, went.error());
    return false;
  }
  return *went == Progressed::on_the_wire;
}

/// One process at a time; what another one has fetched meanwhile serves us too.
Result<Engine::State::Progressed> Engine::State::claim(TicketId id, AuthRun& auth) {
  Fetch& fetch = *auth.fetch;
  TokenState& state = auth.tokens[fetch.token];
  if (fetch.claimed) return Progressed::goes_on;
  auto claimed = tokens->claim(state.key);
  if (!claimed) return fail(claimed.error());
  if (!*claimed) {
    submit_fetch(id, auth, ports.clock.now() + claim_poll);
    return Progressed::waits;
  }
  fetch.claimed = true;
  if (options.login_only) return Progressed::goes_on;
  auto newer = adopt_stored(state);
  if (!newer) return fail(newer.error());
  if (!*newer) return Progressed::goes_on;
  end_fetch(id, auth);
  fetch_next(auth);
  return Progressed::waits;
}

Result<Engine::State::Progressed> Engine::State::send_fetch(TicketId id, AuthRun& auth) {
  Fetch& fetch = *auth.fetch;
  InstanceRun& run = *auth.instance;
  const Fetched what = fetched_of(auth);
  const ir::Token& token = auth.auth->tokens[fetch.token];
  if (!fetch.draft) {
    if (token.login && ports.login == nullptr) {
      return fail(FailureKind::authentication,
                  "somebody has to sign in first: `fconn auth " + run.instance.key + " login`",
                  token.span);
    }
    AuthFrame frame;
    if (auto filled = fill_frame(auth, what.reads, frame, what.request.locals); !filled) {
      return fail(filled.error());
    }
    // The client's own headers and query belong to its base, not to whatever host has the tokens.
    static const ir::Client plain;
    ClientBase base = run.clients[what.request.client.value];
    if (what.request.absolute) base.client = &plain;
    auto draft = render(what.request, base, *run.evaluator, frame.env, frame.arena, run.guard);
    if (!draft) return fail(draft.error());
    for (http::HeaderField& field : draft->headers) field.credential = true;
    fetch.draft = *std::move(draft);
    fetch.attempts.resize(what.request.retries.size() + 1);
    if (token.login && !token.show) return ask_in_browser(id, auth);
  }
  http::Request request;
  request.method = fetch.draft->method;
  request.url = url_text(*fetch.draft);
  request.headers = fetch.draft->headers;
  request.body = fetch.draft->body;
  request.has_body = fetch.draft->has_body;
  trace("token", nullptr,
        ",\"strategy\":\"" + auth.auth->strategy + "\",\"token\":\"" + token.name +
            "\",\"refresh\":" + (fetch.refreshing ? "true" : "false"));
  Wire wire;
  wire.task = id;
  wire.declared = &what.request;
  wire.connector = run.connector;
  wire.client = &run.connector->clients[what.request.client.value];
  put_on_wire(wire, std::move(request));
  return Progressed::on_the_wire;
}

/// The login's URL with the parameters that every such flow has, opened in a browser.
Result<Engine::State::Progressed> Engine::State::ask_in_browser(TicketId id, AuthRun& auth) {
  Draft& draft = *auth.fetch->draft;
  const ir::Token& token = auth.auth->tokens[auth.fetch->token];
  const auto parameter = [](const http::QueryPairs& pairs, std::string_view name) {
    const auto found = std::find_if(pairs.begin(), pairs.end(),
                                    [name](const auto& pair) { return pair.first == name; });
    return found == pairs.end() ? std::optional<std::string>() : found->second;
  };
  auto redirect = parameter(draft.query, "redirect_uri");
  if (!redirect) {
    auto made = ports.login->redirect_uri();
    if (!made) return fail(made.error());
    redirect = *std::move(made);
    draft.query.emplace_back("redirect_uri", *redirect);
  }
  std::string state;
  for (int i = 0; i < 2; ++i) {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx",
                  static_cast<unsigned long long>(ports.random.next()));
    state += digits;
  }
  draft.query.emplace_back("state", state);
  auto answer = ports.login->authorize(url_text(draft), *redirect);
  if (!answer) return fail(answer.error());
  if (const auto error = parameter(*answer, "error")) {
    const std::string more = parameter(*answer, "error_description").value_or("");
    return fail(FailureKind::authentication,
                "signing in was refused: " + *error + (more.empty() ? "" : " (" + more + ")"),
                token.span);
  }
  if (parameter(*answer, "state") != state) {
    return fail(FailureKind::authentication,
                "what came back from the browser belongs to another sign-in (`state` differs)",
                token.span);
  }
  answer->emplace_back("redirect_uri", *redirect);
  std::vector<value::Member> members;
  for (const auto& [name, text] : *answer) members.push_back({name, Value::string(text)});
  auth.tokens[auth.fetch->token].held = value::OwnedValue(Value::object(members));
  hide(auth.tokens[auth.fetch->token].held->get());
  end_fetch(id, auth);
  fetch_next(auth);
  return Progressed::waits;
}

void Engine::State::end_fetch(TicketId id, AuthRun& auth) {
  if (auth.fetch->claimed) tokens->release(auth.tokens[auth.fetch->token].key);
  auth.fetch.reset();
  fetches.erase(id);
}

void Engine::State::fail_fetch(TicketId id, AuthRun& auth, value::Failure failure) {
  if (failure.where == grammar::Span{}) failure.where = fetched_of(auth).request.span;
  if (ports.observer != nullptr) {
    ports.observer->event(seen(auth, ""), Event::failed, ports.redactor.redact(failure.text));
  }
  end_fetch(id, auth);
  end_fetching(auth, &failure);
}

// ---- the answer --------------------------------------------------------------------------------

void Engine::State::fetch_answered(Exchange& exchange) {
  const TicketId id = exchange.task;
  AuthRun& auth = *fetches.at(id);
  scheduler.finished(auth.lane);
  bytes += exchange.received;
  if (!exchange.held) {
    ++requests;
    trace("response", nullptr,
          ",\"request\":\"" + exchange.name + "\",\"status\":" + std::to_string(exchange.status) +
              ",\"bytes\":" + std::to_string(exchange.received) + timing_members(exchange.timing));
  }
  if (exchange.failure) {
    const bool transient = exchange.failure->kind == FailureKind::network ||
                           exchange.failure->kind == FailureKind::timeout;
    if (transient && !stopping &&
        retry_fetch(id, auth, auth.fetch->attempts.size() - 1, network_retry_rule(), {})) {
      return;
    }
    value::Failure failure = *exchange.failure;
    failure.text = name_of(auth) + " can't be had: " + failure.text;
    return fail_fetch(id, auth, std::move(failure));
  }
  Answer answer;
  answer.status = exchange.status;
  answer.headers = &exchange.headers;
  answer.body = exchange.whole();
  answer.received = exchange.received;
  answer.name = exchange.name;
  if (ports.observer != nullptr) {
    ports.observer->arrived(seen(auth, exchange.name),
                            {answer.status,
                             exchange.headers,
                             answer.body,
                             {},
                             false,
                             false,
                             false,
                             answer.received,
                             exchange.timing},
                            nullptr);
  }
  if (auto judged = judge_fetch(id, auth, answer); !judged) {
    value::Failure failure = judged.error();
    failure.text = name_of(auth) + " can't be had: " + failure.text;
    // A good answer may hold a token that isn't known to the redactor yet.
    if (answer.status >= 300) failure.body_start = ports.redactor.body_start(answer.body);
    fail_fetch(id, auth, std::move(failure));
  }
}

bool Engine::State::retry_fetch(TicketId id, AuthRun& auth, std::size_t rule_index,
                                const ir::RetryRule& rule,
                                std::optional<value::Milliseconds> retry_after) {
  std::uint32_t& attempt = auth.fetch->attempts[rule_index];
  const std::uint32_t most = std::min(rule.times, options.retries.value_or(rule.times));
  if (attempt >= most || (retry_after && *retry_after > max_retry_after)) return false;
  const value::Milliseconds wait = retry_wait(rule, attempt, retry_after, ports.random);
  ++attempt;
  submit_fetch(id, auth, ports.clock.now() + wait);
  return true;
}

/// In the order of every answer: retry, skip, status, fail, then the value.
Result<void> Engine::State::judge_fetch(TicketId id, AuthRun& auth, Answer& answer) {
  const Fetched what = fetched_of(auth);
  const ir::Request& request = what.request;
  eval::Evaluator& evaluator = *auth.instance->evaluator;
  AuthFrame frame;
  if (auto filled = fill_frame(auth, what.reads, frame, request.locals); !filled) {
    return fail(filled.error());
  }
  eval::Environment& env = frame.env;
  env.status = answer.status;
  env.headers = headers_value(*answer.headers, frame.arena);
  env.links = links_value(*answer.headers, frame.arena);
  const eval::RequestView view = request_view(*auth.fetch->draft, frame.arena);
  env.request = &view;
  std::string storage;
  std::optional<value::Failure> unreadable;
  rows::Projection projection;
  projection.body_cells = request.body_cells;
  const rows::CompiledProjection cells(projection);
  std::vector<std::string_view> missing(request.body_cells.size());
  env.body_cells = missing;
  rows::Envelope envelope;
  NoRows none;
  auto body = json_body(request, answer, storage);
  auto read = body ? reader.read(*body, cells, none) : Result<rows::Envelope>(fail(body.error()));
  if (read) {
    envelope = *std::move(read);
    env.body_cells = envelope.body_cells;
  } else if (!request.body_cells.empty()) {
    unreadable = read.error();
  }
  for (std::size_t i = 0; i < request.retries.size(); ++i) {
    auto again = condition_holds(request.retries[i].condition, request.retries[i].span,
                                 answer.status, evaluator, env, frame.arena);
    if (!again) return fail(again.error());
    if (!*again) continue;
    auto rule = timed(request.retries[i], evaluator, env, frame.arena);
    if (!rule) return fail(rule.error());
    if (!stopping && retry_fetch(id, auth, i, *rule, retry_after_of(answer, ports.clock)))
      return {};
    break;
  }
  if (answer.status < 200 || answer.status >= 300) return fetch_refused(id, auth, answer);
  for (const ir::Judgement& rule : request.fails) {
    auto fails =
        condition_holds(rule.condition, rule.span, answer.status, evaluator, env, frame.arena);
    if (!fails) return fail(fails.error());
    if (!*fails) continue;
    auto reason = judgement_text(rule, "a `fail` clause holds", evaluator, env, frame.arena);
    if (!reason) return fail(reason.error());
    return fail(FailureKind::authentication, *reason, rule.span);
  }
  if (unreadable) return fail(*unreadable);
  return take_token(id, auth, frame);
}

/// Neither retried nor good. A refresh that is refused is given up for a new token.
Result<void> Engine::State::fetch_refused(TicketId id, AuthRun& auth, const Answer& answer) {
  if (auth.fetch->refreshing && refused(answer.status)) {
    TokenState& state = auth.tokens[auth.fetch->token];
    state.refresh_refused = true;
    state.dropped = true;
    end_fetch(id, auth);
    fetch_next(auth);
    return {};
  }
  value::Failure failure;
  failure.kind = refused(answer.status) ? FailureKind::authentication : FailureKind::status;
  failure.status = answer.status;
  failure.text = "the server answered " + std::to_string(answer.status);
  if (answer.status >= 300 && answer.status < 400) {
    failure.text += " (a redirect; credentials aren't carried along one)";
  }
  return fail(std::move(failure));
}

/// The value is kept in the store first; only then may anybody use it.
Result<void> Engine::State::take_token(TicketId id, AuthRun& auth, AuthFrame& frame) {
  const Fetched what = fetched_of(auth);
  const ir::Token& token = auth.auth->tokens[auth.fetch->token];
  TokenState& state = auth.tokens[auth.fetch->token];
  eval::Evaluator& evaluator = *auth.instance->evaluator;
  auto value = evaluator.evaluate(what.value, frame.env, frame.arena);
  if (!value) return fail(value.error());
  if (value::decoded(*value, frame.arena).is_null()) {
    return fail(FailureKind::authentication, "the answer doesn't hold it", what.value.span);
  }
  store::StoredToken kept;
  kept.value = value::to_json(*value);
  kept.obtained = ports.clock.wall();
  kept.renewable = token.refresh.has_value();
  const auto ends = [&](const std::optional<ir::Expr>& expr, bool in) -> Result<void> {
    if (!expr) return {};
    auto said = evaluator.evaluate(*expr, frame.env, frame.arena);
    if (!said) return fail(said.error());
    const Value plain = value::decoded(*said, frame.arena);
    auto time = in ? expiry_in(plain, kept.obtained) : expiry_at(plain);
    if (!time) return fail(time.error().kind, time.error().text, expr->span);
    kept.expires_at = *time;
    return {};
  };
  if (auto said = ends(what.expires_in, true); !said) return said;
  if (auto said = ends(what.expires_at, false); !said) return said;
  if (kept.expires_at) kept.renew_at = renewal(kept.obtained, *kept.expires_at, what.margin_ms);
  if (token.login) {
    hold(state, *value, kept);
    auto said = evaluator.evaluate(*token.show, frame.env, frame.arena);
    if (!said) return fail(said.error());
    auto text = eval::text_of(*said, frame.arena);
    if (!text) return fail(text.error());
    ports.login->show(*text);
  } else {
    auto serial = tokens->save(state.key, kept);
    if (!serial) return fail(serial.error());
    kept.serial = *serial;
    hold(state, *value, kept);
  }
  end_fetch(id, auth);
  fetch_next(auth);
  return {};
}

}  // namespace fconn::run
