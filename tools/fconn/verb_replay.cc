// fconn replay FILE.har [TARGET…]
#include <algorithm>

#include "grammar/display_text.hh"
#include "interpreter/eval/encoding.hh"
#include "tools/config/config.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/recorded_run.hh"
#include "tools/fconn/run_session.hh"
#include "tools/har/stand_in.hh"

namespace fconn::cli {
namespace {

constexpr std::size_t shown = 5;  // requests that had no answer
constexpr std::size_t shown_unasked = 10;
constexpr std::int64_t day_ms = std::int64_t{24} * 3600 * 1000;

std::string count_of(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

class ReplayWorld final : public RunWorld {
 public:
  ReplayWorld(Terminal& terminal, har::Archive archive, value::WallTime clock, bool strict)
      : terminal_(terminal),
        provenance_(archive.provenance),
        replay_(std::move(archive)),
        clock_(clock),
        strict_(strict) {}

  bool takes_stored_tokens() const override { return false; }
  void begin(const std::vector<run::Instance>& instances, store::TokenStore*) override {
    if (!provenance_) return;
    for (const run::Instance& instance : instances) {
      for (const har::RecordedTarget& target : provenance_->targets) {
        const bool only = instances.size() == 1 && provenance_->targets.size() == 1;
        if (only || target.key == instance.key) compare(target, *instance.connector);
      }
    }
  }

  value::Clock& clock(value::Clock& /*real*/) override { return clock_; }

  std::unique_ptr<http::Transport> transport(std::unique_ptr<http::Transport>) override {
    return recorded_transport(replay_, clock_);
  }

  int end(const run::RunSummary& /*summary*/, const http::Redactor& redactor, int code) override {
    const std::vector<std::string>& unanswered = replay_.unanswered();
    for (std::size_t i = 0; i < std::min(shown, unanswered.size()); ++i) {
      terminal_.complain("not recorded: " + grammar::safe_lines(redactor.redact(unanswered[i])) +
                         "\n");
    }
    if (unanswered.size() > shown) {
      terminal_.complain("and " + std::to_string(unanswered.size() - shown) + " more\n");
    }
    const std::vector<std::string> unasked = replay_.never_asked();
    if (!unasked.empty()) {
      std::string text =
          count_of(unasked.size(), "recorded request was", "recorded requests were") +
          " never asked for:";
      for (std::size_t i = 0; i < std::min(shown_unasked, unasked.size()); ++i) {
        text += "\n  " + unasked[i];
      }
      if (unasked.size() > shown_unasked) {
        text += "\n  and " + std::to_string(unasked.size() - shown_unasked) + " more";
      }
      stale({std::move(text), "", ""});
    }
    const std::vector<std::string>& others = replay_.other_headers();
    if (!others.empty()) {
      std::string text = count_of(others.size(), "request has", "requests have") +
                         " other headers than recorded, and got the recorded answer:";
      for (std::size_t i = 0; i < std::min(shown, others.size()); ++i) {
        text += "\n  " + redactor.redact(others[i]);
      }
      stale({std::move(text), "", ""});
    }
    if (replay_.repeated() > 0) {
      terminal_.warn({count_of(replay_.repeated(), "request was", "requests were") +
                          " asked more often than recorded; the last answer was given again",
                      "", ""});
    }
    if (!unanswered.empty() || (strict_ && stale_)) return std::max(code, exit_code::findings);
    return code;
  }

  /// Something that a new recording would mend.
  void stale(const Problem& problem) {
    stale_ = true;
    terminal_.warn(problem);
  }

 private:
  void compare(const har::RecordedTarget& target, const ir::Connector& connector) {
    har::Keyed keyed{std::string()};
    if (!keyed.open()) return;
    if (eval::hex_text(keyed.digest(2, ir::dump(connector))) == target.digest) return;
    const std::string versions =
        target.version == connector.version
            ? std::string()
            : ": it was version " + target.version + ", it is " + connector.version;
    stale({connector.name + " has changed since it was recorded" + versions, "", ""});
  }

  Terminal& terminal_;
  std::optional<har::Provenance> provenance_;
  mock::Replay replay_;
  contract::JumpingClock clock_;
  bool strict_;
  bool stale_ = false;
};

class ReplayVerb : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("FILE", file_, "A HAR file; - is standard input.", Complete::file, true);
    options.positional("TARGET", args_.targets, "As for access; without one, what was recorded.",
                       Complete::target, false);
    options.value("max-age", "D", max_age_,
                  "A recording older than this is said to be stale; the default is 90d.");
    declare_run_options(options, args_, true);
  }

  int run(Terminal& terminal, const Common& common) override {
    const auto max_age = config::parse_duration(max_age_.value_or("90d"));
    if (!max_age) {
      terminal.report({"--max-age can't be '" + *max_age_ + "'", "write it like 12h or 90d", ""});
      return exit_code::usage;
    }
    auto run = open_recording(terminal, *file_, args_);
    if (!run) return exit_code::usage;
    const value::WallTime now = make_clock(std::nullopt)->wall();
    const value::WallTime recorded = run->recorded;
    ReplayWorld world(terminal, std::move(run->archive), run->clock, args_.strict);
    const std::int64_t age = (now - recorded).count();
    if (age > *max_age) {
      world.stale({"the recording is " +
                       count_of(static_cast<std::size_t>(age / day_ms), "day", "days") + " old",
                   "record it again, or raise --max-age", ""});
    }
    RunKind kind;
    kind.action = run->action;
    kind.name = run->name;
    kind.consent = run->consent;
    kind.world = &world;
    return run_session(terminal, args_, kind, common.json);
  }

 private:
  RunArgs args_;
  std::optional<std::string> file_, max_age_;
};

}  // namespace

std::unique_ptr<Verb> make_replay() { return std::make_unique<ReplayVerb>(); }

}  // namespace fconn::cli
