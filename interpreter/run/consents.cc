// Consent: the chains of a person's choice, sent through the same loop as reads.
#include <algorithm>

#include "interpreter/ir/repeat.hh"
#include "interpreter/run/state.hh"

namespace fconn::run {
namespace {

std::string name_of(const ir::Consent& consent) {
  const std::string name = "consent " + consent.direction;
  return consent.purpose.empty() ? name : name + " for purpose \"" + consent.purpose + "\"";
}

std::string missing_text(const Options& options, const ir::Connector& connector) {
  std::string text = connector.name + " declares no `consent " + options.consent_direction + "`";
  bool first = true;
  for (const std::string& purpose : options.consent_purposes) {
    text += (first ? " for purpose \"" : ", \"") + purpose + "\"";
    first = false;
  }
  return text;
}

}  // namespace

/// Runs what isn't a collection as one: without inputs, fields and rows.
void Engine::State::stand_in(InstanceRun& run, const ir::Collection& collection) {
  auto state = std::make_unique<CollectionRun>();
  state->instance = &run;
  state->collection = &collection;
  state->runs = state->output = true;
  for (const ir::Read& read : collection.reads) prepare_read(*state, read.chain, nullptr, 0);
  make_pipelines(*state);
  make_inputs(*state);
  run.collections.push_back(std::move(state));
}

void Engine::State::prepare_consents(InstanceRun& run) {
  const auto begin = [&run](std::string name) -> ir::Collection& {
    run.consents.push_back(std::make_unique<ir::Collection>());
    run.consents.back()->name = std::move(name);
    return *run.consents.back();
  };
  const auto skip = [&](const ir::Collection& collection, std::string reason) {
    auto state = std::make_unique<CollectionRun>();
    state->instance = &run;
    state->collection = &collection;
    state->output = true;
    skip_collection(*state, std::move(reason));
    run.collections.push_back(std::move(state));
  };
  plan::Goal goal;
  goal.action = options.action;
  goal.direction = options.consent_direction;
  goal.purposes = options.consent_purposes;
  for (const auto& [name, values] : run.instance.identities) {
    if (!values.empty()) goal.identities.insert(name);
  }
  const plan::Planned planned = plan::plan(*run.connector, goal);
  for (const plan::PlannedConsent& item : planned.plan.consents) {
    const ir::Consent& consent = run.connector->consents[item.consent];
    ir::Collection& collection = begin(name_of(consent));
    collection.span = consent.chain.span;
    if (!item.runs) {
      skip(collection, item.skip_reason);
      continue;
    }
    ir::Read read;
    read.chain = consent.chain;
    read.chain.shareable = false;
    if (read.chain.request) {
      read.chain.request->rows_path.reset();
      read.chain.request->rows.reset();
      read.chain.request->pagination.reset();
    }
    collection.reads.push_back(std::move(read));
    stand_in(run, collection);
    // What it answers is judged and gives no rows, so it need not be JSON.
    run.collections.back()->reads.back().requests.back().unread = true;
  }
  if (planned.plan.consents.empty()) {
    skip(begin("consent " + options.consent_direction), missing_text(options, *run.connector));
  }
}

/// An instance that can't run at all: what fails has a name all the same.
void Engine::State::name_consents(InstanceRun& run) {
  run.consents.push_back(std::make_unique<ir::Collection>());
  run.consents.back()->name = "consent " + options.consent_direction;
  auto state = std::make_unique<CollectionRun>();
  state->instance = &run;
  state->collection = run.consents.back().get();
  state->runs = state->output = true;
  run.collections.push_back(std::move(state));
}

/// Whether the request that is due must not be sent again once it may have been carried out.
bool Engine::State::only_once(Task& task) {
  return options.action == plan::Action::consent && !options.check_only &&
         !ir::repeatable(*request_of(task).request);
}

void Engine::State::say_doubt(Task& task, value::Failure& failure) {
  if (!task.live->now.doubtful || !only_once(task)) return;
  const bool sentence = failure.text.ends_with('.');
  failure.text += sentence ? " Whether" : "; whether";
  failure.text +=
      " it was carried out isn't known, so it wasn't sent again: look there before you do";
  if (sentence) failure.text += '.';
}

void Engine::State::count_actions(RunSummary& summary) const {
  if (options.action != plan::Action::consent) return;
  for (const auto& instance : instances) {
    for (const auto& collection : instance->collections) {
      summary.actions.sent += collection->turns_done;
      const bool failed = collection->outcome.state == value::CollectionState::failed;
      summary.actions.failed += std::max<std::uint64_t>(collection->tasks_failed, failed ? 1 : 0);
      for (const auto& [reason, count] : collection->outcome.skips) {
        summary.actions.skipped += count;
      }
      const bool skipped = collection->outcome.state == value::CollectionState::skipped;
      summary.actions.skipped += skipped ? 1 : 0;
    }
  }
}

}  // namespace fconn::run
