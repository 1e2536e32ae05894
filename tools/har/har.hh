// HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/) as data: what was asked and
// what was answered. Reads what browsers, proxies and other tools write; writes what they read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/http/headers.hh"
#include "interpreter/value/value.hh"

namespace fconn::har {

/// Largest archive that is read, in bytes; one that is larger is refused.
constexpr std::size_t max_archive = std::size_t{512} << 20U;

struct Message {
  http::Headers headers;
  std::string body;  // decoded: neither base64 nor compressed
  std::string type;  // of the body, as a Content-Type says it; empty when there is none
};

struct Exchange {
  std::string started;            // RFC 3339, as written; may be empty
  std::int64_t milliseconds = 0;  // from the first byte sent to the last one received
  std::string method;
  std::string url;  // absolute, without a fragment
  Message request;
  int status = 0;
  Message response;
  /// The archive says how large the answer was but doesn't have it (a browser that dropped it, a
  /// packed file that couldn't be scrubbed): nobody may take it for an empty one.
  bool body_missing = false;
};

/// Names and values as JSON texts.
using JsonByName = std::map<std::string, std::string>;

struct RecordedTarget {
  std::string key;  // "mailchimp"
  std::string connector, version;
  std::string digest;                // of the connector's IR, to know that it has changed
  JsonByName secrets;                // their forms (secret_form.hh), never their values
  bool token = false;                // it began with a token from elsewhere
  JsonByName params;                 // scrubbed
  JsonByName identities, externals;  // lists of values, scrubbed
};

/// What fconn writes beside the exchanges (`log._fconn`), so that a run can be repeated.
struct Provenance {
  std::string recorded;               // when, RFC 3339; what now() said
  std::string action;                 // access, read, consent
  std::string consent;                // of a consent: opt_in, opt_out
  std::vector<std::string> purposes;  // and --purpose
  std::uint64_t seed = 0;
  std::string request_id;                // empty: drawn from the seed
  std::vector<std::string> collections;  // --collection
  std::vector<RecordedTarget> targets;
};

struct Archive {
  std::string creator;  // "Firefox 128.0"
  std::vector<Exchange> exchanges;
  std::optional<Provenance> provenance;
  std::vector<std::string> notes;  // of reading: what was left out, and why
};

/// A `configuration` failure names the entry and the member that is wrong. Optional members may
/// be missing, unknown ones are passed over; pseudo headers of HTTP/2 (":authority") are left out,
/// and so are entries without an answer (a blocked or cancelled request), which `notes` counts.
value::Result<Archive> read_archive(std::string_view json, const std::string& name);

/// Pretty JSON, one member a line. Bodies that aren't UTF-8 are written as base64.
std::string write_archive(const Archive& archive, std::string_view version);

}  // namespace fconn::har
