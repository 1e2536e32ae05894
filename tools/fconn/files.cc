#include "tools/fconn/files.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace fconn::cli {
namespace {

tl::unexpected<value::Failure> unreadable(const std::string& path, int error) {
  return value::fail(value::FailureKind::configuration,
                     "'" + path + "' can't be read: " + std::strerror(error));
}

tl::unexpected<value::Failure> unwritable(const std::string& path, int error) {
  return value::fail(value::FailureKind::output,
                     "'" + path + "' can't be written: " + std::strerror(error));
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

value::Result<std::string> read_file(const std::string& path) {
  const bool standard_input = path == "-";
  const int descriptor = standard_input ? 0 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(path, errno);
  std::string text;
  char buffer[64 * 1024];
  int error = 0;
  while (true) {
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  if (!standard_input) ::close(descriptor);
  if (error != 0) return unreadable(path, error);
  return text;
}

value::Result<std::string> read_file(const std::string& path, const TextOverlay& overlay) {
  if (overlay && path != "-") {
    if (const std::string* text = overlay(absolute_path(path))) return *text;
  }
  return read_file(path);
}

bool file_exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
}

value::Result<void> write_file(const std::string& path, std::string_view text, Mode mode) {
  if (path == "-") {
    if (!write_all(1, text) && errno != EPIPE) return unwritable("standard output", errno);
    return {};
  }
  struct stat existing {};
  const bool exists = ::stat(path.c_str(), &existing) == 0;
  if (exists && !S_ISREG(existing.st_mode)) {  // a pipe or device: nothing to rename over
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return unwritable(path, errno);
    const bool written = write_all(descriptor, text);
    const int error = errno;
    ::close(descriptor);
    if (!written && error != EPIPE) return unwritable(path, error);
    return {};
  }
  std::error_code error;
  std::string target = path;
  if (exists) {
    const auto real = std::filesystem::canonical(path, error);
    if (!error) target = real.string();
  }
  std::string temporary = target + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return unwritable(path, errno);
  mode_t wanted = 0600;
  if (mode == Mode::shared) {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    wanted = exists ? existing.st_mode & 07777U : 0666U & ~mask;
  }
  const bool done = write_all(descriptor, text) && ::fchmod(descriptor, wanted) == 0;
  const int reason = errno;
  ::close(descriptor);
  if (!done || ::rename(temporary.c_str(), target.c_str()) != 0) {
    const int why = done ? errno : reason;
    ::unlink(temporary.c_str());
    return unwritable(path, why);
  }
  return {};
}

std::optional<std::string> find_project_file() {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::current_path(error);
  if (error) return std::nullopt;
  if (file_exists("fconn.toml")) return "fconn.toml";
  while (folder.has_relative_path()) {
    folder = folder.parent_path();
    const std::string candidate = (folder / "fconn.toml").string();
    if (file_exists(candidate)) return candidate;
  }
  return std::nullopt;
}

value::Result<void> make_folder(const std::string& folder) {
  for (std::size_t at = folder.find('/', 1); at != std::string::npos;
       at = folder.find('/', at + 1)) {
    const std::string part = folder.substr(0, at);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      return value::fail(value::FailureKind::output,
                         "the folder " + part + " can't be made: " + std::strerror(errno));
    }
  }
  return {};
}

std::string directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash + 1));
}

std::string base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string absolute_path(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::absolute(path, ignored).lexically_normal().string();
}

std::string join(std::string_view folder, std::string_view path) {
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

}  // namespace fconn::cli
