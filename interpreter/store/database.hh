// SQLite behind values: errors are Results, statements end with their scope. Private to store/.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "interpreter/value/result.hh"

struct sqlite3;
struct sqlite3_stmt;

namespace fconn::store {

struct SqliteLibrary;

/// One statement being run: bind in order, then step.
class Statement {
 public:
  Statement(Statement&& other) noexcept
      : sqlite_(other.sqlite_),
        statement_(std::exchange(other.statement_, nullptr)),
        what_(other.what_),
        next_(other.next_) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& with(std::string_view text);
  Statement& with_blob(std::string_view bytes);
  Statement& with(std::optional<std::int64_t> number);
  /// True: there is a row. A failure: the database is busy, full, broken.
  value::Result<bool> step();
  value::Result<void> run();

  std::string text(int column) const;
  std::string blob(int column) const;
  std::optional<std::int64_t> number(int column) const;

 private:
  friend class Database;
  Statement(const SqliteLibrary& sqlite, sqlite3_stmt* statement, const char* what)
      : sqlite_(&sqlite), statement_(statement), what_(what) {}
  const SqliteLibrary* sqlite_;
  sqlite3_stmt* statement_;
  const char* what_;
  int next_ = 1;
};

class Database {
 public:
  /// Makes the file with mode 0600 where there is none, and takes others' rights away. `what` is
  /// what messages call it; it must outlive the database.
  static value::Result<Database> open(const std::string& path,
                                      const char* what = "the token store");
  Database(Database&& other) noexcept
      : sqlite_(std::move(other.sqlite_)),
        handle_(std::exchange(other.handle_, nullptr)),
        what_(other.what_) {}
  Database& operator=(Database&&) = delete;
  ~Database();

  /// Asserts that the statement is well formed: they are all our own.
  Statement prepare(const char* sql);
  value::Result<void> execute(const char* sql);
  /// A pragma's number.
  value::Result<std::int64_t> pragma(const char* sql);
  std::uint64_t changes() const;

 private:
  Database(std::shared_ptr<const SqliteLibrary> sqlite, sqlite3* handle, const char* what);
  std::shared_ptr<const SqliteLibrary> sqlite_;  // statements point to it
  sqlite3* handle_;
  const char* what_;
};

/// BEGIN IMMEDIATE … COMMIT; rolled back when it isn't committed.
class Transaction {
 public:
  static value::Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  value::Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace fconn::store
