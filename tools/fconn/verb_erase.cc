// fconn erase TARGET… --plan | --apply PLAN.json | --resume JOURNAL [RUN]
#include "tools/config/config.hh"
#include "tools/fconn/erase_session.hh"
#include "tools/fconn/make_verbs.hh"

namespace fconn::cli {
namespace {

class Erase : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TARGET", args_.run.targets,
                       "With --plan, as for access. With --resume, the run; the last one when none "
                       "is named.",
                       Complete::target, false);
    options.group("What to do");
    options.value("plan", "PLAN.json", args_.plan,
                  "Reads, decides and writes down what would be sent, mode 0600; sends nothing.",
                  Complete::file);
    options.value("apply", "PLAN.json", args_.apply, "Sends exactly what the plan says.",
                  Complete::file);
    options.value("resume", "JOURNAL", args_.resume, "Goes on with a run that was stopped.",
                  Complete::file);
    options.value("journal", "FILE", args_.journal,
                  "Where each request is written down before it leaves; the default lies beside "
                  "the project's store.",
                  Complete::file);
    options.flag("verify", args_.verify,
                 "Reads the collections again afterwards and says of each row what became of it.");
    options.flag("reveal", args_.reveal, "With --plan: shows values beside their hashes.");
    options.flag("stop", args_.stop, "Ends at the first action that is refused or fails.");
    options.list("ignore-drift", "MEMBER", args_.ignore_drift,
                 "A member of rows that may have changed since the plan was made.");
    options.list("decide", "ACTION=WHAT", args_.decide,
                 "With --resume, of an action in doubt: done, or again to send it again.");
    options.value("wait", "D", args_.wait,
                  "How long an `until` is asked before its job is left pending; 5m.");
    options.value("reread", "D", args_.reread,
                  "With --apply and --resume: a row that was read longer ago is read once more "
                  "before its action begins; 30s.");
    declare_erase_run_options(options, args_.run);
  }

  int run(Terminal& terminal, const Common&) override {
    const int ways = (args_.plan ? 1 : 0) + (args_.apply ? 1 : 0) + (args_.resume ? 1 : 0);
    const auto usage = [&](const std::string& text, const std::string& help) {
      terminal.report({text, help, ""});
      return exit_code::usage;
    };
    if (ways != 1) {
      return usage("say one of --plan, --apply and --resume",
                   "--plan PLAN.json writes down what would be sent and sends nothing");
    }
    if (args_.plan && args_.run.targets.empty()) {
      return usage("TARGET is missing", "--plan needs to know which systems are meant");
    }
    if (args_.apply && !args_.run.targets.empty()) {
      return usage("--apply takes no TARGET", "the plan says which systems are meant");
    }
    if (args_.resume && args_.run.targets.size() > 1) {
      return usage("--resume takes one run", "");
    }
    if (args_.wait && !config::parse_duration(*args_.wait)) {
      return usage("--wait can't be '" + *args_.wait + "'", "write it like 30s, 5m or 2h");
    }
    if (args_.reread && !config::parse_duration(*args_.reread)) {
      return usage("--reread can't be '" + *args_.reread + "'", "write it like 0s, 30s or 5m");
    }
    if (!args_.resume && !args_.decide.empty()) {
      return usage("--decide goes with --resume", "");
    }
    return args_.plan ? plan_erasure(terminal, args_) : apply_erasure(terminal, args_);
  }

 private:
  EraseArgs args_;
};

}  // namespace

std::unique_ptr<Verb> make_erase() { return std::make_unique<Erase>(); }

}  // namespace fconn::cli
