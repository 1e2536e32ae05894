// zlib, loaded when a template's archive is read. Private to import/.
#pragma once

#include <zlib.h>

#include "interpreter/value/shared_library.hh"

namespace fconn::importer {

#define FCONN_ZLIB_FUNCTIONS(F) F(inflateInit2_) F(inflate) F(inflateEnd)
struct ZlibLibrary {
  FCONN_LIBRARY_FUNCTIONS(FCONN_ZLIB_FUNCTIONS)
};

}  // namespace fconn::importer
