// ^C and SIGTERM: the first ends a run cleanly, a second one at once. So does a terminal that goes
// away (SIGHUP), which may be told twice, unless that is ignored (nohup). While an object of this
// class lives, signals go to its engine; one at a time.
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
  friend class PromptGuard;
  struct sigaction interrupt_ {};  // what was there before
  struct sigaction terminate_ {};
  struct sigaction hangup_ {};
};

/// While somebody is asked what a run is to do: signals do what they did before the run began.
class PromptGuard {
 public:
  explicit PromptGuard(const InterruptGuard* run);
  ~PromptGuard();
  PromptGuard(const PromptGuard&) = delete;
  PromptGuard& operator=(const PromptGuard&) = delete;

 private:
  const InterruptGuard* run_;
};

/// While an object of this class lives, ^C sets a flag and nothing else; one at a time.
class InterruptFlag {
 public:
  InterruptFlag();
  ~InterruptFlag();
  InterruptFlag(const InterruptFlag&) = delete;
  InterruptFlag& operator=(const InterruptFlag&) = delete;
  bool set() const;

 private:
  struct sigaction before_ {};
};

/// ^C outside of a run does nothing: a prompt comes back, and isn't left by it.
void ignore_interrupts();
/// A closed pipe is a write error and no signal.
void ignore_broken_pipes();

}  // namespace fconn::cli
