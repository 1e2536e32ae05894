// Which request may start now. A pure state machine: no I/O, no clock of its own; every call brings
// `now`. A ticket is one request to be sent; a lane is one client of one instance (its parallelism
// and rate windows). Retries, Retry-After and rate limits are one mechanism: a not-before time.
//
// Order: deeper collections first (a child drains what its parent made), then first come, first
// served. While more than `Limits::max_waiting` tickets wait, parents (`feeds`) are held back, so
// what waits stays bounded as long as children can make progress.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "interpreter/run/rate.hh"

namespace fconn::run {

using TicketId = std::uint64_t;

struct Ticket {
  TicketId id = 0;
  std::uint32_t lane = 0;
  std::optional<std::uint32_t> site;  // a request with rate windows of its own
  std::uint32_t depth = 0;            // longest way from a root of the graph
  bool feeds = false;                 // its collection has children
  bool opens = false;                 // the first request of a chain of several
  bool goes_on = false;               // a later one: goes before those that wait at its depth
  value::TimePoint not_before{};
};

class Scheduler {
 public:
  struct Limits {
    std::uint32_t max_parallel = 16;
    std::size_t max_waiting = 4096;
  };
  explicit Scheduler(Limits limits) : limits_(limits) {}

  std::uint32_t add_paced_lane(std::uint32_t parallel, std::shared_ptr<LanePace> pace);
  std::uint32_t add_lane(std::uint32_t parallel, const std::vector<ir::RateWindow>& rates) {
    return add_paced_lane(parallel, std::make_shared<LanePace>(rates));
  }
  std::uint32_t add_paced_site(std::shared_ptr<LanePace> pace);
  std::uint32_t add_site(const std::vector<ir::RateWindow>& rates) {
    return add_paced_site(std::make_shared<LanePace>(rates));
  }

  void submit(const Ticket& ticket);
  /// The next ticket that may start at `now`; counts it as running.
  std::optional<Ticket> next(value::TimePoint now);
  /// A started ticket is done (its answer ended, well or not).
  void finished(std::uint32_t lane);
  /// The ticket that next() gave last is done, and nothing was sent for it: the rates are as
  /// before.
  void unused(const Ticket& ticket);
  /// Nothing of this lane starts before `until` (Retry-After).
  void pause(std::uint32_t lane, value::TimePoint until);
  /// While on, no ticket that opens a chain starts; those under way go on.
  void hold_opening(bool on) { hold_opening_ = on; }
  /// When next() may give something without any finished() before; null: only after one.
  std::optional<value::TimePoint> wake_at(value::TimePoint now) const;
  /// Forgets every waiting ticket and returns them (^C).
  std::vector<Ticket> drain();

  std::size_t waiting() const { return waiting_; }
  std::uint32_t running() const { return running_; }

 private:
  struct Lane {
    std::uint32_t parallel;
    std::uint32_t running = 0;
    std::shared_ptr<LanePace> pace;
    std::map<std::uint32_t, std::deque<Ticket>, std::greater<>> ready;  // by depth, deepest first
    std::multimap<value::TimePoint, Ticket> later;
  };
  bool held(const Ticket& ticket) const;
  value::TimePoint earliest(const Lane& lane, const Ticket& ticket, value::TimePoint now) const;
  std::deque<Ticket>::iterator pick(Lane& lane, std::deque<Ticket>& queue, value::TimePoint now);

  Limits limits_;
  std::vector<Lane> lanes_;
  std::vector<std::shared_ptr<LanePace>> sites_;
  std::size_t waiting_ = 0;
  std::size_t waiting_leaves_ = 0;  // of them: collections without children
  std::uint32_t running_ = 0;
  bool hold_opening_ = false;
  std::uint32_t turn_ = 0;  // lanes take turns
};

}  // namespace fconn::run
