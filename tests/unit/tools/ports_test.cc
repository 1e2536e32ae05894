#include "tools/fconn/ports.hh"

#include <doctest/doctest.h>

#include <set>

namespace fconn::cli {
namespace {

TEST_CASE("times are read and written back") {
  struct Case {
    const char* text;
    const char* expected;
  };
  const Case cases[] = {
      {"2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"},
      {"2024-05-06T07:08:09.5Z", "2024-05-06T07:08:09.500Z"},
      {"2024-05-06T07:08:09.123456+02:00", "2024-05-06T05:08:09.123Z"},
      {"2024-05-06 07:08", "2024-05-06T07:08:00Z"},
      {"2024-02-29", "2024-02-29T00:00:00Z"},
      {"1714979289", "2024-05-06T07:08:09Z"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    const auto time = parse_time(one.text);
    REQUIRE(time);
    CHECK(format_time(*time) == one.expected);
  }
  for (const char* text : {"", "yesterday", "2023-02-29", "2024-05-06T25:00:00Z", "2024-05-06T07",
                           "2024-05-06T07:08:09Zx", "2024-05-06T07:08:09.Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text));
  }
}

TEST_CASE("--seed fixes the sequence, and nothing else does") {
  const auto a = make_random(7);
  const auto b = make_random(7);
  const auto c = make_random(8);
  const std::string first = uuid(*a);
  CHECK(first == uuid(*b));
  CHECK(first != uuid(*c));
  CHECK(first != uuid(*a));
  CHECK(first.size() == 36);
  CHECK(first[14] == '4');
  CHECK(std::string("89ab").find(first[19]) != std::string::npos);

  const auto kernel = make_random(std::nullopt);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(kernel->next());
  CHECK(seen.size() == 100);
}

TEST_CASE("ids of runs sort by time") {
  const auto random = make_random(1);
  const auto early = run_id(*parse_time("2024-01-01"), *random);
  const auto late = run_id(*parse_time("2024-01-02"), *random);
  CHECK(early.size() == 26);
  CHECK(early < late);
}

}  // namespace
}  // namespace fconn::cli
