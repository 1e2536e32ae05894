// Values as TOML text, for what is added to a project file (TOML 1.0).
#pragma once

#include <string>
#include <string_view>

#include "interpreter/value/value.hh"

namespace fconn::config {

/// A key, in quotes unless it is bare (`A-Za-z0-9_-`).
std::string toml_key(std::string_view key);
/// A basic string with its quotes.
std::string toml_text(std::string_view text);
/// The value on one line: lists and objects inline. TOML has no null: one in it is a
/// `configuration` failure.
value::Result<std::string> toml_value(const value::Value& value);

}  // namespace fconn::config
