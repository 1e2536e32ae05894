#include "tools/fconn/help_text.hh"

#include "interpreter/eval/intrinsics.hh"
#include "tools/fconn/program.hh"

namespace fconn::cli {
namespace {

constexpr std::size_t width = 100;

/// Code points, which is what columns are here.
std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

/// Wraps at spaces; every line but the first begins with `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t used) {
  std::string out;
  std::size_t column = used;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    const std::size_t size = columns(word);
    if (column > indent && column + 1 + size > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!out.empty() && column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += size;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::string row(std::string_view label, std::string_view text, std::size_t indent) {
  std::string out = "  " + std::string(label);
  const std::size_t used = columns(out);
  if (used + 2 > indent) {
    out += "\n" + std::string(indent, ' ');
  } else {
    out += std::string(indent - used, ' ');
  }
  return out + wrapped(text, indent, indent) + "\n";
}

std::string choices_text(const Option& option) {
  std::string out = option.help;
  if (option.choices.empty()) return out;
  out += " One of";
  for (std::size_t i = 0; i < option.choices.size(); ++i) {
    out += (i == 0 ? " " : ", ") + option.choices[i];
  }
  return out + ".";
}

std::string escaped_roff(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      out += "\\e";
    } else if (text[i] == '-') {
      out += "\\-";
    } else if ((text[i] == '.' || text[i] == '\'') && (i == 0 || text[i - 1] == '\n')) {
      out += "\\&";
      out += text[i];
    } else {
      out += text[i];
    }
  }
  return out;
}

void roff_options(std::string& out, const OptionSet& set) {
  out += ".SH OPTIONS\n";
  std::string group;
  for (const Option& option : set.options()) {
    if (option.positional) continue;
    if (option.group != group) {
      group = option.group;
      out += ".SS " + escaped_roff(group) + "\n";
    }
    out += ".TP\n\\fB" + escaped_roff(option_label(option)) + "\\fR\n" +
           escaped_roff(choices_text(option)) + "\n";
  }
}

std::string type_text(const eval::Intrinsic& function) {
  std::string out(function.name);
  out += '(';
  bool first = true;
  for (const eval::Parameter& parameter : function.parameters) {
    if (!first) out += ", ";
    first = false;
    out += std::string(parameter.name) + ": " + eval::describe(parameter.type);
    if (parameter.optional && !parameter.default_text.empty()) {
      out += " = " + std::string(parameter.default_text);
    } else if (parameter.optional) {
      out += "?";
    }
  }
  if (function.variadic) out += "…";
  return out + ") → " + eval::describe(function.result);
}

}  // namespace

std::string option_label(const Option& option) {
  if (option.positional) return option.name + (option.repeatable() ? "…" : "");
  std::string out;
  if (option.short_name != 0) out = std::string("-") + option.short_name + ", ";
  out += "--" + option.name;
  if (option.takes_value()) out += " " + option.placeholder;
  return out;
}

Declared declare_verb(const VerbInfo& info) {
  Declared out;
  out.verb = info.make();
  out.common = std::make_unique<Common>();
  out.verb->declare(out.options);
  out.options.add_common(*out.common);
  return out;
}

std::string overview_text() {
  std::string out =
      "fconn: connectors for privacy requests over HTTP APIs\n\n"
      "usage: fconn VERB [arguments] [options]\n\nverbs:\n";
  for (const VerbInfo& verb : verbs()) out += row(verb.name, verb.summary, 16);
  out += "\nfconn help VERB shows a verb's options, fconn --version the version.\n";
  return out;
}

std::string help_text(const VerbInfo& info, const OptionSet& options) {
  std::string out = "usage: fconn " + std::string(info.name) + " " + std::string(info.usage) +
                    "\n\n" + wrapped(info.summary, 0, 0) + "\n";
  if (!info.description.empty()) out += "\n" + wrapped(info.description, 0, 0) + "\n";
  std::string group;
  for (const Option& option : options.options()) {
    const std::string heading = option.positional ? "Arguments" : option.group;
    if (heading != group) {
      group = heading;
      out += "\n" + group + ":\n";
    }
    out += row(option_label(option), choices_text(option), 30);
  }
  if (info.examples.empty()) return out;
  out += "\nExamples:\n  ";
  for (const char c : info.examples) out += c == '\n' ? std::string("\n  ") : std::string(1, c);
  return out + "\n";
}

std::string markdown_reference() {
  std::string out =
      "# fconn on the command line\n\nWritten by `fconn help --markdown`; a test "
      "holds this page to be current.\n\n| verb | does |\n| --- | --- |\n";
  for (const VerbInfo& verb : verbs()) {
    out += "| [`" + std::string(verb.name) + "`](#fconn-" + std::string(verb.name) + ") | " +
           std::string(verb.summary) + " |\n";
  }
  for (const VerbInfo& verb : verbs()) {
    const Declared declared = declare_verb(verb);
    out += "\n## fconn " + std::string(verb.name) + "\n\n```sh\nfconn " + std::string(verb.name) +
           " " + std::string(verb.usage) + "\n```\n\n" + std::string(verb.summary) + "\n";
    if (!verb.description.empty()) out += "\n" + std::string(verb.description) + "\n";
    std::string group;
    for (const Option& option : declared.options.options()) {
      const std::string heading = option.positional ? "Arguments" : option.group;
      if (heading == "Common") continue;
      if (heading != group) {
        group = heading;
        out += "\n" + group + ":\n\n";
      }
      std::string label = option_label(option);
      out += "- `" + label + "`: " + choices_text(option) + "\n";
    }
    if (!verb.examples.empty()) {
      out += "\n```sh\n" + std::string(verb.examples) + "\n```\n";
    }
  }
  out += "\n## Options of every verb\n\n";
  const Declared declared = declare_verb(verbs().front());
  for (const Option& option : declared.options.options()) {
    if (option.group == "Common") {
      out += "- `" + option_label(option) + "`: " + choices_text(option) + "\n";
    }
  }
  return out;
}

std::string man_page(const VerbInfo* info) {
  const std::string name = info == nullptr ? "fconn" : "fconn-" + std::string(info->name);
  std::string out = ".TH " + name + " 1 \"\" \"fconn " + program_version + "\"\n.SH NAME\n" +
                    escaped_roff(name) + " \\- ";
  if (info == nullptr) {
    out +=
        "connectors for privacy requests over HTTP APIs\n.SH SYNOPSIS\n\\fBfconn\\fR VERB "
        "[arguments] [options]\n.SH VERBS\n";
    for (const VerbInfo& verb : verbs()) {
      out += ".TP\n\\fB" + std::string(verb.name) + "\\fR\n" + escaped_roff(verb.summary) + "\n";
    }
    return out;
  }
  out += escaped_roff(info->summary) + "\n.SH SYNOPSIS\n\\fBfconn " + std::string(info->name) +
         "\\fR " + escaped_roff(info->usage) + "\n";
  if (!info->description.empty()) {
    out += ".SH DESCRIPTION\n" + escaped_roff(info->description) + "\n";
  }
  roff_options(out, declare_verb(*info).options);
  if (!info->examples.empty()) {
    out += ".SH EXAMPLES\n.nf\n" + escaped_roff(info->examples) + "\n.fi\n";
  }
  return out;
}

std::string functions_text(const std::string& name) {
  std::string out;
  for (const eval::Intrinsic& function : eval::intrinsics()) {
    if (!name.empty() && function.name != name) continue;
    out += type_text(function) + "\n    " + wrapped(function.summary, 4, 4) + "\n";
    if (!function.errors.empty()) {
      out += "    " + wrapped("Fails: " + std::string(function.errors), 4, 4) + "\n";
    }
    if (function.on_null == eval::OnNull::error) out += "    Null is an error.\n";
    if (function.on_null == eval::OnNull::gives_null) out += "    Null gives null.\n";
    if (!name.empty() || function.examples.size() == 1) {
      for (const std::string_view example : function.examples) {
        out += "      " + std::string(example) + "\n";
      }
    }
  }
  return out;
}

}  // namespace fconn::cli
