// Instances before the run: values in place, base URLs known, plans made, readers compiled.
#include <algorithm>
#include <functional>
#include <map>

#include "interpreter/ir/walk.hh"
#include "interpreter/run/state.hh"

namespace fconn::run {

using value::Value;

namespace {

void scan(const ir::Expr& expr, Needs& needs) {
  switch (expr.op) {
    case ir::Op::header:
    case ir::Op::headers:
      needs.headers = true;
      break;
    case ir::Op::links:
      needs.links = true;
      break;
    case ir::Op::request:
    case ir::Op::request_part:
      needs.request = true;
      break;
    case ir::Op::rows_all:
      needs.rows_all = true;
      break;
    case ir::Op::auth_token:
      needs.auth_token = true;
      break;
    default:
      break;
  }
  for (const ir::Expr& kid : expr.kids) scan(kid, needs);
}

void scan(const std::optional<ir::Expr>& expr, Needs& needs) {
  if (expr) scan(*expr, needs);
}

void scan(const std::vector<ir::Judgement>& judgements, Needs& needs) {
  for (const ir::Judgement& judgement : judgements) {
    scan(judgement.condition.when, needs);
    scan(judgement.reason, needs);
  }
}

bool reads_let(const ir::Chain& chain, std::uint32_t slot) {
  bool found = false;
  ir::each_expr(chain, [&](const ir::Expr& expr) {
    found = found || (expr.op == ir::Op::let_value && expr.number == slot);
  });
  return found;
}

/// Every way to take one value of each list.
std::vector<std::vector<Value>> product(const std::vector<std::vector<Value>>& lists) {
  std::vector<std::vector<Value>> all{{}};
  for (const std::vector<Value>& list : lists) {
    std::vector<std::vector<Value>> longer;
    for (const std::vector<Value>& prefix : all) {
      for (const Value& value : list) {
        longer.push_back(prefix);
        longer.back().push_back(value);
      }
    }
    all = std::move(longer);
  }
  return all;
}

}  // namespace

Needs needs_of(const ir::Request& request) {
  Needs needs;
  for (const ir::TargetPart& part : request.target) scan(part.value, needs);
  for (const auto* sent : {&request.query, &request.headers, &request.body}) scan(*sent, needs);
  for (const ir::RetryRule& rule : request.retries) scan(rule.condition.when, needs);
  scan(request.skips, needs);
  scan(request.fails, needs);
  if (request.until) scan(request.until->condition, needs);
  scan(request.rows, needs);
  for (const ir::RowOp& op : request.row_ops) scan(op.value, needs);
  if (request.pagination) {
    for (const ir::PageStep& step : request.pagination->steps) {
      scan(step.value, needs);
      scan(step.reason, needs);
    }
  }
  return needs;
}

void Engine::State::add(Instance instance) {
  auto run = std::make_unique<InstanceRun>();
  run->instance = std::move(instance);
  run->connector = run->instance.connector.get();
  run->evaluator = std::make_unique<eval::Evaluator>(*run->connector, ports.clock, ports.random);
  run->evaluator->watch(ports.decisions);
  instances.push_back(std::move(run));
}

eval::Environment Engine::State::base_environment(const InstanceRun& run) const {
  eval::Environment env;
  env.params = run.params;
  env.externals = run.externals;
  env.request_id = options.request_id;
  return env;
}

void Engine::State::prepare() {
  for (auto& run : instances) {
    prepare_instance(*run);
    if (run->broken) {
      // Every collection is named in the summary all the same.
      const bool consents = options.action == plan::Action::consent;
      if (consents) name_consents(*run);
      for (const ir::Collection& collection : run->connector->collections) {
        if (consents) break;
        auto state = std::make_unique<CollectionRun>();
        state->instance = run.get();
        state->collection = &collection;
        state->runs = state->output = true;
        run->collections.push_back(std::move(state));
      }
      bool told = false;
      for (auto& collection : run->collections) {
        fail_collection(*collection, *run->broken, "", told);
        collection->inputs_done = true;
        told = true;
      }
      continue;
    }
    if (options.check_only) {
      prepare_check(*run);
    } else if (options.action == plan::Action::consent) {
      prepare_consents(*run);
    } else if (!options.login_only) {
      prepare_collections(*run);
    }
  }
}

void Engine::State::prepare_instance(InstanceRun& run) {
  const ir::Connector& connector = *run.connector;
  for (const ir::Param& param : connector.params) {
    const auto found = run.instance.params.find(param.name);
    Value given = found == run.instance.params.end() ? Value::null() : found->second.get();
    if (param.secret) {
      given = given.as_secret();
      if (given.kind == value::Kind::string) ports.redactor.add(given.view());
    }
    run.params.push_back(given);
  }
  for (const ir::External& external : connector.externals) {
    const auto found = run.instance.externals.find(external.name);
    if (found == run.instance.externals.end()) {
      run.externals.push_back(Value::list({}));
      continue;
    }
    auto list = run.values.make<Value>(found->second.size());
    for (std::size_t i = 0; i < list.size(); ++i) list[i] = found->second[i].get();
    run.externals.push_back(Value::list(list));
  }
  if (ports.guard.send_to()) run.guard.send_to(*ports.guard.send_to());
  const auto allow = [&](const std::string& host) {
    run.guard.allow({host});
    ports.guard.allow({host});
  };
  for (const std::string& host : connector.hosts) allow(host);
  for (const ir::Expr& host : connector.dynamic_hosts) {
    eval::Environment env = base_environment(run);
    auto result = run.evaluator->evaluate(host, env, run.values);
    auto text = result ? eval::text_of(*result, run.values)
                       : value::Result<std::string_view>(value::fail(result.error()));
    if (!text) {
      run.broken = text.error();
      return;
    }
    allow(std::string(*text));
  }
  for (const ir::Client& client : connector.clients) {
    eval::Environment env = base_environment(run);
    auto base = client_base(client, *run.evaluator, env, run.values);
    if (!base) {
      run.broken = base.error();
      return;
    }
    if (base->base) {
      std::string host = base->base->host;
      if (host.find(':') != std::string::npos) host.insert(0, "[").append("]");
      allow(host + ":" + std::to_string(base->base->port));
    }
    run.clients.push_back(*std::move(base));
    run.lanes.push_back(
        scheduler.add_paced_lane(client.parallel.value_or(options.default_parallel),
                                 pace->of(run.instance.key, &client, client.rates)));
    if (auto prepared = prepare_auth(run, client); !prepared) {
      run.broken = prepared.error();
      return;
    }
  }
}

namespace {

std::uint32_t depth_of(const ir::Connector& connector, std::uint32_t index,
                       std::vector<std::uint32_t>& depths) {
  std::uint32_t depth = 0;
  for (const ir::Source& source : connector.collections[index].sources) {
    if (source.collection) depth = std::max(depth, depths[source.collection->value] + 1);
  }
  return depth;
}

}  // namespace

void Engine::State::prepare_collections(InstanceRun& run) {
  const ir::Connector& connector = *run.connector;
  plan::Goal goal;
  goal.action = options.action;
  goal.collections = options.collections;
  if (const auto found = options.left_out.find(run.instance.key); found != options.left_out.end()) {
    goal.left_out = found->second;
  }
  for (const auto& [name, values] : run.instance.identities) {
    if (!values.empty()) goal.identities.insert(name);
  }
  for (const auto& [name, values] : run.instance.externals) goal.externals.insert(name);
  const plan::Planned planned = plan::plan(connector, goal);

  std::vector<std::uint32_t> depths(connector.collections.size());
  for (std::uint32_t i = 0; i < connector.collections.size(); ++i) {
    depths[i] = depth_of(connector, i, depths);
    auto state = std::make_unique<CollectionRun>();
    state->instance = &run;
    state->collection = &connector.collections[i];
    state->index = i;
    state->depth = depths[i];
    state->output = false;
    if (options.action == plan::Action::erase) prepare_erasures(*state);
    run.collections.push_back(std::move(state));
  }
  for (const plan::PlannedCollection& item : planned.plan.collections) {
    CollectionRun& state = *run.collections[item.id.value];
    state.runs = item.runs;
    state.output = item.output;
    state.left_out = item.left_out;
    if (!item.runs) {
      if (item.output || !item.left_out.empty()) skip_collection(state, item.skip_reason);
      continue;
    }
    for (const plan::PlannedRead& read : item.reads) {
      if (!read.runs) continue;
      const ir::Read& declared = state.collection->reads[read.read];
      prepare_read(state, declared.chain, &declared, read.read);
    }
  }
  if (options.seeds) return prepare_seeded(run);
  for (auto& state : run.collections) {
    if (!state->runs) continue;
    for (std::uint32_t i = 0; i < state->collection->sources.size(); ++i) {
      const ir::Source& source = state->collection->sources[i];
      if (!source.collection) continue;
      CollectionRun& parent = *run.collections[source.collection->value];
      parent.children.emplace_back(state->index, i);
      parent.feeds = true;
      ++state->waiting_parents;
    }
  }
  for (auto& state : run.collections) {
    if (!state->runs) {
      make_pipelines(*state);
      continue;
    }
    make_inputs(*state);
    make_pipelines(*state);
  }
}

/// Reads that use the same sources share their combinations. A source that a read has nothing to do
/// with doesn't hold it back, though it may have no values.
void Engine::State::make_inputs(CollectionRun& collection) {
  const ir::Collection& declared = *collection.collection;
  const auto add = [&](std::vector<bool> wanted) -> InputRun& {
    InputRun input;
    input.join = std::make_unique<InputJoin>(
        declared, std::move(wanted), *collection.instance->evaluator,
        base_environment(*collection.instance), rows::RowHasher(seed), InputJoin::Limits{});
    return collection.inputs.emplace_back(std::move(input));
  };
  if (declared.emit || collection.reads.empty()) {
    add(std::vector<bool>(declared.sources.size(), true));
    return;
  }
  std::map<std::vector<bool>, std::vector<std::uint32_t>> groups;
  for (std::uint32_t r = 0; r < collection.reads.size(); ++r) {
    groups[sources_of(declared, collection.reads[r].carried)].push_back(r);
  }
  for (auto& [wanted, reads] : groups) add(wanted).reads = std::move(reads);
}

/// Collections that are read by the requests that found their rows before: no way leads to them.
void Engine::State::prepare_seeded(InstanceRun& run) {
  const auto mine = options.seeds->find(run.instance.key);
  for (auto& state : run.collections) {
    const bool seeded =
        mine != options.seeds->end() && mine->second.contains(state->collection->name);
    const bool can_run = state->runs;
    state->runs = state->output = seeded && can_run;
    make_pipelines(*state);
  }
}

void Engine::State::prepare_check(InstanceRun& run) {
  if (!run.connector->check) return;
  run.check = std::make_unique<ir::Collection>();
  run.check->name = "check";
  ir::Read read;
  read.chain = *run.connector->check;
  if (read.chain.request) {
    read.chain.request->rows_path.reset();
    read.chain.request->rows.reset();
    read.chain.request->pagination.reset();
  }
  run.check->reads.push_back(std::move(read));
  stand_in(run, *run.check);
}

void Engine::State::prepare_read(CollectionRun& collection, const ir::Chain& chain,
                                 const ir::Read* declared, std::uint32_t index) {
  collection.reads.push_back(prepare_chain(collection, chain, declared, index));
}

/// The chains of an erasure; what they use of the bindings comes along with each row.
void Engine::State::prepare_erasures(CollectionRun& collection) {
  InstanceRun& run = *collection.instance;
  if (!run.plan_time) {
    run.plan_time = std::make_unique<PlanTime>(*run.connector, options.erasure_now);
    run.plan_time->evaluator.watch(ports.decisions);
  }
  const auto prepare_one = [&](const std::optional<ir::Chain>& chain) {
    if (!chain) return std::unique_ptr<ReadRun>();
    auto made = std::make_unique<ReadRun>(prepare_chain(collection, *chain, nullptr, 0));
    for (RequestRun& request : made->requests) request.shareable = false;
    made->requests.back().unread = true;  // what it answers is judged, and gives no rows
    return made;
  };
  collection.update = prepare_one(collection.collection->update);
  collection.removal = prepare_one(collection.collection->erase);
  std::vector<std::uint32_t>& uses = collection.erasure_uses;
  for (const auto* chain : {collection.update.get(), collection.removal.get()}) {
    if (chain != nullptr) uses.insert(uses.end(), chain->carried.begin(), chain->carried.end());
  }
  std::sort(uses.begin(), uses.end());
  uses.erase(std::unique(uses.begin(), uses.end()), uses.end());
}

ReadRun Engine::State::prepare_chain(const CollectionRun& collection, const ir::Chain& chain,
                                     const ir::Read* declared, std::uint32_t index) {
  const InstanceRun& run = *collection.instance;
  ReadRun read;
  read.read = declared;
  read.chain = &chain;
  read.index = index;
  read.carried = chain.uses;
  for (const std::uint32_t slot : collection.erasure_uses) {
    if (std::find(read.carried.begin(), read.carried.end(), slot) == read.carried.end()) {
      read.carried.push_back(slot);
    }
  }

  const auto values_of = [&](ir::IdentityId id) {
    std::vector<Value> values;
    const auto found = run.instance.identities.find(run.connector->identities[id.value].name);
    if (found != run.instance.identities.end()) {
      for (const value::OwnedValue& value : found->second) values.push_back(value.get());
    }
    if (values.empty()) values.push_back(Value::null());
    return values;
  };
  std::vector<std::vector<Value>> fixed, open;
  for (const ir::IdentityId id : chain.request_identities) fixed.push_back(values_of(id));
  for (const ir::IdentityId id : chain.keep_identities) open.push_back(values_of(id));
  const std::vector<Value> nothing(run.connector->identities.size());
  for (const std::vector<Value>& choice : product(fixed)) {
    IdentityChoice made;
    made.identities = nothing;
    for (std::size_t i = 0; i < choice.size(); ++i) {
      const ir::IdentityId id = chain.request_identities[i];
      made.identities[id.value] = choice[i];
      if (choice[i].is_null()) continue;
      if (!made.names.empty()) made.names += ",";
      made.names += run.connector->identities[id.value].name;
    }
    for (const ir::IdentityId id : chain.keep_identities) {
      if (!made.names.empty()) made.names += ",";
      made.names += run.connector->identities[id.value].name;
    }
    for (const std::vector<Value>& alternative : product(open)) {
      std::vector<Value> identities = made.identities;
      for (std::size_t i = 0; i < alternative.size(); ++i) {
        identities[chain.keep_identities[i].value] = alternative[i];
      }
      made.keep_identities.push_back(std::move(identities));
    }
    if (made.keep_identities.size() == 1) {
      made.identities = made.keep_identities[0];
      made.keep_identities.clear();
    }
    read.choices.push_back(std::move(made));
  }

  bool only_reads = true;  // so far: nothing was sent that may have changed what a GET gives
  Needs steps;             // of the steps before the next request
  for (const ir::Step& step : chain.steps) {
    scan(step.value, steps);
    if (step.judgement) scan({*step.judgement}, steps);
    if (!step.request) continue;
    read.requests.push_back(prepare_request(*collection.instance, *step.request, &step));
    read.requests.back().needs.auth_token |= std::exchange(steps, {}).auth_token;
    only_reads = only_reads && step.request->method == "GET";
    read.requests.back().shareable = chain.shareable && only_reads;
    read.requests.back().unread = !reads_let(chain, step.slot);
  }
  read.requests.push_back(prepare_request(*collection.instance, *chain.request, nullptr));
  read.requests.back().needs.auth_token |= steps.auth_token;
  const bool read_alone = declared != nullptr && read.requests.size() == 1;
  for (RequestRun& request : read.requests) {
    if (read_alone) {
      request.ties = ir::loose_ties(run.connector->collections, *collection.collection, chain);
      continue;
    }
    request.ties = ir::request_ties(run.connector->collections, *collection.collection, chain,
                                    *request.request, declared == nullptr);
  }
  const bool alone = read.requests.size() == 1;
  read.requests.back().shareable =
      chain.shareable && (alone || (only_reads && chain.request->method == "GET"));
  return read;
}

/// After it is known whom the collection feeds.
void Engine::State::make_pipelines(CollectionRun& collection) {
  std::vector<ReadRun*> all;
  for (ReadRun& read : collection.reads) all.push_back(&read);
  for (const auto* erasure : {&collection.update, &collection.removal}) {
    if (*erasure) all.push_back(erasure->get());
  }
  for (ReadRun* each : all) {
    ReadRun& read = *each;
    for (RequestRun& request : read.requests) {
      RowPipeline::Site site{request.request, nullptr, nullptr, false, request.step != nullptr};
      if (!site.bound && read.read != nullptr) {
        site = {request.request, read.read, collection.collection, collection.feeds, false};
      }
      request.pipeline = std::make_unique<RowPipeline>(site, *collection.instance->evaluator,
                                                       rows::RowHasher(seed));
    }
  }
}

RequestRun Engine::State::prepare_request(const InstanceRun& run, const ir::Request& request,
                                          const ir::Step* step) {
  RequestRun made;
  made.request = &request;
  made.step = step;
  made.needs = needs_of(request);
  if (!request.rates.empty()) {
    made.site = scheduler.add_paced_site(pace->of(run.instance.key, &request, request.rates));
  }
  rows::Projection projection;
  projection.body_cells = request.body_cells;
  if (made.needs.rows_all && request.rows_path) {
    made.rows_cell = projection.body_cells.size();
    projection.body_cells.push_back(*request.rows_path);
  }
  if (step != nullptr && !made.has_rows()) {
    made.body_cell = projection.body_cells.size();
    projection.body_cells.emplace_back();
  }
  made.cells_only = std::make_unique<rows::CompiledProjection>(projection);
  projection.rows = request.rows_path;
  projection.row_cells = request.row_cells;
  made.full = std::make_unique<rows::CompiledProjection>(projection);
  rows::Projection elements;
  elements.rows = rows::KeyPath{};
  elements.row_cells = request.row_cells;
  made.elements = std::make_unique<rows::CompiledProjection>(std::move(elements));
  return made;
}

}  // namespace fconn::run
