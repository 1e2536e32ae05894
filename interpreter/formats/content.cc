#include "interpreter/formats/content.hh"

#include <algorithm>
#include <limits>

#include "interpreter/formats/inflate.hh"

namespace fconn::formats {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

constexpr std::uint64_t no_bound = std::numeric_limits<std::uint64_t>::max();

/// Does a zlib header (RFC 1950 section 2.2) begin here? Some servers send the bare stream.
bool has_zlib_header(std::string_view start) {
  const unsigned method = static_cast<unsigned char>(start[0]);
  const unsigned flags = static_cast<unsigned char>(start[1]);
  return (method & 15U) == 8 && method >> 4U <= 7 && (method * 256 + flags) % 31 == 0;
}

class ContentDecoder final : public Decoder {
 public:
  ContentDecoder(const ZlibLibrary& library, bool gzip) : library_(library), gzip_(gzip) {}

  Result<void> feed(std::string_view bytes, std::string& out) override {
    std::string joined;
    if (!inflate_) {
      start_.append(bytes);
      if (start_.size() < 2) return {};
      joined = begin();
      bytes = joined;
    }
    while (!bytes.empty()) {
      if (inflate_->ended()) {
        if (!gzip_) return fail(FailureKind::protocol, "something follows the compressed content");
        inflate_->again();  // members may follow each other
      }
      if (auto done = inflate_->feed(bytes, out); !done) return done;
    }
    return {};
  }

  Result<void> finish(std::string&) override {
    // No content at all has no encoding: an answer to HEAD, 304.
    const bool whole = inflate_ ? inflate_->ended() : start_.empty();
    if (whole) return {};
    return fail(FailureKind::protocol, "the compressed content ends early");
  }

 private:
  std::string begin() {
    const Wrapping bare = has_zlib_header(start_) ? Wrapping::zlib : Wrapping::none;
    inflate_.emplace(library_, gzip_ ? Wrapping::gzip : bare, no_bound, Ratio::any);
    return std::move(start_);
  }

  const ZlibLibrary library_;
  const bool gzip_;
  std::string start_;  // until it is known what it is
  std::optional<Inflate> inflate_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> content_decoder(std::string_view encoding) {
  std::string name(encoding);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (name.empty() || name == "identity") return nullptr;
  const bool gzip = name == "gzip" || name == "x-gzip";
  if (!gzip && name != "deflate") {
    return fail(FailureKind::protocol, "it is in an encoding that wasn't asked for");
  }
  auto library = load_zlib();
  if (!library) return fail(std::move(library.error()));
  return std::make_unique<ContentDecoder>(*library, gzip);
}

}  // namespace fconn::formats
