#include <doctest/doctest.h>
#include <stdlib.h>

#include <random>
#include <set>
#include <string>
#include <utility>

#include "interpreter/rows/seen_set.hh"

using namespace fconn;
using namespace fconn::rows;

namespace {
value::RowHash numbered(std::uint64_t n) { return RowHasher(7).hash(std::to_string(n)); }
}  // namespace

TEST_CASE("hashes depend on the text and on the seed") {
  CHECK(RowHasher(1).hash("a") == RowHasher(1).hash("a"));
  CHECK_FALSE(RowHasher(1).hash("a") == RowHasher(2).hash("a"));
  CHECK_FALSE(RowHasher(1).hash("a") == RowHasher(1).hash("b"));
}

TEST_CASE("a hash is new once, in memory and beyond") {
  for (const std::size_t limit : {std::size_t{6} << 20U, std::size_t{64} << 10U, std::size_t{0}}) {
    CAPTURE(limit);
    SeenSet seen(limit);
    const std::uint64_t count = limit == 0 ? 5000 : 100000;
    std::mt19937_64 random(limit);
    std::set<std::uint64_t> model;
    std::size_t wrong = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t n = random() % (count / 2);
      const bool fresh = model.insert(n).second;
      const value::Result<bool> got = seen.insert(numbered(n));
      if (!got || *got != fresh) ++wrong;
    }
    CHECK(wrong == 0);
    CHECK(seen.size() == model.size());
    CHECK(seen.spilled() == (limit < (std::size_t{1} << 20U)));
  }
}

TEST_CASE("200,000 hashes fit in 5 MiB") {
  SeenSet seen(std::size_t{5} << 20U);
  std::size_t fresh = 0;
  for (std::uint64_t i = 0; i < 200000; ++i) fresh += seen.insert(numbered(i)).value() ? 1 : 0;
  CHECK(fresh == 200000);
  CHECK_FALSE(seen.spilled());
}

TEST_CASE("the hash of zeros is an entry like others") {
  for (const std::size_t limit : {std::size_t{1} << 20U, std::size_t{0}}) {
    SeenSet seen(limit);
    CHECK(seen.insert({}).value());
    CHECK_FALSE(seen.insert({}).value());
    CHECK(seen.size() == 1);
  }
}

TEST_CASE("what is there with other content is told from a repetition, in memory and beyond") {
  for (const std::size_t limit : {std::size_t{1} << 20U, std::size_t{0}}) {
    CAPTURE(limit);
    SeenSet seen(limit);
    for (std::uint64_t i = 0; i < 5000; ++i) {
      value::RowHash hash = numbered(i);
      hash.content = static_cast<std::uint32_t>(i);
      CHECK(seen.look(hash).value() == Seen::fresh);
    }
    value::RowHash hash = numbered(7);
    hash.content = 7;
    CHECK(seen.look(hash).value() == Seen::same);
    hash.content = 8;
    CHECK(seen.look(hash).value() == Seen::unlike);
    CHECK(seen.look(hash).value() == Seen::unlike);  // the first content stays
    CHECK_FALSE(seen.insert(hash).value());
    CHECK(seen.size() == 5000);
  }
}

TEST_CASE("a set can be moved") {
  SeenSet first(0);
  CHECK(first.insert(numbered(1)).value());
  SeenSet second = std::move(first);
  CHECK_FALSE(second.insert(numbered(1)).value());
  CHECK(second.insert(numbered(2)).value());
}

TEST_CASE("a temporary folder that isn't there is said in plain words") {
  const char* before = ::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TMPDIR", "/nonexistent-folder", 1);
  SeenSet seen(0);
  value::Result<bool> added = true;
  for (std::uint64_t i = 0; added && i < 100000; ++i) added = seen.insert(numbered(i));
  before == nullptr ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", kept.c_str(), 1);
  REQUIRE_FALSE(added);
  CHECK(added.error().text.find("/nonexistent-folder") != std::string::npos);
  CHECK(added.error().text.find("TMPDIR") != std::string::npos);
}
