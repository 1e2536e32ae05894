// The progress line on standard error: only on a terminal, only after a second, gone at the end.
#pragma once

#include "interpreter/run/engine.hh"
#include "tools/fconn/terminal.hh"

namespace fconn::cli {

class ProgressLine {
 public:
  ProgressLine(Terminal& terminal, value::Clock& clock);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const run::Progress& progress);
  void clear();

 private:
  Terminal& terminal_;
  value::Clock& clock_;
  value::TimePoint start_;
  bool enabled_;
  bool shown_ = false;
};

}  // namespace fconn::cli
