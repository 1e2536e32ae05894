#include "tools/fconn/options.hh"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace fconn::cli {

Option& OptionSet::add(std::string name, std::string help) {
  Option option;
  option.name = std::move(name);
  option.help = std::move(help);
  option.group = group_;
  options_.push_back(std::move(option));
  return options_.back();
}

Option& OptionSet::flag(std::string name, bool& target, std::string help) {
  Option& option = add(std::move(name), std::move(help));
  option.target = &target;
  return option;
}

Option& OptionSet::value(std::string name, std::string placeholder,
                         std::optional<std::string>& target, std::string help, Complete complete) {
  Option& option = add(std::move(name), std::move(help));
  option.placeholder = std::move(placeholder);
  option.target = &target;
  option.complete = complete;
  return option;
}

Option& OptionSet::list(std::string name, std::string placeholder, std::vector<std::string>& target,
                        std::string help, Complete complete) {
  Option& option = add(std::move(name), std::move(help));
  option.placeholder = std::move(placeholder);
  option.target = &target;
  option.complete = complete;
  return option;
}

Option& OptionSet::positional(std::string name, std::vector<std::string>& target, std::string help,
                              Complete complete, bool required) {
  Option& option = list(std::move(name), "", target, std::move(help), complete);
  option.positional = true;
  option.required = required;
  return option;
}

Option& OptionSet::positional(std::string name, std::optional<std::string>& target,
                              std::string help, Complete complete, bool required) {
  Option& option = value(std::move(name), "", target, std::move(help), complete);
  option.positional = true;
  option.required = required;
  return option;
}

void OptionSet::add_common(Common& common) {
  group("Common");
  flag("json", common.json, "The result as JSON.");
  Option& verbose = flag("verbose", common.help, "Says more; twice: still more.");
  verbose.short_name = 'v';
  verbose.target = &common.verbose;
  flag("quiet", common.quiet, "Says nothing but errors.").short_name = 'q';
  value("color", "WHEN", common.colour, "Colours on standard error; NO_COLOR is respected.")
      .choices = {"auto", "always", "never"};
  flag("help", common.help, "Shows this help.").short_name = 'h';
}

namespace {

std::string shown(const Option& option) {
  return option.positional ? option.name : "--" + option.name;
}

std::optional<Problem> store(const Option& option, const std::vector<std::string>& values) {
  if (!option.choices.empty()) {
    for (const std::string& value : values) {
      const auto& choices = option.choices;
      if (std::find(choices.begin(), choices.end(), value) != choices.end()) continue;
      std::string all;
      for (const std::string& choice : choices) all += (all.empty() ? "" : ", ") + choice;
      const auto near = grammar::did_you_mean(value, choices);
      return Problem{
          shown(option) + " can't be '" + value + "'",
          near ? "did you mean '" + *near + "'? It is one of " + all : "it is one of " + all, ""};
    }
  }
  if (option.repeatable()) {
    *std::get<3>(option.target) = values;
    return std::nullopt;
  }
  if (values.size() > 1 && option.positional) {
    return Problem{"one " + option.name + " only, '" + values[1] + "' is too many", "", ""};
  }
  if (values.size() > 1) return Problem{shown(option) + " is given more than once", "", ""};
  *std::get<2>(option.target) = values.front();
  return std::nullopt;
}

void declare(CLI::App& app, const OptionSet& set, std::vector<CLI::results_t>& results) {
  for (std::size_t i = 0; i < set.options().size(); ++i) {
    const Option& option = set.options()[i];
    if (!option.takes_value()) {
      std::string names = "--" + option.name;
      if (option.short_name != 0) names = std::string("-") + option.short_name + "," + names;
      app.add_flag_function(names, [&option](std::int64_t count) {
        if (const auto* flag = std::get_if<bool*>(&option.target)) **flag = count > 0;
        if (const auto* number = std::get_if<int*>(&option.target)) {
          **number = static_cast<int>(count);
        }
      });
      continue;
    }
    std::string names = option.positional ? "arg" + std::to_string(i) : "--" + option.name;
    if (option.short_name != 0) names = std::string("-") + option.short_name + "," + names;
    CLI::Option* added = app.add_option(names, [&results, i](const CLI::results_t& values) {
      results[i] = values;
      return true;
    });
    if (option.positional && option.repeatable()) {
      added->expected(1, 100'000)->allow_extra_args(true);
    } else {
      added->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      added->allow_extra_args(false);
    }
  }
}

Problem unknown_argument(const OptionSet& set, const std::vector<std::string>& rest) {
  for (const std::string& argument : rest) {
    if (argument.size() < 2 || argument[0] != '-') continue;
    const std::string word = argument.substr(0, argument.find('='));
    std::vector<std::string> names;
    for (const Option& option : set.options()) {
      if (!option.positional) names.push_back("--" + option.name);
    }
    const auto near = grammar::did_you_mean(word, names);
    return {"there is no option '" + word + "' here",
            near ? "did you mean '" + *near + "'?" : "--help shows the options", ""};
  }
  return {"'" + (rest.empty() ? std::string() : rest.front()) + "' is an argument too many",
          "--help shows what this verb takes", ""};
}

Problem unreadable(const CLI::ParseError& error, const OptionSet& set) {
  // CLI11 words its messages itself but for the option's name before the colon.
  const std::string text = error.what();
  for (const Option& option : set.options()) {
    if (text.rfind("--" + option.name + ":", 0) == 0 ||
        text.rfind("--" + option.name + " ", 0) == 0) {
      if (!option.takes_value()) return {"--" + option.name + " takes no value", "", ""};
      return {"--" + option.name + " needs a value: " + option.placeholder, option.help, ""};
    }
  }
  return {"the command line can't be read", "--help shows what this verb takes", ""};
}

/// CLI11 would read a flag's value as a number and throw past its own exceptions.
std::optional<Problem> flag_with_value(const OptionSet& set,
                                       const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos) continue;
    for (const Option& option : set.options()) {
      if (!option.takes_value() && argument.substr(0, equals) == "--" + option.name) {
        return Problem{"--" + option.name + " takes no value", "", ""};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> parse_options(const OptionSet& set,
                                     const std::vector<std::string>& arguments) {
  if (auto problem = flag_with_value(set, arguments)) return problem;
  std::vector<CLI::results_t> results(set.options().size());
  try {
    CLI::App app;
    app.set_help_flag("");
    declare(app, set, results);
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.allow_extras();
    app.parse(std::move(reversed));
    std::vector<std::string> rest = app.remaining();
    // The mark before which options end is kept among what remains.
    const auto mark = std::find(rest.begin(), rest.end(), "--");
    if (mark != rest.end()) rest.erase(mark);
    if (!rest.empty()) return unknown_argument(set, rest);
  } catch (const CLI::ParseError& error) {
    return unreadable(error, set);
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].empty()) continue;
    if (auto problem = store(set.options()[i], results[i])) return problem;
  }
  return std::nullopt;
}

}  // namespace fconn::cli
