// Bytes that wait until they can be written: in memory up to a threshold, beyond it in an unnamed
// temporary file (mode 0600, gone with the process). Rows lie in it only as long as a format needs
// them: CSV until its columns are known, the report and --ordered until the end of the run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "interpreter/value/result.hh"

namespace fconn::sink {

class Spool {
 public:
  explicit Spool(std::size_t memory_limit = std::size_t{1} << 20U) : limit_(memory_limit) {}
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  value::Result<void> append(std::string_view bytes);
  std::uint64_t size() const { return on_disk_ + memory_.size(); }
  /// Reads `length` bytes from `offset`; the view is good until the next call.
  value::Result<std::string_view> read(std::uint64_t offset, std::size_t length);

 private:
  value::Result<void> spill();

  std::size_t limit_;
  int descriptor_ = -1;
  std::uint64_t on_disk_ = 0;
  std::string memory_;
  std::string window_;
};

}  // namespace fconn::sink
