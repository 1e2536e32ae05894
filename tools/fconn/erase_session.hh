// What an erasure needs of the world: targets with their values, tokens, transport, trace. Shared
// by making a plan, applying it and proving it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "interpreter/http/guard.hh"
#include "interpreter/http/redact.hh"
#include "interpreter/run/engine.hh"
#include "interpreter/store/store.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/progress.hh"
#include "tools/fconn/report.hh"
#include "tools/fconn/run_args.hh"
#include "tools/fconn/targets.hh"

namespace fconn::cli {

/// What `erase` takes besides what every run takes.
struct EraseArgs {
  RunArgs run;
  std::optional<std::string> plan, apply, resume, journal, wait, reread;
  std::vector<std::string> decide;        // ACTION=done|again
  std::vector<std::string> ignore_drift;  // names of a row's members
  bool reveal = false, verify = false, stop = false;
};

/// Rows of an erasure go nowhere: the engine keeps them.
class NoRows final : public value::Sink {
 public:
  value::Result<void> write(std::string_view, std::string_view, const value::RowBatch&) override {
    return {};
  }
  value::Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }
  value::Result<void> close() override { return {}; }
};

class EraseSession {
 public:
  EraseSession(Terminal& run_terminal, const RunArgs& run_args)
      : terminal(run_terminal), args(run_args), progress_(run_terminal, *plain_clock_) {}

  const config::Project* project() const {
    return file_ && file_->project ? &*file_->project : nullptr;
  }
  /// fconn.toml; false: what is wrong was said.
  bool open_project(const std::optional<std::string>& path);
  /// Targets, settings and values; `given` stands for the command line's values. Says what is
  /// wrong.
  bool load(const std::vector<std::string>& targets, const ValueArgs& given, int& exit);
  /// Clock, transport, trace and tokens.
  bool open_world();
  /// The engine's ports; valid as long as the session.
  run::Ports ports();
  run::Options options() const;
  /// Writes the trace out; false: it couldn't be.
  bool close();
  void clear_progress() { progress_.clear(); }

  Terminal& terminal;
  const RunArgs& args;
  std::vector<Loaded> loaded;
  RunSettings settings;
  RunFacts facts;
  std::unique_ptr<value::Clock> clock;
  std::unique_ptr<value::Random> random;
  std::string request_id;

 private:
  bool open_tokens();

  std::unique_ptr<value::Clock> plain_clock_ = make_clock(std::nullopt);
  std::unique_ptr<ProjectFile> file_;
  std::unique_ptr<store::Store> tokens_;
  std::unique_ptr<store::TokenStore> passing_tokens_;
  std::unique_ptr<FileTrace> trace_;
  http::HostsGuard guard_;
  http::Redactor redactor_;
  run::Pace pace_;
  std::unique_ptr<http::Transport> transport_;
  NoRows no_rows_;
  ProgressLine progress_;
};

/// Settings of `fconn erase`.
void declare_erase_options(OptionSet& options, EraseArgs& args);

int plan_erasure(Terminal& terminal, const EraseArgs& args);
int apply_erasure(Terminal& terminal, const EraseArgs& args);

}  // namespace fconn::cli
