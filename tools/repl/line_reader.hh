// Reads lines from a person or from a pipe: two functions, so that what is behind them can be
// exchanged and the REPL can be tested without a terminal.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "interpreter/value/result.hh"
#include "tools/repl/complete.hh"

namespace fconn::repl {

enum class LineEnd : std::uint8_t {
  line,         // a whole line
  interrupted,  // ^C: what was typed is void
  ended,        // ^D on an empty line, or the pipe's end
};
struct Typed {
  LineEnd end = LineEnd::line;
  std::string text;  // without its line end
};

class LineReader {
 public:
  using Completer = std::function<Completion(std::string_view line, std::size_t cursor)>;
  virtual ~LineReader() = default;
  /// `prompt` is shown where a person types.
  virtual Typed read(const std::string& prompt, const Completer& completer) = 0;
  /// Adds to the history; several lines are one entry.
  virtual void remember(const std::string& text) = 0;
};

/// Lines of a descriptor: no prompt, no history. A line is at most 1 MiB; a longer one is cut there
/// and the rest is the next line.
std::unique_ptr<LineReader> make_pipe_reader(int descriptor);

/// Line editing on the terminal of standard input and error, by libedit. `history`: a file, made
/// with mode 0600, or empty. A `configuration` failure says what to install where libedit isn't
/// there.
value::Result<std::unique_ptr<LineReader>> make_editing_reader(const std::string& history);

}  // namespace fconn::repl
