// fconn help [VERB | functions [NAME]] [--markdown] [--man VERB]
#include "interpreter/eval/intrinsics.hh"
#include "tools/fconn/help_text.hh"
#include "tools/fconn/make_verbs.hh"

namespace fconn::cli {
namespace {

class Help : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TOPIC", topics_, "A verb, or `functions` and maybe a function's name.",
                       Complete::verb, false);
    options.flag("markdown", markdown_, "The whole reference as Markdown (docs/cli.md).");
    options.flag("man", man_, "The page as a manual page for man(1).");
  }

  int run(Terminal& terminal, const Common&) override {
    if (markdown_) {
      terminal.print(markdown_reference());
      return exit_code::complete;
    }
    if (topics_.empty()) {
      terminal.print(man_ ? man_page(nullptr) : overview_text());
      return exit_code::complete;
    }
    if (topics_[0] == "functions") return functions(terminal);
    const VerbInfo* verb = find_verb(topics_[0]);
    if (verb == nullptr) return unknown(terminal);
    if (man_) {
      terminal.print(man_page(verb));
    } else {
      terminal.print(help_text(*verb, declare_verb(*verb).options));
    }
    return exit_code::complete;
  }

 private:
  int unknown(Terminal& terminal) const {
    std::vector<std::string> names{"functions"};
    for (const VerbInfo& verb : verbs()) names.emplace_back(verb.name);
    const auto near = grammar::did_you_mean(topics_[0], names);
    terminal.report({"there is no help on '" + topics_[0] + "'",
                     near ? "did you mean '" + *near + "'?" : "`fconn help` lists the verbs", ""});
    return exit_code::usage;
  }

  int functions(Terminal& terminal) const {
    const std::string name = topics_.size() > 1 ? topics_[1] : "";
    if (!name.empty() && eval::find_intrinsic(name) == nullptr) {
      std::vector<std::string> names;
      for (const eval::Intrinsic& one : eval::intrinsics()) names.emplace_back(one.name);
      const auto near = grammar::did_you_mean(name, names);
      terminal.report(
          {"there is no function '" + name + "'", near ? "did you mean '" + *near + "'?" : "", ""});
      return exit_code::usage;
    }
    terminal.print(functions_text(name));
    return exit_code::complete;
  }

  std::vector<std::string> topics_;
  bool markdown_ = false, man_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_help() { return std::make_unique<Help>(); }

}  // namespace fconn::cli
