#include "interpreter/run/scheduler.hh"

#include <algorithm>

namespace fconn::run {

std::uint32_t Scheduler::add_paced_lane(std::uint32_t parallel, std::shared_ptr<LanePace> pace) {
  lanes_.push_back(Lane{std::max<std::uint32_t>(parallel, 1), 0, std::move(pace), {}, {}});
  return static_cast<std::uint32_t>(lanes_.size() - 1);
}

std::uint32_t Scheduler::add_paced_site(std::shared_ptr<LanePace> pace) {
  sites_.push_back(std::move(pace));
  return static_cast<std::uint32_t>(sites_.size() - 1);
}

void Scheduler::submit(const Ticket& ticket) {
  Lane& lane = lanes_[ticket.lane];
  if (ticket.not_before == value::TimePoint{}) {
    auto& queue = lane.ready[ticket.depth];
    ticket.goes_on ? queue.push_front(ticket) : queue.push_back(ticket);
  } else {
    lane.later.emplace(ticket.not_before, ticket);
  }
  ++waiting_;
  if (!ticket.feeds) ++waiting_leaves_;
}

bool Scheduler::held(const Ticket& ticket) const {
  if (ticket.opens && hold_opening_) return true;
  return ticket.feeds && waiting_leaves_ > 0 && waiting_ > limits_.max_waiting;
}

value::TimePoint Scheduler::earliest(const Lane& lane, const Ticket& ticket,
                                     value::TimePoint now) const {
  value::TimePoint at = std::max(lane.pace->rate.earliest(now), lane.pace->paused_until);
  if (ticket.site) at = std::max(at, sites_[*ticket.site]->rate.earliest(now));
  return at;
}

std::deque<Ticket>::iterator Scheduler::pick(Lane& lane, std::deque<Ticket>& queue,
                                             value::TimePoint now) {
  // Only tickets with windows of their own can be overtaken; the scan is bounded all the same.
  // Those that open chains stand behind those that go on with one.
  constexpr std::ptrdiff_t max_scan = 64;
  auto end =
      queue.begin() + std::min<std::ptrdiff_t>(max_scan, std::distance(queue.begin(), queue.end()));
  const auto found = std::find_if(queue.begin(), end, [&](const Ticket& ticket) {
    return !held(ticket) && earliest(lane, ticket, now) <= now;
  });
  return found == end ? queue.end() : found;
}

std::optional<Ticket> Scheduler::next(value::TimePoint now) {
  if (running_ >= limits_.max_parallel || lanes_.empty()) return std::nullopt;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[(turn_ + i) % lanes_.size()];
    while (!lane.later.empty() && lane.later.begin()->first <= now) {
      // What waited for its time goes before what came later.
      const Ticket& due = lane.later.begin()->second;
      lane.ready[due.depth].push_front(due);
      lane.later.erase(lane.later.begin());
    }
    if (lane.running >= lane.parallel) continue;
    for (auto& [depth, queue] : lane.ready) {
      const auto found = pick(lane, queue, now);
      if (found == queue.end()) continue;
      const Ticket ticket = *found;
      queue.erase(found);
      lane.pace->rate.started(now);
      if (ticket.site) sites_[*ticket.site]->rate.started(now);
      ++lane.running;
      ++running_;
      --waiting_;
      if (!ticket.feeds) --waiting_leaves_;
      turn_ = static_cast<std::uint32_t>((turn_ + i + 1) % lanes_.size());
      return ticket;
    }
  }
  return std::nullopt;
}

void Scheduler::finished(std::uint32_t lane) {
  --lanes_[lane].running;
  --running_;
}

void Scheduler::unused(const Ticket& ticket) {
  lanes_[ticket.lane].pace->rate.take_back();
  if (ticket.site) sites_[*ticket.site]->rate.take_back();
  finished(ticket.lane);
}

void Scheduler::pause(std::uint32_t lane, value::TimePoint until) {
  value::TimePoint& paused = lanes_[lane].pace->paused_until;
  paused = std::max(paused, until);
}

std::optional<value::TimePoint> Scheduler::wake_at(value::TimePoint now) const {
  std::optional<value::TimePoint> wake;
  const auto consider = [&wake](value::TimePoint at) {
    if (!wake || at < *wake) wake = at;
  };
  if (running_ >= limits_.max_parallel) return wake;
  for (const Lane& lane : lanes_) {
    if (lane.running >= lane.parallel) continue;
    if (!lane.later.empty()) consider(lane.later.begin()->first);
    for (const auto& [depth, queue] : lane.ready) {
      for (const Ticket& ticket : queue) {
        if (!held(ticket)) {
          consider(earliest(lane, ticket, now));
          break;  // the others of the queue come after it
        }
      }
    }
  }
  return wake;
}

std::vector<Ticket> Scheduler::drain() {
  std::vector<Ticket> all;
  for (Lane& lane : lanes_) {
    for (auto& [depth, queue] : lane.ready) all.insert(all.end(), queue.begin(), queue.end());
    for (const auto& [at, ticket] : lane.later) all.push_back(ticket);
    lane.ready.clear();
    lane.later.clear();
  }
  waiting_ = 0;
  waiting_leaves_ = 0;
  return all;
}

}  // namespace fconn::run
