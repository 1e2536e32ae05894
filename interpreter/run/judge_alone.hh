// An answer that belongs to no run, as for a request that a person changed and sent: judged in the
// order in which the engine judges (judge.cc), up to what would come next. Nothing is sent, and no
// row goes anywhere; all is told to an observer.
#pragma once

#include <string_view>
#include <vector>

#include "interpreter/http/guard.hh"
#include "interpreter/http/redact.hh"
#include "interpreter/run/observer.hh"
#include "interpreter/value/ports.hh"

namespace fconn::run {

/// All that it refers to must outlive the judging.
struct LoneAnswer {
  Seen seen;  // of a collection's request, with its connector, chain and declaration
  const http::Request* sent = nullptr;
  Arrived arrived;  // without `json`, which is made here

  // What the request's expressions see, by their indexes.
  std::vector<value::Value> params, identities, bound, lets;
  value::Value loop_value;
  /// Values of identities that only a `keep` mentions, each alternative whole; empty: `identities`.
  std::vector<std::vector<value::Value>> keep_identities;
  std::string_view request_id;
};

/// Tells Observer::arrived, clauses, rows, events and judged. A retry, new credentials and a
/// repeated question are told as the clauses that ask for them; what a run would do then isn't
/// done. `guard` has the instance's hosts.
void judge_alone(const LoneAnswer& answer, Observer& observer, const http::HostsGuard& guard,
                 const http::Redactor& redactor, value::Clock& clock, value::Random& random);

}  // namespace fconn::run
