#include "tools/contract/compare_erasure.hh"

#include <algorithm>

#include "tools/contract/matching.hh"

namespace fconn::contract {

using value::Value;

namespace {

constexpr std::size_t listed = 8;

/// `end`: of what was applied, which then says what was sent.
bool sends(const RequestPattern& pattern, const erasure::ActionSource& source,
           const ActionEnd* end) {
  if (end != nullptr && !end->sent.empty()) {
    return std::any_of(end->sent.begin(), end->sent.end(), [&](const std::string& exact) {
      return matches(pattern, planned_request(exact));
    });
  }
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
  const bool applied = end != nullptr && !end->sent.empty();
  if (applied) {
    for (const std::string& exact : end->sent) {
      text += " " + describe(planned_request(exact).request);
    }
  }
  for (const run::DraftedRequest& request : source.requests) {
    if (applied) break;
    text += request.known ? " " + describe(planned_request(request.exact).request)
                          : " " + request.method + " " + request.url + " (known when it is sent)";
  }
  if (end != nullptr) text += "  " + (end->outcome.empty() ? "not reached" : end->outcome);
  if (end != nullptr && !end->reason.empty()) text += ": " + end->reason;
  if (end != nullptr && !end->proof.empty()) text += "; read again: " + end->proof;
  return text;
}

/// Rows that ought to be erased and can't be.
bool failed_row(const erase::LeftAlone& left) {
  return left.reason.find("can't be masked") != std::string::npos ||
         left.reason.find("can't be made") != std::string::npos;
}

bool ended_well(const ActionEnd& end) { return end.outcome == "done" || end.outcome == "skipped"; }

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
    const bool reason = end == nullptr || !expect.reason ||
                        end->reason.find(*expect.reason) != std::string::npos ||
                        end->proof.find(*expect.reason) != std::string::npos;
    // Something that never left was planned and not applied.
    const bool applied = end == nullptr || expect.outcome || !end->outcome.empty();
    if (actions[i].kind == expect.kind && outcome && reason && applied &&
        (!expect.request || sends(*expect.request, erased.made.sources[i], end))) {
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

std::string erasure_failures(const Erased& erased, const Test* test) {
  std::string text;
  for (const erase::LeftAlone& left : erased.made.plan.left_alone) {
    if (!failed_row(left)) continue;
    const bool expected =
        test != nullptr &&
        std::any_of(test->left.begin(), test->left.end(), [&left](const ExpectLeft& expect) {
          return expect.collection == left.collection;
        });
    if (!expected) text += "\n  " + left.collection + " is left alone: " + left.reason;
  }
  bool any_expected = false;
  std::string not_reached;
  for (std::size_t i = 0; i < erased.ends.size(); ++i) {
    const ActionEnd& end = erased.ends[i];
    const erase::Action& action = erased.made.plan.actions[i];
    if (ended_well(end)) continue;
    const bool expected =
        test != nullptr && !end.outcome.empty() &&
        std::any_of(test->actions.begin(), test->actions.end(), [&](const ExpectAction& expect) {
          return expect.applied && expect.collection == action.collection &&
                 expect.kind == action.kind && expect.outcome == end.outcome;
        });
    any_expected = any_expected || expected;
    if (expected) continue;
    (end.outcome.empty() ? not_reached : text) +=
        "\n  " + described(action, erased.made.sources[i], &end);
  }
  // What waits for something that failed as expected isn't reached, and nobody has to say so.
  return any_expected ? text : text + not_reached;
}

}  // namespace fconn::contract
