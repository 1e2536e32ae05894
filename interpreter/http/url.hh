// URLs (RFC 3986) and percent-encoding, without a network. Strings here are plain text; nothing is
// fetched and no secret is known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fconn::http {

/// A split absolute http(s) URL. `path` begins with '/' (or is empty) and is kept as written;
/// `query` is without '?', absent and empty are different; the fragment is dropped.
struct Url {
  std::string scheme;      // lower case
  std::string host;        // lower case, without [] for IPv6
  std::uint16_t port = 0;  // default filled in
  std::string path;
  std::optional<std::string> query;
};

/// Null when it is no absolute http(s) URL, has user info, control characters or spaces.
std::optional<Url> parse_url(std::string_view text);
/// Default port left out; IPv6 hosts in brackets.
std::string to_string(const Url& url);
/// "https://host:port" with the default port left out.
std::string origin(const Url& url);
bool same_origin(const Url& a, const Url& b);
/// RFC 3986 section 5.2 (dot segments removed); null when the result is no http(s) URL.
std::optional<Url> resolve(const Url& base, std::string_view reference);

/// Everything but unreserved characters (RFC 3986 2.3) as %XX, upper-case hex: one path segment.
std::string encode_segment(std::string_view text);
/// Percent-encodes for a query key or value: unreserved kept, space as %20.
std::string encode_query(std::string_view text);
/// application/x-www-form-urlencoded (WHATWG): space as +, `*-._` and alphanumerics kept.
std::string encode_form(std::string_view text);
std::string decode_percent(std::string_view text, bool plus_is_space = false);

using QueryPairs = std::vector<std::pair<std::string, std::string>>;
/// Splits at & and the first =, decodes (+ as space); blank values are kept, repeats too.
QueryPairs parse_query(std::string_view query);
std::string build_query(const QueryPairs& pairs);

/// Makes a raw path or URL (from a response) safe to send: leaves valid escapes, encodes spaces,
/// quotes, control and non-ASCII bytes; null when it holds CR or LF.
std::optional<std::string> sanitize_target(std::string_view text);

}  // namespace fconn::http
