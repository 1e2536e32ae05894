// The small deciding parts: retry, loop guard, staging.
#include <doctest/doctest.h>

#include "interpreter/run/draft.hh"
#include "interpreter/run/engine.hh"
#include "interpreter/run/loop_guard.hh"
#include "interpreter/run/retry.hh"
#include "interpreter/run/staging.hh"

using namespace fconn;
using value::Milliseconds;

namespace {

struct Fixed final : value::Random {
  std::uint64_t value = 0;
  std::uint64_t next() override { return value; }
};

}  // namespace

TEST_CASE("what a signature is over is spelt as it is sent") {
  run::Draft draft;
  draft.url = *http::parse_url("https://api.test/x");
  draft.spelt_query = "a=1+2&b=%2f";
  draft.query = http::parse_query(draft.spelt_query);
  value::Arena arena;
  CHECK(run::request_view(draft, arena).target == "/x?a=1+2&b=%2f");
  CHECK(run::to_request(draft).url == "https://api.test/x?a=1+2&b=%2f");
  draft.query.emplace_back("c", "3");
  CHECK(run::request_view(draft, arena).target == "/x?a=1%202&b=%2F&c=3");
}

TEST_CASE("--strict: a row left out for its key is a failure") {
  run::RunSummary summary;
  summary.collections.push_back({"i", "c", {}});
  summary.collections[0].outcome.unlike = 1;
  CHECK(run::exit_code(summary, false) == 0);
  CHECK(run::exit_code(summary, true) == 1);
}

TEST_CASE("full jitter stays between zero and the doubled, capped backoff") {
  ir::RetryRule rule;
  rule.backoff_min_ms = 1000;
  rule.backoff_max_ms = 5000;
  Fixed random;
  struct Case {
    std::uint32_t attempt;
    std::int64_t ceiling;
  };
  for (const Case c :
       {Case{0, 1000}, Case{1, 2000}, Case{2, 4000}, Case{3, 5000}, Case{30, 5000}}) {
    CAPTURE(c.attempt);
    random.value = 0;
    CHECK(run::retry_wait(rule, c.attempt, std::nullopt, random) == Milliseconds(0));
    random.value = static_cast<std::uint64_t>(c.ceiling);
    CHECK(run::retry_wait(rule, c.attempt, std::nullopt, random) == Milliseconds(c.ceiling));
    random.value = static_cast<std::uint64_t>(c.ceiling) + 1;
    CHECK(run::retry_wait(rule, c.attempt, std::nullopt, random) == Milliseconds(0));
  }
}

TEST_CASE("which answers leave open what was done") {
  for (const int status : {300, 301, 302, 303, 304, 408, 500, 502, 503, 504}) {
    CAPTURE(status);
    CHECK(run::leaves_open(status));
  }
  for (const int status : {200, 204, 307, 308, 400, 401, 404, 409, 410, 425, 429}) {
    CAPTURE(status);
    CHECK_FALSE(run::leaves_open(status));
  }
}

TEST_CASE("Retry-After goes before the rule, a fixed wait before the backoff") {
  ir::RetryRule rule;
  Fixed random;
  random.value = 7;
  rule.every_ms = 2000;
  CHECK(run::retry_wait(rule, 5, std::nullopt, random) == Milliseconds(2000));
  CHECK(run::retry_wait(rule, 5, Milliseconds(9000), random) == Milliseconds(9000));
  // Rounded down to nothing: all retries would be over in no time.
  CHECK(run::retry_wait(rule, 5, Milliseconds(0), random) == Milliseconds(2000));
}

TEST_CASE("a condition covers its status ranges, bounds included") {
  const ir::Condition condition{{{429, 429}, {502, 504}}, std::nullopt};
  for (const int status : {429, 502, 503, 504}) CHECK(run::covers(condition, status));
  for (const int status : {200, 428, 430, 501, 505}) CHECK_FALSE(run::covers(condition, status));
}

TEST_CASE("a request that was sent before is noticed, however many there were") {
  run::LoopGuard guard;
  for (std::uint64_t i = 1; i <= 10'000; ++i) CHECK(guard.request(i * 0x9E3779B97F4A7C15ULL));
  for (std::uint64_t i = 1; i <= 10'000; i += 997) {
    CHECK_FALSE(guard.request(i * 0x9E3779B97F4A7C15ULL));
  }
  CHECK(guard.pages() == 10'000);
}

TEST_CASE("a page that repeats the one before it is a loop; empty pages are not") {
  run::LoopGuard guard;
  CHECK(guard.page(11, 3));
  CHECK(guard.page(12, 3));
  CHECK_FALSE(guard.page(12, 3));
  CHECK(guard.page(0, 0));
  CHECK(guard.page(0, 0));
  CHECK(guard.page(12, 1));
}

TEST_CASE("staged pages come back in order, from memory and from the file") {
  run::Staging staging(1000);
  for (int i = 0; i < 40; ++i) {
    run::Page page;
    for (int row = 0; row < 5; ++row) {
      page.rows.text() +=
          "{\"page\":" + std::to_string(i) + ",\"row\":" + std::to_string(row) + "}";
      page.rows.end_row({static_cast<std::uint64_t>(i), static_cast<std::uint32_t>(row)});
      page.cells += "[" + std::to_string(i) + "]";
      page.cell_ends.push_back(static_cast<std::uint32_t>(page.cells.size()));
    }
    REQUIRE(staging.add(page));
    CHECK(page.rows.size() == 0);
  }
  CHECK(staging.spilled());
  int seen = 0;
  const auto released = staging.release([&](run::Page& page) -> value::Result<void> {
    REQUIRE(page.rows.size() == 5);
    CHECK(page.rows.row(3) == "{\"page\":" + std::to_string(seen) + ",\"row\":3}");
    CHECK(page.rows.hash(4) == value::RowHash{static_cast<std::uint64_t>(seen), 4});
    CHECK(page.cells_of(2) == "[" + std::to_string(seen) + "]");
    ++seen;
    return {};
  });
  CHECK(released);
  CHECK(seen == 40);
}
