// Ways to sign in: which of the document's schemes most of its requests need. Internal to openapi/.
#pragma once

#include "tools/openapi/document.hh"

namespace fconn::openapi {

/// Fills `schemes` and `other_schemes`.
void read_security(const Node& root, Refs& refs, Document& out);

}  // namespace fconn::openapi
