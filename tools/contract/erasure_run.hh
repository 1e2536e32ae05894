// The erasure of a test: the plan that `fconn erase --plan` would make of the rows that were found,
// and, where the test applies it, its requests through the same engine. The rows are read again
// only to verify, by another engine: before anything is sent, the same answers would say the same.
#pragma once

#include <string>
#include <vector>

#include "interpreter/run/engine.hh"
#include "tools/contract/test_file.hh"
#include "tools/erasure/make_plan.hh"

namespace fconn::contract {

/// How an action ended.
struct ActionEnd {
  std::string outcome;  // done, skipped, pending, failed; empty: it wasn't reached
  std::string reason;
  std::vector<std::string> sent;  // the requests that act, as they left, secrets as names
  std::string proof;              // what reading again shows, as `erase --verify` says it
};
struct Erased {
  erasure::MadePlan made;
  std::vector<ActionEnd> ends;        // by Plan::actions; empty unless applied
  std::vector<std::string> mistakes;  // of the policy: what the connector doesn't have
  int exit_code = 0;
};

/// `engine` has run `instances` with `options`, whose action is `erase`, on `ports`.
Erased run_erasure(const Test& test, run::Engine& engine, const run::RunSummary& summary,
                   const std::vector<run::Instance>& instances, const run::Options& options,
                   const run::Ports& ports);

}  // namespace fconn::contract
