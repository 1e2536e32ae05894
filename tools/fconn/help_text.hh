// Help in all its forms, from the verbs' tables: overview, one verb, Markdown (docs/cli.md), man.
#pragma once

#include <string>

#include "tools/fconn/verb.hh"

namespace fconn::cli {

std::string overview_text();
std::string help_text(const VerbInfo& info, const OptionSet& options);
/// docs/cli.md: all verbs and their options.
std::string markdown_reference();
/// A man page (roff, section 1) of one verb; null name: of the program.
std::string man_page(const VerbInfo* info);
/// The library functions, from the table of intrinsics; `name` empty: all of them.
std::string functions_text(const std::string& name);

/// "-v, --verbose", "--param NAME=VALUE", "TARGET…".
std::string option_label(const Option& option);
/// A verb's options with the common ones; `verb` and `common` are their targets and stay alive.
struct Declared {
  std::unique_ptr<Verb> verb;
  std::unique_ptr<Common> common;
  OptionSet options;
};
Declared declare_verb(const VerbInfo& info);

}  // namespace fconn::cli
