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

/// An instance's key and its connector.
struct Subject {
  std::string key;
  const ir::Connector* connector = nullptr;
};
/// Something that a policy names and the subjects don't have. `offset` is the place in the text
/// that the mistake is at, for a hold's expression.
struct PolicyFinding {
  bool hold = false;  // else a target or an override that reaches nothing
  config::Placed named;
  std::size_t offset = 0;
  std::string text, help;
};
/// `known` are further instances that holds and overrides may name, whose connectors aren't there.
std::vector<PolicyFinding> match_policy(const config::Policy& policy,
                                        const std::vector<Subject>& subjects,
                                        const std::vector<std::string>& known);

}  // namespace fconn::cli
