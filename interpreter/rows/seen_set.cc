#include "interpreter/rows/seen_set.hh"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <vector>

#include "interpreter/rows/seen_file.hh"

namespace fconn::rows {

namespace {

SeenEntry entry_of(value::RowHash hash) {
  SeenEntry entry{{static_cast<std::uint32_t>(hash.high >> 32U),
                   static_cast<std::uint32_t>(hash.high), hash.low},
                  hash.content};
  if (entry.free()) entry.words[2] = 1;
  return entry;
}

constexpr std::uint32_t segment_bits = 6;

/// One part of the table: open addressing, places in the order of the first words. The parts grow
/// one after the other, so growing needs little memory beside what is there.
class Segment {
 public:
  static constexpr std::size_t smallest = 16;

  /// Bytes that one more entry would add.
  std::size_t growth() const { return full() ? (next_size() - places_.size()) * entry_bytes : 0; }
  std::size_t bytes() const { return places_.size() * entry_bytes; }
  const std::vector<SeenEntry>& places() const { return places_; }

  void prefetch(const SeenEntry& entry) const {
    if (!places_.empty()) __builtin_prefetch(&places_[home(entry)]);
  }
  /// The one that is equal, or null.
  const SeenEntry* known(const SeenEntry& entry) const {
    if (places_.empty()) return nullptr;
    const SeenEntry& place = places_[find(entry)];
    return place.free() ? nullptr : &place;
  }
  /// Empties it but keeps the memory.
  void clear() {
    std::fill(places_.begin(), places_.end(), SeenEntry());
    used_ = 0;
  }
  /// `entry` isn't there yet.
  void add(const SeenEntry& entry) {
    if (full()) {
      std::vector<SeenEntry> old(next_size());
      old.swap(places_);
      for (const SeenEntry& moved : old) {
        if (!moved.free()) places_[find(moved)] = moved;
      }
    }
    places_[find(entry)] = entry;
    ++used_;
  }

 private:
  static constexpr std::size_t entry_bytes = sizeof(SeenEntry);
  bool full() const { return used_ >= places_.size() / 20 * 17; }
  std::size_t next_size() const {
    return std::max(smallest * 2, places_.size() + places_.size() / 4);
  }
  std::size_t home(const SeenEntry& entry) const {
    return spread(entry.words[0] << segment_bits, places_.size());
  }
  std::size_t find(const SeenEntry& entry) const {
    std::size_t at = home(entry);
    while (!places_[at].free() && places_[at] != entry) at = at + 1 == places_.size() ? 0 : at + 1;
    return at;
  }

  std::vector<SeenEntry> places_;
  std::size_t used_ = 0;
};

}  // namespace

value::RowHash RowHasher::hash(std::string_view text) const {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(text.data(), text.size(), seed_);
  return {hash.high64, static_cast<std::uint32_t>(hash.low64)};
}

struct SeenSet::State {
  value::Result<void> spill();

  std::size_t memory_limit = 0;
  std::size_t bytes = 0;
  std::uint64_t size = 0;
  std::array<Segment, std::size_t{1} << segment_bits> segments;
  std::unique_ptr<SeenFile> file;
};

SeenSet::SeenSet(std::size_t memory_limit) : state_(std::make_unique<State>()) {
  state_->memory_limit = memory_limit;
}
SeenSet::~SeenSet() = default;
SeenSet::SeenSet(SeenSet&&) noexcept = default;
SeenSet& SeenSet::operator=(SeenSet&&) noexcept = default;

/// Moves what is in memory into the file.
value::Result<void> SeenSet::State::spill() {
  if (!file) {
    auto created = SeenFile::create(size);
    if (!created) return value::fail(created.error());
    file = std::move(*created);
  }
  // Segments hold rising ranges of first words, each in about rising order.
  for (Segment& segment : segments) {
    for (const SeenEntry& entry : segment.places()) {
      if (entry.free()) continue;
      if (value::Result<void> moved = file->add(entry); !moved) return moved;
    }
    segment.clear();
  }
  return file->flush();
}

void SeenSet::prefetch(value::RowHash hash) const {
  const SeenEntry entry = entry_of(hash);
  state_->segments[entry.words[0] >> (32 - segment_bits)].prefetch(entry);
}

/// Memory is a buffer of the newest entries once there is a file: a look-up costs one read, and
/// many entries are written at once.
value::Result<Seen> SeenSet::look(value::RowHash hash) {
  State& state = *state_;
  const SeenEntry entry = entry_of(hash);
  const auto repeated = [&](std::uint32_t content) {
    return content == entry.content ? Seen::same : Seen::unlike;
  };
  Segment& segment = state.segments[entry.words[0] >> (32 - segment_bits)];
  if (const SeenEntry* old = segment.known(entry)) return repeated(old->content);
  if (state.file) {
    auto old = state.file->find(entry);
    if (!old) return value::fail(old.error());
    if (*old) return repeated((*old)->content);
  }
  const std::size_t growth = segment.growth();
  if (state.bytes + growth > state.memory_limit) {
    if (value::Result<void> spilled = state.spill(); !spilled) return value::fail(spilled.error());
  }
  // The smallest segments are allowed even where the limit is smaller.
  state.bytes += segment.growth();
  segment.add(entry);
  ++state.size;
  return Seen::fresh;
}

bool SeenSet::spilled() const { return state_->file != nullptr; }
std::uint64_t SeenSet::size() const { return state_->size; }

}  // namespace fconn::rows
