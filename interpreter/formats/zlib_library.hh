// zlib, loaded when the first compressed file is read. Internal to formats/.
#pragma once

#include <zlib.h>

#include "interpreter/value/shared_library.hh"

namespace fconn::formats {

/// The functions of zlib that are called here.
#define FCONN_ZLIB_FUNCTIONS(F) F(inflateInit2_) F(inflate) F(inflateReset) F(inflateEnd) F(crc32)
struct ZlibLibrary {
  FCONN_LIBRARY_FUNCTIONS(FCONN_ZLIB_FUNCTIONS)
};

}  // namespace fconn::formats
