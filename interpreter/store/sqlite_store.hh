// Tokens and jobs in a SQLite file of mode 0600, encrypted, shared by several processes: WAL, short
// transactions, and a lock file beside it for single flight (the kernel lets go of a dead process's
// locks).
#pragma once

#include <memory>
#include <string>

#include "interpreter/store/sealing.hh"
#include "interpreter/store/store.hh"

namespace fconn::store {

/// Opens or makes the file; its folder must exist. A file of a newer version of the program, of
/// another program or under another key is a failure, and is left as it is.
value::Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, StoreKey key);

}  // namespace fconn::store
