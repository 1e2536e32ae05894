#include "interpreter/erase/resume.hh"

#include <algorithm>
#include <vector>

namespace fconn::erase {

namespace {

enum class State : std::uint8_t { never, in_doubt, confirmed };

constexpr std::string_view results[] = {"confirmed", "refused", "unsent",
                                        "unknown",   "skipped", "pending"};

}  // namespace

std::string_view name(Sent sent) { return results[static_cast<std::size_t>(sent)]; }

std::optional<Sent> sent_named(std::string_view name) {
  const auto* const found = std::find(std::begin(results), std::end(results), name);
  if (found == std::end(results)) return std::nullopt;
  return static_cast<Sent>(found - std::begin(results));
}

Step next_step(const Action& action, std::span<const ActionRecord> records, bool state_kept) {
  std::vector<State> sent(action.requests.size(), State::never);
  bool finished = false, pending = false;
  for (const ActionRecord& record : records) {
    const bool known = record.request < sent.size();
    switch (record.kind) {
      case ActionRecord::Kind::intent:
        if (known) sent[record.request] = State::in_doubt;
        break;
      case ActionRecord::Kind::outcome:
        pending = record.sent == Sent::pending;
        if (pending || !known) break;
        if (record.sent == Sent::confirmed) {
          sent[record.request] = State::confirmed;
        } else if (record.sent == Sent::refused || record.sent == Sent::unsent) {
          sent[record.request] = State::never;
        } else if (record.sent == Sent::skipped) {
          finished = true;
        }
        break;
      case ActionRecord::Kind::settled:
        finished = finished || record.state == "done" || record.state == "skipped";
        break;
      case ActionRecord::Kind::decided:
        if (record.state == "done") finished = true;
        if (record.state == "again")
          std::replace(sent.begin(), sent.end(), State::in_doubt, State::never);
        break;
    }
  }
  const auto doubt = std::find(sent.begin(), sent.end(), State::in_doubt);
  const auto at = static_cast<std::uint32_t>(doubt - sent.begin());
  if (finished) return {Next::finished, 0, false};
  if (doubt != sent.end()) {
    // A chain whose state is kept goes on with this very request; without it, repeating would send
    // what was confirmed again.
    const bool alone = sent.size() == 1 || state_kept || at == 0;
    if (action.reread && sent.size() == 1) return {Next::look, at, false};
    if (action.requests[at].repeatable && alone) return {Next::repeat, at, false};
    return {Next::person, at, false};
  }
  const auto confirmed = std::count(sent.begin(), sent.end(), State::confirmed);
  if (confirmed == 0) return {Next::send, 0, false};
  if (state_kept) return {Next::go_on, static_cast<std::uint32_t>(confirmed), pending};
  // The last record of a finished action may be missing: what it had to send is confirmed.
  if (confirmed == static_cast<std::ptrdiff_t>(sent.size())) return {Next::finished, 0, false};
  return {Next::person, static_cast<std::uint32_t>(confirmed), false};
}

Looked after_look(const Action& action, std::uint32_t request, Found found, bool unchanged,
                  bool trusted) {
  const bool repeatable = action.requests[request].repeatable;
  if (found == Found::masked) return Looked::done;
  if (found == Found::gone) {
    if (trusted) return Looked::done;
    return repeatable ? Looked::again : Looked::person;
  }
  if (!repeatable) return Looked::person;
  return unchanged ? Looked::again : Looked::drifted;
}

}  // namespace fconn::erase
