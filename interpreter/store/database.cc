#include "interpreter/store/database.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "interpreter/store/sqlite_library.hh"

namespace fconn::store {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

constexpr int busy_ms = 5000;  // other processes' transactions are short

auto failed(const SqliteLibrary& sqlite, sqlite3* handle, const char* what) {
  return fail(FailureKind::output, std::string(what) + ": " + sqlite.sqlite3_errmsg(handle));
}

}  // namespace

Statement::~Statement() {
  if (statement_ != nullptr) sqlite_->sqlite3_finalize(statement_);
}

Statement& Statement::with(std::string_view text) {
  sqlite_->sqlite3_bind_text(statement_, next_++, text.data(), static_cast<int>(text.size()),
                             SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::with_blob(std::string_view bytes) {
  sqlite_->sqlite3_bind_blob(statement_, next_++, bytes.data(), static_cast<int>(bytes.size()),
                             SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::with(std::optional<std::int64_t> number) {
  if (number) {
    sqlite_->sqlite3_bind_int64(statement_, next_++, *number);
  } else {
    sqlite_->sqlite3_bind_null(statement_, next_++);
  }
  return *this;
}

Result<bool> Statement::step() {
  const int result = sqlite_->sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return failed(*sqlite_, sqlite_->sqlite3_db_handle(statement_), what_);
}

Result<void> Statement::run() {
  auto stepped = step();
  if (!stepped) return fail(stepped.error());
  return {};
}

std::string Statement::text(int column) const { return blob(column); }

std::string Statement::blob(int column) const {
  const void* data = sqlite_->sqlite3_column_blob(statement_, column);
  const int size = sqlite_->sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

std::optional<std::int64_t> Statement::number(int column) const {
  if (sqlite_->sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return sqlite_->sqlite3_column_int64(statement_, column);
}

Result<Database> Database::open(const std::string& path, const char* what) {
  // SQLite gives its -wal and -shm files the mode of the file itself.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const bool narrowed = file >= 0 && ::fchmod(file, 0600) == 0;
  const std::string why = std::strerror(errno);
  if (file >= 0) ::close(file);
  if (!narrowed) {
    return fail(FailureKind::configuration,
                std::string("can't open ") + what + " " + path + ": " + why);
  }
  auto loaded = value::load_library<SqliteLibrary>("libsqlite3.so.0", "libsqlite3-0");
  if (!loaded) return fail(loaded.error());
  const auto sqlite = std::make_shared<const SqliteLibrary>(*loaded);
  sqlite3* handle = nullptr;
  const int result = sqlite->sqlite3_open_v2(
      path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database(sqlite, handle, what);
  if (result != SQLITE_OK) return failed(*sqlite, handle, what);
  sqlite->sqlite3_extended_result_codes(handle, 1);
  sqlite->sqlite3_busy_timeout(handle, busy_ms);
  return database;
}

Database::Database(std::shared_ptr<const SqliteLibrary> sqlite, sqlite3* handle, const char* what)
    : sqlite_(std::move(sqlite)), handle_(handle), what_(what) {}

Database::~Database() {
  if (handle_ != nullptr) sqlite_->sqlite3_close_v2(handle_);
}

Statement Database::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite_->sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr);
  return Statement(*sqlite_, statement, what_);
}

Result<void> Database::execute(const char* sql) {
  if (sqlite_->sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return failed(*sqlite_, handle_, what_);
  return {};
}

Result<std::int64_t> Database::pragma(const char* sql) {
  Statement statement = prepare(sql);
  auto row = statement.step();
  if (!row) return fail(row.error());
  return *row ? statement.number(0).value_or(0) : 0;
}

std::uint64_t Database::changes() const {
  return static_cast<std::uint64_t>(sqlite_->sqlite3_changes64(handle_));
}

Result<Transaction> Transaction::begin(Database& database) {
  if (auto begun = database.execute("BEGIN IMMEDIATE"); !begun) return fail(begun.error());
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // What can't be rolled back was never written.
  if (auto undone = database_->execute("ROLLBACK"); !undone) return;
}

Result<void> Transaction::commit() {
  auto done = database_->execute("COMMIT");
  if (done) database_ = nullptr;
  return done;
}

}  // namespace fconn::store
