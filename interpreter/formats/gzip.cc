// Gzip files.
#include <algorithm>

#include "interpreter/formats/inflate.hh"
#include "interpreter/formats/packed.hh"

namespace fconn::formats {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder(const ZlibLibrary& library, std::uint64_t max_bytes)
      : library_(library), inflate_(library_, Wrapping::gzip, max_bytes) {}

  Result<void> feed(std::string_view bytes, std::string& out) override {
    while (!bytes.empty()) {
      if (inflate_.ended()) {
        // Members may follow each other, and zeros may fill up a block at the end.
        if (bytes.front() == '\0') {
          padded_ = true;
          bytes.remove_prefix(1);
          continue;
        }
        if (padded_) return fail(FailureKind::protocol, "something follows the gzip file");
        inflate_.again();
      }
      if (auto done = inflate_.feed(bytes, out); !done) return done;
    }
    return {};
  }

  Result<void> finish(std::string&) override {
    if (inflate_.ended()) return {};
    return fail(FailureKind::protocol, "this gzip file ends before its content does");
  }

 private:
  const ZlibLibrary library_;
  Inflate inflate_;
  bool padded_ = false;
};

}  // namespace

bool is_gzip(std::string_view start) { return start.starts_with("\x1F\x8B"); }

Result<std::unique_ptr<Decoder>> gzip_decoder(std::uint64_t max_bytes) {
  auto library = load_zlib();
  if (!library) return fail(std::move(library.error()));
  return std::make_unique<GzipDecoder>(*library, max_bytes);
}

Result<std::string> unpack_gzip(std::string_view packed, std::uint64_t max_bytes) {
  auto decoder = gzip_decoder(max_bytes);
  if (!decoder) return fail(std::move(decoder.error()));
  std::string out;
  if (auto done = (*decoder)->feed(packed, out); !done) return fail(std::move(done.error()));
  if (auto done = (*decoder)->finish(out); !done) return fail(std::move(done.error()));
  return out;
}

}  // namespace fconn::formats
