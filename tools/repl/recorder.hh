// What happened in a run, as plain values: every request with its answer, its clauses and its rows.
// Holds secrets (requests as they were sent); what prints it masks them (show.hh). Bounded: bodies
// and rows beyond the bounds are counted, not kept, and that is said.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "interpreter/http/transport.hh"
#include "interpreter/run/looks.hh"
#include "interpreter/run/observer.hh"

namespace fconn::repl {

struct ClauseSeen {
  run::Clause::Kind kind{};
  std::string text;  // as the connector writes it
  grammar::Span where;
  std::optional<bool> holds;
  std::string said;
  std::uint64_t rows = 0;
  std::vector<run::Look> looks;
  std::optional<value::OwnedValue> value;  // of a let, a next
};

struct RowSeen {
  std::string text, result;               // result: empty when dropped
  std::optional<std::size_t> dropped_by;  // index into Request::row_ops
  std::string failure;                    // of that clause
  bool repeated = false;                  // an earlier row is the same
  std::vector<run::Look> looks;           // of the clauses it came to
};

struct EventSeen {
  run::Event event{};
  std::string text;
};

struct Exchanged {
  std::string name;  // "r17"
  std::string instance, collection, step;
  std::shared_ptr<const ir::Connector> connector;
  const ir::Collection* declared_in = nullptr;
  const ir::Request* declared = nullptr;
  http::Request request;
  bool edited = false;  // not as the connector says
  bool alone = false;   // sent outside of a run, so nothing comes of it

  bool arrived = false, streamed = false, shared = false, redirects = false, forgotten = false;
  int status = 0;
  http::Headers headers;
  std::string body, json;
  std::uint64_t received = 0;
  http::Timings timing;
  std::vector<ClauseSeen> before;  // steps of the chain that led to it
  std::vector<ClauseSeen> clauses;
  std::vector<RowSeen> rows;
  std::uint64_t kept = 0, dropped = 0,
                repeated = 0;             // of all rows, also those that aren't in `rows`
  std::vector<std::uint64_t> dropped_at;  // by index into Request::row_ops; perhaps shorter
  std::vector<EventSeen> events;
  bool judged = false;
  /// What its expressions see by name: identities, what `for` and `let` bind.
  std::vector<std::pair<std::string, value::OwnedValue>> names;

  std::size_t weight = 0;  // bytes that count against the bounds

  bool had(run::Event event) const;
  bool of_token() const { return declared_in == nullptr; }
};

class Recorder final : public run::Observer {
 public:
  struct Limits {
    std::size_t exchanges = 5000;
    /// Of bodies, and of what clauses saw in them; the oldest are forgotten.
    std::size_t body_bytes = std::size_t{64} << 20U;
    std::size_t strays = 1000;
    std::size_t rows = 20000;
    std::size_t row_bytes = std::size_t{32} << 20U;
  };
  /// `sending`: before a request leaves; false ends the run. `judged`: all of an answer is known.
  /// `stray`: something came of a collection outside of any answer. `leaving`: it isn't kept any
  /// longer, and nothing may point to it from now on.
  struct Hooks {
    std::function<bool(Exchanged&)> sending;
    std::function<void(Exchanged&)> judged;
    std::function<void(const Exchanged&)> leaving;
    std::function<void(const std::string& collection, const std::vector<ClauseSeen>& steps,
                       const EventSeen&)>
        stray;
  };

  explicit Recorder(std::map<std::string, std::shared_ptr<const ir::Connector>> connectors,
                    Hooks hooks)
      : Recorder(std::move(connectors), std::move(hooks), Limits()) {}
  Recorder(std::map<std::string, std::shared_ptr<const ir::Connector>> connectors, Hooks hooks,
           Limits limits)
      : connectors_(std::move(connectors)), hooks_(std::move(hooks)), limits_(limits) {}

  const std::deque<std::unique_ptr<Exchanged>>& all() const { return all_; }
  /// Null when there is none of that name.
  Exchanged* find(std::string_view name);
  /// What belongs to no answer: a request that couldn't be made. By collection.
  const std::vector<std::pair<std::string, EventSeen>>& strays() const { return strays_; }
  std::uint64_t unkept_strays() const { return unkept_strays_; }
  std::uint64_t unkept_rows() const { return unkept_rows_; }
  /// Some of the first requests are gone.
  bool cut() const { return cut_; }

  bool sending(const run::Seen& seen, http::Request& request, const run::Sight* sight) override;
  void arrived(const run::Seen& seen, const run::Arrived& answer, const run::Sight* sight) override;
  void clause(const run::Seen& seen, const run::Clause& clause, const run::Sight& sight) override;
  void row(const run::Seen& seen, const run::SeenRow& row, const run::Sight& sight) override;
  void repeated(const run::Seen& seen, std::string_view row) override;
  void event(const run::Seen& seen, run::Event event, std::string_view text) override;
  void judged(std::string_view request) override;

 private:
  Exchanged* current(const run::Seen& seen);
  Exchanged& push(std::unique_ptr<Exchanged> made);
  void weigh(Exchanged& seen, std::size_t bytes);

  std::map<std::string, std::shared_ptr<const ir::Connector>> connectors_;
  Hooks hooks_;
  Limits limits_;
  std::deque<std::unique_ptr<Exchanged>> all_;
  std::vector<std::pair<std::string, EventSeen>> strays_;
  std::size_t body_bytes_ = 0, kept_rows_ = 0, row_bytes_ = 0;
  std::uint64_t unkept_rows_ = 0, unkept_strays_ = 0;
  std::map<std::uint64_t, std::vector<ClauseSeen>> steps_;  // by task, since its last request
  bool cut_ = false;
};

}  // namespace fconn::repl
