// Which requests may be sent again although they may have been carried out.
#pragma once

#include <string_view>

#include "interpreter/ir/ir.hh"

namespace fconn::ir {

/// GET, HEAD, PUT, DELETE, OPTIONS and TRACE (RFC 9110, 9.2.2).
bool idempotent_method(std::string_view method);

/// Sending the request twice does what sending it once does: by its method, or because the
/// connector says so.
bool repeatable(const Request& request);

}  // namespace fconn::ir
