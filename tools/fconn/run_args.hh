// The options of verbs that send requests (cli-contract "Targets and values"), and their values
// once they are read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "interpreter/http/url.hh"
#include "tools/fconn/options.hh"
#include "tools/fconn/values.hh"

namespace fconn::cli {

/// A whole number in decimal, up to `most`.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most);

struct RunArgs {
  std::vector<std::string> targets;
  std::optional<std::string> config;
  ValueArgs values;
  std::optional<std::string> token;  // file
  std::vector<std::string> collections;
  // Output
  std::optional<std::string> format, out, summary, trace;
  bool provenance = false, ordered = false, strict = false;
  // Requests
  std::optional<std::string> send_to, ca, client_cert, proxy, max_parallel, timeout, retries;
  // Repeatable runs
  std::optional<std::string> seed, now, request_id;
  // Policy (policy.hh)
  std::optional<std::string> policy, mask, scope;
  std::vector<std::string> targets_of_policy;
};

/// `rows`: also the options about output.
void declare_run_options(OptionSet& options, RunArgs& args, bool rows);
void declare_summary_option(OptionSet& options, std::optional<std::string>& summary);
/// Those of the REPL, which sends one request at a time and shows rows itself.
void declare_repl_options(OptionSet& options, RunArgs& args);
/// Those of an erasure: no rows, but a policy.
void declare_erase_run_options(OptionSet& options, RunArgs& args);
/// Those that look at one target only.
void declare_config_option(OptionSet& options, std::optional<std::string>& config);

/// What the texts of RunArgs mean; the project file's limits where the command line says nothing.
struct RunSettings {
  std::optional<std::uint32_t> max_parallel, retries;
  std::optional<value::Milliseconds> timeout;
  std::optional<http::Url> send_to;
  std::optional<std::uint64_t> seed;
  std::optional<value::WallTime> now;
};
RunSettings read_settings(const RunArgs& args, const config::Project* project, Problems& problems);

}  // namespace fconn::cli
