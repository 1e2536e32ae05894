// fconn plan show PLAN.json [--html FILE], fconn plan diff A.json B.json
#include "tools/fconn/erase_report.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"

namespace fconn::cli {
namespace {

class PlanVerb : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("ACTION", words_, "show PLAN.json, or diff A.json B.json.", Complete::file,
                       true);
    options.value("html", "FILE", html_, "With show: one self-contained page, mode 0600.",
                  Complete::file);
  }

  int run(Terminal& terminal, const Common& common) override {
    const bool show = words_[0] == "show" && words_.size() == 2;
    const bool diff = words_[0] == "diff" && words_.size() == 3;
    if (!show && !diff) {
      terminal.report({"say `show PLAN.json` or `diff A.json B.json`", "", ""});
      return exit_code::usage;
    }
    std::vector<erase::Plan> plans;
    for (std::size_t i = 1; i < words_.size(); ++i) {
      auto text = read_file(words_[i]);
      auto plan =
          text ? erase::from_json(*text) : value::Result<erase::Plan>(value::fail(text.error()));
      if (!plan) {
        terminal.report({words_[i] + ": " + plan.error().text, "", ""});
        return exit_code::usage;
      }
      plans.push_back(*std::move(plan));
    }
    if (diff) {
      const std::string differences = plan_diff(plans[0], plans[1]);
      terminal.print(differences);
      if (differences.empty()) terminal.say("the plans do the same\n");
      return differences.empty() ? exit_code::complete : exit_code::findings;
    }
    if (html_) {
      if (auto written = write_file(*html_, plan_html(plans[0]), Mode::personal); !written) {
        terminal.report({written.error().text, "", ""});
        return exit_code::findings;
      }
      return exit_code::complete;
    }
    terminal.print(common.json ? erase::to_json(plans[0]) : plan_text(plans[0]));
    return exit_code::complete;
  }

 private:
  std::vector<std::string> words_;
  std::optional<std::string> html_;
};

}  // namespace

std::unique_ptr<Verb> make_plan() { return std::make_unique<PlanVerb>(); }

}  // namespace fconn::cli
