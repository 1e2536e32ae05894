// A verb: its options and what it does. Verbs are registered in verbs.cc, one line each; a verb's
// file reads like the pipeline and holds no knowledge of the language.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "tools/fconn/options.hh"

namespace fconn::cli {

class Verb {
 public:
  virtual ~Verb() = default;
  virtual void declare(OptionSet& options) = 0;
  /// The exit code. Options are filled in; those that are required are there.
  virtual int run(Terminal& terminal, const Common& common) = 0;
};

struct VerbInfo {
  std::string_view name;
  std::string_view usage;                     // "TARGET… [options]"
  std::string_view summary;                   // one sentence, also in the overview
  std::string_view description;               // for help and man; may be empty
  std::string_view examples;                  // one command a line
  std::unique_ptr<Verb> (*make)() = nullptr;  // null: known, not in this version
};

/// Those of this version, in the order of the overview.
std::span<const VerbInfo> verbs();
/// Names that later versions bring: known, so that nobody takes them for a misspelling.
std::span<const VerbInfo> later_verbs();
const VerbInfo* find_verb(std::string_view name);

}  // namespace fconn::cli
