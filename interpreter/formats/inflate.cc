#include "interpreter/formats/inflate.hh"

#include <algorithm>
#include <array>

#include "interpreter/formats/packed.hh"

namespace fconn::formats {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

constexpr std::size_t piece = std::size_t{64} << 10U;
constexpr int largest_window = 15;
constexpr int gzip_header = 16;  // added to the window: zlib reads header and trailer

int window_of(Wrapping wrapping) {
  if (wrapping == Wrapping::gzip) return largest_window + gzip_header;
  return wrapping == Wrapping::zlib ? largest_window : -largest_window;
}

}  // namespace

Result<ZlibLibrary> load_zlib() { return value::load_library<ZlibLibrary>("libz.so.1", "zlib1g"); }

Inflate::Inflate(const ZlibLibrary& library, Wrapping wrapping, std::uint64_t max_bytes,
                 Ratio ratio)
    : library_(library), max_bytes_(max_bytes), ratio_(ratio) {
  const int window = window_of(wrapping);
  ready_ = library_.inflateInit2_(&stream_, window, ZLIB_VERSION,
                                  static_cast<int>(sizeof stream_)) == Z_OK;
}

Inflate::~Inflate() {
  if (ready_) library_.inflateEnd(&stream_);
}

void Inflate::again() {
  if (ready_) library_.inflateReset(&stream_);
  ended_ = false;
}

Result<void> Inflate::check_bounds() const {
  if (written_ > max_bytes_) {
    return fail(FailureKind::limit, "this packed file is larger than " +
                                        std::to_string(max_bytes_ >> 20U) +
                                        " MiB when it is unpacked");
  }
  if (ratio_ == Ratio::any) return {};
  if (written_ > ratio_matters_from && written_ / max_unpack_ratio > read_) {
    return fail(FailureKind::limit, "this packed file unpacks to more than " +
                                        std::to_string(max_unpack_ratio) +
                                        " times its size, as no export does");
  }
  return {};
}

Result<void> Inflate::feed(std::string_view& bytes, std::string& out) {
  if (!ready_) return fail(FailureKind::limit, "there is no memory to unpack this file");
  std::array<char, piece> buffer;
  while (!ended_) {
    const std::size_t take = std::min(bytes.size(), piece);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(take);
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(buffer.size());
    const int code = library_.inflate(&stream_, Z_NO_FLUSH);
    const std::size_t used = take - stream_.avail_in;
    const std::size_t made = buffer.size() - stream_.avail_out;
    bytes.remove_prefix(used);
    read_ += used;
    written_ += made;
    out.append(buffer.data(), made);
    if (auto within = check_bounds(); !within) return within;
    if (code == Z_STREAM_END) {
      ended_ = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return fail(FailureKind::protocol, "this packed file is damaged");
    } else if (used == 0 && made == 0) {
      break;  // it wants more
    }
  }
  return {};
}

}  // namespace fconn::formats
