#include "tools/fconn/signals.hh"

#include <unistd.h>
#include <csignal>

#include <atomic>

namespace fconn::cli {
namespace {

// A signal handler gets no argument, so what it needs can only be reached through globals.
std::atomic<run::Engine*> running{nullptr};
std::atomic<int> signals_seen{0};

constexpr int interrupted_exit = 130;

extern "C" void on_interrupt(int) {
  if (signals_seen.fetch_add(1) > 0) ::_exit(interrupted_exit);
  if (run::Engine* engine = running.load()) engine->interrupt();
}

extern "C" void on_hangup(int) {
  if (run::Engine* engine = running.load()) engine->interrupt();
}

void handle(int signal, void (*handler)(int), struct sigaction* before = nullptr) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(signal, &action, before);
}

/// Where it is ignored, it stays so.
void handle_hangup(struct sigaction* before = nullptr) {
  struct sigaction now {};
  ::sigaction(SIGHUP, nullptr, &now);
  if (before != nullptr) *before = now;
  if (now.sa_handler != SIG_IGN) handle(SIGHUP, on_hangup);
}

}  // namespace

InterruptGuard::InterruptGuard(run::Engine& engine) {
  signals_seen = 0;
  running = &engine;
  handle(SIGINT, on_interrupt, &interrupt_);
  handle(SIGTERM, on_interrupt, &terminate_);
  handle_hangup(&hangup_);
}

InterruptGuard::~InterruptGuard() {
  ::sigaction(SIGINT, &interrupt_, nullptr);
  ::sigaction(SIGTERM, &terminate_, nullptr);
  ::sigaction(SIGHUP, &hangup_, nullptr);
  running = nullptr;
}

PromptGuard::PromptGuard(const InterruptGuard* run) : run_(run) {
  if (run_ == nullptr) return;
  ::sigaction(SIGINT, &run_->interrupt_, nullptr);
  ::sigaction(SIGTERM, &run_->terminate_, nullptr);
  ::sigaction(SIGHUP, &run_->hangup_, nullptr);
}

PromptGuard::~PromptGuard() {
  if (run_ == nullptr) return;
  handle(SIGINT, on_interrupt);
  handle(SIGTERM, on_interrupt);
  handle_hangup();
}

InterruptFlag::InterruptFlag() {
  signals_seen = 0;
  running = nullptr;
  handle(SIGINT, on_interrupt, &before_);
}

InterruptFlag::~InterruptFlag() { ::sigaction(SIGINT, &before_, nullptr); }

bool InterruptFlag::set() const { return signals_seen > 0; }

void ignore_interrupts() { handle(SIGINT, SIG_IGN); }

void ignore_broken_pipes() { handle(SIGPIPE, SIG_IGN); }

}  // namespace fconn::cli
