// fconn consent TARGET… opt_in|opt_out
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/run_session.hh"

namespace fconn::cli {
namespace {

class SendConsent : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TARGET", words_,
                       "Targets as for access, then opt_in or opt_out: what the person chose.",
                       Complete::target, true);
    options.group("Consent");
    options.list("purpose", "NAME", purposes_,
                 "Only for this purpose; without it for all that the connector declares.");
    declare_summary_option(options, args_.summary);
    declare_run_options(options, args_, false);
  }

  int run(Terminal& terminal, const Common& common) override {
    ConsentKind consent;
    Problems problems;
    for (const std::string& word : words_) {
      if (word != "opt_in" && word != "opt_out") {
        args_.targets.push_back(word);
      } else if (consent.direction.empty() || consent.direction == word) {
        consent.direction = word;
      } else {
        problems.push_back({"it is opt_in or opt_out, not both", "", ""});
      }
    }
    if (consent.direction.empty()) {
      problems.push_back({"what did the person choose?",
                          "end the targets with opt_in or opt_out; instance:opt_in is a target of "
                          "that name",
                          ""});
    }
    if (args_.targets.empty()) problems.push_back({"there is no target", "", ""});
    terminal.report(problems);
    if (!problems.empty()) return exit_code::usage;
    consent.purposes.insert(purposes_.begin(), purposes_.end());
    RunKind kind;
    kind.action = plan::Action::consent;
    kind.name = "consent";
    kind.consent = std::move(consent);
    return run_session(terminal, args_, kind, common.json);
  }

 private:
  RunArgs args_;
  std::vector<std::string> words_, purposes_;
};

}  // namespace

std::unique_ptr<Verb> make_consent() { return std::make_unique<SendConsent>(); }

}  // namespace fconn::cli
