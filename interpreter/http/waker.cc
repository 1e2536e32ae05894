#include "interpreter/http/waker.hh"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace fconn::http {

Waker::Waker() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Waker::~Waker() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Waker::wake() noexcept {
  // The flag comes first: a poll that the descriptor ends must find it. The other way round, the
  // flag may be taken before the descriptor is readable; then one poll ends for nothing.
  woken_.store(true);
  const int error = errno;  // a signal handler must leave it
  (void)!::eventfd_write(descriptor_, 1);
  errno = error;
}

void Waker::clear() noexcept {
  eventfd_t count = 0;
  (void)!::eventfd_read(descriptor_, &count);
}

}  // namespace fconn::http
