#include "interpreter/run/scheduler.hh"

#include <doctest/doctest.h>

using fconn::ir::RateWindow;
using fconn::run::Scheduler;
using fconn::run::Ticket;
using fconn::value::Milliseconds;
using fconn::value::TimePoint;

namespace {

TimePoint at(int ms) { return TimePoint{} + Milliseconds(1'000'000 + ms); }

Ticket ticket(std::uint64_t id, std::uint32_t lane, std::uint32_t depth = 0, bool feeds = false) {
  Ticket made;
  made.id = id;
  made.lane = lane;
  made.depth = depth;
  made.feeds = feeds;
  return made;
}

std::vector<std::uint64_t> start_all(Scheduler& scheduler, TimePoint now) {
  std::vector<std::uint64_t> ids;
  while (const auto next = scheduler.next(now)) ids.push_back(next->id);
  return ids;
}

}  // namespace

TEST_CASE("a lane runs at most its parallel requests, the run at most its own") {
  Scheduler scheduler({3, 100});
  const auto a = scheduler.add_lane(2, {});
  const auto b = scheduler.add_lane(5, {});
  for (std::uint64_t id = 1; id <= 4; ++id) scheduler.submit(ticket(id, a));
  for (std::uint64_t id = 11; id <= 14; ++id) scheduler.submit(ticket(id, b));
  CHECK(start_all(scheduler, at(0)) == std::vector<std::uint64_t>{1, 11, 2});
  scheduler.finished(a);
  CHECK(start_all(scheduler, at(0)) == std::vector<std::uint64_t>{12});
  CHECK(scheduler.running() == 3);
  CHECK(scheduler.waiting() == 4);
}

TEST_CASE("deeper collections go first, equals in order") {
  Scheduler scheduler({1, 100});
  const auto lane = scheduler.add_lane(1, {});
  scheduler.submit(ticket(1, lane, 0));
  scheduler.submit(ticket(2, lane, 1));
  scheduler.submit(ticket(3, lane, 2));
  scheduler.submit(ticket(4, lane, 2));
  std::vector<std::uint64_t> order;
  for (int i = 0; i < 4; ++i) {
    order.push_back(scheduler.next(at(0))->id);
    scheduler.finished(lane);
  }
  CHECK(order == std::vector<std::uint64_t>{3, 4, 2, 1});
}

TEST_CASE("every rate window holds at once, and wake_at says when to go on") {
  Scheduler scheduler({100, 100});
  const auto lane = scheduler.add_lane(100, {{2, 1000}, {3, 10'000}});
  for (std::uint64_t id = 1; id <= 5; ++id) scheduler.submit(ticket(id, lane));
  CHECK(start_all(scheduler, at(0)) == std::vector<std::uint64_t>{1, 2});
  CHECK(scheduler.wake_at(at(0)) == at(1000));
  CHECK(start_all(scheduler, at(999)).empty());
  CHECK(start_all(scheduler, at(1000)) == std::vector<std::uint64_t>{3});
  CHECK(scheduler.wake_at(at(1000)) == at(10'000));
  CHECK(start_all(scheduler, at(10'000)) == std::vector<std::uint64_t>{4, 5});
}

TEST_CASE("what sends nothing uses up no rate") {
  Scheduler scheduler({100, 100});
  const auto lane = scheduler.add_lane(1, {{2, 1000}, {3, 10'000}});
  const auto site = scheduler.add_site({{1, 5000}});
  for (std::uint64_t id = 1; id <= 9; ++id) {
    Ticket made = ticket(id, lane);
    made.site = site;
    scheduler.submit(made);
  }
  for (std::uint64_t id = 1; id <= 7; ++id) {
    const auto next = scheduler.next(at(0));
    REQUIRE(next);
    CHECK(next->id == id);
    scheduler.unused(*next);
  }
  CHECK(scheduler.running() == 0);
  CHECK(scheduler.next(at(0))->id == 8);
  scheduler.finished(lane);
  CHECK(!scheduler.next(at(0)));
  CHECK(scheduler.wake_at(at(0)) == at(5000));
}

TEST_CASE("a sliding window is never exceeded whatever its phase") {
  fconn::run::RateLimiter limiter({{3, 1000}});
  std::vector<TimePoint> starts;
  TimePoint now = at(0);
  for (int i = 0; i < 50; ++i) {
    now = limiter.earliest(now + Milliseconds(70));
    limiter.started(now);
    starts.push_back(now);
  }
  for (std::size_t i = 3; i < starts.size(); ++i) {
    CHECK(starts[i] - starts[i - 3] >= Milliseconds(1000));
  }
}

TEST_CASE("a paused lane waits, others go on; a retry waits for its own time") {
  Scheduler scheduler({100, 100});
  const auto a = scheduler.add_lane(10, {});
  const auto b = scheduler.add_lane(10, {});
  scheduler.pause(a, at(500));
  scheduler.submit(ticket(1, a));
  scheduler.submit(ticket(2, b));
  Ticket late = ticket(3, b);
  late.not_before = at(200);
  scheduler.submit(late);
  CHECK(start_all(scheduler, at(0)) == std::vector<std::uint64_t>{2});
  CHECK(scheduler.wake_at(at(0)) == at(200));
  CHECK(start_all(scheduler, at(200)) == std::vector<std::uint64_t>{3});
  CHECK(start_all(scheduler, at(500)) == std::vector<std::uint64_t>{1});
}

TEST_CASE("parents are held back while too much of their children waits") {
  Scheduler scheduler({2, 3});
  const auto lane = scheduler.add_lane(1, {});
  scheduler.submit(ticket(1, lane, 0, true));
  for (std::uint64_t id = 2; id <= 5; ++id) scheduler.submit(ticket(id, lane, 0, false));
  std::vector<std::uint64_t> order;
  for (int i = 0; i < 5; ++i) {
    order.push_back(scheduler.next(at(0))->id);
    scheduler.finished(lane);
  }
  CHECK(order == std::vector<std::uint64_t>{2, 3, 1, 4, 5});
}

TEST_CASE("a site has windows besides its lane's, and others may overtake it") {
  Scheduler scheduler({100, 100});
  const auto lane = scheduler.add_lane(10, {});
  const auto site = scheduler.add_site({{1, 1000}});
  for (std::uint64_t id = 1; id <= 2; ++id) {
    Ticket limited = ticket(id, lane);
    limited.site = site;
    scheduler.submit(limited);
  }
  scheduler.submit(ticket(3, lane));
  CHECK(start_all(scheduler, at(0)) == std::vector<std::uint64_t>{1, 3});
  CHECK(start_all(scheduler, at(1000)) == std::vector<std::uint64_t>{2});
}

TEST_CASE("drain forgets what waits") {
  Scheduler scheduler({1, 100});
  const auto lane = scheduler.add_lane(1, {});
  scheduler.submit(ticket(1, lane));
  Ticket late = ticket(2, lane);
  late.not_before = at(5000);
  scheduler.submit(late);
  CHECK(scheduler.drain().size() == 2);
  CHECK(scheduler.waiting() == 0);
  CHECK_FALSE(scheduler.next(at(10'000)).has_value());
}

TEST_CASE("engines that run one after the other share their windows and pauses") {
  fconn::run::Pace pace;
  const std::vector<RateWindow> rates{{2, 1000}};
  const int client = 0, other = 0;
  Scheduler first({16, 4096}), second({16, 4096});
  const auto a = first.add_paced_lane(10, pace.of("shop", &client, rates));
  const auto b = second.add_paced_lane(10, pace.of("shop", &client, rates));
  const auto c = second.add_paced_lane(10, pace.of("shop", &other, rates));
  for (std::uint64_t id = 1; id <= 2; ++id) first.submit(ticket(id, a));
  CHECK(start_all(first, at(0)).size() == 2);
  second.submit(ticket(1, b));
  second.submit(ticket(2, c));
  CHECK(start_all(second, at(10)) == std::vector<std::uint64_t>{2});
  CHECK(second.wake_at(at(10)) == at(1000));
  first.pause(a, at(3000));
  CHECK(second.wake_at(at(10)) == at(3000));
}
