// Header fields and the few header grammars the engine reads: Link (RFC 8288), Retry-After and
// HTTP dates (RFC 9110), Content-Type.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/value/ports.hh"

namespace fconn::http {

struct HeaderField {
  std::string name;
  std::string value;
  bool credential = false;  // set by an auth strategy: never traced, never sent to another origin
  bool of_client = false;   // meant for the client's own origin: never sent to another one
};
/// Speaks to the origin that it was made for alone: a credential, whoever set it, a client's own.
bool stays_home(const HeaderField& field);
using Headers = std::vector<HeaderField>;

/// Case-insensitive; null when absent. Several fields of one name are joined with ", " by all().
const std::string* find(const Headers& headers, std::string_view name);
std::string all(const Headers& headers, std::string_view name);
/// Replaces every field of that name.
void set(Headers& headers, std::string name, std::string value, bool credential = false);

/// A field name must be an RFC 9110 token; a value must not hold CR, LF or NUL.
bool valid_name(std::string_view name);
bool valid_value(std::string_view value);

struct Link {
  std::string target;  // as written between < and >
  std::string rel;     // one relation type, lower case; a link with several appears once for each
};
/// RFC 8288: quoted strings, commas in targets, several rel values, bad members skipped.
std::vector<Link> parse_links(std::string_view header);

/// Seconds (also fractional) or an HTTP date in any of the three RFC 9110 forms; a date in the
/// past is zero. Null when it is neither.
std::optional<value::Milliseconds> parse_retry_after(std::string_view text, value::WallTime now);
std::optional<value::WallTime> parse_http_date(std::string_view text);

struct MediaType {
  std::string type;     // "application/json", lower case, without parameters
  std::string charset;  // lower case, empty when absent
};
MediaType parse_media_type(std::string_view text);

}  // namespace fconn::http
