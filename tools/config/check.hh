// Walks a TOML tree along the table of schema.hh: unknown keys, wrong types, values that aren't
// allowed, keys that are missing. Internal to tools/config (toml++ stays in the .cc files that
// include this).
#pragma once

#include <toml++/toml.h>

#include "grammar/diagnostics.hh"
#include "tools/config/schema.hh"

namespace fconn::config {

/// Byte offsets of TOML's lines and columns (columns count characters).
class Places {
 public:
  Places(grammar::FileId file, std::string_view text) : file_(file), text_(text) {}
  grammar::Span of(const toml::source_region& region) const;
  grammar::Span of(const toml::source_position& position) const;

 private:
  std::uint32_t offset(const toml::source_position& position) const;
  grammar::FileId file_;
  std::string_view text_;
};

void check_table(const toml::table& table, const Table& shape, grammar::Span owner,
                 const Places& places, grammar::Diagnostics& out);

}  // namespace fconn::config
