// One deflated stream, in pieces. Internal to formats/.
#pragma once

#include "interpreter/formats/zlib_library.hh"

namespace fconn::formats {

enum class Wrapping : std::uint8_t { none, zlib, gzip };
/// Whether what unpacks to far more than its size is a failure, as of a file (packed.hh).
enum class Ratio : std::uint8_t { bounded, any };

class Inflate {
 public:
  /// The library must outlive it.
  Inflate(const ZlibLibrary& library, Wrapping wrapping, std::uint64_t max_bytes,
          Ratio ratio = Ratio::bounded);
  ~Inflate();
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;

  /// Appends what the bytes give, up to the end of the stream; takes them off the front.
  value::Result<void> feed(std::string_view& bytes, std::string& out);
  bool ended() const { return ended_; }
  /// Another stream follows; what was counted stays.
  void again();

 private:
  value::Result<void> check_bounds() const;

  const ZlibLibrary& library_;
  z_stream stream_{};
  const std::uint64_t max_bytes_;
  const Ratio ratio_;
  std::uint64_t read_ = 0, written_ = 0;
  bool ready_ = false;
  bool ended_ = false;
};

value::Result<ZlibLibrary> load_zlib();

}  // namespace fconn::formats
