#include "tools/fconn/run_args.hh"

#include <charconv>

#include "tools/fconn/ports.hh"

namespace fconn::cli {

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most) {
    return std::nullopt;
  }
  return number;
}

namespace {

std::optional<std::uint32_t> bounded(const std::optional<std::string>& text,
                                     std::string_view option, std::uint32_t least,
                                     Problems& problems) {
  constexpr std::uint32_t most = 10'000;
  if (!text) return std::nullopt;
  const auto number = parse_number(*text, most);
  if (number && *number >= least) return static_cast<std::uint32_t>(*number);
  problems.push_back({"--" + std::string(option) + " can't be '" + *text + "'",
                      "it is a number from " + std::to_string(least) + " to 10000", ""});
  return std::nullopt;
}

void declare_values(OptionSet& options, RunArgs& args) {
  options.group("Values");
  declare_config_option(options, args.config);
  options.list("param", "NAME=VALUE", args.values.params,
               "A parameter; lists as JSON. KEY.NAME=VALUE reaches one of several targets.");
  options.value("params", "FILE", args.values.params_file, "Parameters from a TOML or JSON file.",
                Complete::file);
  options.list("secret-env", "NAME=VAR", args.values.secret_env,
               "A secret from an environment variable; its value is never an argument.");
  options.list("secret-file", "NAME=PATH", args.values.secret_file, "A secret from a file.");
  options.value("secrets", "FILE", args.values.secrets_file, "Secrets from a TOML or JSON file.",
                Complete::file);
  options.list("identity", "NAME=VALUE", args.values.identities,
               "Whose data; several for several identities or values.");
  options.list("external", "NAME=VALUE", args.values.externals,
               "Values from outside; NAME=@FILE: one a line, JSON or NDJSON.");
  options.value("token", "FILE", args.token,
                "An OAuth2 token to start from: JSON with access_token, refresh_token, expires_at.",
                Complete::file);
}

void declare_policy(OptionSet& options, RunArgs& args) {
  options.group("Policy");
  options.value("policy", "NAME", args.policy, "A policy of fconn.toml.");
  options.list("target", "CATEGORY", args.targets_of_policy,
               "A data category that is targeted, with those below it: rows are narrowed to it.");
}

/// How an erasure masks; together with declare_policy what a policy of fconn.toml says.
void declare_masking(OptionSet& options, RunArgs& args) {
  options.value("mask", "STRATEGY", args.mask,
                "How an erasure masks: null, string:TEXT, hash[:ALG], hmac:ALG, random:N, aes or "
                "preserve.");
  options
      .value("scope", "SCOPE", args.scope,
             "Which rows an erasure reaches: those with a targeted field, or all.")
      .choices = {"targeted", "all"};
}

void declare_output(OptionSet& options, RunArgs& args) {
  options.group("Output");
  options.list("collection", "NAME", args.collections, "Only these, and what they need.");
  options
      .value("format", "FORMAT", args.format,
             "How rows are written; the default is ndjson. In csv, a text that a spreadsheet would "
             "compute gets an apostrophe in front; csv-exact writes every text as it is.")
      .choices = {"ndjson", "json", "csv", "csv-exact", "html"};
  options.value("out", "DIR|FILE", args.out,
                "Where rows go, mode 0600. A folder, or a name that ends in /: one file a "
                "collection, as CSV always has.",
                Complete::file);
  declare_summary_option(options, args.summary);
  options.flag("provenance", args.provenance, "Adds to each row where it came from.");
  options.flag("ordered", args.ordered, "Rows in a stable order; they wait for the run's end.");
}

/// `parallel`: several requests may be in flight.
void declare_requests(OptionSet& options, RunArgs& args, bool parallel = true) {
  options.group("Requests");
  options.value("send-to", "URL", args.send_to,
                "Sends every request to this origin instead; for simulators and tests.");
  options.value("ca", "FILE", args.ca, "A private certificate authority.", Complete::file);
  options.value("client-cert", "FILE", args.client_cert, "Certificate and key for mutual TLS, PEM.",
                Complete::file);
  options.value("proxy", "URL", args.proxy, "A proxy for all requests.");
  if (parallel) {
    options.value("max-parallel", "N", args.max_parallel, "At most so many requests in flight.");
  }
  options.value("timeout", "D", args.timeout, "Bound of each request, such as 30s.");
  options.value("retries", "N", args.retries, "At most so many repetitions of a request.");
  options.group("Run");
  options.value("trace", "FILE", args.trace,
                "Every request, response and decision as NDJSON, secrets masked.", Complete::file);
  options.value("seed", "N", args.seed, "Fixes random values.");
  options.value("now", "TIME", args.now, "Fixes the clock: RFC 3339 or Unix seconds.");
  options.value("request-id", "ID", args.request_id, "The privacy request's id.");
  options.flag("strict", args.strict,
               "Warnings are errors; a collection that is capped or skipped or left out rows is a "
               "failure.");
}

}  // namespace

void declare_config_option(OptionSet& options, std::optional<std::string>& config) {
  options.value("config", "FILE", config,
                "The fconn.toml to use; the default is the nearest one upwards.", Complete::file);
}

void declare_summary_option(OptionSet& options, std::optional<std::string>& summary) {
  options.value("summary", "FILE", summary, "The run's outcome as JSON; - is standard error.",
                Complete::file);
}

void declare_run_options(OptionSet& options, RunArgs& args, bool rows) {
  declare_values(options, args);
  if (rows) {
    declare_policy(options, args);
    declare_masking(options, args);
    declare_output(options, args);
  }
  declare_requests(options, args);
}

void declare_repl_options(OptionSet& options, RunArgs& args) {
  declare_values(options, args);
  declare_requests(options, args, false);
}

void declare_erase_run_options(OptionSet& options, RunArgs& args) {
  declare_values(options, args);
  declare_policy(options, args);
  declare_masking(options, args);
  options.group("Output");
  options.list("collection", "NAME", args.collections, "Only these, and what they need.");
  declare_summary_option(options, args.summary);
  declare_requests(options, args);
}

RunSettings read_settings(const RunArgs& args, const config::Project* project, Problems& problems) {
  RunSettings out;
  out.max_parallel = bounded(args.max_parallel, "max-parallel", 1, problems);
  out.retries = bounded(args.retries, "retries", 0, problems);
  if (args.timeout) {
    const auto duration = config::parse_duration(*args.timeout);
    if (duration && *duration > 0) {
      out.timeout = value::Milliseconds(*duration);
    } else {
      problems.push_back(
          {"--timeout can't be '" + *args.timeout + "'", "write it like 500ms, 30s or 5m", ""});
    }
  }
  if (args.seed) {
    out.seed = parse_number(*args.seed, ~std::uint64_t{0});
    if (!out.seed) problems.push_back({"--seed can't be '" + *args.seed + "'", "a number", ""});
  }
  if (args.now) {
    out.now = parse_time(*args.now);
    if (!out.now) {
      problems.push_back({"--now can't be '" + *args.now + "'",
                          "write it like 2024-05-06T07:08:09Z, or as Unix seconds", ""});
    }
  }
  if (args.send_to) {
    out.send_to = http::parse_url(*args.send_to);
    const bool origin = out.send_to && !out.send_to->query &&
                        (out.send_to->path.empty() || out.send_to->path == "/");
    if (!origin) {
      // What stands before an `@` may be a password.
      const std::size_t at = args.send_to->rfind('@');
      const std::string shown =
          at == std::string::npos ? *args.send_to : "***" + args.send_to->substr(at);
      problems.push_back({"--send-to can't be '" + shown + "'",
                          "it is an origin such as http://127.0.0.1:8080", ""});
    }
  }
  if (project == nullptr) return out;
  if (!out.max_parallel) out.max_parallel = project->run.parallel;
  if (!out.retries) out.retries = project->run.retries;
  if (!out.timeout && project->run.timeout_ms) {
    out.timeout = value::Milliseconds(*project->run.timeout_ms);
  }
  return out;
}

}  // namespace fconn::cli
