// From the rows that an engine found to an erasure plan: which request for which row and why, and
// every row that is left alone. Sends reads only, those of chains that lead up to a request that
// acts. Shared by `fconn erase --plan` and contract tests.
#pragma once

#include <string>
#include <vector>

#include "interpreter/erase/plan.hh"
#include "interpreter/privacy/policy.hh"
#include "interpreter/privacy/strategies.hh"
#include "interpreter/run/engine.hh"

namespace fconn::erasure {

/// What a plan is made of. All that it refers to must outlive the making.
struct PlanInput {
  run::Engine& engine;  // after run() with action `erase`
  const run::RunSummary& summary;
  const std::vector<run::Instance>& instances;  // as they were added to the engine
  const privacy::Policy& policy;
  const privacy::MaskingSecrets& secrets;
  const erase::Keeper& key;
  value::Clock& clock;
  value::Random& random;
  std::string request_id;
  value::WallTime now;                   // Options::erasure_now of the engine
  std::vector<std::string> collections;  // only these; empty: all
  bool strict = false;                   // what can't be erased by any request is a failure
  bool reveal = false;                   // fills Action::revealed
  std::string send_to;                   // PlanContext::send_to
  eval::Decisions* decisions = nullptr;  // the coverage of tests
  bool keep_sources = false;             // fills MadePlan::sources and ::left_rows
};

/// What an action was made from, as it is.
struct ActionSource {
  std::string row;  // JSON; empty: there is none
  std::vector<run::DraftedRequest> requests;
  run::ErasureTask task;  // sends it, with Engine::perform
};

struct MadePlan {
  erase::Plan plan;  // without its seal
  erase::PlanContext context;
  bool failed = false;                 // a row that should be erased can't be
  std::vector<ActionSource> sources;   // by Plan::actions
  std::vector<std::string> left_rows;  // by Plan::left_alone: JSON; empty: no row of its own
};

/// `begun` says what the plan is called and for what it is made: id, created, request_id, program,
/// config, targets.
MadePlan make_plan(const PlanInput& input, erase::Plan begun);

}  // namespace fconn::erasure
