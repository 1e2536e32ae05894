#include "interpreter/http/url.hh"

#include <arpa/inet.h>

#include <array>
#include <charconv>

#include "interpreter/http/text.hh"

namespace fconn::http {
namespace {

constexpr std::size_t max_host_bytes = 253;  // RFC 1035 section 2.3.4, as text

std::uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

bool has_control_or_space(std::string_view text) {
  for (char ch : text) {
    const auto c = static_cast<unsigned char>(ch);
    if (c <= ' ' || c == 0x7F) return true;
  }
  return false;
}

// The five parts of RFC 3986 appendix B; a part that is absent is null.
struct Parts {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
};

bool is_scheme(std::string_view text) {
  if (text.empty()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool later = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (!letter && (i == 0 || !later)) return false;
  }
  return true;
}

Parts split(std::string_view text) {
  Parts parts;
  text = text.substr(0, text.find('#'));
  const std::size_t mark = text.find('?');
  if (mark != std::string_view::npos) {
    parts.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && is_scheme(text.substr(0, colon))) {
    parts.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (text.substr(0, 2) == "//") {
    text.remove_prefix(2);
    parts.authority = text.substr(0, text.find('/'));
    text.remove_prefix(parts.authority->size());
  }
  parts.path = text;
  return parts;
}

bool valid_ipv6(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

// Stricter than the RFC's reg-name: no escapes, no sub-delimiters, no raw UTF-8 (an international
// name must come as xn--), so that no two parsers can see two hosts in one text.
bool valid_name_host(std::string_view host) {
  if (host.empty() || host.size() > max_host_bytes) return false;
  for (char ch : host) {
    const bool ok =
        (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-' || ch == '.' || ch == '_';
    if (!ok) return false;
  }
  return host.front() != '.';
}

bool read_port(std::string_view text, Url& url) {
  if (text.empty()) return true;  // "host:" means the default (RFC 3986 3.2.3)
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return false;
  }
  url.port = static_cast<std::uint16_t>(port);
  return true;
}

bool read_authority(std::string_view text, Url& url) {
  if (text.substr(0, 1) == "[") {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    url.host = lower_case(text.substr(1, close - 1));
    const std::string_view rest = text.substr(close + 1);
    if (!valid_ipv6(url.host) || (!rest.empty() && rest.front() != ':')) return false;
    return rest.empty() || read_port(rest.substr(1), url);
  }
  const std::size_t colon = text.find(':');
  url.host = lower_case(text.substr(0, colon));
  if (!valid_name_host(url.host)) return false;  // '@' of user info isn't valid either
  return colon == std::string_view::npos || read_port(text.substr(colon + 1), url);
}

// An absolute URL from its parts; path and query are set by the caller.
std::optional<Url> open_url(const Parts& parts) {
  Url url;
  if (!parts.scheme || !parts.authority) return std::nullopt;
  url.scheme = lower_case(*parts.scheme);
  if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
  url.port = default_port(url.scheme);
  if (!read_authority(*parts.authority, url)) return std::nullopt;
  return url;
}

void set_query(Url& url, const std::optional<std::string_view>& query) {
  url.query.reset();
  if (query) url.query.emplace(*query);
}

// RFC 3986 section 5.2.4 for paths that begin with '/', segment by segment.
std::string remove_dot_segments(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  while (!path.empty()) {
    const std::size_t next = path.find('/', 1);
    const std::string_view segment = path.substr(0, next);
    const bool last = next == std::string_view::npos;
    path.remove_prefix(segment.size());
    if (segment == "/." || segment == "/..") {
      if (segment == "/..") out.erase(out.empty() ? 0 : out.rfind('/'));
      if (last) out += '/';
    } else {
      out += segment;
    }
  }
  return out;
}

std::string merge_paths(const Url& base, std::string_view path) {  // RFC 3986 section 5.2.3
  const std::size_t slash = base.path.rfind('/');
  std::string merged = slash == std::string::npos ? "/" : base.path.substr(0, slash + 1);
  merged += path;
  return merged;
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  if (has_control_or_space(text)) return std::nullopt;
  const Parts parts = split(text);
  std::optional<Url> url = open_url(parts);
  if (!url) return std::nullopt;
  url->path = parts.path;
  set_query(*url, parts.query);
  return url;
}

std::string origin(const Url& url) {
  std::string out = url.scheme;
  out += "://";
  const bool ipv6 = url.host.find(':') != std::string::npos;
  if (ipv6) out += '[';
  out += url.host;
  if (ipv6) out += ']';
  if (url.port != default_port(url.scheme)) {
    out += ':';
    out += std::to_string(url.port);
  }
  return out;
}

std::string to_string(const Url& url) {
  std::string out = origin(url);
  out += url.path;
  if (url.query) {
    out += '?';
    out += *url.query;
  }
  return out;
}

bool same_origin(const Url& a, const Url& b) {
  return a.port == b.port && a.scheme == b.scheme && a.host == b.host;
}

std::optional<Url> resolve(const Url& base, std::string_view reference) {
  if (has_control_or_space(reference)) return std::nullopt;
  Parts parts = split(reference);
  std::optional<Url> url = base;
  if (parts.scheme || parts.authority) {
    if (!parts.scheme) parts.scheme = base.scheme;
    url = open_url(parts);
    if (!url) return std::nullopt;
    url->path = remove_dot_segments(parts.path);
    set_query(*url, parts.query);
    return url;
  }
  if (parts.path.empty()) {
    if (parts.query) set_query(*url, parts.query);
    return url;
  }
  url->path = remove_dot_segments(parts.path.front() == '/' ? std::string(parts.path)
                                                            : merge_paths(base, parts.path));
  set_query(*url, parts.query);
  return url;
}

}  // namespace fconn::http
