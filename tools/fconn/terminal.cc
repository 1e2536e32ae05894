#include "tools/fconn/terminal.hh"
#include "grammar/display_text.hh"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace fconn::cli {
namespace {

/// True unless an error other than EPIPE came.
bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno == EPIPE;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool no_colour_wanted() {
  const char* value = std::getenv("NO_COLOR");
  if (value != nullptr && *value != '\0') return true;
  const char* terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view(terminal) == "dumb";
}

}  // namespace

Terminal::Terminal() : error_is_terminal_(::isatty(2) == 1) {
  colour_ = error_is_terminal_ && !no_colour_wanted();
}

void Terminal::configure(bool quiet, int verbosity, std::string_view colour) {
  quiet_ = quiet;
  verbosity_ = verbosity;
  if (colour == "always") colour_ = true;
  if (colour == "never") colour_ = false;
}

grammar::RenderOptions Terminal::error_style() const {
  grammar::RenderOptions options;
  options.colour = colour_;
  return options;
}

void Terminal::print(std::string_view text) { out_ += text; }

void Terminal::complain(std::string_view text) { write_all(2, text); }

void Terminal::say(std::string_view text) {
  if (!quiet_) complain(text);
}

void Terminal::block(std::string_view kind, std::string_view style, const Problem& problem) {
  std::string label(kind);
  if (!problem.code.empty()) label += "[" + problem.code + "]";
  const std::string on = colour_ ? std::string(style) : std::string();
  const std::string_view off = colour_ ? "\x1b[0m" : "";
  std::string text =
      "fconn: " + on + label + std::string(off) + ": " + grammar::safe_lines(problem.text) + "\n";
  if (!problem.help.empty()) {
    text += colour_ ? "\x1b[1;34mhelp\x1b[0m: " : "help: ";
    text += grammar::safe_lines(problem.help) + "\n";
  }
  complain(text);
}

void Terminal::report(const Problem& problem) { block("error", "\x1b[1;31m", problem); }

void Terminal::report(const Problems& problems) {
  for (const Problem& problem : problems) report(problem);
}

void Terminal::warn(const Problem& problem) {
  if (!quiet_) block("warning", "\x1b[1;33m", problem);
}

void Terminal::report(const grammar::SourceMap& sources, const grammar::Diagnostics& diagnostics) {
  if (diagnostics.empty()) return;
  complain(grammar::render_text(sources, diagnostics, error_style()));
}

int Terminal::finish(int code) {
  if (!write_all(1, out_)) {
    report({"standard output can't be written", "", ""});
    if (code == exit_code::complete) code = exit_code::findings;
  }
  out_.clear();
  return code;
}

std::size_t Terminal::width() {
  constexpr std::size_t of_a_file = 100;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return of_a_file;
}

}  // namespace fconn::cli
