// Which token is needed next, and who waits for it.
#include "interpreter/run/tokens.hh"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "interpreter/eval/time.hh"
#include "interpreter/run/answer.hh"
#include "interpreter/run/state.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;
using value::WallTime;

std::optional<std::uint32_t> AuthRun::main_token() const {
  if (auth == nullptr) return std::nullopt;
  for (std::size_t i = auth->tokens.size(); i > 0; --i) {
    if (!auth->tokens[i - 1].login) return static_cast<std::uint32_t>(i - 1);
  }
  return std::nullopt;
}

// ---- when a token ends -------------------------------------------------------------------------

namespace {

constexpr double most_seconds = 253'402'300'799.0;            // the end of the year 9999
constexpr std::int64_t least_milliseconds = 100'000'000'000;  // as seconds: the year 5138

auto wrong_expiry(const char* clause, const Value& value) {
  return fail(FailureKind::shape, std::string("`expires ") + clause + "` got " +
                                      std::string(value::kind_name(value)) +
                                      ", which is no such time");
}

/// The number that a number or a text spells.
std::optional<double> number_of(const Value& value) {
  if (value.kind == Kind::integer) return static_cast<double>(value.integer);
  if (value.kind != Kind::decimal && value.kind != Kind::string) return std::nullopt;
  const std::string text(value.view());
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace

Result<std::optional<WallTime>> expiry_in(const Value& value, WallTime now) {
  if (value.is_null()) return std::nullopt;
  if (value.kind == Kind::duration) return now + value::Milliseconds(value.integer);
  const auto seconds = number_of(value);
  if (!seconds || std::abs(*seconds) > most_seconds) return wrong_expiry("in", value);
  return now + value::Milliseconds(static_cast<std::int64_t>(*seconds * 1000));
}

Result<std::optional<WallTime>> expiry_at(const Value& value) {
  if (value.is_null()) return std::nullopt;
  if (value.kind == Kind::string) {
    if (const auto moment = eval::parse_iso8601(value.view())) {
      return WallTime(value::Milliseconds(moment->micros / 1000));
    }
  }
  auto number = number_of(value);
  if (!number || value.kind == Kind::duration) return wrong_expiry("at", value);
  if (std::abs(*number) < static_cast<double>(least_milliseconds)) *number *= 1000;
  if (std::abs(*number) > most_seconds * 1000) return wrong_expiry("at", value);
  return WallTime(value::Milliseconds(static_cast<std::int64_t>(*number)));
}

WallTime renewal(WallTime obtained, WallTime expires, std::optional<std::int64_t> margin_ms) {
  const auto life = std::max(expires - obtained, value::Milliseconds(0));
  const auto margin = margin_ms ? value::Milliseconds(*margin_ms)
                                : std::min(value::Milliseconds(30'000), life / 10);
  // However short its life is said to be, what was fetched is used: else it is fetched for ever.
  return std::max(expires - margin, obtained + value::Milliseconds(1000));
}

// ---- before the run ----------------------------------------------------------------------------

/// The strategy of a client is the first whose condition holds; conditions see parameters only.
Result<void> Engine::State::prepare_auth(InstanceRun& run, const ir::Client& client) {
  auto made = std::make_unique<AuthRun>();
  AuthRun& auth = *made;
  auth.instance = &run;
  auth.client = &client;
  run.auths.push_back(std::move(made));
  for (const ir::Auth& candidate : client.auths) {
    if (candidate.when) {
      eval::Environment env = base_environment(run);
      std::vector<Value> locals(candidate.locals);
      env.locals = locals;
      auto holds = run.evaluator->test(*candidate.when, env, run.values);
      if (!holds) return fail(holds.error());
      if (!*holds) continue;
    }
    auth.auth = &candidate;
    break;
  }
  if (auth.auth == nullptr) return {};
  auth.to_sign = reads_to_sign(*auth.auth);
  auth.lets.resize(auth.auth->lets.size());
  if (auth.auth->tokens.empty()) return {};
  auth.lane = scheduler.add_lane(1, {});
  std::string origin = targets_of(*auth.auth);
  if (const auto& base = run.clients.back().base) origin += http::to_string(*base) + '\n';
  if (ports.guard.send_to()) origin += "sent to " + http::to_string(*ports.guard.send_to()) + '\n';
  for (const std::uint32_t param : params_of(*auth.auth, *run.connector)) {
    origin += run.connector->params[param].name + '=';
    value::append_json(run.params[param], origin);
    origin += '\n';
  }
  for (std::uint32_t i = 0; i < auth.auth->tokens.size(); ++i) {
    const ir::Token& token = auth.auth->tokens[i];
    TokenState state;
    state.key.instance = run.instance.key;
    state.key.name =
        (client.name.empty() ? "" : client.name + ":") + auth.auth->strategy + "." + token.name;
    state.key.origin = origin;
    state.to_fetch = reads_to_fetch(*auth.auth, token);
    if (token.refresh) state.to_refresh = reads_to_refresh(*auth.auth, i);
    auth.tokens.push_back(std::move(state));
  }
  return {};
}

// ---- what is needed ----------------------------------------------------------------------------

bool Engine::State::usable(const TokenState& token) const {
  return token.held && !token.dropped && (!token.renew_at || ports.clock.wall() < *token.renew_at);
}

bool Engine::State::signable(const AuthRun& auth) const {
  return std::all_of(auth.to_sign.tokens.begin(), auth.to_sign.tokens.end(),
                     [&](std::uint32_t token) { return usable(auth.tokens[token]); });
}

/// Whether what `auth.token` says is there.
Result<bool> Engine::State::holds_token(Task& task) {
  AuthRun& auth = auth_of(task);
  const auto main = auth.main_token();
  if (!main) {
    return fail(FailureKind::shape,
                "`auth.token` is no token here: the client's strategy fetches none",
                request_of(task).request->span);
  }
  if (auth.refused) return fail(*auth.refused);
  return usable(auth.tokens[*main]);
}

/// The task goes on, or fails, when the client's tokens are there or can't be had. May end it now.
void Engine::State::wait_for_tokens(Task& task) {
  AuthRun& auth = auth_of(task);
  auth.waiting.push_back(task.id);
  if (!auth.fetch) fetch_next(auth);
}

namespace {

void add_once(std::vector<std::uint32_t>& list, std::uint32_t value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

}  // namespace

/// The values that expressions of a strategy see: its lets (computed once a round) and tokens.
Result<void> Engine::State::fill_frame(AuthRun& auth, const AuthReads& reads, AuthFrame& frame,
                                       std::uint32_t locals) {
  InstanceRun& run = *auth.instance;
  frame.locals.assign(std::max(auth.auth->locals, locals), Value::null());
  frame.tokens.assign(auth.tokens.size(), Value::null());
  for (std::size_t i = 0; i < auth.tokens.size(); ++i) {
    if (auth.tokens[i].held) frame.tokens[i] = auth.tokens[i].held->get().as_secret();
  }
  frame.env = base_environment(run);
  frame.env.locals = frame.locals;
  frame.env.tokens = frame.tokens;
  for (const std::uint32_t index : reads.lets) {
    const ir::AuthLet& let = auth.auth->lets[index];
    if (!auth.lets[index]) {
      auto computed = run.evaluator->evaluate(let.value, frame.env, frame.arena);
      if (!computed) return fail(computed.error());
      auth.lets[index] = value::OwnedValue(*computed);
    }
    frame.locals[let.slot] = auth.lets[index]->get();
  }
  return {};
}

/// Whether a token that isn't usable any more can be renewed.
Result<bool> Engine::State::refreshable(AuthRun& auth, std::uint32_t index) {
  const TokenState& state = auth.tokens[index];
  const auto& refresh = auth.auth->tokens[index].refresh;
  if (!refresh || !state.held || state.refresh_refused) return false;
  if (!refresh->when) return true;
  AuthFrame frame;
  if (auto filled = fill_frame(auth, state.to_refresh, frame, refresh->request.locals); !filled) {
    return fail(filled.error());
  }
  return auth.instance->evaluator->test(*refresh->when, frame.env, frame.arena);
}

/// The first fetch on the way to `token`; nothing when it can be used as it is.
Result<std::optional<Fetch>> Engine::State::needed(AuthRun& auth, std::uint32_t index) {
  const TokenState& state = auth.tokens[index];
  if (usable(state)) return std::nullopt;
  auto refreshing = refreshable(auth, index);
  if (!refreshing) return fail(refreshing.error());
  const AuthReads& reads = *refreshing ? state.to_refresh : state.to_fetch;
  for (const std::uint32_t other : reads.tokens) {
    auto before = needed(auth, other);
    if (!before || *before) return before;
  }
  Fetch fetch;
  fetch.token = index;
  fetch.refreshing = *refreshing;
  return fetch;
}

/// Tokens of an earlier run, or of another process.
Result<void> Engine::State::look_up(AuthRun& auth) {
  if (std::exchange(auth.stored_looked_up, true) || options.login_only) return {};
  for (std::size_t i = 0; i < auth.tokens.size(); ++i) {
    if (auth.auth->tokens[i].login) continue;
    if (auto adopted = adopt_stored(auth.tokens[i]); !adopted) return fail(adopted.error());
  }
  return start_from_given(auth);
}

/// Takes what the store has, if it is newer than what is held. True: it is.
Result<bool> Engine::State::adopt_stored(TokenState& state) {
  auto stored = tokens->load(state.key);
  if (!stored) return fail(stored.error());
  if (!*stored || (*stored)->serial == state.serial) return false;
  value::Arena arena(1024);
  auto parsed = value::parse_json((*stored)->value, arena);
  if (!parsed) return fail(parsed.error());
  hold(state, *parsed, **stored);
  return true;
}

void Engine::State::hold(TokenState& state, const Value& value, const store::StoredToken& kept) {
  state.held = value::OwnedValue(value);
  state.renew_at = kept.renew_at;
  state.dropped = kept.dropped;
  state.refresh_refused = false;
  state.serial = kept.serial;
  hide(state.held->get());
}

/// What a token holds must not be printed either.
void Engine::State::hide(const Value& value) {
  value::Arena arena(1024);
  const Value plain = value::decoded(value, arena);
  constexpr std::size_t shortest = 8;  // shorter ones are words like `bearer`
  if (plain.kind == Kind::string && plain.length >= shortest &&
      plain.view().find(' ') == std::string_view::npos) {
    ports.redactor.add(plain.view());
  }
  if (plain.kind == Kind::list) {
    for (const Value& element : plain.list_view()) hide(element);
  }
  if (plain.kind == Kind::object) {
    for (const value::Member& member : plain.object_view()) hide(member.value);
  }
}

namespace {

/// Whether a token keeps the whole answer or several parts of it.
bool keeps_object(const ir::Token& token) {
  const bool whole = token.value.op == ir::Op::body_cell &&
                     token.request.body_cells[static_cast<std::size_t>(token.value.number)].empty();
  return token.refresh || whole || token.value.op == ir::Op::object;
}

}  // namespace

/// `--token`: an access token (and a refresh token) from elsewhere. What the store has made of the
/// same file before is newer: a refresh token may work only once.
Result<void> Engine::State::start_from_given(AuthRun& auth) {
  const auto& given = auth.instance->instance.token;
  const auto main = auth.main_token();
  if (!given || !main) return {};
  TokenState& state = auth.tokens[*main];
  value::Arena arena(1024);
  const Value all = value::decoded(given->get(), arena);
  store::TokenKey marker = state.key;
  marker.name += " (given)";
  marker.origin = value::to_json(all);
  auto seen = tokens->load(marker);
  if (!seen) return fail(seen.error());
  if (*seen && state.held) return {};
  const Value* access = value::find_member(all, "access_token");
  const Value* expires = value::find_member(all, "expires_at");
  if (access == nullptr || value::decoded(*access, arena).kind != Kind::string) {
    return fail(FailureKind::configuration, "the given token has no text `access_token`");
  }
  store::StoredToken kept;
  kept.obtained = ports.clock.wall();
  const ir::Token& token = auth.auth->tokens[*main];
  if (expires != nullptr) {
    auto ends = expiry_at(value::decoded(*expires, arena));
    if (!ends) return fail(ends.error());
    kept.expires_at = *ends;
    // Unlike one that was just fetched, it may be long over.
    if (*ends) kept.renew_at = **ends - value::Milliseconds(token.margin_ms.value_or(30'000));
  }
  const Value value = keeps_object(token) ? all : value::decoded(*access, arena);
  kept.value = value::to_json(value);
  kept.renewable = token.refresh.has_value();
  auto serial = tokens->save(state.key, kept);
  if (!serial) return fail(serial.error());
  if (auto marked = tokens->save(marker, {"true", kept.obtained, {}, {}, false, false, 0});
      !marked) {
    return fail(marked.error());
  }
  kept.serial = *serial;
  hold(state, value, kept);
  return {};
}

// ---- waiting -----------------------------------------------------------------------------------

/// The next step towards what a request of this client needs; nothing left: who waits goes on.
void Engine::State::fetch_next(AuthRun& auth) {
  auto looked = look_up(auth);
  if (!looked) return end_fetching(auth, &looked.error());
  std::vector<std::uint32_t> wanted = auth.to_sign.tokens;
  if (const auto main = auth.main_token()) add_once(wanted, *main);
  for (const std::uint32_t token : wanted) {
    auto next = needed(auth, token);
    if (!next) return end_fetching(auth, &next.error());
    if (!*next) continue;
    auth.fetch = **std::move(next);
    const TicketId id = next_ticket++;
    fetches[id] = &auth;
    submit_fetch(id, auth, {});
    return;
  }
  end_fetching(auth, nullptr);
}

void Engine::State::submit_fetch(TicketId id, const AuthRun& auth, value::TimePoint not_before) {
  Ticket ticket;
  ticket.id = id;
  ticket.lane = auth.lane;
  ticket.depth = 1'000'000;  // everything waits for it
  ticket.not_before = not_before;
  scheduler.submit(ticket);
}

void Engine::State::end_fetching(AuthRun& auth, const value::Failure* failure) {
  auth.fetch.reset();
  std::fill(auth.lets.begin(), auth.lets.end(), std::nullopt);
  for (std::size_t i = 0; i < auth.tokens.size(); ++i) {
    if (auth.auth->tokens[i].login)
      auth.tokens[i].held.reset();  // what a person brought is used up
  }
  if (failure != nullptr && failure->kind == FailureKind::authentication) auth.refused = *failure;
  const std::vector<TicketId> waiting = std::exchange(auth.waiting, {});
  for (const TicketId id : waiting) {
    Task& task = *this->tasks.at(id);
    if (failure == nullptr) {
      submit(task, {});
      continue;
    }
    publish(task, nullptr, failure);
    fail_task(task, *failure, "");
  }
  if (failure != nullptr && options.login_only) {
    value::Failure said = *failure;
    said.text = ports.redactor.redact(said.text);
    messages.push_back({auth.instance->instance.key, "", std::move(said), ""});
  }
}

/// A 401: what it was sent with is dropped, and it is sent once more. False: that was tried.
Result<bool> Engine::State::renew_credentials(Task& task, const Answer& answer,
                                              eval::Environment& env) {
  Task::Current& now = task.live->now;
  AuthRun& auth = auth_of(task);
  if (task.renewed || stopping || auth.auth == nullptr) return false;
  // What was rendered with the old token is rendered anew, which only a first page can be.
  const bool anew = request_of(task).needs.auth_token;
  if (anew && (now.page > 0 || now.owns)) return false;
  bool again = false;
  if (auth.auth->challenge) {
    AuthFrame frame;
    if (auto filled = fill_frame(auth, {}, frame, 0); !filled) return fail(filled.error());
    eval::Environment& seen = frame.env;
    seen.status = answer.status;
    seen.headers = headers_value(*answer.headers, frame.arena);
    seen.request = env.request;
    auto asked = auth.instance->evaluator->evaluate(*auth.auth->challenge, seen, frame.arena);
    if (!asked) return fail(asked.error());
    if (!asked->is_null()) {
      auth.challenge = value::OwnedValue(*asked);
      auth.challenge_uses = 0;
      again = true;
    }
  }
  for (const auto& [index, serial] : now.tokens) {
    TokenState& state = auth.tokens[index];
    again = true;
    if (state.serial != serial) continue;  // renewed since
    state.dropped = true;
    if (auto dropped = tokens->drop(state.key, state.serial); !dropped) {
      return fail(dropped.error());
    }
  }
  if (!again) return false;
  task.renewed = true;
  ++task.collection->outcome.retries;
  trace("renew", task.collection, ",\"request\":\"" + answer.name + "\"");
  if (anew) {
    Task::Current fresh;
    fresh.questions = now.questions;
    fresh.first_question = now.first_question;
    now = std::move(fresh);
    task.live->walk.rewind();
  }
  submit(task, {});
  return true;
}

}  // namespace fconn::run
