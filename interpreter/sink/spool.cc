#include "interpreter/sink/spool.hh"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace fconn::sink {
namespace {

tl::unexpected<value::Failure> temporary_failure() {
  return value::fail(value::FailureKind::output,
                     std::string("the temporary file for rows can't be used: ") +
                         std::strerror(errno) + " (TMPDIR says where it lies)");
}

int open_unnamed() {
  const char* configured = std::getenv("TMPDIR");
  std::string name = configured != nullptr && *configured != '\0' ? configured : "/tmp";
  name += "/fconn-rows-XXXXXX";
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor >= 0) ::unlink(name.c_str());
  return descriptor;
}

}  // namespace

Spool::~Spool() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

value::Result<void> Spool::append(std::string_view bytes) {
  memory_.append(bytes);
  if (memory_.size() > limit_) return spill();
  return {};
}

value::Result<void> Spool::spill() {
  if (descriptor_ < 0) descriptor_ = open_unnamed();
  if (descriptor_ < 0) return temporary_failure();
  std::string_view rest = memory_;
  while (!rest.empty()) {
    const ssize_t written =
        ::pwrite(descriptor_, rest.data(), rest.size(), static_cast<off_t>(on_disk_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return temporary_failure();
    on_disk_ += static_cast<std::uint64_t>(written);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  memory_.clear();
  return {};
}

value::Result<std::string_view> Spool::read(std::uint64_t offset, std::size_t length) {
  if (offset >= on_disk_) {
    return std::string_view(memory_).substr(static_cast<std::size_t>(offset - on_disk_), length);
  }
  if (offset + length > on_disk_) {
    if (auto spilled = spill(); !spilled) return value::fail(spilled.error());
  }
  window_.resize(length);
  std::size_t have = 0;
  while (have < length) {
    const ssize_t got = ::pread(descriptor_, window_.data() + have, length - have,
                                static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return temporary_failure();
    have += static_cast<std::size_t>(got);
  }
  return std::string_view(window_);
}

}  // namespace fconn::sink
