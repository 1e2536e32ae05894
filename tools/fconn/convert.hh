// Values from outside to the types that a connector declares (ir::Param): losslessly or not at all.
// What is wrong comes back as half a sentence ("isn't an integer") that never holds the value, as
// it may be a secret.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/ir/ir.hh"
#include "interpreter/value/value.hh"

namespace fconn::cli {

/// Text of a command line, an environment variable or a file; lists and objects as JSON.
value::Result<value::OwnedValue> param_from_text(const ir::Param& param, std::string_view text);
/// A JSON text of a parameter file or of fconn.toml. A number may stand for a text and the other
/// way round where the spelling says the same.
value::Result<value::OwnedValue> param_from_json(const ir::Param& param, std::string_view json);

/// One value of an external: JSON text when `is_json`.
value::Result<value::OwnedValue> external_value(const ir::External& external, std::string_view text,
                                                bool is_json);

/// "a host name", "one of \"us\", \"eu\"": what a parameter takes.
std::string describe_type(const ir::Param& param);

}  // namespace fconn::cli
