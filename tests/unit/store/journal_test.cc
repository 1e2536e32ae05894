// What the journal promises: nothing is lost, and nobody changes it unseen.
#include "interpreter/store/journal.hh"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <functional>

#include "interpreter/store/database.hh"

using namespace fconn;
using store::Journal;
using store::JournalRecord;

namespace {

constexpr const char* key_text = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr const char* other_key =
    "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

struct Folder {
  Folder() {
    char name[] = "/tmp/fconn-journal-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { (void)!std::system(("rm -rf " + path).c_str()); }
  std::string operator/(const char* name) const { return path + "/" + name; }
  std::string path;
};

store::Sealer sealer(const char* text = key_text) {
  auto key = store::StoreKey::parse(text);
  REQUIRE(key);
  return store::Sealer(*std::move(key));
}

std::unique_ptr<Journal> open(const std::string& path, const store::Sealer* key,
                              Journal::Use use = Journal::Use::write) {
  auto opened = Journal::open(path, key, use);
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().text));
  return *std::move(opened);
}

JournalRecord record(std::string kind, std::string action = "", std::string data = "{}") {
  JournalRecord made;
  made.run = "01J";
  made.at = value::WallTime(value::Milliseconds(1'700'000'000'123));
  made.kind = std::move(kind);
  made.action = std::move(action);
  made.data = std::move(data);
  return made;
}

/// Six records, closed.
void fill(const std::string& path, const store::Sealer& key) {
  const auto journal = open(path, &key);
  REQUIRE(journal->keep_plan("p1", "the plan"));
  JournalRecord all[] = {
      record("begin", "", R"({"plan":"p1","digest":")" + store::digest("the plan").value() + "\"}"),
      record("intent", "a1", R"({"n":1})"),
      record("outcome", "a1", R"({"n":2})"),
      record("intent", "a2", R"({"n":3})"),
      record("outcome", "a2", R"({"n":4})"),
      record("end")};
  for (JournalRecord& one : all) REQUIRE(journal->append(one));
}

store::JournalCheck check(const std::string& path, const store::Sealer* key) {
  auto result = open(path, key, Journal::Use::read)->verify();
  REQUIRE(result);
  return *result;
}

void change(const std::string& path, const char* sql) {
  auto database = store::Database::open(path);
  REQUIRE(database);
  REQUIRE(database->execute(sql));
}

}  // namespace

TEST_CASE("a journal keeps what was appended, in order, mode 0600") {
  const Folder folder;
  const std::string path = folder / "j.db";
  const store::Sealer key = sealer();
  fill(path, key);
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777U) == 0600U);

  const auto journal = open(path, nullptr, Journal::Use::read);
  const auto records = journal->records("01J");
  REQUIRE(records);
  REQUIRE(records->size() == 6);
  CHECK((*records)[3].kind == "intent");
  CHECK((*records)[3].action == "a2");
  CHECK((*records)[3].data == R"({"n":3})");
  CHECK((*records)[5].number == 6);
  CHECK(journal->records("other")->empty());
  CHECK(journal->plan("p1")->value() == "the plan");
  CHECK_FALSE(journal->plan("p2")->has_value());

  const store::JournalCheck sound = check(path, &key);
  CHECK(sound.intact());
  CHECK(sound.records == 6);
  CHECK(sound.head == (*records)[5].hash);
  CHECK(sound.open_runs.empty());
  // Anybody can compute the hash of a record.
  CHECK(store::digest(store::journal_text((*records)[4].hash, (*records)[5])).value() ==
        sound.head);
}

TEST_CASE("a journal shows what was done to it") {
  struct Case {
    const char* name;
    const char* sql;
    bool without_key;  // seen also by who hasn't the key
  };
  const Case cases[] = {
      {"an edited record", "UPDATE record SET data = '{\"n\":9}' WHERE number = 3", true},
      {"an edited time", "UPDATE record SET at = at + 1 WHERE number = 2", true},
      {"an edited action", "UPDATE record SET action = 'a3' WHERE number = 5", true},
      {"a removed record", "DELETE FROM record WHERE number = 3", true},
      {"the first removed", "DELETE FROM record WHERE number = 1", true},
      {"removed and counted anew",
       "DELETE FROM record WHERE number = 3; "
       "UPDATE record SET number = number - 1 WHERE number > 3",
       true},
      {"two exchanged",
       "UPDATE record SET number = 100 WHERE number = 2; "
       "UPDATE record SET number = 2 WHERE number = 4; "
       "UPDATE record SET number = 4 WHERE number = 100",
       true},
      {"a record put in",
       "INSERT INTO record SELECT 7, run, at, kind, action, data, hash, seal FROM record "
       "WHERE number = 5",
       true},
      {"another plan", "UPDATE plan SET text = 'another'", true},
      {"another plan with its digest",
       "UPDATE plan SET text = 'another', digest = "
       "'1b1a3e5a0b0e3bfe3a16c1f9aee2aa61d2d9a6c7b6a51d4bb0ba9b7d3b5f1f00'",
       true},
      {"another seal", "UPDATE record SET seal = x'00' WHERE number = 4", false},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    const Folder folder;
    const std::string path = folder / "j.db";
    const store::Sealer key = sealer();
    fill(path, key);
    change(path, one.sql);
    CHECK_FALSE(check(path, &key).intact());
    CHECK(check(path, nullptr).intact() == !one.without_key);
  }
}

TEST_CASE("a chain that was computed anew is told by its seals") {
  const Folder folder;
  const std::string path = folder / "j.db";
  const store::Sealer key = sealer(), forger = sealer(other_key);
  fill(path, forger);
  CHECK(check(path, nullptr).intact());
  const store::JournalCheck checked = check(path, &key);
  CHECK(checked.problems.size() == 6);
}

TEST_CASE("the last records can be cut off, which another head shows") {
  const Folder folder;
  const std::string path = folder / "j.db";
  const store::Sealer key = sealer();
  fill(path, key);
  const std::string head = check(path, &key).head;
  change(path, "DELETE FROM record WHERE number > 4");
  const store::JournalCheck cut = check(path, &key);
  CHECK(cut.intact());
  CHECK(cut.head != head);
  REQUIRE(cut.open_runs.size() == 1);  // its end is missing
  CHECK(cut.open_runs[0] == "01J");
}

TEST_CASE("a damaged file is told though the records that it shows are in order") {
  const Folder folder;
  const std::string path = folder / "j.db";
  const store::Sealer key = sealer();
  fill(path, key);
  std::int64_t page = 0, size = 0;
  {
    auto database = store::Database::open(path);
    REQUIRE(database);
    page = database->pragma("SELECT rootpage FROM sqlite_master WHERE name = 'record'").value();
    size = database->pragma("PRAGMA page_size").value();
  }
  // One record fewer, says the page: the last one is hidden.
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp((page - 1) * size + 4);
  file.put(5);
  file.close();
  const store::JournalCheck found = check(path, &key);
  CHECK(found.records == 5);
  REQUIRE(found.problems.size() == 1);
  CHECK(found.problems[0] == "the file is damaged, so records may be missing");
}

TEST_CASE("records go on after the journal was closed") {
  const Folder folder;
  const std::string path = folder / "j.db";
  const store::Sealer key = sealer();
  fill(path, key);
  fill(path, key);
  const store::JournalCheck checked = check(path, &key);
  CHECK(checked.intact());
  CHECK(checked.records == 12);
}

TEST_CASE("one apply of a plan at a time") {
  const Folder folder;
  const std::string path = folder / "j.db";
  const store::Sealer key = sealer();
  auto first = open(path, &key);
  const auto second = open(path, &key);
  CHECK(first->claim("p1").value());
  CHECK_FALSE(second->claim("p1").value());
  CHECK(second->claim("p2").value());
  first.reset();
  CHECK(second->claim("p1").value());
}

TEST_CASE("states of chains are sealed, and bound to their action") {
  const Folder folder;
  const std::string path = folder / "j.db";
  const store::Sealer key = sealer();
  const auto journal = open(path, &key);
  JournalRecord outcome = record("outcome", "a1");
  Journal::State state{"p1", R"({"job":"ada@example.com"})"};
  REQUIRE(journal->append(outcome, &state));
  CHECK(journal->state("p1", "a1")->value() == R"({"job":"ada@example.com"})");
  CHECK_FALSE(journal->state("p1", "a2")->has_value());
  change(path, "UPDATE state SET action = 'a2'");
  CHECK_FALSE(journal->state("p1", "a2"));
  JournalRecord settled = record("settled", "a2");
  state.text.clear();
  REQUIRE(journal->append(settled, &state));
  CHECK_FALSE(journal->state("p1", "a2")->has_value());
}

TEST_CASE("what is no journal is left alone") {
  const Folder folder;
  const store::Sealer key = sealer();
  CHECK_FALSE(Journal::open(folder / "none.db", nullptr, Journal::Use::read));
  const std::string path = folder / "other.db";
  {
    auto database = store::Database::open(path);
    REQUIRE(database);
    REQUIRE(database->execute("CREATE TABLE mine (x)"));
  }
  const auto opened = Journal::open(path, &key, Journal::Use::write);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == value::FailureKind::configuration);
}
