// Pagination loops: a next request equal to one already sent in its chain, or a page that repeats
// the one before it row by row, is an error and never an endless loop (language.md "Pagination").
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace fconn::run {

class LoopGuard {
 public:
  /// False when a request with this hash was sent before in this chain.
  bool request(std::uint64_t hash);
  /// False when a page with rows equals the page before it.
  bool page(std::uint64_t rows_hash, std::uint64_t rows);
  std::uint64_t pages() const { return pages_; }

 private:
  void grow();
  std::vector<std::uint64_t> slots_;  // open addressing, 0 is free
  std::uint64_t pages_ = 0;
  std::uint64_t last_page_ = 0;
};

}  // namespace fconn::run
