// One run of the engine for a verb: targets, values, sinks, transport, report. What access, read,
// consent, check --live and auth login have in common.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "interpreter/http/redact.hh"
#include "interpreter/http/transport.hh"
#include "interpreter/plan/plan.hh"
#include "interpreter/run/engine.hh"
#include "interpreter/run/login.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/run_args.hh"
#include "tools/fconn/terminal.hh"

namespace fconn::cli {

/// Which consents of the targets are sent.
struct ConsentKind {
  std::string direction;           // opt_in, opt_out
  std::set<std::string> purposes;  // only these; empty: all
};

/// Stands between a run and the world: what record and replay put there. Such a run goes on
/// with no job of an earlier one, so that all it needs is in the recording.
class RunWorld {
 public:
  virtual ~RunWorld() = default;
  /// Once the values are known, before anything is sent.
  /// `stored`: the project's tokens, where the run may use them.
  virtual void begin(const std::vector<run::Instance>& instances, store::TokenStore* stored) = 0;
  virtual bool takes_stored_tokens() const { return true; }
  virtual value::Clock& clock(value::Clock& real) = 0;
  virtual std::unique_ptr<http::Transport> transport(std::unique_ptr<http::Transport> network) = 0;
  /// Where rows go before a policy narrows them; `rows` unless it looks at them.
  virtual value::Sink& sink(value::Sink& rows) { return rows; }
  /// After the report; `code` is what the run would end with. The exit code.
  virtual int end(const run::RunSummary& summary, const http::Redactor& redactor, int code) = 0;
};

struct RunKind {
  plan::Action action = plan::Action::access;
  std::string name;                       // "access", for the summary
  bool check_only = false;                // the `check` request and nothing else
  bool collections_after_target = false;  // read: words after the first target are collections
  run::Login* login = nullptr;            // auth login: get new tokens and nothing else
  std::optional<ConsentKind> consent{};   // consent
  RunWorld* world = nullptr;              // record, replay
  bool without_rows = false;              // record: what is read isn't written
  TextOverlay overlay{};                  // learn: texts that count instead of files
};

/// The exit code.
int run_session(Terminal& terminal, const RunArgs& args, const RunKind& kind, bool json);

}  // namespace fconn::cli
