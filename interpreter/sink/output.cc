#include "interpreter/sink/output.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace fconn::sink {
namespace {

constexpr std::size_t buffer_limit = 256 * 1024;

}  // namespace

Output::Output(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {
  struct stat info {};
  interactive_ = ::fstat(descriptor_, &info) == 0 && !S_ISREG(info.st_mode);
}

Output::~Output() {
  if (owned_ && descriptor_ >= 0) ::close(descriptor_);
}

value::Result<std::unique_ptr<Output>> Output::create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return value::fail(value::FailureKind::output,
                       "'" + path + "' can't be written: " + std::strerror(errno));
  }
  struct stat info {};
  if (::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && ::fchmod(descriptor, 0600) != 0) {
    ::close(descriptor);
    return value::fail(value::FailureKind::output,
                       "'" + path + "' can't be made private to its owner (mode 0600)");
  }
  auto output = std::make_unique<Output>(descriptor, path);
  output->owned_ = true;
  return output;
}

value::Result<void> Output::write_all(std::string_view bytes) {
  if (failed_) return value::fail(value::FailureKind::output, "'" + path_ + "' can't be written");
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      failed_ = true;
      broken_pipe_ = errno == EPIPE;
      return value::fail(value::FailureKind::output,
                         "'" + path_ + "' can't be written: " + std::strerror(errno));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

value::Result<void> Output::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > buffer_limit) {
    if (auto flushed = flush(); !flushed) return flushed;
    if (bytes.size() > buffer_limit) return write_all(bytes);
  }
  buffer_.append(bytes);
  return {};
}

value::Result<void> Output::flush() {
  value::Result<void> result = write_all(buffer_);
  buffer_.clear();
  return result;
}

value::Result<void> Output::end_of_batch() {
  if (interactive_) return flush();
  return maybe_flush();
}

value::Result<void> Output::maybe_flush() {
  if (buffer_.size() < buffer_limit) return {};
  return flush();
}

}  // namespace fconn::sink
