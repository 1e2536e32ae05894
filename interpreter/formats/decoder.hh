// Bodies that aren't JSON become JSON text on the way in: so the same reader, with the same bounds,
// cuts rows and cells out of every format.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "interpreter/value/result.hh"

namespace fconn::formats {

/// Bytes of one format in, in pieces of any size; bytes of another one out.
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Appends what the bytes give. A failure ends the reading: nothing may be fed after it.
  virtual value::Result<void> feed(std::string_view bytes, std::string& out) = 0;
  /// After the last byte: appends what is left, or says what is missing.
  virtual value::Result<void> finish(std::string& out) = 0;
};

}  // namespace fconn::formats
