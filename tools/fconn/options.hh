// Options of a verb as data: the command line is read from them, and help, man pages, completion
// and docs/cli.md are written from them, so none can exist undocumented. CLI11 is behind
// parse_options alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tools/fconn/terminal.hh"

namespace fconn::cli {

/// What a shell may offer for a value.
enum class Complete : std::uint8_t { nothing, file, directory, target, code, verb, connector };

struct Option {
  std::string name;  // "identity"; of a positional: "TARGET"
  char short_name = 0;
  std::string placeholder;  // empty: a flag
  std::string help;
  std::string group;  // heading in help
  std::vector<std::string> choices;
  Complete complete = Complete::nothing;
  bool positional = false;
  bool required = false;
  /// flag; flag that counts; one value; several.
  std::variant<bool*, int*, std::optional<std::string>*, std::vector<std::string>*> target;

  bool takes_value() const { return target.index() >= 2; }
  bool repeatable() const { return target.index() == 3; }
};

/// The options that every verb has.
struct Common {
  bool help = false, quiet = false, json = false;
  int verbose = 0;
  std::optional<std::string> colour;
};

class OptionSet {
 public:
  /// Heading for the options that follow.
  void group(std::string name) { group_ = std::move(name); }
  Option& flag(std::string name, bool& target, std::string help);
  Option& value(std::string name, std::string placeholder, std::optional<std::string>& target,
                std::string help, Complete complete = Complete::nothing);
  Option& list(std::string name, std::string placeholder, std::vector<std::string>& target,
               std::string help, Complete complete = Complete::nothing);
  Option& positional(std::string name, std::vector<std::string>& target, std::string help,
                     Complete complete, bool required);
  Option& positional(std::string name, std::optional<std::string>& target, std::string help,
                     Complete complete, bool required);
  void add_common(Common& common);
  const std::vector<Option>& options() const { return options_; }

 private:
  Option& add(std::string name, std::string help);
  std::vector<Option> options_;
  std::string group_ = "Options";
};

/// Fills the targets; null when all is well. `arguments` are those after the verb.
std::optional<Problem> parse_options(const OptionSet& set,
                                     const std::vector<std::string>& arguments);

}  // namespace fconn::cli
