// Waits until a file is saved, for verbs that begin again then.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fconn::cli {

/// The state of files when it was made; look at them before they are read, so that nothing which is
/// saved meanwhile is missed. A file that isn't there is one that may come.
class FileWatch {
 public:
  explicit FileWatch(const std::vector<std::string>& paths);

  /// Further files, as they are now.
  void add(const std::vector<std::string>& paths);

  /// Blocks until one is saved, made or removed; false: ^C or SIGTERM came, perhaps before.
  bool wait() const;

 private:
  struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0, size = -1;
    std::uint64_t inode = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  static Stamp stamp(const std::string& path);

  std::map<std::string, Stamp> files_;
};

/// While an object of this class lives, ^C and SIGTERM end FileWatch::wait() and nothing else.
class WatchSignals {
 public:
  WatchSignals();
  ~WatchSignals();
  WatchSignals(const WatchSignals&) = delete;
  WatchSignals& operator=(const WatchSignals&) = delete;
};

}  // namespace fconn::cli
