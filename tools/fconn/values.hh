// From options, files, environment and fconn.toml to instances that can run: parameters and secrets
// converted to their declared types, identities, externals. Everything that is wrong is said at
// once. Later ones win: fconn.toml, --params and --secrets files, the command line.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "interpreter/run/engine.hh"
#include "tools/fconn/targets.hh"

namespace fconn::cli {

/// What a recording knows of one target: names and JSON texts, lists for identities and externals.
struct RecordedValues {
  std::string key;
  bool token = false;                          // the run began with one
  std::map<std::string, std::string> secrets;  // their forms (har/secret_form.hh)
  std::map<std::string, std::string> params, identities, externals;
};

/// As given on the command line; each list element is `NAME=VALUE` or `KEY.NAME=VALUE`.
struct ValueArgs {
  std::vector<std::string> params, secret_env, secret_file, identities, externals;
  std::optional<std::string> params_file, secrets_file;
  /// replay: counts less than everything else; identities only where none are given. A secret that
  /// nobody gives is then one that protects nothing, and none is asked for.
  std::optional<std::vector<RecordedValues>> recorded;
};

/// Parameters that need a value, each by the name that the command line calls it. Listed in a
/// problem with the option that gives it and what it takes; none when there are none.
using MissingParams = std::vector<std::pair<std::string, const ir::Param*>>;
std::optional<Problem> missing_problem(const MissingParams& missing, std::string help);

struct Values {
  std::vector<run::Instance> instances;  // one for each target, in order; {} after problems
  Problems problems, warnings;
};

/// `partial`: after problems too, the instances have what could be had.
Values collect_values(const std::vector<Loaded>& targets, const ValueArgs& args,
                      const config::Project* project, bool partial = false);

}  // namespace fconn::cli
