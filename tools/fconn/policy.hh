// From `[policies.NAME]` or --target, --mask and --scope to a privacy::Policy, held against the
// connectors of the run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "interpreter/privacy/policy.hh"
#include "tools/config/config.hh"
#include "tools/fconn/run_args.hh"
#include "tools/fconn/targets.hh"

namespace fconn::cli {

/// access narrows rows to what is targeted and masks nothing; erase masks.
enum class PolicyUse : std::uint8_t { access, erase };

struct PolicyRead {
  std::optional<privacy::Policy> policy;  // none: none was asked for, or there are problems
  Problems problems, warnings;
};

/// Reads the policy that the options name or spell out, its salts too. A hold that names what isn't
/// there is a problem, as it would hold nothing. With `erase` there has to be a policy.
PolicyRead read_policy(const RunArgs& args, PolicyUse use, const config::Project* project,
                       const std::vector<Loaded>& targets);

}  // namespace fconn::cli
