// From inputs to requests on the wire.
#include <algorithm>

#include "interpreter/run/body.hh"
#include "interpreter/run/state.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;
using value::Value;

void Engine::State::begin_sources() {
  for (auto& instance : instances) {
    for (auto& collection : instance->collections) {
      if (!collection->runs || collection->inputs_done || !collection->join) continue;
      CollectionRun& state = *collection;
      auto begun = state.join->start(
          [&](std::span<const Value> slots) { return emit_inputs(state, slots); });
      if (!begun) fail_collection(state, begun.error(), "");
    }
  }
}

/// One combination of a collection's bindings: a task for each read that hasn't seen these values.
Result<void> Engine::State::emit_inputs(CollectionRun& collection, std::span<const Value> slots) {
  if (collection.collection->emit) return emit_row(collection, slots);
  for (std::uint32_t r = 0; r < collection.reads.size(); ++r) {
    const ReadRun& read = collection.reads[r];
    std::string inputs = "[";
    for (const std::uint32_t slot : read.chain->uses) {
      if (inputs.size() > 1) inputs += ',';
      value::append_json(slots[slot], inputs);
    }
    inputs += ']';
    const std::string identity = std::to_string(r) + inputs;
    auto fresh = collection.inputs_seen.insert(rows::RowHasher(seed).hash(identity));
    if (!fresh) return fail(fresh.error());
    if (!*fresh) continue;
    for (std::uint32_t choice = 0; choice < read.choices.size(); ++choice) {
      add_task(collection, r, choice, inputs);
    }
  }
  return {};
}

/// `emit`: a row of bound values, without a request.
Result<void> Engine::State::emit_row(CollectionRun& collection, std::span<const Value> slots) {
  const ir::Collection& declared = *collection.collection;
  InstanceRun& run = *collection.instance;
  value::Arena arena(1024);
  eval::Environment env = base_environment(run);
  std::vector<Value> locals(declared.locals);
  env.locals = locals;
  env.bound = slots;
  ++collection.tasks_made;
  auto emitted = run.evaluator->evaluate(*declared.emit, env, arena);
  if (!emitted) return fail(emitted.error());
  const Value row = value::decoded(*emitted, arena);
  if (row.kind != value::Kind::object) {
    return fail(FailureKind::shape, "`emit` must give an object", declared.emit->span);
  }
  env.current_row = row;
  Page one;
  value::append_json(row, one.rows.text());
  std::string key;
  for (const ir::Expr& part : declared.emit_key) {
    auto text = run.evaluator->write_json(part, env, arena, key);
    if (!text) return fail(text.error());
    key += '\n';
  }
  one.rows.end_row(
      rows::RowHasher(seed).hash(key.empty() ? one.rows.row(0) : std::string_view(key)));
  one.cells = "[";
  for (const ir::Expr& cell : declared.emit_cells) {
    if (one.cells.size() > 1) one.cells += ',';
    if (auto wrote = run.evaluator->write_json(cell, env, arena, one.cells); !wrote) {
      return fail(wrote.error());
    }
  }
  one.cells += ']';
  one.cell_ends.push_back(static_cast<std::uint32_t>(one.cells.size()));
  return commit(collection, one, nullptr);
}

void Engine::State::add_task(CollectionRun& collection, std::uint32_t read, std::uint32_t choice,
                             std::string inputs) {
  auto task = std::make_unique<Task>();
  task->id = next_ticket++;
  task->collection = &collection;
  task->read = read;
  task->choice = choice;
  task->inputs = std::move(inputs);
  ++collection.open_tasks;
  ++collection.tasks_made;
  Task& kept = *task;
  tasks.emplace(kept.id, std::move(task));
  submit(kept, {});
}

void Engine::State::submit(Task& task, value::TimePoint not_before) {
  const ReadRun& read = read_of(task);
  Ticket ticket;
  ticket.id = task.id;
  ticket.lane = read.chain->request
                    ? task.collection->instance->lanes[read.chain->request->client.value]
                    : task.collection->instance->lanes[0];
  ticket.site = read.site;
  ticket.depth = task.collection->depth;
  ticket.feeds = task.collection->feeds;
  ticket.not_before = not_before;
  scheduler.submit(ticket);
}

eval::Environment Engine::State::environment(Task& task) {
  eval::Environment env = base_environment(*task.collection->instance);
  env.identities = read_of(task).choices[task.choice].identities;
  env.bound = task.live->bound;
  env.lets = task.live->lets;
  env.locals = task.live->locals;
  if (read_of(task).needs.auth_token) env.auth_token = main_token_value(task);
  return env;
}

/// `auth.token`: the token itself, or the access token among what is kept.
Value Engine::State::main_token_value(Task& task) {
  AuthRun& auth = auth_of(task);
  const auto main = auth.main_token();
  if (!main || !auth.tokens[*main].held) return Value::null();
  const Value held = auth.tokens[*main].held->get();
  const Value* access =
      held.kind == value::Kind::object ? value::find_member(held, "access_token") : nullptr;
  return access != nullptr ? *access : held;
}

void Engine::State::start_task(const Ticket& ticket) {
  if (fetches.contains(ticket.id)) {
    if (!start_fetch(ticket.id)) scheduler.finished(ticket.lane);
    return;
  }
  Task& task = *tasks.at(ticket.id);
  if (task.collection->abandoned) {
    scheduler.finished(ticket.lane);
    end_task(task);
    return;
  }
  Result<bool> sent = true;
  if (!task.live && read_of(task).needs.auth_token) {
    auto held = holds_token(task);
    if (held && !*held) {
      wait_for_tokens(task);
      scheduler.finished(ticket.lane);
      return;
    }
    if (!held) sent = fail(held.error());
  }
  if (sent && !task.live) {
    task.live = std::make_unique<Task::Live>();
    sent = open_task(task);
    if (sent && !*sent) {
      scheduler.finished(ticket.lane);
      end_task(task);
      return;
    }
  }
  if (sent) sent = send(task);
  if (sent && *sent) return;
  scheduler.finished(ticket.lane);
  if (!sent) {
    publish(task, nullptr, &sent.error());
    fail_task(task, sent.error(), "");
  }
}

namespace {

value::Failure not_executable(const std::string& what, grammar::Span where) {
  value::Failure failure;
  failure.kind = FailureKind::unsupported;
  failure.code = "F0901";
  failure.text = what + " is checked but not executed by this version";
  failure.where = where;
  return failure;
}

}  // namespace

/// Values of the inputs, steps before the request, and the first draft. False: a step says there
/// is nothing to do.
Result<bool> Engine::State::open_task(Task& task) {
  const ir::Chain& chain = *read_of(task).chain;
  Task::Live& live = *task.live;
  InstanceRun& run = *task.collection->instance;
  live.bound.resize(task.collection->collection->slots.size());
  auto inputs = value::parse_json(task.inputs, live.arena);
  FCONN_ASSERT(inputs && inputs->count == chain.uses.size(), "inputs are an array of our own");
  for (std::size_t i = 0; i < chain.uses.size(); ++i) {
    live.bound[chain.uses[i]] = inputs->list_view()[i];
  }
  live.lets.resize(chain.lets);
  live.locals.resize(std::max(chain.locals, chain.request ? chain.request->locals : 0));
  eval::Environment env = environment(task);
  for (const ir::Step& step : chain.steps) {
    if (step.kind == ir::StepKind::let_request) {
      return fail(not_executable("an earlier request of a chain (`let x = METHOD …`)", step.span));
    }
    if (step.kind == ir::StepKind::for_each) {
      return fail(not_executable("`for` in a chain", step.span));
    }
    if (step.kind == ir::StepKind::let_value) {
      auto result = run.evaluator->evaluate(*step.value, env, live.arena);
      if (!result) return fail(result.error());
      live.lets[step.slot] = *result;
      continue;
    }
    if (!step.judgement || !step.judgement->condition.when) continue;
    auto holds = run.evaluator->test(*step.judgement->condition.when, env, live.arena);
    if (!holds) return fail(holds.error());
    if (!*holds) continue;
    std::string reason =
        step.kind == ir::StepKind::skip ? "skipped by the connector" : "failed by the connector";
    if (step.judgement->reason) {
      auto said = run.evaluator->evaluate(*step.judgement->reason, env, live.arena);
      if (!said) return fail(said.error());
      auto text = eval::text_of(*said, live.arena);
      if (!text) return fail(text.error());
      reason = std::string(*text);
    }
    if (step.kind == ir::StepKind::fail) {
      return fail(FailureKind::rule, reason, step.span);
    }
    ++task.collection->outcome.skips[reason];
    return false;
  }
  if (!chain.request) return fail(not_executable("a read without a request", chain.span));
  if (chain.request->until) {
    return fail(not_executable("`until`", chain.request->until->span));
  }
  auto draft = render(*chain.request, run.clients[chain.request->client.value], *run.evaluator, env,
                      live.arena, run.guard);
  if (!draft) return fail(draft.error());
  live.draft = *std::move(draft);
  live.attempts.resize(chain.request->retries.size() + 1);
  return true;
}

/// Puts the task's draft on the wire, or lets it wait for the answer of an identical request.
Result<bool> Engine::State::send(Task& task) {
  Task::Live& live = *task.live;
  const ir::Chain& chain = *read_of(task).chain;
  InstanceRun& run = *task.collection->instance;
  if (live.redirect) {
    http::Request request = *std::move(live.redirect);
    live.redirect.reset();
    if (auto sent = transmit(task, std::move(request), live.redirects); !sent) {
      return fail(sent.error());
    }
    return true;
  }
  if (!live.admitted) {
    live.admitted = true;
    const std::uint64_t key = hash(live.draft, seed);
    if (!live.guard.request(key)) {
      return fail(
          FailureKind::loop,
          "pagination loop: page " + std::to_string(live.page + 1) +
              " would be the same request as an earlier page of this chain",
          chain.request->pagination ? chain.request->pagination->span : chain.request->span);
    }
    if (chain.shareable) {
      // Clients and instances may sign differently, so they never share.
      const std::uint64_t shared_key = key ^
                                       (0x9E3779B97F4A7C15ULL * (chain.request->client.value + 1)) ^
                                       reinterpret_cast<std::uintptr_t>(&run);
      auto& answer = shared[shared_key];
      if (answer) {
        if (answer->done) {
          served.emplace_back(task.id, shared_key);
        } else {
          answer->waiting.push_back(task.id);
        }
        return false;
      }
      answer = std::make_unique<SharedAnswer>();
      live.owns = shared_key;
    }
  }
  AuthRun& auth = auth_of(task);
  if (auth.refused) return fail(*auth.refused);
  if (!signable(auth)) {
    wait_for_tokens(task);
    return false;
  }
  auto request = sign(auth, live, read_of(task).needs.auth_token);
  if (!request) return fail(request.error());
  if (auto sent = transmit(task, *std::move(request), 0); !sent) return fail(sent.error());
  return true;
}

/// The request as it is sent, with the credentials that are held now.
Result<http::Request> Engine::State::sign(AuthRun& auth, Task::Live& live, bool renders_token) {
  eval::Evaluator& evaluator = *auth.instance->evaluator;
  AuthFrame frame;
  if (auth.auth == nullptr) {
    return authenticate(live.draft, nullptr, {}, evaluator, frame.env, frame.arena);
  }
  AuthReads nothing;
  if (auto filled = fill_frame(auth, nothing, frame, 0); !filled) return fail(filled.error());
  if (auth.to_sign.challenge && auth.challenge) {
    const value::Member members[] = {
        {"value", auth.challenge->get()},
        {"uses", Value::of(static_cast<std::int64_t>(++auth.challenge_uses))}};
    frame.env.challenge = value::copy(Value::object(members), frame.arena);
  }
  live.tokens.clear();
  for (const std::uint32_t token : auth.to_sign.tokens) {
    live.tokens.emplace_back(token, auth.tokens[token].serial);
  }
  const auto main = auth.main_token();
  if (renders_token && main) live.tokens.emplace_back(*main, auth.tokens[*main].serial);
  return authenticate(live.draft, auth.auth, auth.to_sign.lets, evaluator, frame.env, frame.arena);
}

Result<void> Engine::State::transmit(Task& task, http::Request request, int redirects) {
  const ReadRun& read = read_of(task);
  const ir::Request& declared = *read.chain->request;
  const bool json = declared.accept == ir::Accept::automatic || declared.accept == ir::Accept::json;
  const bool streamable = json && declared.rows_path && !read.chain->shareable &&
                          rows::streamable(read.full->projection());
  Wire wire;
  wire.task = task.id;
  wire.declared = &declared;
  wire.client = &task.collection->instance->connector->clients[declared.client.value];
  wire.redirects = redirects;
  wire.collection = task.collection;
  if (streamable) wire.stream = [this](Exchange& e) { return make_stream(e); };
  task.live->request_name = put_on_wire(std::move(wire), std::move(request));
  return {};
}

std::string Engine::State::put_on_wire(Wire wire, http::Request request) {
  const ir::Request& declared = *wire.declared;
  const ir::Client& client = *wire.client;
  request.id = next_request++;
  const auto pick = [](const std::optional<std::int64_t>& own,
                       const std::optional<std::int64_t>& clients, value::Milliseconds standard) {
    return own ? value::Milliseconds(*own) : clients ? value::Milliseconds(*clients) : standard;
  };
  request.timeout = pick(declared.timeout_ms, client.timeout_ms, value::Milliseconds(60'000));
  if (options.timeout) request.timeout = *options.timeout;
  request.connect_timeout = std::min(
      pick(declared.connect_timeout_ms, client.connect_timeout_ms, value::Milliseconds(10'000)),
      request.timeout);
  request.max_body = options.max_body;

  std::unique_ptr<Exchange> exchange;
  if (idle.empty()) {
    exchange = std::make_unique<Exchange>();
  } else {
    exchange = std::move(idle.back());
    idle.pop_back();
  }
  BodyLimits limits;
  limits.max_whole = options.max_whole_body;
  exchange->task = wire.task;
  exchange->redirects = wire.redirects;
  exchange->name = "r" + std::to_string(request.id);
  http::Request sent = request;
  exchange->begin(std::move(request), limits, std::move(wire.stream),
                  [this](Exchange& e) { completed.push_back(&e); });
  trace_request(exchange->name, sent, wire.collection);
  in_flight[wire.task] = exchange.get();
  Exchange& handler = *exchange;
  exchanges.push_back(std::move(exchange));
  ports.transport.start(std::move(sent), handler);
  return handler.name;
}

void Engine::State::trace_request(const std::string& name, const http::Request& sent,
                                  const CollectionRun* collection) {
  if (ports.trace == nullptr || !ports.trace->enabled()) return;
  std::string members = ",\"request\":";
  value::append_json_string(name, members);
  members += ",\"method\":";
  value::append_json_string(sent.method, members);
  members += ",\"url\":";
  value::append_json_string(ports.redactor.redact(sent.url), members);
  members += ",\"headers\":{";
  bool first = true;
  for (const http::HeaderField& field : sent.headers) {
    if (!first) members += ',';
    first = false;
    value::append_json_string(field.name, members);
    members += ':';
    value::append_json_string(field.credential ? "***" : ports.redactor.redact(field.value),
                              members);
  }
  members += "}";
  if (sent.has_body) {
    members += ",\"body\":";
    // Codes, verifiers and assertions of a token's request are good for as long as it takes to use
    // them.
    value::append_json_string(collection == nullptr ? "***" : ports.redactor.redact(sent.body),
                              members);
  }
  trace("request", collection, members);
}

/// A large answer is cut into rows as it comes; its pages wait in a staging until it has ended.
std::unique_ptr<Exchange::Stream> Engine::State::make_stream(Exchange& exchange) {
  Task& task = *tasks.at(exchange.task);
  const ReadRun& read = read_of(task);
  const std::string* type = http::find(exchange.headers, "Content-Type");
  const std::string media = type != nullptr ? http::parse_media_type(*type).type : "";
  if (media.find("csv") != std::string::npos || media.find("xml") != std::string::npos ||
      media.find("ndjson") != std::string::npos || media.find("html") != std::string::npos) {
    return nullptr;
  }
  auto stream = std::make_unique<Exchange::Stream>();
  RowPipeline::Site site{&*read.chain->request, read.read, task.collection->collection,
                         task.collection->feeds};
  stream->pipeline = std::make_unique<RowPipeline>(site, *task.collection->instance->evaluator,
                                                   rows::RowHasher(seed));
  stream->env = environment(task);
  Exchange::Stream* const base = stream.get();
  stream->pipeline->begin(
      stream->env, read.choices[task.choice].keep_identities, task.live->taken, stream->page,
      [base](Page& full) { return base->staging.add(full); }, std::size_t{256} << 10U);
  stream->reader = std::make_unique<rows::JsonStream>(*read.full, *stream->pipeline);
  trace("streaming", task.collection, ",\"request\":\"" + exchange.name + "\"");
  return stream;
}

}  // namespace fconn::run
