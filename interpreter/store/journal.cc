#include "interpreter/store/journal.hh"

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

namespace {

constexpr std::int64_t application_id = 0x66636e6a;  // "fcnj"
constexpr std::int64_t schema_version = 1;
constexpr const char* schema = R"sql(
CREATE TABLE record (
  number INTEGER PRIMARY KEY, run TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
  action TEXT NOT NULL, data TEXT NOT NULL, hash TEXT NOT NULL, seal BLOB NOT NULL);
CREATE INDEX record_run ON record (run, number);
CREATE TABLE plan (id TEXT PRIMARY KEY, digest TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE state (
  plan TEXT NOT NULL, action TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (plan, action));
PRAGMA application_id = 1717792362;
PRAGMA user_version = 1;
)sql";
static_assert(application_id == 1717792362);

constexpr const char* name = "the journal";

/// A file beside the journal; each plan has one byte of it, locked while the plan is applied. The
/// kernel drops the lock with the process.
class PlanLocks {
 public:
  PlanLocks() = default;
  PlanLocks(const PlanLocks&) = delete;
  PlanLocks& operator=(const PlanLocks&) = delete;
  ~PlanLocks() {
    if (file_ >= 0) ::close(file_);
  }

  Result<bool> take(const std::string& path, const std::string& hash) {
    if (file_ < 0) file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) {
      return fail(FailureKind::configuration,
                  "can't open the lock file " + path + ": " + std::strerror(errno));
    }
    std::int64_t offset = 0;
    for (int i = 0; i < 7; ++i) offset = offset * 256 + static_cast<unsigned char>(hash[i]);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = offset;
    lock.l_len = 1;
    return ::fcntl(file_, F_OFD_SETLK, &lock) == 0;
  }

 private:
  int file_ = -1;
};

/// A file that was just made is found again after a power cut only once its folder is on the disk.
void sync_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(std::string path, Database database, const Sealer* key)
      : path_(std::move(path)), database_(std::move(database)), key_(key) {}

  Result<void> prepare(Use use) {
    if (use == Use::write) {
      for (const char* pragma : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"}) {
        if (auto set = database_.execute(pragma); !set) return not_a_journal(set.error());
      }
    }
    auto application = database_.pragma("PRAGMA application_id");
    auto version = database_.pragma("PRAGMA user_version");
    auto tables = database_.pragma("SELECT count(*) FROM sqlite_master");
    for (const auto* read : {&application, &version, &tables}) {
      if (!*read) return not_a_journal(read->error());
    }
    if (*tables == 0 && use == Use::write) return create();
    if (*application != application_id) {
      return fail(FailureKind::configuration, path_ + " is no journal of fconn");
    }
    if (*version != schema_version) {
      return fail(FailureKind::configuration,
                  path_ + " is a journal of version " + std::to_string(*version) +
                      ", and this program knows " + std::to_string(schema_version));
    }
    return {};
  }

  Result<bool> claim(const std::string& plan) override {
    auto hash = digest(plan);
    if (!hash) return fail(hash.error());
    return locks_.take(path_ + ".lock", *hash);
  }

  Result<void> append(JournalRecord& record, const State* state) override {
    FCONN_ASSERT(key_ != nullptr, "who writes a journal has its key");
    auto transaction = Transaction::begin(database_);
    if (!transaction) return fail(transaction.error());
    std::string previous;
    {
      Statement last =
          database_.prepare("SELECT number, hash FROM record ORDER BY number DESC LIMIT 1");
      auto found = last.step();
      if (!found) return fail(found.error());
      record.number = *found ? last.number(0).value_or(0) + 1 : 1;
      if (*found) previous = last.text(1);
    }
    auto hash = digest(journal_text(previous, record));
    if (!hash) return fail(hash.error());
    {
      Statement insert = database_.prepare("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
      auto added = insert.with(std::optional<std::int64_t>(record.number))
                       .with(record.run)
                       .with(std::optional<std::int64_t>(record.at.time_since_epoch().count()))
                       .with(record.kind)
                       .with(record.action)
                       .with(record.data)
                       .with(*hash)
                       .with_blob(key_->fingerprint(*hash))
                       .run();
      if (!added) return added;
    }
    if (state != nullptr) {
      if (auto kept = keep_state(state->plan, record.action, state->text); !kept) return kept;
    }
    if (auto done = transaction->commit(); !done) return done;
    record.hash = *std::move(hash);
    return {};
  }

  Result<std::vector<JournalRecord>> records(const std::string& run) override {
    Statement rows = run.empty()
                         ? database_.prepare(
                               "SELECT number, run, at, kind, action, data, hash FROM record "
                               "ORDER BY number")
                         : database_.prepare(
                               "SELECT number, run, at, kind, action, data, hash FROM record "
                               "WHERE run = ? ORDER BY number");
    if (!run.empty()) rows.with(run);
    std::vector<JournalRecord> all;
    while (true) {
      auto more = rows.step();
      if (!more) return fail(more.error());
      if (!*more) return all;
      all.push_back(record_in(rows));
    }
  }

  Result<void> keep_plan(const std::string& plan, const std::string& text) override {
    auto hash = digest(text);
    if (!hash) return fail(hash.error());
    return database_.prepare("INSERT OR IGNORE INTO plan VALUES (?, ?, ?)")
        .with(plan)
        .with(*hash)
        .with(text)
        .run();
  }

  Result<std::optional<std::string>> plan(const std::string& plan) override {
    Statement row = database_.prepare("SELECT text FROM plan WHERE id = ?");
    auto found = row.with(plan).step();
    if (!found) return fail(found.error());
    if (!*found) return std::nullopt;
    return row.text(0);
  }

  Result<std::optional<std::string>> state(const std::string& plan,
                                           const std::string& action) override {
    Statement row = database_.prepare("SELECT sealed FROM state WHERE plan = ? AND action = ?");
    auto found = row.with(plan).with(action).step();
    if (!found) return fail(found.error());
    if (!*found || key_ == nullptr) return std::nullopt;
    auto text = key_->open(row.blob(0), context_of(plan, action));
    if (!text) {
      return fail(FailureKind::configuration,
                  "what the journal keeps of action " + action +
                      " doesn't open: it was changed, or the key is another one");
    }
    return text;
  }

  Result<JournalCheck> verify() override {
    JournalCheck check;
    check.sealed = key_ != nullptr;
    std::set<std::string> open;
    if (auto looked = look_at_file(check); !looked) return fail(looked.error());
    Statement rows = database_.prepare(
        "SELECT number, run, at, kind, action, data, hash, seal FROM record ORDER BY number");
    while (true) {
      auto more = rows.step();
      if (!more) return fail(more.error());
      if (!*more) break;
      const JournalRecord record = record_in(rows);
      if (auto looked = look_at(record, rows.blob(7), check); !looked) return fail(looked.error());
      if (record.kind == "begin") open.insert(record.run);
      if (record.kind == "end") open.erase(record.run);
    }
    check.open_runs.assign(open.begin(), open.end());
    if (auto looked = look_at_plans(check); !looked) return fail(looked.error());
    return check;
  }

 private:
  Result<void> keep_state(const std::string& plan, const std::string& action,
                          const std::string& text) {
    if (text.empty()) {
      return database_.prepare("DELETE FROM state WHERE plan = ? AND action = ?")
          .with(plan)
          .with(action)
          .run();
    }
    return database_.prepare("INSERT OR REPLACE INTO state VALUES (?, ?, ?)")
        .with(plan)
        .with(action)
        .with_blob(key_->seal(text, context_of(plan, action)))
        .run();
  }

  static std::string context_of(const std::string& plan, const std::string& action) {
    return "journal state\n" + plan + '\n' + action;
  }

  static JournalRecord record_in(const Statement& row) {
    JournalRecord record;
    record.number = row.number(0).value_or(0);
    record.run = row.text(1);
    record.at = value::WallTime(value::Milliseconds(row.number(2).value_or(0)));
    record.kind = row.text(3);
    record.action = row.text(4);
    record.data = row.text(5);
    record.hash = row.text(6);
    return record;
  }

  Result<void> look_at(const JournalRecord& record, const std::string& seal,
                       JournalCheck& check) const {
    const std::string called = "record " + std::to_string(record.number);
    ++check.records;
    if (record.number != check.records) {
      check.problems.push_back(called + " stands where record " + std::to_string(check.records) +
                               " should: some are missing before it");
      check.records = record.number;
    }
    auto hash = digest(journal_text(check.head, record));
    if (!hash) return fail(hash.error());
    if (*hash != record.hash) {
      check.problems.push_back(called +
                               " isn't what was written, or what stood before it has changed");
    }
    if (key_ != nullptr && key_->fingerprint(record.hash) != seal) {
      check.problems.push_back(called +
                               " wasn't written with this key: it was forged, or the key is "
                               "another one");
    }
    check.head = record.hash;  // so that one edit is told once
    return {};
  }

  /// A damaged page may hide records without a gap in their chain.
  Result<void> look_at_file(JournalCheck& check) {
    Statement whole = database_.prepare("PRAGMA integrity_check(1)");
    auto found = whole.step();
    if (!found) return fail(found.error());
    if (*found && whole.text(0) != "ok") {
      check.problems.emplace_back("the file is damaged, so records may be missing");
    }
    return {};
  }

  /// A plan's digest stands in the record that begins a run of it.
  Result<void> look_at_plans(JournalCheck& check) {
    Statement rows = database_.prepare(
        "SELECT plan.id, plan.text, plan.digest, "
        "(SELECT count(*) FROM record WHERE kind = 'begin' AND instr(data, plan.id) > 0), "
        "(SELECT count(*) FROM record WHERE kind = 'begin' AND instr(data, plan.digest) > 0) "
        "FROM plan");
    while (true) {
      auto more = rows.step();
      if (!more) return fail(more.error());
      if (!*more) return {};
      auto hash = digest(rows.text(1));
      if (!hash) return fail(hash.error());
      // Begun runs of the plan all name this text; one that was never begun is named by none.
      if (*hash == rows.text(2) && rows.number(3) == rows.number(4)) continue;
      check.problems.push_back("plan " + rows.text(0) + " isn't the one that the records speak of");
    }
  }

  Result<void> create() {
    auto transaction = Transaction::begin(database_);
    if (!transaction) return fail(transaction.error());
    // Another process may have made them meanwhile.
    auto tables = database_.pragma("SELECT count(*) FROM sqlite_master");
    if (!tables) return fail(tables.error());
    if (*tables == 0) {
      if (auto made = database_.execute(schema); !made) return made;
    }
    if (auto done = transaction->commit(); !done) return done;
    sync_folder(path_);
    return {};
  }

  tl::unexpected<value::Failure> not_a_journal(const value::Failure& failure) const {
    return fail(FailureKind::configuration, path_ + " can't be used: " + failure.text);
  }

  std::string path_;
  Database database_;
  PlanLocks locks_;
  const Sealer* key_;
};

}  // namespace

std::string journal_text(const std::string& previous, const JournalRecord& record) {
  std::string text = previous;
  for (const std::string& part : {std::to_string(record.number), record.run,
                                  std::to_string(record.at.time_since_epoch().count()), record.kind,
                                  record.action, record.data}) {
    text += '\n';
    text += part;
  }
  return text;
}

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path, const Sealer* key,
                                               Use use) {
  if (use == Use::read && ::access(path.c_str(), R_OK) != 0) {
    return fail(FailureKind::configuration,
                "can't open the journal " + path + ": " + std::strerror(errno));
  }
  auto database = Database::open(path, name);
  if (!database) return fail(database.error());
  auto journal = std::make_unique<SqliteJournal>(path, *std::move(database), key);
  if (auto ready = journal->prepare(use); !ready) return fail(ready.error());
  return std::unique_ptr<Journal>(std::move(journal));
}

}  // namespace fconn::store
