// From inputs to requests on the wire.
#include <algorithm>
#include <numeric>

#include "interpreter/formats/csv.hh"
#include "interpreter/formats/ndjson.hh"
#include "interpreter/formats/packed.hh"
#include "interpreter/run/answer.hh"
#include "interpreter/run/body.hh"
#include "interpreter/run/state.hh"
#include "interpreter/run/trace.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;
using value::Value;

void Engine::State::begin_sources() {
  for (auto& instance : instances) {
    for (auto& collection : instance->collections) {
      if (options.seeds && collection->runs && !collection->inputs_done) begin_seeded(*collection);
      if (!collection->runs || collection->inputs_done) continue;
      CollectionRun& state = *collection;
      for (InputRun& input : state.inputs) {
        auto begun = input.join->start(
            [&](std::span<const Value> slots) { return emit_inputs(state, input.reads, slots); });
        if (!begun) fail_collection(state, begun.error(), "");
      }
    }
  }
}

namespace {

/// The reads that may have found a row below these values: what a read has nothing to do with is
/// null. One whose own values are all there is surer than one that lacks some.
std::vector<std::uint32_t> finders(const CollectionRun& collection,
                                   const std::vector<Value>& values) {
  std::vector<std::uint32_t> all(collection.reads.size()), able, complete;
  std::iota(all.begin(), all.end(), 0U);
  for (const std::uint32_t r : all) {
    const auto& carried = collection.reads[r].carried;
    const auto carries = [&](std::size_t slot) {
      return std::find(carried.begin(), carried.end(), slot) != carried.end();
    };
    bool has_all = true, lacks = false;
    for (std::size_t slot = 0; slot < values.size(); ++slot) {
      has_all = has_all && (values[slot].is_null() || carries(slot));
      lacks = lacks || (values[slot].is_null() && carries(slot));
    }
    if (has_all) able.push_back(r);
    if (has_all && !lacks) complete.push_back(r);
  }
  if (!complete.empty()) return complete;
  return able.empty() ? all : able;
}

}  // namespace

void Engine::State::begin_seeded(CollectionRun& collection) {
  const auto& seeds =
      options.seeds->at(collection.instance->instance.key).at(collection.collection->name);
  for (const std::string& bound : seeds) {
    value::Arena arena;
    auto slots = value::parse_json(bound, arena);
    if (!slots || slots->kind != value::Kind::list) continue;
    std::vector<Value> values(slots->list_view().begin(), slots->list_view().end());
    values.resize(collection.collection->slots.size());
    if (auto emitted = emit_inputs(collection, finders(collection, values), values); !emitted) {
      fail_collection(collection, emitted.error(), "");
    }
  }
}

/// One combination of a collection's bindings: a task for each of the reads that hasn't seen these
/// values.
Result<void> Engine::State::emit_inputs(CollectionRun& collection,
                                        std::span<const std::uint32_t> reads,
                                        std::span<const Value> slots) {
  if (collection.collection->emit) return emit_row(collection, slots);
  if (collection.reads.empty()) return find_binding(collection, slots);
  for (const std::uint32_t r : reads) {
    const ReadRun& read = collection.reads[r];
    std::string inputs = "[";
    for (std::size_t i = 0; i < read.carried.size(); ++i) {
      if (i > 0) inputs += ',';
      value::append_json(slots[read.carried[i]], inputs);
    }
    inputs += ']';
    auto fresh =
        collection.inputs_seen.insert(rows::RowHasher(seed).hash(std::to_string(r) + inputs));
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
    const std::size_t begin = key.size();
    auto text = run.evaluator->write_json(part, env, arena, key);
    if (!text) return fail(text.error());
    // A row whose key is missing is told apart by all it holds, as a row of an answer is.
    if (std::string_view(key).substr(begin) == "null") {
      key.clear();
      break;
    }
    key += '\n';
  }
  const rows::RowHasher hasher(seed);
  value::RowHash hash = hasher.hash(key.empty() ? one.rows.text() : key);
  if (!key.empty()) hash.content = hasher.hash(one.rows.text()).low;
  one.rows.end_row(hash);
  one.cells = "[";
  for (const ir::Expr& cell : declared.emit_cells) {
    if (one.cells.size() > 1) one.cells += ',';
    if (auto wrote = run.evaluator->write_json(cell, env, arena, one.cells); !wrote) {
      return fail(wrote.error());
    }
  }
  one.cells += ']';
  one.cell_ends.push_back(static_cast<std::uint32_t>(one.cells.size()));
  emitting = slots;
  auto committed = commit(collection, one, nullptr);
  emitting = {};
  return committed;
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
  Ticket ticket;
  ticket.id = task.id;
  ticket.lane = lane_of(task);
  ticket.site = request_of(task).site;
  const bool chain = read_of(task).requests.size() > 1;
  ticket.opens = chain && !task.live;
  ticket.goes_on = chain && task.live;
  ticket.depth = task.collection->depth;
  ticket.feeds = task.collection->feeds;
  ticket.not_before = not_before;
  scheduler.submit(ticket);
}

eval::Environment Engine::State::environment(Task& task) {
  eval::Environment env = base_environment(*task.collection->instance);
  env.identities = read_of(task).choices[task.choice].identities;
  env.bound = task.live->bound;
  env.locals = task.live->locals;
  if (request_of(task).needs.auth_token) env.auth_token = main_token_value(task);
  if (task.erasure != nullptr) see_erasure(task, env);
  task.live->walk.show(env);
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
    if (!start_fetch(ticket.id)) scheduler.unused(ticket);
    return;
  }
  Task& task = *tasks.at(ticket.id);
  // Tasks of other collections may wait for what this one asks.
  const bool owed = task.live && task.live->now.owns;
  if (task.collection->abandoned && task.erasure == nullptr && !owed) {
    scheduler.unused(ticket);
    end_task(task);
    return;
  }
  if (task.erasure != nullptr && !task.live && erasing->closing) {
    scheduler.unused(ticket);
    ErasureEnd postponed;
    postponed.how = ErasureEnd::How::postponed;
    return end_erasure(task, std::move(postponed));
  }
  const bool rendered = task.live && task.live->now.rendered;
  Result<bool> sent = true;
  if (!rendered && request_of(task).needs.auth_token) {
    auto held = holds_token(task);
    if (held && !*held) {
      wait_for_tokens(task);
      scheduler.unused(ticket);
      return;
    }
    if (!held) sent = fail(held.error());
  }
  if (sent && !task.live && task.erasure != nullptr) {
    auto opened = open_erasure(task);
    if (!opened) sent = fail(opened.error());
  } else if (sent && !task.live) {
    open_task(task);
    if (auto resumed = resume_job(task); !resumed) sent = fail(resumed.error());
  }
  if (sent && !task.live->now.stepped) {
    if (!advance(task)) {
      scheduler.unused(ticket);
      return;
    }
  }
  if (sent && !task.live->now.rendered) {
    auto made = render_request(task);
    if (made) made = keep_job(task);
    if (!made) sent = fail(made.error());
  }
  if (sent) sent = send(task);
  if (sent && *sent) return;
  scheduler.unused(ticket);
  if (!sent) {
    publish(task, nullptr, &sent.error());
    fail_task(task, sent.error(), "");
  }
}

/// Values of the inputs and frames; the chain stands before its first step then.
void Engine::State::open_task(Task& task) {
  const ir::Chain& chain = *read_of(task).chain;
  task.live = std::make_unique<Task::Live>(chain);
  Task::Live& live = *task.live;
  live.bound.resize(task.collection->collection->slots.size());
  auto inputs = value::parse_json(task.inputs, live.arena);
  const std::vector<std::uint32_t>& carried = read_of(task).carried;
  FCONN_ASSERT(inputs && inputs->count == carried.size(), "inputs are an array of our own");
  for (std::size_t i = 0; i < carried.size(); ++i) {
    live.bound[carried[i]] = inputs->list_view()[i];
  }
  std::uint32_t locals = chain.locals;
  for (const RequestRun& request : read_of(task).requests) {
    locals = std::max(locals, request.request->locals);
  }
  live.locals.resize(locals);
}

/// A request that is about one row isn't sent where nothing of that row is left in it.
Result<void> Engine::State::still_tied(Task& task) {
  const std::vector<ir::Tie>& ties = request_of(task).ties;
  if (ties.empty()) return {};
  const bool action = read_of(task).read == nullptr;
  eval::Environment env = environment(task);
  std::string_view what;
  for (const ir::Tie& tie : ties) {
    auto value = evaluator_of(task).evaluate(*tie.value, env, task.live->arena);
    if (!value) return {};  // making the request says why
    const Value found = value::decoded(*value, task.live->arena);
    // Many services take an empty text for nothing; what acts isn't left to that.
    const bool empty = action && found.kind == value::Kind::string && found.length == 0;
    if (!found.is_null() && !empty) return {};
    if (what.empty()) what = empty ? "empty" : "null";
  }
  const ir::Tie& first = ties.front();
  return fail(FailureKind::shape,
              "`" + first.name + "` is " + std::string(what) + ": without it the request would " +
                  (first.sent ? "be about nobody" : "ask for everything"),
              first.value->span);
}

/// The first draft of the request that is due.
Result<void> Engine::State::render_request(Task& task) {
  const ir::Request& request = *request_of(task).request;
  Task::Live& live = *task.live;
  InstanceRun& run = *task.collection->instance;
  if (auto tied = still_tied(task); !tied) return tied;
  if (task.erasure != nullptr) {
    auto made = render_as(task, ErasureView::wire);
    if (!made) return fail(made.error());
    live.now.draft = *std::move(made);
  } else {
    eval::Environment env = environment(task);
    auto made = render(request, run.clients[request.client.value], *run.evaluator, env, live.arena,
                       run.guard);
    if (!made) return fail(made.error());
    live.now.draft = *std::move(made);
  }
  live.now.at_home = at_home(live.now.draft.url, run.clients[request.client.value], run.guard);
  live.now.attempts.assign(request.retries.size() + 1, 0);
  live.now.rendered = true;
  return {};
}

/// Puts the task's draft on the wire, or lets it wait for the answer of an identical request.
Result<bool> Engine::State::send(Task& task) {
  Task::Current& now = task.live->now;
  const RequestRun& site = request_of(task);
  const ir::Request& declared = *site.request;
  InstanceRun& run = *task.collection->instance;
  if (task.erasure != nullptr && erasing->drafting() && acts(task)) {
    draft_request(task);
    return false;
  }
  if (now.redirect) {
    http::Request request = *std::move(now.redirect);
    now.redirect.reset();
    if (auto sent = transmit(task, std::move(request), now.redirects); !sent) {
      return fail(sent.error());
    }
    return true;
  }
  if (!now.admitted) {
    now.admitted = true;
    if (now.questions == 0) now.first_question = ports.clock.now();
    const std::uint64_t key = hash(now.draft, seed);
    if (!now.guard.request(key)) {
      return fail(FailureKind::loop,
                  "pagination loop: page " + std::to_string(now.page + 1) +
                      " would be the same request as an earlier page of this chain",
                  declared.pagination ? declared.pagination->span : declared.span);
    }
    if (site.shareable) {
      // Clients and instances may sign differently, so they never share.
      const std::uint64_t shared_key = key ^ (0x9E3779B97F4A7C15ULL * (declared.client.value + 1)) ^
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
      now.owns = shared_key;
    }
  }
  Result<http::Request> request = to_request(now.draft);
  if (now.at_home) {
    AuthRun& auth = auth_of(task);
    if (auth.refused) return fail(*auth.refused);
    if (!signable(auth)) {
      wait_for_tokens(task);
      return false;
    }
    request = sign(auth, now, site.needs.auth_token);
  }
  if (!request) return fail(request.error());
  if (auto sent = transmit(task, *std::move(request), 0); !sent) return fail(sent.error());
  return true;
}

/// The request as it is sent, with the credentials that are held now.
Result<http::Request> Engine::State::sign(AuthRun& auth, Task::Current& now, bool renders_token) {
  eval::Evaluator& evaluator = *auth.instance->evaluator;
  AuthFrame frame;
  if (auth.auth == nullptr) {
    return authenticate(now.draft, nullptr, {}, evaluator, frame.env, frame.arena);
  }
  AuthReads nothing;
  if (auto filled = fill_frame(auth, nothing, frame, 0); !filled) return fail(filled.error());
  if (auth.to_sign.challenge && auth.challenge) {
    const value::Member members[] = {
        {"value", auth.challenge->get()},
        {"uses", Value::of(static_cast<std::int64_t>(++auth.challenge_uses))}};
    frame.env.challenge = value::copy(Value::object(members), frame.arena);
  }
  now.tokens.clear();
  for (const std::uint32_t token : auth.to_sign.tokens) {
    now.tokens.emplace_back(token, auth.tokens[token].serial);
  }
  const auto main = auth.main_token();
  if (renders_token && main) now.tokens.emplace_back(*main, auth.tokens[*main].serial);
  return authenticate(now.draft, auth.auth, auth.to_sign.lets, evaluator, frame.env, frame.arena);
}

Result<void> Engine::State::transmit(Task& task, http::Request request, int redirects) {
  const RequestRun& site = request_of(task);
  const ir::Request& declared = *site.request;
  if (task.erasure != nullptr) {
    if (auto known = announce(task); !known) return known;
    request.once = task.erasure->in_flight;
  }
  const bool by_rows = declared.accept != ir::Accept::xml && declared.accept != ir::Accept::text &&
                       declared.accept != ir::Accept::bytes;
  const bool streamable = by_rows && site.step == nullptr && task.erasure == nullptr &&
                          declared.rows_path && !site.shareable &&
                          rows::streamable(site.full->projection());
  Wire wire;
  wire.task = task.id;
  wire.declared = &declared;
  wire.client = &task.collection->instance->connector->clients[declared.client.value];
  wire.redirects = redirects;
  wire.collection = task.collection;
  wire.connector = task.collection->instance->connector;
  wire.step = site.step;
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
  const bool wanted = see_sending(wire, exchange->name, request);
  http::Request sent = request;
  exchange->begin(std::move(request), limits, std::move(wire.stream),
                  [this](Exchange& e) { completed.push_back(&e); });
  in_flight[wire.task] = exchange.get();
  Exchange& handler = *exchange;
  exchanges.push_back(std::move(exchange));
  if (!wanted) {
    interrupted = handler.held = handler.unsent = true;
    handler.done(fail(FailureKind::cancelled, "the run was ended before it was sent"));
    return handler.name;
  }
  trace_request(handler.name, sent, wire);
  ports.transport.start(std::move(sent), handler);
  return handler.name;
}

void Engine::State::trace_request(const std::string& name, const http::Request& sent,
                                  const Wire& wire) {
  const CollectionRun* collection = wire.collection;
  const ir::Step* step = wire.step;
  if (ports.trace == nullptr || !ports.trace->enabled()) return;
  std::string members = ",\"request\":";
  value::append_json_string(name, members);
  if (step != nullptr) {
    members += ",\"step\":";
    value::append_json_string(step->name, members);
  }
  members += ",\"task\":" + std::to_string(wire.task) +
             place_member(*wire.connector, wire.declared->span) + ",\"method\":";
  value::append_json_string(sent.method, members);
  if (options.private_trace) {
    members += ",\"template\":";
    value::append_json_string(template_of(*wire.declared), members);
    return trace("request", collection, members);
  }
  members += ",\"url\":";
  value::append_json_string(ports.redactor.url(sent), members);
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

namespace {

using Decoders = std::vector<std::unique_ptr<formats::Decoder>>;

/// What makes JSON of a body as it comes; none for formats that are read as a whole.
std::optional<Decoders> stream_decoders(const ir::Request& request, const Exchange& exchange,
                                        std::uint64_t max_bytes) {
  const std::string* type = http::find(exchange.headers, "Content-Type");
  const bool page = type != nullptr && type->find("html") != std::string::npos;
  if (page || formats::is_zip(exchange.whole())) return std::nullopt;
  Decoders decoders;
  if (formats::is_gzip(exchange.whole())) {
    auto gzip = formats::gzip_decoder(max_bytes);
    if (!gzip) return std::nullopt;  // reading it as a whole says why
    decoders.push_back(*std::move(gzip));
  }
  switch (format_of(request, exchange.headers)) {
    case ir::Accept::csv:
      decoders.push_back(formats::csv_decoder({}));
      return decoders;
    case ir::Accept::ndjson:
      decoders.push_back(formats::ndjson_decoder());
      return decoders;
    case ir::Accept::json:
      return decoders;
    default:
      return std::nullopt;
  }
}

}  // namespace

/// A large answer is cut into rows as it comes; its pages wait in a staging until it has ended.
std::unique_ptr<Exchange::Stream> Engine::State::make_stream(Exchange& exchange) {
  Task& task = *tasks.at(exchange.task);
  const ReadRun& read = read_of(task);
  const RequestRun& site = request_of(task);
  auto decoders = stream_decoders(*site.request, exchange, options.max_body);
  if (!decoders) return nullptr;
  auto stream = std::make_unique<Exchange::Stream>();
  const RowPipeline::Site where{site.request, read.read, task.collection->collection,
                                task.collection->feeds};
  stream->pipeline = std::make_unique<RowPipeline>(where, *task.collection->instance->evaluator,
                                                   rows::RowHasher(seed));
  stream->env = environment(task);
  stream->pipeline->watch(row_watch(task));
  Exchange::Stream* const base = stream.get();
  stream->taken = task.live->now.taken;
  stream->pipeline->begin(
      stream->env, read.choices[task.choice].keep_identities, stream->taken, stream->page,
      [base](Page& full) { return base->staging.add(full); }, std::size_t{256} << 10U);
  stream->decoders = *std::move(decoders);
  stream->reader = std::make_unique<rows::JsonStream>(*site.full, *stream->pipeline);
  trace("streaming", task.collection, ",\"request\":\"" + exchange.name + "\"");
  return stream;
}

}  // namespace fconn::run
