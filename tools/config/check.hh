// Walks a TOML tree along the table of schema.hh: unknown keys, wrong types, values that aren't
// allowed, keys that are missing. Internal to tools/config.
#pragma once

#include "grammar/diagnostics.hh"
#include "tools/config/config.hh"
#include "tools/config/schema.hh"
#include "tools/config/toml_tree.hh"

namespace fconn::config {

/// `owner` is where a missing key of `table` is reported.
void check_table(const Node& table, const Table& shape, grammar::Span owner,
                 grammar::Diagnostics& out);

/// What the table of keys can't say of policies: categories and holds that aren't written like
/// ones, options of a mask that its strategy doesn't have.
void check_policies(const Project& project, grammar::Diagnostics& out);

}  // namespace fconn::config
