// Where bytes of a sink go: a file descriptor behind one buffer. Files that hold rows are created
// with mode 0600 (cli-contract "Summary"). Nothing here knows rows or formats.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "interpreter/value/result.hh"

namespace fconn::sink {

class Output {
 public:
  /// Borrows a descriptor that stays open, such as 1. `path` is what messages call it.
  Output(int descriptor, std::string path);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Creates or empties a file with mode 0600; an existing file loses other permissions.
  static value::Result<std::unique_ptr<Output>> create(const std::string& path);

  /// Appends; an `output` failure names the path. After a failure every call fails.
  value::Result<void> write(std::string_view bytes);
  value::Result<void> flush();
  /// Flushes where a reader waits (pipe, terminal, socket); a regular file keeps its buffer.
  value::Result<void> end_of_batch();
  /// The reader of a pipe went away: an end that needs no message.
  bool broken_pipe() const { return broken_pipe_; }
  /// The buffer, for callers that append many small pieces; call maybe_flush() now and then.
  std::string& buffer() { return buffer_; }
  value::Result<void> maybe_flush();
  const std::string& path() const { return path_; }

 private:
  value::Result<void> write_all(std::string_view bytes);

  int descriptor_;
  bool owned_ = false;
  bool interactive_ = false;
  bool broken_pipe_ = false;
  bool failed_ = false;
  std::string path_;
  std::string buffer_;
};

}  // namespace fconn::sink
