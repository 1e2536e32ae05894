// Ends a poll() from another thread or a signal handler.
#pragma once

#include <atomic>

namespace fconn::http {

class Waker {
 public:
  Waker();
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  /// From any thread or signal handler.
  void wake() noexcept;
  /// Whether wake() was called since the last time this was asked.
  bool take() noexcept { return woken_.exchange(false); }

  /// Readable after wake(), until clear(); -1 when the system had no descriptor left.
  int descriptor() const { return descriptor_; }
  void clear() noexcept;

 private:
  int descriptor_;
  std::atomic<bool> woken_{false};
};

}  // namespace fconn::http
