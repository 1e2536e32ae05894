// What making a plan and applying it agree on: digests, what random values begin with, and the
// values that a plan seals.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/erase/plan.hh"
#include "interpreter/run/engine.hh"

namespace fconn::erasure {

std::string request_digest(const std::string& exact, const erase::Keeper& key);
std::string connector_digest(const ir::Connector& connector, const erase::Keeper& key);
/// What an action's random values begin with; `identity` says whose they are.
std::uint64_t action_seed(std::uint64_t seed, std::string_view identity);
std::string identity_of(const run::ErasureTask& task);

/// What the instances are run with, but for secrets, as a plan seals it.
void add_values(const std::vector<run::Instance>& instances, erase::PlanContext& context);

}  // namespace fconn::erasure
