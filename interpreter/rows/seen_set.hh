// A set of row hashes in bounded memory: distinct rows and distinct inputs. Exact up to a 96-bit
// keyed hash (a collision among 10 million rows has a chance below 10^-14). Beyond a limit the
// entries move to an unnamed temporary file and are probed there with pread, so memory does not
// grow with the number of rows.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "interpreter/value/result.hh"
#include "interpreter/value/row_batch.hh"

namespace fconn::rows {

/// Keyed by the run's random seed, so a server can't prepare collisions.
class RowHasher {
 public:
  explicit RowHasher(std::uint64_t seed) : seed_(seed) {}
  value::RowHash hash(std::string_view text) const;

 private:
  std::uint64_t seed_;
};

/// `unlike`: it was there, with another RowHash::content.
enum class Seen : std::uint8_t { fresh, same, unlike };

class SeenSet {
 public:
  /// `memory_limit`: bytes of entries kept in memory before spilling.
  explicit SeenSet(std::size_t memory_limit = std::size_t{6} << 20U);
  ~SeenSet();
  SeenSet(SeenSet&&) noexcept;
  SeenSet& operator=(SeenSet&&) noexcept;

  /// Whether it was there before. A failure only when the temporary file can't be used.
  value::Result<Seen> look(value::RowHash hash);
  /// True when it was not there before.
  value::Result<bool> insert(value::RowHash hash) {
    auto seen = look(hash);
    if (!seen) return value::fail(seen.error());
    return *seen == Seen::fresh;
  }
  /// Fetches the memory that insert() of this hash will look at; no effect but time.
  void prefetch(value::RowHash hash) const;
  bool spilled() const;
  std::uint64_t size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fconn::rows
