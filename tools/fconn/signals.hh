// ^C and SIGTERM: the first ends a run cleanly, a second one at once. While an object of this class
// lives, signals go to its engine; one at a time.
#pragma once

#include <csignal>

#include "interpreter/run/engine.hh"

namespace fconn::cli {

class InterruptGuard {
 public:
  explicit InterruptGuard(run::Engine& engine);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction interrupt_ {};  // what was there before
  struct sigaction terminate_ {};
};

/// ^C outside of a run does nothing: a prompt comes back, and isn't left by it.
void ignore_interrupts();
/// A closed pipe is a write error and no signal.
void ignore_broken_pipes();

}  // namespace fconn::cli
