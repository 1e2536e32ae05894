// fconn journal show|verify|export FILE
#include <map>

#include "interpreter/store/journal.hh"
#include "tools/fconn/erase_key.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/run_args.hh"
#include "tools/fconn/targets.hh"

namespace fconn::cli {
namespace {

class JournalVerb : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("ACTION", words_, "show, verify or export; then the journal's file.",
                       Complete::file, true);
    options.value("run", "RUN", run_, "Only this run.");
    options.value("head", "HASH", head_,
                  "With verify: the head that was noted, which must still be in the journal.");
    declare_config_option(options, config_);
  }

  int run(Terminal& terminal, const Common&) override {
    const bool known = words_[0] == "show" || words_[0] == "verify" || words_[0] == "export";
    if (!known || words_.size() != 2) {
      terminal.report({"say `show FILE`, `verify FILE` or `export FILE`", "", ""});
      return exit_code::usage;
    }
    const auto project = open_project(config_);
    if (project->problem && config_) {
      terminal.report(*project->problem);
      return exit_code::usage;
    }
    auto key = open_erase_key(project->project ? &*project->project : nullptr, false);
    if (!key && words_[0] == "verify") {
      terminal.warn({"the key isn't there, so only the chain is verified: " + key.error().text,
                     "who has the key can also tell a chain that was forged as a whole", ""});
    }
    auto journal = store::Journal::open(words_[1], key ? &(*key)->sealer() : nullptr,
                                        store::Journal::Use::read);
    if (!journal) return fails(terminal, journal.error());
    if (words_[0] == "verify") return verify(terminal, **journal);
    auto records = (*journal)->records(run_.value_or(""));
    if (!records) return fails(terminal, records.error());
    for (const store::JournalRecord& record : *records) {
      terminal.print(words_[0] == "show" ? line(record) : exported(record));
    }
    return exit_code::complete;
  }

 private:
  static int fails(Terminal& terminal, const value::Failure& failure) {
    terminal.report({failure.text, "", ""});
    return exit_code::usage;
  }

  int verify(Terminal& terminal, store::Journal& journal) {
    auto check = journal.verify();
    if (!check) return fails(terminal, check.error());
    std::vector<std::string> problems = check->problems;
    if (head_) {
      auto records = journal.records();
      if (!records) return fails(terminal, records.error());
      bool found = false;
      for (const store::JournalRecord& record : *records) found = found || record.hash == *head_;
      if (!found) problems.push_back("the noted head isn't in it: records were cut off or changed");
    }
    for (const std::string& problem : problems)
      terminal.complain("fconn: error: " + problem + "\n");
    for (const std::string& open : check->open_runs) {
      terminal.say("run " + open + " has no end: it was stopped, or its end was cut off\n");
    }
    terminal.print(std::to_string(check->records) + " records, " +
                   (problems.empty() ? "intact" : "not intact") +
                   (check->sealed ? "" : " as far as can be said without the key") + "\n");
    if (!check->head.empty()) terminal.print("head " + check->head + "\n");
    return problems.empty() ? exit_code::complete : exit_code::findings;
  }

  static std::string line(const store::JournalRecord& record) {
    return std::to_string(record.number) + "  " + format_time(record.at) + "  " + record.run +
           "  " + record.kind + (record.action.empty() ? "" : "  " + record.action) + "  " +
           record.data + "\n";
  }

  static std::string exported(const store::JournalRecord& record) {
    std::string out = "{\"number\":" + std::to_string(record.number) + ",\"run\":";
    value::append_json_string(record.run, out);
    out += ",\"at\":" + std::to_string(record.at.time_since_epoch().count()) + ",\"kind\":";
    value::append_json_string(record.kind, out);
    out += ",\"action\":";
    value::append_json_string(record.action, out);
    out += ",\"data\":" + record.data + ",\"hash\":\"" + record.hash + "\"}\n";
    return out;
  }

  std::vector<std::string> words_;
  std::optional<std::string> run_, head_, config_;
};

}  // namespace

std::unique_ptr<Verb> make_journal() { return std::make_unique<JournalVerb>(); }

}  // namespace fconn::cli
