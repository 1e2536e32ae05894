// What the program says and where: rows and results on standard output, everything else on standard
// error, coloured only where a person reads. One object per process, handed to the verbs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "grammar/diagnostics.hh"
#include "grammar/render.hh"

namespace fconn::cli {

/// Exit codes (cli-contract). Those of a run come from run::exit_code.
namespace exit_code {
constexpr int complete = 0, findings = 1, usage = 2;
}

/// A mistake of the command line or of a value: a sentence and what to do.
struct Problem {
  std::string text;
  std::string help;
  std::string code;  // "F0901" where one is registered
};
using Problems = std::vector<Problem>;

class Terminal {
 public:
  Terminal();

  /// `colour`: "auto", "always" or "never". NO_COLOR counts unless it is "always".
  void configure(bool quiet, int verbosity, std::string_view colour);
  bool quiet() const { return quiet_; }
  int verbosity() const { return verbosity_; }
  bool error_is_terminal() const { return error_is_terminal_; }
  grammar::RenderOptions error_style() const;

  /// Standard output, buffered until flush().
  void print(std::string_view text);
  /// Standard error at once, also under -q: errors.
  void complain(std::string_view text);
  /// Standard error, not under -q: notices.
  void say(std::string_view text);
  void report(const Problem& problem);
  void report(const Problems& problems);
  void warn(const Problem& problem);
  void report(const grammar::SourceMap& sources, const grammar::Diagnostics& diagnostics);

  /// Flushes; the exit code becomes 1 when standard output can't be written. A reader that went
  /// away (EPIPE) is no error: what it wanted, it has.
  int finish(int code);

  /// Columns of the terminal of standard output; 100 where it is none.
  static std::size_t width();

 private:
  void block(std::string_view kind, std::string_view style, const Problem& problem);

  bool quiet_ = false;
  int verbosity_ = 0;
  bool colour_ = false;
  bool error_is_terminal_ = false;
  std::string out_;
};

}  // namespace fconn::cli
