// What both stores promise, and what the file promises beyond that.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>

#include "interpreter/store/database.hh"
#include "interpreter/store/memory_store.hh"
#include "interpreter/store/sqlite_store.hh"

using namespace fconn;
using store::StoredToken;
using store::TokenKey;

namespace {

constexpr const char* key_text = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

struct Folder {
  Folder() {
    char name[] = "/tmp/fconn-store-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { (void)!std::system(("rm -rf " + path).c_str()); }
  std::string operator/(const char* name) const { return path + "/" + name; }
  std::string path;
};

store::StoreKey test_key(const char* text = key_text) {
  auto key = store::StoreKey::parse(text);
  REQUIRE(key);
  return *std::move(key);
}

std::unique_ptr<store::Store> open(const std::string& path) {
  auto opened = store::open_sqlite_store(path, test_key());
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().text));
  return *std::move(opened);
}

value::WallTime at(std::int64_t ms) { return value::WallTime(value::Milliseconds(ms)); }

StoredToken token(std::string value) {
  StoredToken made;
  made.value = std::move(value);
  made.obtained = at(1000);
  made.renew_at = at(9000);
  made.expires_at = at(10'000);
  made.renewable = true;
  return made;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

unsigned mode(const std::string& path) {
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 0777U;
}

/// Runs `check` with an empty store of each kind.
void with_each(const std::function<void(store::Store&)>& check) {
  SUBCASE("memory") { check(*store::make_memory_store()); }
  SUBCASE("sqlite") {
    const Folder folder;
    check(*open(folder / "store.db"));
  }
}

const TokenKey acme{"acme", "oauth2_password.t", "https://a.test user=ada"};

}  // namespace

TEST_CASE("a token comes back as it was saved") {
  with_each([](store::TokenStore& tokens) {
    auto none = tokens.load(acme);
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
    auto serial = tokens.save(acme, token(R"({"a":"sesame"})"));
    REQUIRE(serial);
    auto loaded = tokens.load(acme);
    REQUIRE(loaded);
    REQUIRE(loaded->has_value());
    CHECK((*loaded)->value == R"({"a":"sesame"})");
    CHECK((*loaded)->obtained == at(1000));
    CHECK((*loaded)->renew_at == at(9000));
    CHECK((*loaded)->expires_at == at(10'000));
    CHECK((*loaded)->renewable);
    CHECK_FALSE((*loaded)->dropped);
    CHECK((*loaded)->serial == *serial);
  });
}

TEST_CASE("a token without an end has none") {
  with_each([](store::TokenStore& tokens) {
    StoredToken forever = token("1");
    forever.renew_at.reset();
    forever.expires_at.reset();
    REQUIRE(tokens.save(acme, forever));
    auto loaded = tokens.load(acme);
    REQUIRE(loaded);
    REQUIRE(loaded->has_value());
    CHECK_FALSE((*loaded)->renew_at.has_value());
    CHECK_FALSE((*loaded)->expires_at.has_value());
  });
}

TEST_CASE("a token of other credentials isn't given out") {
  with_each([](store::TokenStore& tokens) {
    REQUIRE(tokens.save(acme, token("1")));
    TokenKey other = acme;
    other.origin = "https://a.test user=eve";
    auto loaded = tokens.load(other);
    REQUIRE(loaded);
    CHECK_FALSE(loaded->has_value());
  });
}

TEST_CASE("only the token that was refused is dropped") {
  with_each([](store::TokenStore& tokens) {
    auto first = tokens.save(acme, token("1"));
    auto second = tokens.save(acme, token("2"));
    REQUIRE(first);
    REQUIRE(second);
    CHECK(*first < *second);
    REQUIRE(tokens.drop(acme, *first));
    CHECK_FALSE(tokens.load(acme)->value().dropped);
    REQUIRE(tokens.drop(acme, *second));
    CHECK(tokens.load(acme)->value().dropped);
  });
}

TEST_CASE("forgetting an instance leaves the others") {
  with_each([](store::TokenStore& tokens) {
    TokenKey second = acme;
    second.name = "other.t";
    TokenKey elsewhere = acme;
    elsewhere.instance = "globex";
    for (const TokenKey& key : {acme, second, elsewhere}) REQUIRE(tokens.save(key, token("1")));
    CHECK(tokens.list("acme")->size() == 2);
    CHECK(tokens.forget("acme").value() == 2);
    CHECK(tokens.list("acme")->empty());
    CHECK(tokens.list("globex")->size() == 1);
    CHECK(tokens.list("globex")->front().expires_at == at(10'000));
  });
}

TEST_CASE("one at a time may fetch a token") {
  with_each([](store::TokenStore& tokens) {
    TokenKey other = acme;
    other.name = "other.t";
    CHECK(tokens.claim(acme).value());
    CHECK_FALSE(tokens.claim(acme).value());
    CHECK(tokens.claim(other).value());
    tokens.release(acme);
    CHECK(tokens.claim(acme).value());
  });
}

TEST_CASE("the file outlives the program, is private and shows nothing") {
  const Folder folder;
  const std::string path = folder / "store.db";
  open(path)->save(acme, token(R"("open-sesame-please")")).value();
  auto again = open(path);
  CHECK(again->load(acme)->value().value == R"("open-sesame-please")");
  for (const char* part : {"store.db", "store.db-wal", "store.db-shm", "store.db.lock"}) {
    CAPTURE(part);
    CHECK(mode(folder / part) == 0600);
    const std::string bytes = contents(folder / part);
    CHECK(bytes.find("sesame") == std::string::npos);
    CHECK(bytes.find("user=ada") == std::string::npos);
  }
}

TEST_CASE("a job comes back to who made it") {
  const store::JobKey mine{"acme", "export of ada@example.com"};
  with_each([&](store::Store& jobs) {
    CHECK_FALSE(jobs.load_job(mine).value().has_value());
    REQUIRE(jobs.save_job(mine, {R"({"id":1})", at(1000)}));
    REQUIRE(jobs.save_job(mine, {R"({"id":2})", at(2000)}));
    const auto loaded = jobs.load_job(mine).value();
    REQUIRE(loaded.has_value());
    CHECK(loaded->value == R"({"id":2})");
    CHECK(loaded->kept == at(2000));
    CHECK_FALSE(jobs.load_job({"acme", "export of bob@example.com"}).value().has_value());
    CHECK_FALSE(jobs.load_job({"other", mine.origin}).value().has_value());
    REQUIRE(jobs.forget_job(mine));
    CHECK_FALSE(jobs.load_job(mine).value().has_value());
    REQUIRE(jobs.forget_job(mine));
  });
}

TEST_CASE("jobs that nobody came back for go, and nothing of them can be read in the file") {
  const Folder folder;
  const std::string path = folder / "store.db";
  const store::JobKey old{"acme", "export of ada@example.com"}, fresh{"acme", "another"};
  {
    auto jobs = open(path);
    REQUIRE(jobs->save_job(old, {R"({"url":"https://sesame.test"})", at(1000)}));
    const value::WallTime later = at(1000) + std::chrono::hours(24 * 31);
    REQUIRE(jobs->save_job(fresh, {"1", later}));
    CHECK_FALSE(jobs->load_job(old).value().has_value());
    REQUIRE(jobs->save_job(old, {R"({"url":"https://sesame.test"})", later}));
  }
  CHECK(open(path)->load_job(old).value().has_value());
  for (const char* file : {"store.db", "store.db-wal"}) {
    const std::string text = contents(folder / file);
    CHECK(text.find("sesame") == std::string::npos);
    CHECK(text.find("ada@example.com") == std::string::npos);
  }
}

TEST_CASE("a store from before there were jobs is taken over with its tokens") {
  const Folder folder;
  const std::string path = folder / "store.db";
  open(path)->save(acme, token("1")).value();
  {
    auto file = store::Database::open(path);
    REQUIRE(file);
    REQUIRE(file->execute("DROP TABLE job; PRAGMA user_version = 1"));
  }
  auto taken = open(path);
  CHECK(taken->load(acme)->has_value());
  CHECK(taken->save_job({"acme", "o"}, {"1", at(1000)}));
  CHECK(open(path)->load_job({"acme", "o"}).value().has_value());
}

TEST_CASE("rights that are too wide are taken away") {
  const Folder folder;
  const std::string path = folder / "store.db";
  std::ofstream(path).close();
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  open(path);
  CHECK(mode(path) == 0600);
}

TEST_CASE("a store that can't be used says why and is left alone") {
  const Folder folder;
  const std::string path = folder / "store.db";
  open(path)->save(acme, token("1")).value();
  SUBCASE("another key") {
    auto opened =
        store::open_sqlite_store(path, test_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
    CHECK(opened);  // the same key in base64
    std::string wrong(64, 'a');
    opened = store::open_sqlite_store(path, test_key(wrong.c_str()));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().text.find("the key isn't the one") != std::string::npos);
  }
  SUBCASE("not a database") {
    std::ofstream(folder / "text") << "this is a text, and it is long enough to be looked at twice";
    auto opened = store::open_sqlite_store(folder / "text", test_key());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == value::FailureKind::configuration);
    CHECK(contents(folder / "text").starts_with("this is a text"));
  }
  SUBCASE("no such folder") {
    auto opened = store::open_sqlite_store(folder / "no/store.db", test_key());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().text.find("No such file") != std::string::npos);
  }
  CHECK(open(path)->load(acme)->has_value());
}

TEST_CASE("a row moved to another name doesn't open") {
  const store::Sealer sealer(test_key());
  const std::string sealed = sealer.seal("secret", "acme\nt");
  CHECK(sealer.open(sealed, "acme\nt") == "secret");
  CHECK_FALSE(sealer.open(sealed, "acme\nu").has_value());
  CHECK_FALSE(sealer.open(sealed, "acme\n").has_value());
  std::string changed = sealed;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  CHECK_FALSE(sealer.open(changed, "acme\nt").has_value());
  CHECK(sealer.seal("secret", "acme\nt") != sealed);
}

TEST_CASE("keys are 32 bytes, and their file is private") {
  for (const char* bad : {"", "secret", "0001", "zz", "AAECAwQFBgcICQoLDA0ODw=="}) {
    CAPTURE(bad);
    CHECK_FALSE(store::StoreKey::parse(bad));
  }
  CHECK(store::StoreKey::parse(std::string(key_text) + "\n"));
  const Folder folder;
  const std::string path = folder / "key";
  CHECK_FALSE(store::StoreKey::from_file(path, false));
  REQUIRE(store::StoreKey::from_file(path, true));
  CHECK(mode(path) == 0600);
  const std::string made = contents(path);
  CHECK(made.size() == 65);
  REQUIRE(store::StoreKey::from_file(path, true));
  CHECK(contents(path) == made);
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  auto open_key = store::StoreKey::from_file(path, true);
  REQUIRE_FALSE(open_key);
  CHECK(open_key.error().text.find("chmod 600") != std::string::npos);
}

TEST_CASE("processes share one store and wait for each other's claims") {
  const Folder folder;
  const std::string path = folder / "store.db";
  auto mine = open(path);
  REQUIRE(mine->claim(acme).value());
  // Each child saves its tokens; none is lost, and none gets the claim that is taken.
  constexpr int children = 4, each = 20;
  for (int child = 0; child < children; ++child) {
    if (::fork() != 0) continue;
    auto key = store::StoreKey::parse(key_text);
    auto theirs = store::open_sqlite_store(path, *std::move(key));
    if (!theirs || (*theirs)->claim(acme).value_or(true)) ::_exit(1);
    for (int i = 0; i < each; ++i) {
      TokenKey own{"acme", std::to_string(child) + "." + std::to_string(i), "o"};
      if (!(*theirs)->save(own, token("1"))) ::_exit(2);
    }
    TokenKey own{"acme", "left by the dead", "o"};
    if (child == 0 && !(*theirs)->claim(own).value_or(false)) ::_exit(3);
    ::_exit(0);  // without release
  }
  for (int child = 0; child < children; ++child) {
    int status = 0;
    REQUIRE(::wait(&status) > 0);
    CHECK(status == 0);
  }
  CHECK(mine->list("acme")->size() == children * each);
  CHECK(mine->claim({"acme", "left by the dead", "o"}).value());
}
