// SQLite, loaded when a store is opened. Private to store/.
#pragma once

#include <sqlite3.h>

#include "interpreter/value/shared_library.hh"

namespace fconn::store {

// clang-format off
#define FCONN_SQLITE_FUNCTIONS(F) \
  F(sqlite3_bind_blob) F(sqlite3_bind_int64) F(sqlite3_bind_null) F(sqlite3_bind_text) \
  F(sqlite3_busy_timeout) F(sqlite3_changes64) F(sqlite3_close_v2) F(sqlite3_column_blob) \
  F(sqlite3_column_bytes) F(sqlite3_column_int64) F(sqlite3_column_type) F(sqlite3_db_handle) \
  F(sqlite3_errmsg) F(sqlite3_exec) F(sqlite3_extended_result_codes) F(sqlite3_finalize) \
  F(sqlite3_open_v2) F(sqlite3_prepare_v2) F(sqlite3_step)
// clang-format on
struct SqliteLibrary {
  FCONN_LIBRARY_FUNCTIONS(FCONN_SQLITE_FUNCTIONS)
};

}  // namespace fconn::store
