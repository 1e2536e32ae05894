#include "tools/contract/compare_erasure.hh"

#include <algorithm>

#include "tools/contract/matching.hh"

namespace fconn::contract {

using value::Value;

namespace {

constexpr std::size_t listed = 8;

bool sends(const RequestPattern& pattern, const erasure::ActionSource& source) {
  return std::any_of(source.requests.begin(), source.requests.end(),
                     [&](const run::DraftedRequest& request) {
                       if (request.known) return matches(pattern, planned_request(request.exact));
                       // Nothing of it is known but what the connector says.
                       return request.method == pattern.method && !pattern.query && !pattern.body;
                     });
}

std::string described(const erase::Action& action, const erasure::ActionSource& source,
                      const ActionEnd* end) {
  std::string text = std::string(erase::name(action.kind)) + " " + action.collection;
  for (const run::DraftedRequest& request : source.requests) {
    text += request.known ? " " + describe(planned_request(request.exact).request)
                          : " " + request.method + " " + request.url + " (known when it is sent)";
  }
  if (end != nullptr) text += "  " + (end->outcome.empty() ? "not reached" : end->outcome);
  if (end != nullptr && !end->reason.empty()) text += ": " + end->reason;
  return text;
}

}  // namespace

void compare_action(const ExpectAction& expect, const Erased& erased, const Differ& differ) {
  const auto& actions = erased.made.plan.actions;
  std::int64_t count = 0;
  std::string others;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (actions[i].collection != expect.collection) continue;
    const ActionEnd* end = expect.applied ? &erased.ends[i] : nullptr;
    const bool outcome = end == nullptr || !expect.outcome || end->outcome == *expect.outcome;
    const bool reason =
        end == nullptr || !expect.reason || end->reason.find(*expect.reason) != std::string::npos;
    // Something that never left was planned and not applied.
    const bool applied = end == nullptr || expect.outcome || !end->outcome.empty();
    if (actions[i].kind == expect.kind && outcome && reason && applied &&
        (!expect.request || sends(*expect.request, erased.made.sources[i]))) {
      ++count;
    }
    if (++shown <= listed) others += "\n  " + described(actions[i], erased.made.sources[i], end);
  }
  if (expect.count ? count == *expect.count : count > 0) return;
  const std::string what = std::string(erase::name(expect.kind)) + " of " + expect.collection;
  std::string text = std::to_string(count) + " such " + what + ", expected " +
                     (expect.count ? std::to_string(*expect.count) : "at least one") +
                     (expect.applied ? "; done was" : "; planned is") +
                     (others.empty() ? " nothing for this collection" : others);
  for (const erase::LeftAlone& left : erased.made.plan.left_alone) {
    if (left.collection != expect.collection || ++shown > listed) continue;
    text += "\n  left alone" + (left.key.empty() ? "" : " " + left.key) + ": " + left.reason;
  }
  differ(expect.where, text);
}

void compare_left(const ExpectLeft& expect, const Erased& erased, const Differ& differ) {
  const auto& all = erased.made.plan.left_alone;
  value::Arena arena;
  std::string others;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].collection != expect.collection) continue;
    const std::string& row = erased.made.left_rows[i];
    bool same = !expect.reason || all[i].reason.find(*expect.reason) != std::string::npos;
    if (expect.row) {
      auto parsed = value::parse_json(row, arena);
      same = same && !row.empty() && parsed && holds(expect.row->get(), *parsed, arena);
    }
    if (same) return;
    others += "\n  " + (row.empty() ? "all of it" : shortened(row)) + ": " + all[i].reason;
  }
  differ(expect.where, "the plan leaves no such row of " + expect.collection + " alone" +
                           (others.empty() ? ", nor any other" : "; left alone are" + others));
}

std::string erasure_failures(const Erased& erased) {
  std::string text;
  for (const erase::LeftAlone& left : erased.made.plan.left_alone) {
    if (left.reason.find("can't be masked") == std::string::npos &&
        left.reason.find("can't be made") == std::string::npos) {
      continue;
    }
    text += "\n  " + left.collection + " is left alone: " + left.reason;
  }
  for (std::size_t i = 0; i < erased.ends.size(); ++i) {
    const ActionEnd& end = erased.ends[i];
    if (end.outcome == "done" || end.outcome == "skipped") continue;
    text += "\n  " + described(erased.made.plan.actions[i], erased.made.sources[i], &end);
  }
  return text;
}

}  // namespace fconn::contract
