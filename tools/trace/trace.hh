// A trace that a run wrote with --trace (docs/trace.md), put together: which requests went out for
// which collection, when, how they were answered, what was waited for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/value/result.hh"

namespace fconn::trace {

/// A line of a connector's text; no file: it isn't known.
struct Place {
  std::string file;
  std::uint32_t line = 0;
};

/// A pause after an answer, and why.
struct Wait {
  std::string kind;  // retry, poll
  std::int64_t from_ms = 0, length_ms = 0;
  std::string why;
};

/// What an expression looked at: its text, and its value as the trace may hold it.
using Saw = std::vector<std::pair<std::string, std::string>>;

/// A clause that was come to, with what it gave.
struct Clause {
  std::string text;
  Place at;
  std::optional<bool> holds;
  std::optional<std::uint64_t> rows;
  std::string said, value;
  Saw saw;
};

/// One row of an answer.
struct Row {
  std::uint64_t number = 0;  // from 1
  std::string is;            // kept, dropped, failed
  std::string by, why;       // the clause that dropped it, or failed
  Saw saw;
};

/// How many rows a clause dropped.
struct Dropped {
  std::string by;
  Place at;
  std::uint64_t rows = 0;
};

/// What a collection made of an answer. One answer may serve several.
struct Judged {
  std::string lane;  // "instance:collection"
  std::vector<Clause> clauses;
  std::string then, why;                           // "next page", "skipped", "failed" …
  std::uint64_t came = 0, kept = 0, repeated = 0;  // rows
  std::vector<Dropped> dropped;
  std::vector<Row> listed;  // the first of those that were dropped or failed
  bool ended = false;       // its record is there
};

struct Request {
  std::string id;           // "r17"
  std::string step;         // of a chain: the `let`
  std::string method, url;  // an erasure's: as the connector writes it
  Place at;
  std::string retries;  // the id of the request that this one repeats
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::int64_t begin_ms = 0;
  std::optional<std::int64_t> end_ms;         // none: it was never answered
  std::optional<std::int64_t> first_byte_ms;  // after begin_ms
  int status = 0;                             // 0: no answer
  std::uint64_t bytes = 0;
  std::vector<Wait> waits;
  std::vector<Clause> before;  // steps of the chain that led to it
  std::vector<Judged> judged;
};

/// A collection, a consent, or the tokens of a run.
struct Lane {
  std::string instance, collection;  // collection empty: tokens
  std::vector<std::string> needs;    // collections whose rows it is made from
  Place at;
  std::vector<std::size_t> requests;  // indices, in order
  std::string state, reason;          // empty: it never ended
  std::uint64_t rows = 0;
  std::vector<std::string> failures;
  std::vector<Clause> before;  // come to where no request followed
  std::string name() const { return collection.empty() ? "tokens" : instance + ":" + collection; }
};

/// A text that the run was made from.
struct Source {
  std::string name, text;
};

struct Trace {
  std::string started;  // RFC 3339; empty: the trace is cut, or older
  std::vector<Lane> lanes;
  std::vector<Request> requests;
  std::vector<Source> sources;
  std::int64_t length_ms = 0;
  bool complete = false;  // it has its end
};

/// A `configuration` failure names the line that can't be read. Events that aren't known are left
/// out; a last line that was cut off is no failure, as a run may still write.
value::Result<Trace> read(std::string_view text);

/// Which requests are shown.
struct Filter {
  std::vector<std::string> collections;  // "collection" or "instance:collection"; empty: all
  std::vector<std::string> statuses;     // "404", "4xx", "failed"; empty: all
  std::vector<std::string> requests;     // ids; empty: all
  std::int64_t slower_than_ms = 0;
  bool takes(const Lane& lane) const;
  bool takes(const Request& request) const;
  bool everything() const {
    return collections.empty() && statuses.empty() && requests.empty() && slower_than_ms == 0;
  }
};
/// Whether a text can stand in Filter::statuses.
bool is_status_filter(std::string_view text);

/// A waterfall in text, `width` columns wide; `clauses`: with what each request's clauses and rows
/// came to.
std::string text(const Trace& trace, const Filter& filter, std::size_t width, bool clauses);
/// One self-contained page.
std::string html(const Trace& trace, const Filter& filter);

/// The rows that came of a lane's requests, by what became of them; nothing came: all 0.
Judged rows_of(const Trace& trace, const Lane& lane);
/// ".n = 0, .name = a text of 3 characters"
std::string saw_text(const Saw& saw);
/// How many of the rows that were dropped the trace has no reasons of; empty: it has all of them.
std::string unlisted(const Judged& judged);
/// What a clause gave: "yes", "20 rows", "{ page: 2 }".
std::string result_text(const Clause& clause);

/// "1.24 s", "120 ms", "2 min 5 s".
std::string duration(std::int64_t ms);

}  // namespace fconn::trace
