// `fconn repl`: a connector under a debugger. Commands, state and the loop that reads lines; what a
// run is made of stands in tools/repl/, which knows no terminal. One object a session; its methods
// are spread over repl*.cc by what they are about.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "grammar/source.hh"
#include "interpreter/http/curl_transport.hh"
#include "interpreter/http/redact.hh"
#include "interpreter/http/transport.hh"
#include "interpreter/run/engine.hh"
#include "interpreter/store/store.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/run_args.hh"
#include "tools/fconn/signals.hh"
#include "tools/fconn/targets.hh"
#include "tools/repl/command.hh"
#include "tools/repl/complete.hh"
#include "tools/repl/docs.hh"
#include "tools/repl/line_reader.hh"
#include "tools/repl/recorder.hh"
#include "tools/repl/show.hh"

namespace fconn::cli {

/// Rows of a run by collection; bounded in bytes, and what is beyond the bound is counted. Written
/// by the engine's writer, and looked at while a run waits.
class HeldRows final : public value::Sink {
 public:
  value::Result<void> write(std::string_view instance, std::string_view collection,
                            const value::RowBatch& batch) override;
  value::Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }
  value::Result<void> close() override { return {}; }

  std::map<std::string, std::vector<std::string>> rows() const;
  std::uint64_t not_held() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> rows_;
  std::uint64_t not_held_ = 0;
  std::size_t bytes_ = 0;
};

/// A run and what is known of it. Kept until the next one begins.
struct ReplRun {
  run::Instance instance;
  std::set<std::string> collections;  // empty: all
  run::Options options;
  http::HostsGuard guard;
  http::Redactor redactor;
  HeldRows rows;
  std::unique_ptr<repl::Recorder> recorder;
  std::optional<run::RunSummary> summary;  // none: it waits at a breakpoint
};

struct Breakpoint {
  enum class Kind : std::uint8_t { collection, status, expression, request };
  Kind kind{};
  std::string text;         // as given, without `on`
  int low = 0, high = 0;    // of a status
  bool complained = false;  // in this run, that an expression has no value
};

class Repl {
 public:
  /// `interactive`: a person is at the terminal (prompts, ^C, colour).
  Repl(Terminal& terminal, RunArgs args, std::string target, bool interactive);
  ~Repl();
  Repl(const Repl&) = delete;
  Repl& operator=(const Repl&) = delete;

  /// The exit code.
  int run();

 private:
  /// next: to the next request of another collection.
  enum class Pace : std::uint8_t { freely, step, next };
  enum class Then : std::uint8_t { ask, go_on, stop };  // what a line asks of a waiting run

  // repl.cc: the loop
  int load_target(const std::string& name);  // an exit code
  bool open_reader();
  std::string history_file() const;
  std::string prompt() const;
  std::optional<std::string> next_text();
  Then ask();
  bool tells_secret(const std::string& text);
  void obey(const std::string& text);
  bool command(const repl::Line& line);
  bool obey_command(std::string_view name, const std::string& rest);
  bool moves(std::string_view name, const std::string& rest);
  bool can_begin(std::string_view name, const std::string& rest);
  bool unknown(std::string_view name);
  bool load_other(const std::string& name);
  void watch_files();
  void note_files();
  bool reload(bool asked);

  // repl_run.cc
  bool start(const std::vector<std::string>& names);
  bool begin(const std::vector<std::string>& names);
  void prepare(const run::Instance& instance, const std::vector<std::string>& names,
               const RunSettings& settings, value::Random& random);
  bool perform(value::Random& random, store::Store* tokens);
  bool knows_collections(const std::vector<std::string>& names);
  std::optional<run::Instance> instance_now(bool quiet);
  bool on_sending(repl::Exchanged& seen);
  void on_judged(repl::Exchanged& seen);
  std::string hit(const repl::Exchanged& seen, bool before);
  bool stops_at(Breakpoint& one, const std::string& name, const repl::Exchanged& seen, bool before);
  bool wait_here();
  void say_end();
  static bool ended_early(const run::RunSummary& summary);
  void say_failure(const run::Message& message);
  bool resume(Pace pace);
  bool until(const std::string& rest);
  std::optional<Breakpoint> read_break(const std::string& rest);
  bool add_break(const std::string& rest);
  bool drop_break(const std::string& rest);
  void list_breaks();
  http::CurlOptions curl_options() const;

  // repl_edit.cc
  bool edit(const std::string& rest);
  bool edit_in_editor(http::Request& request);
  bool resend();
  void judge(repl::Exchanged& made);

  // repl_where.cc
  bool where();
  bool list(const std::string& name);

  // repl_show.cc
  repl::ShowOptions show_options(bool all = false) const;
  repl::FoldLimits fold_limits(repl::FoldLimits limits = {}) const;
  repl::Exchanged* named_exchange(const std::string& name);
  bool show(const std::string& name);
  bool list_requests();
  bool list_rows(const std::string& rest);
  bool choose_row(const std::string& rest);
  bool why(const std::string& rest);
  bool why_collection(const std::string& name);
  bool why_row(const std::string& collection, std::size_t number);
  bool why_text(const std::string& text);
  bool curl(const std::string& name);
  bool plan();
  bool ir(const std::string& name);
  bool explain(const std::string& rest);
  bool question(const std::string& name);
  bool save(const std::string& rest);

  // repl_settings.cc
  bool set(const std::string& rest);
  bool unset(const std::string& rest);
  bool list_settings();
  std::vector<std::string>* settings_of(std::string_view kind, const std::string& where);

  // repl_eval.cc
  struct Evaluated {
    std::optional<value::OwnedValue> value;
    bool said = false;  // what is wrong
  };
  Evaluated evaluate(const std::string& text, const repl::Exchanged* seen, bool quiet);
  void say_not_kept(const std::string& text);
  bool expression(const std::string& text);
  const run::Instance* known_instance();
  std::vector<std::pair<std::string, value::OwnedValue>> visible(const repl::Exchanged* seen);
  repl::Names names();
  std::vector<std::string> members(std::string_view path);
  const std::vector<repl::Documented>& library();

  const ir::Connector& connector() const { return *loaded_->connector; }
  const config::Project* project() const {
    return file_ && file_->project ? &*file_->project : nullptr;
  }
  /// The answer that is looked at: before a request leaves, the one that came last; null: none.
  repl::Exchanged* answer() const {
    return focus_ != nullptr && focus_->arrived ? focus_ : last_answer_;
  }
  bool waiting() const { return engine_ != nullptr; }
  void out(std::string_view text);
  bool wrong(std::string text, std::string help = {});

  Terminal& terminal_;
  RunArgs args_;
  std::string target_;
  bool interactive_;
  bool colour_ = false;
  bool reveal_ = false;
  bool failed_ = false;  // some line
  bool leaving_ = false;

  std::unique_ptr<ProjectFile> file_;
  std::optional<Loaded> loaded_;
  struct Stamp {
    std::string path;
    std::int64_t changed = 0;  // nanoseconds since 1970; -1: not there
    std::int64_t size = 0;
    bool said_gone = false;
  };
  std::vector<Stamp> stamps_;
  static Stamp stamp_of(const std::string& path);

  std::unique_ptr<repl::LineReader> reader_;
  std::vector<Breakpoint> breaks_;
  std::unique_ptr<store::TokenStore> passing_tokens_;
  std::shared_ptr<value::Clock> clock_;
  std::unique_ptr<FileTrace> trace_;
  std::unique_ptr<ReplRun> run_;
  run::Engine* engine_ = nullptr;  // while run_ is under way
  const InterruptGuard* interrupts_ = nullptr;
  repl::Exchanged* focus_ = nullptr;         // in run_, or resent_
  std::unique_ptr<repl::Exchanged> resent_;  // edited and sent outside of a run
  std::optional<http::Request> draft_;       // edited, not yet sent
  std::optional<std::size_t> row_;           // of answer(), from 0: what `.` is
  repl::Exchanged* last_answer_ = nullptr;   // in run_
  Pace pace_ = Pace::freely;
  std::string next_from_;            // the collection that Pace::next leaves
  std::optional<Breakpoint> until_;  // counts once
  std::string stopped_by_;           // the breakpoint that the run waits at; may be empty
  bool at_request_ = false;          // waits before focus_ is sent
  Then then_ = Then::ask;
  std::optional<std::string> pending_;  // a line for when the run has ended
  std::vector<repl::Documented> library_;
  std::optional<run::Instance> known_;
  bool changed_ = false;     // settings, since known_ or the last run
  std::string last_resume_;  // what an empty line does again while a run waits
};

}  // namespace fconn::cli
