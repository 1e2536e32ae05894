// One run of the engine for a verb: targets, values, sinks, transport, report. What access, read,
// consent, check --live and auth login have in common.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "interpreter/plan/plan.hh"
#include "interpreter/run/login.hh"
#include "tools/fconn/run_args.hh"
#include "tools/fconn/terminal.hh"

namespace fconn::cli {

/// Which consents of the targets are sent.
struct ConsentKind {
  std::string direction;           // opt_in, opt_out
  std::set<std::string> purposes;  // only these; empty: all
};

struct RunKind {
  plan::Action action = plan::Action::access;
  std::string name;                       // "access", for the summary
  bool check_only = false;                // the `check` request and nothing else
  bool collections_after_target = false;  // read: words after the first target are collections
  run::Login* login = nullptr;            // auth login: get new tokens and nothing else
  std::optional<ConsentKind> consent{};   // consent
};

/// The exit code.
int run_session(Terminal& terminal, const RunArgs& args, const RunKind& kind, bool json);

}  // namespace fconn::cli
