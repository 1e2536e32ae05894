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
  std::int64_t slower_than_ms = 0;
  bool takes(const Lane& lane) const;
  bool takes(const Request& request) const;
  bool everything() const { return collections.empty() && statuses.empty() && slower_than_ms == 0; }
};
/// Whether a text can stand in Filter::statuses.
bool is_status_filter(std::string_view text);

/// A waterfall in text, `width` columns wide.
std::string text(const Trace& trace, const Filter& filter, std::size_t width);
/// One self-contained page.
std::string html(const Trace& trace, const Filter& filter);

/// "1.24 s", "120 ms", "2 min 5 s".
std::string duration(std::int64_t ms);

}  // namespace fconn::trace
