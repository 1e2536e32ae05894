#include "tools/fconn/progress.hh"

#include <cstdio>

namespace fconn::cli {
namespace {

constexpr value::Milliseconds patience{1000};

std::string bytes_text(std::uint64_t bytes) {
  char text[32];
  if (bytes < 1024 * 1024) {
    std::snprintf(text, sizeof text, "%.0f KiB", static_cast<double>(bytes) / 1024.0);
  } else {
    std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1024.0 * 1024.0));
  }
  return text;
}

}  // namespace

ProgressLine::ProgressLine(Terminal& terminal, value::Clock& clock)
    : terminal_(terminal),
      clock_(clock),
      start_(clock.now()),
      enabled_(terminal.error_is_terminal() && !terminal.quiet()) {}

void ProgressLine::show(const run::Progress& progress) {
  if (!enabled_ || clock_.now() - start_ < patience) return;
  shown_ = true;
  terminal_.complain("\r\x1b[K" + std::to_string(progress.collections_done) + "/" +
                     std::to_string(progress.collections) + " collections, " +
                     std::to_string(progress.requests) + " requests (" +
                     std::to_string(progress.in_flight) + " in flight), " +
                     std::to_string(progress.rows) + " rows, " + bytes_text(progress.bytes));
}

void ProgressLine::clear() {
  if (shown_) terminal_.complain("\r\x1b[K");
  shown_ = false;
}

}  // namespace fconn::cli
