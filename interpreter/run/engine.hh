// Joins the stages: runs a plan over HTTP and streams rows into a sink. One engine, one loop thread
// (the caller's); rows are written by a thread of its own behind a bounded queue. Everything that
// could differ between two runs comes in through Ports.
//
// What a caller may rely on: every collection of every instance ends complete, skipped, capped or
// failed with a reason (RunSummary); a row reaches the sink once, and only after the response that
// held it ended well; no text that leaves the engine holds a secret. A consent that isn't
// idempotent (ir/repeat.hh) isn't sent again once it may have been carried out.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "interpreter/eval/eval.hh"
#include "interpreter/http/guard.hh"
#include "interpreter/http/redact.hh"
#include "interpreter/http/transport.hh"
#include "interpreter/ir/ir.hh"
#include "interpreter/plan/plan.hh"
#include "interpreter/run/erasure.hh"
#include "interpreter/run/login.hh"
#include "interpreter/run/observer.hh"
#include "interpreter/run/rate.hh"
#include "interpreter/store/job_store.hh"
#include "interpreter/store/token_store.hh"
#include "interpreter/value/ports.hh"
#include "interpreter/value/value.hh"

namespace fconn::run {

/// A connector with its values. Parameters hold defaults already; secrets are marked secret.
struct Instance {
  std::string key;  // "mailchimp"
  std::shared_ptr<const ir::Connector> connector;
  std::map<std::string, value::OwnedValue> params;
  std::map<std::string, std::vector<value::OwnedValue>> identities;
  std::map<std::string, std::vector<value::OwnedValue>> externals;
  /// A token to start from (--token): an object with access_token, perhaps refresh_token and
  /// expires_at.
  std::optional<value::OwnedValue> token;
};

struct Options {
  plan::Action action = plan::Action::access;
  bool check_only = false;            // send the `check` request and nothing else
  bool login_only = false;            // get new tokens for every client and nothing else
  std::set<std::string> collections;  // --collection
  /// By instance and collection, why nobody wants its rows: it is read only as far as others need
  /// it, its rows aren't output, and it ends skipped with this reason.
  std::map<std::string, std::map<std::string, std::string>> left_out;
  std::string consent_direction;               // action `consent`: opt_in or opt_out
  std::set<std::string> consent_purposes;      // only these; empty: all
  std::uint32_t max_parallel = 16;             // requests in flight, all instances together
  std::uint32_t default_parallel = 16;         // per client where the connector says nothing
  std::optional<value::Milliseconds> timeout;  // overrides every request's
  std::optional<std::uint32_t> retries;        // at most so many for any rule
  bool provenance = false;
  std::string request_id;                                   // this privacy request's id
  std::uint64_t max_pages = 1'000'000;                      // of one chain; reaching it is `capped`
  std::uint64_t max_body = std::uint64_t{8} << 30U;         // decoded, streamed
  std::uint64_t max_whole_body = std::uint64_t{64} << 20U;  // where clauses need all of it
  /// Answers kept for reads that may ask the same; beyond it an identical read is sent again.
  std::size_t max_shared_bytes = std::size_t{32} << 20U;
  std::size_t max_bound_body = std::size_t{8} << 20U;  // JSON that one `let` of a chain keeps
  /// Kept by all chains under way; beyond it no further chain starts until some have ended.
  std::size_t max_bound_bytes = std::size_t{64} << 20U;
  /// Older jobs are made again: what they bring would be of then.
  value::Milliseconds max_job_age{24 * 3600 * 1000};
  std::size_t queue_bytes = std::size_t{4} << 20U;  // rows waiting for the sink
  /// Erasures that are gone on with: by instance and collection, the bindings (JSON lists, by slot)
  /// that its rows were found with. Only these collections are read, by these requests, without the
  /// way that led there; what isn't named isn't read. None: everything is read as ever.
  std::optional<std::map<std::string, std::map<std::string, std::vector<std::string>>>> seeds;
  /// Traces requests as the connector writes them: no values in URLs, headers or bodies.
  bool private_trace = false;
  /// What `now()` says in requests of an erasure: when their plan was made.
  value::WallTime erasure_now{};
  /// An erasure's `until` is asked at most so long in one run; then it is left pending.
  value::Milliseconds erasure_wait{5 * 60 * 1000};
  std::size_t max_found_bytes = std::size_t{1} << 30U;  // rows kept for an erasure
};

/// Counters for a progress line; called from the loop thread, at most ten times a second.
struct Progress {
  std::uint64_t requests = 0, in_flight = 0, rows = 0, bytes = 0;
  std::uint32_t collections_done = 0, collections = 0;
};

struct Ports {
  http::Transport& transport;
  http::HostsGuard& guard;   // the transport's; the engine adds what the instances declare
  http::Redactor& redactor;  // gets the instances' secrets
  value::Clock& clock;
  value::Random& random;
  value::Sink& sink;
  value::TraceSink* trace = nullptr;
  std::function<void(const Progress&)> progress;
  store::TokenStore* tokens = nullptr;   // none: kept for the length of the run
  Login* login = nullptr;                // somebody who can sign in; none in a run
  store::JobStore* jobs = nullptr;       // none: a stopped run makes its jobs again
  Pace* pace = nullptr;                  // shared with engines before and after; none: its own
  eval::Decisions* decisions = nullptr;  // the coverage of tests; none in an ordinary run
  Observer* observer = nullptr;          // a debugger; none in an ordinary run
};

enum class RunState : std::uint8_t { complete, partial, failed };

/// A message for a person: rendered by tools with the connector's line where there is one.
struct Message {
  std::string instance, collection;
  value::Failure failure;
  std::string request;  // redacted "GET https://…"
};

struct CollectionSummary {
  std::string instance, collection;
  value::Outcome outcome;
};

/// Of consents: each is an action, once for each value of an identity that it goes out with.
struct ActionCounts {
  std::uint64_t sent = 0;     // and answered well
  std::uint64_t skipped = 0;  // an identity is missing, or a `skip` of the connector held
  std::uint64_t failed = 0;
};

struct RunSummary {
  RunState state = RunState::complete;
  bool interrupted = false;
  std::vector<CollectionSummary> collections;  // by instance, then declaration
  std::vector<Message> messages;               // failures and warnings, in order
  std::uint64_t requests = 0, rows = 0;
  ActionCounts actions;
  value::Milliseconds elapsed{0};
  int exit_code = 0;  // cli-contract "Exit codes", without --strict
};

class Engine {
 public:
  Engine(Options options, Ports ports);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void add(Instance instance);
  RunSummary run();

  /// After run() with action `erase`: what it found, by instance and collection.
  const std::vector<FoundRow>& found() const;
  /// The identities that an action's request goes out with for this row, each a JSON list by
  /// IdentityId: once for each value of an identity that the request uses and the row doesn't fix.
  std::vector<std::string> identity_choices(const FoundRow& row, bool removal) const;
  /// What the tasks would send; sends nothing that acts. Turns of one task stand in order.
  std::vector<DraftedTurn> draft(const std::vector<ErasureTask>& tasks, const Hide& hide);
  /// Sends them, with the rates, the tokens and the limits of this engine. After `until`, none of
  /// them begins any more, but at least one does; the others end as postponed.
  Performed perform(const std::vector<ErasureTask>& tasks, ErasureHooks& hooks,
                    std::optional<value::TimePoint> until = {});

  /// From a signal handler or another thread: finish cleanly. Async-signal-safe.
  void interrupt() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Exit code of a finished run (one function for the whole program). `strict`: a collection that is
/// capped or skipped or left out rows for their key counts as failed.
int exit_code(const RunSummary& summary, bool strict);

}  // namespace fconn::run
