// A hash table of entries in an unnamed temporary file: buckets of 4 KiB, found by the entry's
// first bits and probed with pread and pwrite, so the process keeps none of it in memory. The file
// goes away with the descriptor, however the process ends.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "interpreter/value/result.hh"

namespace fconn::rows {

/// 96 bits of a hash; all zero marks a free place, so no entry is all zero.
struct SeenEntry {
  std::array<std::uint32_t, 3> words{};
  std::uint32_t content = 0;  // kept beside them, not compared
  /// Word by word, as the default is a call of memcmp for each place that a search looks at.
  friend bool operator==(const SeenEntry& a, const SeenEntry& b) {
    return ((a.words[0] ^ b.words[0]) | (a.words[1] ^ b.words[1]) | (a.words[2] ^ b.words[2])) == 0;
  }
  bool free() const { return (words[0] | words[1] | words[2]) == 0; }
};
static_assert(sizeof(SeenEntry) == 16);

/// Place of an entry among `count`, in the order of `hash`, so that a table twice as big keeps it.
inline std::uint64_t spread(std::uint32_t hash, std::uint64_t count) {
  return (hash * count) >> 32U;
}

class SeenFile {
 public:
  /// A table with room for `entries` at about 40 % load.
  static value::Result<std::unique_ptr<SeenFile>> create(std::uint64_t entries);
  ~SeenFile();
  SeenFile(const SeenFile&) = delete;
  SeenFile& operator=(const SeenFile&) = delete;

  /// The one that is equal.
  value::Result<std::optional<SeenEntry>> find(const SeenEntry& entry) const;
  /// Adds entries that aren't there, best in rising order of their first words: 16 buckets at a
  /// time are read, filled and written. flush() must follow before find().
  value::Result<void> add(const SeenEntry& entry);
  value::Result<void> flush();

 private:
  static constexpr std::size_t bucket_bytes = 4096;
  static constexpr std::size_t bucket_entries = bucket_bytes / sizeof(SeenEntry);
  struct Bucket {
    std::array<SeenEntry, bucket_entries> entries{};
  };
  static_assert(sizeof(Bucket) == bucket_bytes);

  SeenFile(int descriptor, std::uint64_t buckets) : descriptor_(descriptor), buckets_(buckets) {}
  static constexpr std::uint64_t span_buckets = 16;
  std::uint64_t bucket_of(const SeenEntry& entry) const { return spread(entry.words[0], buckets_); }
  value::Result<void> load(std::uint64_t bucket);
  static std::size_t place(const Bucket& bucket, const SeenEntry& entry);
  value::Result<void> grow();

  int descriptor_;
  std::uint64_t buckets_;
  std::uint64_t entries_ = 0;
  std::vector<Bucket> span_;  // while entries are added: buckets from span_first_ on
  std::uint64_t span_first_ = 0;
};

}  // namespace fconn::rows
