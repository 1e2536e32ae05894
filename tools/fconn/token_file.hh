// Tokens that are kept: the project's store, and the file of --token.
#pragma once

#include <memory>
#include <vector>

#include "interpreter/store/sealing.hh"
#include "interpreter/store/store.hh"
#include "interpreter/value/value.hh"
#include "tools/fconn/targets.hh"

namespace fconn::cli {

/// The key of the project's store: where fconn.toml says, FCONN_STORE_KEY, or `file`, which is made
/// where there is none with `create`.
value::Result<store::StoreKey> store_key(const config::Project* project, const std::string& file,
                                         bool create);

/// Whether any of them is an instance of the project whose connector fetches tokens or waits for
/// jobs.
bool needs_store(const std::vector<Loaded>& targets);

/// The project's SQLite store; its folder, the file and a key are made where there are none. The
/// key: `[store] key`, else FCONN_STORE_KEY, else the file store.key beside it.
value::Result<std::unique_ptr<store::Store>> open_store(const config::Project& project);

/// Why a token of this target would be gone with the program, and what to do.
Problem no_place_for_tokens(const Loaded& target);

/// The JSON object in a file; the failure never shows what is in it.
value::Result<value::OwnedValue> read_token_file(const std::string& path);

}  // namespace fconn::cli
