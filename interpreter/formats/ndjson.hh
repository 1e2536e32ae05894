// NDJSON: one JSON text a line, as the JSON text of a list. Lines of white space are no rows.
#pragma once

#include "interpreter/formats/decoder.hh"

namespace fconn::formats {

/// Passes the lines on; whoever reads the list checks them.
std::unique_ptr<Decoder> ndjson_decoder();

}  // namespace fconn::formats
