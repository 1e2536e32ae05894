#include "interpreter/run/loop_guard.hh"

#include <utility>

namespace fconn::run {

void LoopGuard::grow() {
  std::vector<std::uint64_t> old(slots_.empty() ? 4 : slots_.size() * 2);
  std::swap(old, slots_);
  for (const std::uint64_t hash : old) {
    if (hash == 0) continue;
    std::size_t i = hash & (slots_.size() - 1);
    while (slots_[i] != 0) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = hash;
  }
}

bool LoopGuard::request(std::uint64_t hash) {
  if (hash == 0) hash = 1;
  if ((pages_ + 1) * 4 > slots_.size() * 3) grow();
  std::size_t i = hash & (slots_.size() - 1);
  while (slots_[i] != 0) {
    if (slots_[i] == hash) return false;
    i = (i + 1) & (slots_.size() - 1);
  }
  slots_[i] = hash;
  ++pages_;
  return true;
}

bool LoopGuard::page(std::uint64_t rows_hash, std::uint64_t rows) {
  const bool repeated = rows > 0 && rows_hash != 0 && rows_hash == last_page_;
  last_page_ = rows == 0 ? 0 : rows_hash;
  return !repeated;
}

}  // namespace fconn::run
