// Bodies of several parts (RFC 7578). Private to run/.
#pragma once

#include <string>

#include "interpreter/value/value.hh"

namespace fconn::run {

struct Multipart {
  std::string body;
  std::string type;  // "multipart/form-data; boundary=…"
};

/// One part for each member of the object: null gives none, a list one for each of its elements,
/// what `file` gives a file, any other scalar its text. Names are written as browsers do (the HTML
/// standard: quotes and line ends percent-encoded). The boundary is a hash of the content that
/// occurs nowhere in it, so the same content is the same body, byte for byte. A `shape` failure for
/// other objects.
value::Result<Multipart> multipart_of(const value::Value& content, value::Arena& arena);

}  // namespace fconn::run
