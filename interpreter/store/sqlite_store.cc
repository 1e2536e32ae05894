#include "interpreter/store/sqlite_store.hh"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "interpreter/store/database.hh"

namespace fconn::store {

using value::fail;
using value::FailureKind;
using value::Result;
using value::WallTime;

namespace {

constexpr std::int64_t application_id = 0x66636e6e;  // "fcnn"
constexpr std::int64_t schema_version = 2;

constexpr const char* schema = R"sql(
CREATE TABLE token (
  instance TEXT NOT NULL, name TEXT NOT NULL, origin BLOB NOT NULL, sealed BLOB NOT NULL,
  obtained INTEGER NOT NULL, renew_at INTEGER, expires_at INTEGER, renewable INTEGER NOT NULL,
  dropped INTEGER NOT NULL, serial INTEGER NOT NULL, PRIMARY KEY (instance, name));
CREATE TABLE meta (key_check BLOB NOT NULL, serial INTEGER NOT NULL);
PRAGMA application_id = 1717792366;
)sql";
/// What version 2 added.
constexpr const char* job_schema = R"sql(
CREATE TABLE job (
  instance TEXT NOT NULL, origin BLOB NOT NULL, sealed BLOB NOT NULL, kept INTEGER NOT NULL,
  PRIMARY KEY (instance, origin));
PRAGMA user_version = 2;
)sql";
/// A job that nobody came back for.
constexpr std::int64_t job_life_ms = std::int64_t{30} * 24 * 3600 * 1000;
static_assert(application_id == 1717792366);

constexpr std::string_view key_check_text = "fconn token store";

std::optional<std::int64_t> millis(std::optional<WallTime> time) {
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}
std::optional<WallTime> wall(std::optional<std::int64_t> millis) {
  if (!millis) return std::nullopt;
  return WallTime(value::Milliseconds(*millis));
}

std::string context_of(const TokenKey& key) { return key.instance + '\n' + key.name; }

/// One byte of a lock file for each token: an open-file-description lock, which the kernel drops
/// with the process.
class Locks {
 public:
  static Result<Locks> open(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
      return fail(FailureKind::configuration,
                  "can't open the lock file " + path + ": " + std::strerror(errno));
    }
    return Locks(file);
  }
  Locks(Locks&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Locks& operator=(Locks&&) = delete;
  ~Locks() {
    if (file_ >= 0) ::close(file_);
  }

  bool set(std::int64_t offset, short type) const {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = offset;
    lock.l_len = 1;
    return ::fcntl(file_, F_OFD_SETLK, &lock) == 0;
  }

 private:
  explicit Locks(int file) : file_(file) {}
  int file_;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(Database database, Locks locks, StoreKey key)
      : database_(std::move(database)), locks_(std::move(locks)), sealer_(std::move(key)) {}

  Result<void> prepare() {
    for (const char* pragma :
         {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA secure_delete = ON"}) {
      if (auto set = database_.execute(pragma); !set) return not_a_store(set.error());
    }
    auto transaction = Transaction::begin(database_);
    if (!transaction) return not_a_store(transaction.error());
    auto version = database_.pragma("PRAGMA user_version");
    auto application = database_.pragma("PRAGMA application_id");
    auto tables = database_.pragma("SELECT count(*) FROM sqlite_master");
    for (const auto* read : {&version, &application, &tables}) {
      if (!*read) return not_a_store(read->error());
    }
    if (*tables == 0) {
      if (auto made = create(); !made) return made;
      return transaction->commit();
    }
    if (*application != application_id) {
      return fail(FailureKind::configuration, "the file belongs to another program");
    }
    if (*version == 1) {
      if (auto right = check_key(); !right) return right;
      if (auto made = database_.execute(job_schema); !made) return not_a_store(made.error());
      return transaction->commit();
    }
    if (*version != schema_version) {
      return fail(FailureKind::configuration, "the file is of version " + std::to_string(*version) +
                                                  " of the store, and this program knows " +
                                                  std::to_string(schema_version));
    }
    return check_key();
  }

  Result<std::optional<StoredToken>> load(const TokenKey& key) override {
    Statement row = database_.prepare(
        "SELECT origin, sealed, obtained, renew_at, expires_at, renewable, dropped, serial "
        "FROM token WHERE instance = ? AND name = ?");
    auto found = row.with(key.instance).with(key.name).step();
    if (!found) return fail(found.error());
    if (!*found || row.blob(0) != sealer_.fingerprint(key.origin)) return std::nullopt;
    auto text = sealer_.open(row.blob(1), context_of(key));
    if (!text) {
      return fail(FailureKind::shape, "a token in the store doesn't open with the store's key");
    }
    StoredToken token;
    token.value = *std::move(text);
    token.obtained = *wall(row.number(2).value_or(0));
    token.renew_at = wall(row.number(3));
    token.expires_at = wall(row.number(4));
    token.renewable = row.number(5).value_or(0) != 0;
    token.dropped = row.number(6).value_or(0) != 0;
    token.serial = static_cast<std::uint64_t>(row.number(7).value_or(0));
    return token;
  }

  Result<std::uint64_t> save(const TokenKey& key, const StoredToken& token) override {
    auto transaction = Transaction::begin(database_);
    if (!transaction) return fail(transaction.error());
    if (auto counted = database_.execute("UPDATE meta SET serial = serial + 1"); !counted) {
      return fail(counted.error());
    }
    auto serial = database_.pragma("SELECT serial FROM meta");
    if (!serial) return fail(serial.error());
    Statement row = database_.prepare(
        "INSERT OR REPLACE INTO token (instance, name, origin, sealed, obtained, renew_at, "
        "expires_at, renewable, dropped, serial) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    row.with(key.instance).with(key.name).with_blob(sealer_.fingerprint(key.origin));
    row.with_blob(sealer_.seal(token.value, context_of(key))).with(millis(token.obtained));
    row.with(millis(token.renew_at)).with(millis(token.expires_at));
    row.with(token.renewable ? 1 : 0).with(token.dropped ? 1 : 0).with(*serial);
    if (auto written = row.run(); !written) return fail(written.error());
    if (auto done = transaction->commit(); !done) return fail(done.error());
    return static_cast<std::uint64_t>(*serial);
  }

  Result<void> drop(const TokenKey& key, std::uint64_t serial) override {
    Statement row = database_.prepare(
        "UPDATE token SET dropped = 1 WHERE instance = ? AND name = ? AND serial = ?");
    return row.with(key.instance).with(key.name).with(static_cast<std::int64_t>(serial)).run();
  }

  Result<std::size_t> forget(std::string_view instance) override {
    Statement rows = database_.prepare("DELETE FROM token WHERE instance = ?");
    if (auto done = rows.with(instance).run(); !done) return fail(done.error());
    const std::size_t count = database_.changes();
    // The write-ahead log holds what was deleted until it is folded in.
    if (auto folded = database_.pragma("PRAGMA wal_checkpoint(TRUNCATE)"); !folded) {
      return fail(folded.error());
    }
    return count;
  }

  Result<std::vector<TokenInfo>> list(std::string_view instance) override {
    Statement row = database_.prepare(
        "SELECT name, obtained, expires_at, renewable, dropped, serial FROM token WHERE instance = "
        "? "
        "ORDER BY name");
    row.with(instance);
    std::vector<TokenInfo> infos;
    while (true) {
      auto found = row.step();
      if (!found) return fail(found.error());
      if (!*found) return infos;
      TokenInfo info;
      info.name = row.text(0);
      info.obtained = *wall(row.number(1).value_or(0));
      info.expires_at = wall(row.number(2));
      info.renewable = row.number(3).value_or(0) != 0;
      info.dropped = row.number(4).value_or(0) != 0;
      info.serial = static_cast<std::uint64_t>(row.number(5).value_or(0));
      infos.push_back(std::move(info));
    }
  }

  Result<std::optional<StoredJob>> load_job(const JobKey& key) override {
    Statement row =
        database_.prepare("SELECT sealed, kept FROM job WHERE instance = ? AND origin = ?");
    auto found = row.with(key.instance).with_blob(sealer_.fingerprint(key.origin)).step();
    if (!found) return fail(found.error());
    if (!*found) return std::nullopt;
    auto text = sealer_.open(row.blob(0), job_context(key));
    if (!text) {
      return fail(FailureKind::shape, "a job in the store doesn't open with the store's key");
    }
    return StoredJob{*std::move(text), *wall(row.number(1).value_or(0))};
  }

  Result<void> save_job(const JobKey& key, const StoredJob& job) override {
    auto transaction = Transaction::begin(database_);
    if (!transaction) return fail(transaction.error());
    Statement old = database_.prepare("DELETE FROM job WHERE kept < ?");
    if (auto gone = old.with(millis(job.kept).value_or(0) - job_life_ms).run(); !gone) return gone;
    Statement row = database_.prepare(
        "INSERT OR REPLACE INTO job (instance, origin, sealed, kept) VALUES (?, ?, ?, ?)");
    row.with(key.instance).with_blob(sealer_.fingerprint(key.origin));
    row.with_blob(sealer_.seal(job.value, job_context(key))).with(millis(job.kept));
    if (auto written = row.run(); !written) return written;
    return transaction->commit();
  }

  Result<void> forget_job(const JobKey& key) override {
    Statement row = database_.prepare("DELETE FROM job WHERE instance = ? AND origin = ?");
    return row.with(key.instance).with_blob(sealer_.fingerprint(key.origin)).run();
  }

  Result<bool> claim(const TokenKey& key) override {
    const std::int64_t offset = offset_of(key);
    if (claimed_.contains(offset)) return false;
    if (locks_.set(offset, F_WRLCK)) {
      claimed_.insert(offset);
      return true;
    }
    if (errno == EAGAIN || errno == EACCES) return false;
    return fail(FailureKind::output,
                std::string("the token store's lock: ") + std::strerror(errno));
  }

  void release(const TokenKey& key) override {
    const std::int64_t offset = offset_of(key);
    if (claimed_.erase(offset) > 0) locks_.set(offset, F_UNLCK);
  }

 private:
  static value::Result<void> not_a_store(const value::Failure& failure) {
    return fail(FailureKind::configuration, failure.text);
  }

  Result<void> create() {
    for (const char* part : {schema, job_schema}) {
      if (auto made = database_.execute(part); !made) return made;
    }
    Statement meta = database_.prepare("INSERT INTO meta (key_check, serial) VALUES (?, 0)");
    return meta.with_blob(sealer_.seal(key_check_text, "meta")).run();
  }

  std::string job_context(const JobKey& key) const {
    return "job\n" + key.instance + '\n' + sealer_.fingerprint(key.origin);
  }

  Result<void> check_key() {
    Statement meta = database_.prepare("SELECT key_check FROM meta");
    auto row = meta.step();
    if (!row) return fail(row.error());
    if (*row && sealer_.open(meta.blob(0), "meta") == key_check_text) return {};
    return fail(FailureKind::configuration, "the key isn't the one that the store was made with");
  }

  /// Two tokens on one byte only wait for each other.
  std::int64_t offset_of(const TokenKey& key) const {
    const std::string hash = sealer_.fingerprint(context_of(key));
    std::int64_t offset = 0;
    for (int i = 0; i < 7; ++i) offset = offset * 256 + static_cast<unsigned char>(hash[i]);
    return offset;
  }

  Database database_;
  Locks locks_;
  Sealer sealer_;
  std::set<std::int64_t> claimed_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, StoreKey key) {
  auto database = Database::open(path);
  if (!database) return fail(database.error());
  auto locks = Locks::open(path + ".lock");
  if (!locks) return fail(locks.error());
  auto store =
      std::make_unique<SqliteStore>(*std::move(database), *std::move(locks), std::move(key));
  if (auto ready = store->prepare(); !ready) {
    return fail(FailureKind::configuration, "the token store " + path + ": " + ready.error().text);
  }
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace fconn::store
