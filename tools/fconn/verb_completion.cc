// fconn completion bash|zsh|fish: scripts written from the verbs' tables.
#include "tools/fconn/help_text.hh"
#include "tools/fconn/make_verbs.hh"

namespace fconn::cli {
namespace {

std::string verb_names() {
  std::string out;
  for (const VerbInfo& verb : verbs()) out += (out.empty() ? "" : " ") + std::string(verb.name);
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string codes() {
  std::string out;
  for (const grammar::DiagnosticInfo& info : grammar::diagnostic_registry()) {
    out += (out.empty() ? "" : " ") + std::string(info.code);
  }
  return out;
}

constexpr std::string_view bundled_names = "$(fconn connectors --names 2>/dev/null)";

/// The bash words for one option's or argument's value.
std::string bash_words(const Option& option) {
  if (!option.choices.empty()) {
    return "COMPREPLY=($(compgen -W '" + joined(option.choices) + "' -- \"$cur\"))";
  }
  switch (option.complete) {
    case Complete::file:
      return "COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Complete::directory:
      return "COMPREPLY=($(compgen -d -- \"$cur\"))";
    case Complete::target:
    case Complete::connector:
      return "COMPREPLY=($(compgen -f -W \"" + std::string(bundled_names) + "\" -- \"$cur\"))";
    case Complete::code:
      return "COMPREPLY=($(compgen -W '" + codes() + "' -- \"$cur\"))";
    case Complete::verb:
      return "COMPREPLY=($(compgen -W '" + verb_names() + " functions' -- \"$cur\"))";
    case Complete::nothing:
      break;
  }
  return "COMPREPLY=()";
}

std::string bash_script() {
  std::string out =
      "# bash completion for fconn\n_fconn() {\n  local cur=${COMP_WORDS[COMP_CWORD]}\n"
      "  local prev=${COMP_WORDS[COMP_CWORD-1]}\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '" +
      verb_names() +
      " --version --help' -- \"$cur\"))\n    return\n  fi\n"
      "  case ${COMP_WORDS[1]} in\n";
  for (const VerbInfo& verb : verbs()) {
    const Declared declared = declare_verb(verb);
    std::string names, values, argument = "COMPREPLY=()";
    for (const Option& option : declared.options.options()) {
      if (option.positional) {
        argument = bash_words(option);
        continue;
      }
      names += (names.empty() ? "--" : " --") + option.name;
      if (option.takes_value()) {
        values += "        --" + option.name + ") " + bash_words(option) + "; return ;;\n";
      }
    }
    out += "    " + std::string(verb.name) + ")\n";
    if (!values.empty()) out += "      case $prev in\n" + values + "      esac\n";
    out += "      case $cur in\n        -*) COMPREPLY=($(compgen -W '" + names +
           "' -- \"$cur\")) ;;\n        *) " + argument + " ;;\n      esac ;;\n";
  }
  return out + "  esac\n}\ncomplete -o filenames -F _fconn fconn\n";
}

/// Single quotes end the string that the text stands in.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out;
}

std::string zsh_action(const Option& option) {
  if (!option.choices.empty()) return "(" + joined(option.choices) + ")";
  switch (option.complete) {
    case Complete::file:
      return "_files";
    case Complete::directory:
      return "_files -/";
    case Complete::target:
    case Complete::connector:
      return "_fconn_targets";
    case Complete::code:
      return "(" + codes() + ")";
    case Complete::verb:
      return "(" + verb_names() + " functions)";
    case Complete::nothing:
      break;
  }
  return "";
}

/// Brackets and colons steer _arguments.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : quoted(text)) {
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_script() {
  std::string out =
      "#compdef fconn\n_fconn_targets() {\n  local -a names\n"
      "  names=(${(f)\"$(fconn connectors --names 2>/dev/null)\"})\n"
      "  _alternative 'connectors:bundled connector:compadd -a names' "
      "'files:file:_files'\n}\n_fconn() {\n  if (( CURRENT == 2 )); then\n"
      "    local -a verbs\n    verbs=(\n";
  for (const VerbInfo& verb : verbs()) {
    out += "      '" + std::string(verb.name) + ":" + zsh_text(verb.summary) + "'\n";
  }
  out +=
      "    )\n    _describe verb verbs\n    return\n  fi\n  local verb=$words[2]\n"
      "  words=(\"$words[2,-1]\")\n  (( CURRENT-- ))\n  case $verb in\n";
  for (const VerbInfo& verb : verbs()) {
    const Declared declared = declare_verb(verb);
    out += "    " + std::string(verb.name) + ") _arguments -S";
    for (const Option& option : declared.options.options()) {
      out += " \\\n      '";
      if (option.positional) {
        out += std::string(option.repeatable() ? "*" : "") + ":" + option.name + ":" +
               zsh_action(option);
      } else {
        if (option.repeatable()) out += "*";
        out += "--" + option.name + "[" + zsh_text(option.help) + "]";
        if (option.takes_value())
          out += ":" + zsh_text(option.placeholder) + ":" + zsh_action(option);
      }
      out += "'";
    }
    out += " ;;\n";
  }
  return out + "  esac\n}\n_fconn \"$@\"\n";
}

std::string fish_script() {
  std::string out = "# fish completion for fconn\ncomplete -c fconn -n __fish_use_subcommand -f\n";
  for (const VerbInfo& verb : verbs()) {
    out += "complete -c fconn -n __fish_use_subcommand -a " + std::string(verb.name) + " -d '" +
           quoted(verb.summary) + "'\n";
    const std::string when =
        "complete -c fconn -n '__fish_seen_subcommand_from " + std::string(verb.name) + "'";
    const Declared declared = declare_verb(verb);
    for (const Option& option : declared.options.options()) {
      std::string words = joined(option.choices);
      if (option.complete == Complete::target) words = "(fconn connectors --names 2>/dev/null)";
      if (option.complete == Complete::code) words = codes();
      if (option.complete == Complete::verb) words = verb_names() + " functions";
      if (option.positional) {
        if (!words.empty()) out += when + " -a '" + words + "'\n";
        continue;
      }
      out += when + " -l " + option.name;
      if (option.short_name != 0) out += std::string(" -s ") + option.short_name;
      if (option.takes_value()) out += option.complete == Complete::file ? " -r" : " -x";
      if (!words.empty()) out += " -a '" + words + "'";
      out += " -d '" + quoted(option.help) + "'\n";
    }
  }
  return out;
}

class Completion : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("SHELL", shell_, "The shell.", Complete::nothing, true).choices = {
        "bash", "zsh", "fish"};
  }

  int run(Terminal& terminal, const Common&) override {
    if (*shell_ == "bash") {
      terminal.print(bash_script());
    } else if (*shell_ == "zsh") {
      terminal.print(zsh_script());
    } else {
      terminal.print(fish_script());
    }
    return exit_code::complete;
  }

 private:
  std::optional<std::string> shell_;
};

}  // namespace

std::unique_ptr<Verb> make_completion() { return std::make_unique<Completion>(); }

}  // namespace fconn::cli
