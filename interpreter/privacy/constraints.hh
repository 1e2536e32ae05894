// What a field's declaration asks of a masked value. Internal to privacy/.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/ir/ir.hh"
#include "interpreter/privacy/formats.hh"
#include "interpreter/value/result.hh"

namespace fconn::privacy {

/// Meets `length` by cutting a text to its first characters (code points), then checks type,
/// choices and format. null means "no value" and meets everything. Gives the JSON text to send, or
/// a `rule` failure that names the field, the constraint and what to do.
value::Result<std::string> constrained(const ir::Field& field, std::string_view path,
                                       std::string json);

}  // namespace fconn::privacy
