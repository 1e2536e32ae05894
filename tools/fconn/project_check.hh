// What can be said about fconn.toml once its connectors are known: connectors that can't be found,
// names that they don't have, values that don't fit.
#pragma once

#include "grammar/diagnostics.hh"
#include "tools/config/config.hh"
#include "tools/fconn/files.hh"

namespace fconn::cli {

/// Adds to `diagnostics`, which were made from `file`. Where a secret's value turns out to stand in
/// the file, all of them are moved to a copy of it that hides the value.
void check_project(const config::Project& project, grammar::FileId file,
                   grammar::SourceMap& sources, grammar::Diagnostics& diagnostics,
                   const TextOverlay& overlay = {});

}  // namespace fconn::cli
