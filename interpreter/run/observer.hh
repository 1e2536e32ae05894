// What a debugger is told of a run, as it happens: requests before they leave, answers, each clause
// with its value, each row with what became of it. A port like the others: null in an ordinary run,
// which then pays a comparison. Calls come on the engine's thread, and may wait as long as a person
// thinks: with Options::max_parallel 1 nothing else happens meanwhile.
//
// Secrets: requests hold them (credentials are marked), answers of tokens' requests are secrets
// whole, values may be tainted. Texts that are said are redacted. All views are good during the
// call only.
#pragma once

#include <optional>
#include <string_view>

#include "interpreter/eval/eval.hh"
#include "interpreter/http/transport.hh"
#include "interpreter/ir/ir.hh"

namespace fconn::run {

/// Whose request or answer it is.
struct Seen {
  std::string_view instance;
  std::string_view collection;  // empty: a token's request
  std::string_view step;        // the `let` of a chain; empty: the request that gives the rows
  std::string_view request;     // "r17"; empty before a task's first request
  std::uint64_t task = 0;       // the same for all requests of one chain and its pages
  const ir::Connector* connector = nullptr;
  const ir::Collection* declared_in = nullptr;  // null: a token's request
  const ir::Chain* chain = nullptr;             // null: a token's request
  const ir::Request* declared = nullptr;
};

/// An answer as it came; `json` is what its clauses see (a body of another format as JSON).
struct Arrived {
  int status = 0;
  const http::Headers& headers;
  std::string_view body;
  std::string_view json;   // empty: it can't be read, or was streamed
  bool streamed = false;   // too large to be kept
  bool shared = false;     // of an identical request that was sent before
  bool redirects = false;  // it asks for another place, and isn't judged
  std::uint64_t received = 0;
  http::Timings timing;
};

struct Clause {
  enum class Kind : std::uint8_t { retry, skip, fail, until, rows, stop, let, next };
  Kind kind{};
  grammar::Span where;
  const ir::Expr* expr = nullptr;  // null: it is about the status alone
  std::optional<bool> holds;       // of a condition
  std::string_view said;           // its reason or message, where it holds
  std::uint64_t rows = 0;          // Kind::rows: how many there are, before keep, map and take
};

/// As the language spells it.
std::string_view word_of(Clause::Kind kind);

/// One row of an answer. It counts only when the answer ends well (Event::accepted).
struct SeenRow {
  std::string_view text;                    // as received, JSON
  std::string_view result;                  // as it goes on, after `map`; empty when dropped
  std::optional<std::size_t> dropped_by;    // index into Request::row_ops
  const value::Failure* failure = nullptr;  // of that clause
};

/// What expressions see where they stand.
struct Sight {
  eval::Evaluator& evaluator;
  const eval::Environment& env;
};

enum class Event : std::uint8_t {
  failed,    // the task ends; the text says why
  skipped,   // a `skip`; the text is its reason
  retried,   // the text says why and how long it waits
  renewed,   // a 401: it goes out again with new credentials
  waits,     // an `until` doesn't hold yet
  bound,     // a `let` has its value; the text is its JSON
  accepted,  // its rows count
  more,      // there is a next page
  last,      // there is none
  capped,    // nor is there one, though there may be more; the text is the reason
};

class Observer {
 public:
  virtual ~Observer() = default;
  /// Before it leaves; what is changed in it is sent so, past any signature that it bears. False:
  /// it isn't sent, and the run ends as by Engine::interrupt. `sight` is what its expressions saw,
  /// here and in arrived(); null for a token's.
  virtual bool sending(const Seen& seen, http::Request& request, const Sight* sight) = 0;
  virtual void arrived(const Seen& seen, const Arrived& answer, const Sight* sight) = 0;
  virtual void clause(const Seen& seen, const Clause& clause, const Sight& sight) = 0;
  virtual void row(const Seen& seen, const SeenRow& row, const Sight& sight) = 0;
  /// A row that was kept, and that an earlier answer (or this one) has given already.
  virtual void repeated(const Seen& seen, std::string_view row) = 0;
  virtual void event(const Seen& seen, Event event, std::string_view text) = 0;
  /// All of one answer was said; its request's name.
  virtual void judged(std::string_view request) = 0;
};

}  // namespace fconn::run
