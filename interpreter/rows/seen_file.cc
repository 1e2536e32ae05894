#include "interpreter/rows/seen_file.hh"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace fconn::rows {

namespace {

std::string temporary_folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

tl::unexpected<value::Failure> no_file(int error) {
  return value::fail(value::FailureKind::output,
                     "the list of rows already seen can't be kept in a temporary file in " +
                         temporary_folder() + ": " + std::strerror(error) +
                         "; set TMPDIR to a folder with room");
}

/// A file without a name, or -1.
int open_unnamed() {
  const std::string folder = temporary_folder();
  const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0) return descriptor;
  // Not every file system knows O_TMPFILE.
  std::string name = folder + "/fconn-seen-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

bool read_at(int descriptor, void* into, std::size_t bytes, std::uint64_t offset) {
  auto* to = static_cast<char*>(into);
  while (bytes > 0) {
    const ssize_t got = ::pread(descriptor, to, bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = EIO;
    if (got <= 0) return false;
    to += got;
    offset += static_cast<std::uint64_t>(got);
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_at(int descriptor, const void* from, std::size_t bytes, std::uint64_t offset) {
  const auto* next = static_cast<const char*>(from);
  while (bytes > 0) {
    const ssize_t put = ::pwrite(descriptor, next, bytes, static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    next += put;
    offset += static_cast<std::uint64_t>(put);
    bytes -= static_cast<std::size_t>(put);
  }
  return true;
}

}  // namespace

value::Result<std::unique_ptr<SeenFile>> SeenFile::create(std::uint64_t entries) {
  const int descriptor = open_unnamed();
  if (descriptor < 0) return no_file(errno);
  const std::uint64_t buckets = entries * 5 / 2 / bucket_entries + 1;
  std::unique_ptr<SeenFile> file(new SeenFile(descriptor, buckets));
  if (::ftruncate(descriptor, static_cast<off_t>(buckets * bucket_bytes)) != 0) {
    return no_file(errno);
  }
  return file;
}

SeenFile::~SeenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

/// Where `entry` is or may be put; bucket_entries when the bucket is full.
std::size_t SeenFile::place(const Bucket& bucket, const SeenEntry& entry) {
  std::size_t at = spread(entry.words[1], bucket_entries);
  for (std::size_t probes = 0; probes < bucket_entries; ++probes) {
    if (bucket.entries[at].free() || bucket.entries[at] == entry) return at;
    at = at + 1 == bucket_entries ? 0 : at + 1;
  }
  return bucket_entries;
}

value::Result<std::optional<SeenEntry>> SeenFile::find(const SeenEntry& entry) const {
  Bucket bucket;
  if (!read_at(descriptor_, &bucket, sizeof bucket, bucket_of(entry) * bucket_bytes)) {
    return no_file(errno);
  }
  const std::size_t at = place(bucket, entry);
  if (at == bucket_entries || bucket.entries[at].free()) return std::nullopt;
  return bucket.entries[at];
}

value::Result<void> SeenFile::add(const SeenEntry& entry) {
  for (;;) {
    if (entries_ < buckets_ * bucket_entries / 4 * 3) {
      if (value::Result<void> loaded = load(bucket_of(entry)); !loaded) return loaded;
      Bucket& bucket = span_[bucket_of(entry) - span_first_];
      const std::size_t at = place(bucket, entry);
      if (at != bucket_entries) {
        bucket.entries[at] = entry;
        ++entries_;
        return {};
      }
    }
    if (value::Result<void> grown = grow(); !grown) return grown;
  }
}

/// Makes `span_` hold a bucket.
value::Result<void> SeenFile::load(std::uint64_t bucket) {
  if (bucket >= span_first_ && bucket < span_first_ + span_.size()) return {};
  if (value::Result<void> flushed = flush(); !flushed) return flushed;
  span_first_ = bucket / span_buckets * span_buckets;
  span_.resize(std::min(span_buckets, buckets_ - span_first_));
  if (!read_at(descriptor_, span_.data(), span_.size() * bucket_bytes,
               span_first_ * bucket_bytes)) {
    return no_file(errno);
  }
  return {};
}

value::Result<void> SeenFile::flush() {
  if (!write_at(descriptor_, span_.data(), span_.size() * bucket_bytes,
                span_first_ * bucket_bytes)) {
    return no_file(errno);
  }
  span_.clear();
  return {};
}

/// Rewrites the table into a file with twice the buckets: bucket n goes to 2n and 2n + 1.
value::Result<void> SeenFile::grow() {
  if (value::Result<void> flushed = flush(); !flushed) return flushed;
  const int bigger = open_unnamed();
  if (bigger < 0) return no_file(errno);
  SeenFile next(bigger, buckets_ * 2);
  if (::ftruncate(bigger, static_cast<off_t>(next.buckets_ * bucket_bytes)) != 0) {
    return no_file(errno);
  }
  std::vector<Bucket> old;
  std::vector<Bucket> halves;
  for (std::uint64_t first = 0; first < buckets_; first += span_buckets) {
    old.resize(std::min(span_buckets, buckets_ - first));
    if (!read_at(descriptor_, old.data(), old.size() * bucket_bytes, first * bucket_bytes)) {
      return no_file(errno);
    }
    halves.assign(old.size() * 2, {});
    for (const Bucket& bucket : old) {
      for (const SeenEntry& entry : bucket.entries) {
        if (entry.free()) continue;
        Bucket& half = halves[next.bucket_of(entry) - 2 * first];
        half.entries[place(half, entry)] = entry;
      }
    }
    if (!write_at(bigger, halves.data(), halves.size() * bucket_bytes, 2 * first * bucket_bytes)) {
      return no_file(errno);
    }
  }
  std::swap(descriptor_, next.descriptor_);
  buckets_ = next.buckets_;
  return {};
}

}  // namespace fconn::rows
