// Erasures through the engine: what a run of action `erase` found, what an action would send, and
// the sending. The engine draws no conclusion from a row: who calls it decides what is done to
// which row (interpreter/erase, privacy) and what stands in the journal.
//
// Requests of one erasure (an `update` or `delete` chain, for one row and one turn of its `for`)
// are of two kinds. A GET or HEAD of a chain only asks; it is sent while a plan is made, too. All
// others, and the last request of a chain that has no other, act: they leave only in perform(), and
// only after ErasureHooks::about_to_send() said so.
//
// Everything that a request is made of is fixed by the plan: also now(), uuid() and the like
// (ErasureTask::seed, Options::erasure_now), so that the same request is made again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "interpreter/erase/resume.hh"
#include "interpreter/value/ports.hh"
#include "interpreter/value/value.hh"

namespace fconn::run {

/// A row that an erasure may act on, or a binding of a collection without rows. A row whose key was
/// found with several contents is there once for each (erasure::rows_of makes one of them).
struct FoundRow {
  std::uint32_t instance = 0, collection = 0;  // in the order of Engine::add; CollectionId
  std::string row;                             // JSON; empty: the collection has no rows
  std::string bound;                           // JSON list, by Collection::slots
  std::string used;        // JSON list: of `bound`, what an action uses; empty: nothing
  std::string identities;  // JSON list by IdentityId: those of its request
};

/// What a task's expressions see, as JSON texts.
struct ErasureValues {
  std::string row, masked, masked_row;  // empty: null
  std::string bound, identities;        // lists
};

struct ErasureTask {
  std::uint32_t instance = 0, collection = 0;
  bool removal = false;  // `delete` instead of `update`
  ErasureValues values;
  ErasureValues shown;                   // of a draft: what a person may see of them
  std::optional<std::uint32_t> turn;     // of the chain's `for`; none: all (drafts only)
  std::uint64_t seed = 0;                // of random values in its requests
  std::string state;                     // what ErasureHooks::answered was given; empty: begins
  bool doubtful = false;                 // its next request that acts may have been done already
  std::uint32_t group = 0;               // tasks of a group begin together
  std::vector<std::uint32_t> waits_for;  // groups whose tasks must have ended before
};

/// A request that acts, as it would be sent.
struct DraftedRequest {
  std::string method;
  bool known = true;        // false: depends on answers that only sending it all would bring
  bool repeatable = false;  // by its method, or as the connector says
  std::string exact;        // all that is sent but credentials; secrets stand as their names
  std::string url, body;    // of `exact`; the body as JSON text (see erase::PlannedRequest)
  std::string shown_url, shown_body;  // made from ErasureTask::shown
};
struct DraftedTurn {
  std::uint32_t task = 0, turn = 0;
  std::vector<DraftedRequest> requests;
  std::optional<std::string> skipped;     // a `skip` of the connector holds: its reason
  std::optional<value::Failure> failure;  // it can't be made
};

struct Answered {
  std::uint32_t request = 0;  // which of those that act
  erase::Sent sent{};
  int status = 0;      // 0: no answer, or not of interest
  bool again = false;  // the engine sends it again (a retry, new credentials)
  bool gone = false;   // confirmed: a DELETE that may have been done before found nothing left
  std::string reason;  // of a skip or a failure; redacted
  std::string state;   // to go on from; sealed by who keeps it, as it may hold anything
};

struct ErasureEnd {
  enum class How : std::uint8_t { done, skipped, pending, failed, postponed };
  How how{};
  std::string reason;                     // of a skip
  std::optional<value::Failure> failure;  // failed; the last Answered says what is known
};

/// Calls come from the loop thread; they may block for a disk.
class ErasureHooks {
 public:
  virtual ~ErasureHooks() = default;
  /// Once its group may begin. A failure is how it ended.
  virtual value::Result<void> may_begin(std::uint32_t task) = 0;
  /// The next thing that happens is that the request leaves. `exact` as DraftedRequest's. A failure
  /// of kind `output` (the journal can't be written) ends the whole run: nothing else is sent.
  virtual value::Result<void> about_to_send(std::uint32_t task, std::uint32_t request,
                                            const std::string& exact) = 0;
  /// After each about_to_send() that succeeded, once. A failure as of about_to_send().
  virtual value::Result<void> answered(std::uint32_t task, const Answered& answered) = 0;
  virtual void ended(std::uint32_t task, const ErasureEnd& end) = 0;
};

struct Performed {
  std::uint64_t requests = 0;
  bool interrupted = false;              // ^C
  std::optional<value::Failure> halted;  // the journal couldn't be written
  value::Milliseconds elapsed{0};
};

/// A value as a person may see it (erase::shadow); must not fail.
using Hide = std::function<value::Value(const value::Value&, value::Arena&)>;

}  // namespace fconn::run
