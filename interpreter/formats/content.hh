// What a Content-Encoding says about a body (RFC 9110 section 8.4.1): gzip and deflate.
#pragma once

#include "interpreter/formats/decoder.hh"

namespace fconn::formats {

/// The encodings that content_decoder() knows, as an Accept-Encoding header lists them.
constexpr std::string_view content_encodings = "gzip, deflate";

/// Undoes an encoding, whose name may be in any case; null for none and `identity`. Its finish()
/// fails where the content ends before the encoding does. There is no bound on what it gives: who
/// feeds it counts that. A `protocol` failure for an encoding that isn't known, a `configuration`
/// failure where zlib isn't there.
value::Result<std::unique_ptr<Decoder>> content_decoder(std::string_view encoding);

}  // namespace fconn::formats
