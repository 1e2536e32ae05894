#include "tools/fconn/program.hh"

#include "tools/fconn/help_text.hh"
#include "tools/fconn/verb.hh"

namespace fconn::cli {
namespace {

int unknown_verb(Terminal& terminal, const std::string& word) {
  for (const VerbInfo& later : later_verbs()) {
    if (later.name != word) continue;
    terminal.report({"`fconn " + word + "` is not in this version yet", "", "F0901"});
    return exit_code::usage;
  }
  if (word.starts_with('-')) {
    terminal.report({"'" + word + "' stands before the verb",
                     "options follow the verb: fconn "
                     "VERB [options]",
                     ""});
    return exit_code::usage;
  }
  std::vector<std::string> names;
  for (const VerbInfo& verb : verbs()) names.emplace_back(verb.name);
  for (const VerbInfo& verb : later_verbs()) names.emplace_back(verb.name);
  const auto near = grammar::did_you_mean(word, names);
  terminal.report({"there is no verb '" + word + "'",
                   near ? "did you mean '" + *near + "'?" : "`fconn help` lists the verbs", ""});
  return exit_code::usage;
}

std::optional<Problem> missing_positional(const OptionSet& set) {
  for (const Option& option : set.options()) {
    if (!option.required) continue;
    const auto* list = std::get_if<std::vector<std::string>*>(&option.target);
    const auto* value = std::get_if<std::optional<std::string>*>(&option.target);
    if ((list != nullptr && (*list)->empty()) || (value != nullptr && !**value)) {
      return Problem{option.name + " is missing", option.help, ""};
    }
  }
  return std::nullopt;
}

int run_verb(Terminal& terminal, const VerbInfo& info, const std::vector<std::string>& arguments) {
  const std::unique_ptr<Verb> verb = info.make();
  OptionSet set;
  Common common;
  verb->declare(set);
  set.add_common(common);
  std::optional<Problem> problem = parse_options(set, arguments);
  terminal.configure(common.quiet, common.verbose, common.colour.value_or("auto"));
  if (common.help) {
    terminal.print(help_text(info, set));
    return exit_code::complete;
  }
  if (!problem) problem = missing_positional(set);
  if (problem) {
    terminal.report(*problem);
    terminal.say("usage: fconn " + std::string(info.name) + " " + std::string(info.usage) + "\n");
    return exit_code::usage;
  }
  return verb->run(terminal, common);
}

}  // namespace

int run_program_arguments(const std::vector<std::string>& arguments) {
  Terminal terminal;
  int code = exit_code::complete;
  if (arguments.empty()) {
    terminal.complain(overview_text());
    code = exit_code::usage;
  } else if (arguments[0] == "--version" || arguments[0] == "-V") {
    terminal.print(std::string("fconn ") + program_version + "\n");
  } else if (arguments[0] == "--help" || arguments[0] == "-h") {
    terminal.print(overview_text());
  } else if (const VerbInfo* verb = find_verb(arguments[0])) {
    code = run_verb(terminal, *verb, {arguments.begin() + 1, arguments.end()});
  } else {
    code = unknown_verb(terminal, arguments[0]);
  }
  return terminal.finish(code);
}

}  // namespace fconn::cli
