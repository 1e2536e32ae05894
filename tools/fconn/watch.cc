#include "tools/fconn/watch.hh"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <ctime>

namespace fconn::cli {

namespace {

// A signal handler can reach nothing else.
std::atomic<bool> ended{false};

extern "C" void end_watch(int /*signal*/) { ended = true; }

}  // namespace

FileWatch::FileWatch(const std::vector<std::string>& paths) { add(paths); }

void FileWatch::add(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) files_.emplace(path, stamp(path));
}

FileWatch::Stamp FileWatch::stamp(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {};
  return {found.st_mtim.tv_sec, found.st_mtim.tv_nsec, found.st_size, found.st_ino};
}

bool FileWatch::wait() const {
  // Asking is cheap and works on every file system, also where editors rename over the file.
  constexpr timespec pause{0, 100'000'000};
  while (!ended) {
    if (std::any_of(files_.begin(), files_.end(),
                    [](const auto& file) { return stamp(file.first) != file.second; })) {
      return true;
    }
    ::nanosleep(&pause, nullptr);
  }
  return false;
}

WatchSignals::WatchSignals() {
  ended = false;
  std::signal(SIGINT, end_watch);
  std::signal(SIGTERM, end_watch);
}

WatchSignals::~WatchSignals() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace fconn::cli
