#include "interpreter/http/guard.hh"

#include <charconv>

#include "interpreter/http/address.hh"
#include "interpreter/http/text.hh"

namespace fconn::http {
namespace {

using value::FailureKind;

bool default_port(const Url& url) { return url.port == (url.scheme == "https" ? 443 : 80); }

}  // namespace

void HostsGuard::allow(const HostPattern& pattern) {
  Rule rule;
  std::string_view text = trim(pattern.text);
  const std::size_t bracket = text.substr(0, 1) == "[" ? text.find(']') : std::string_view::npos;
  std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  // A bare IPv6 literal: its colons are no port.
  if (bracket == std::string_view::npos && colon != text.rfind(':')) colon = std::string_view::npos;
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    const auto result = std::from_chars(port.data(), port.data() + port.size(), rule.port);
    // A port that is none must not turn into "any": such a pattern allows nothing.
    if (result.ec != std::errc() || result.ptr != port.data() + port.size()) return;
    text = text.substr(0, colon);
  }
  if (bracket != std::string_view::npos) text = text.substr(1, bracket - 1);
  if (text.substr(0, 2) == "*.") {
    rule.wildcard = true;
    text.remove_prefix(1);
  }
  if (text.empty() || text == "." || text.find('*') != std::string_view::npos) return;
  rule.host = lower_case(text);
  rules_.push_back(std::move(rule));
}

void HostsGuard::send_to(Url origin) { send_to_ = std::move(origin); }

bool HostsGuard::is_send_to(const Url& url) const {
  return send_to_ && url.host == send_to_->host && url.port == send_to_->port;
}

value::Result<void> HostsGuard::permit(const Url& url) const {
  if (is_send_to(url)) return {};
  const bool loopback = is_loopback_host(url.host);
  bool host_declared = false;
  bool declared = false;
  for (const Rule& rule : rules_) {
    const bool same =
        rule.wildcard
            ? url.host.size() > rule.host.size() &&
                  std::string_view(url.host).substr(url.host.size() - rule.host.size()) == rule.host
            : url.host == rule.host;
    if (!same) continue;
    host_declared = true;
    declared = declared || (rule.port != 0 ? rule.port == url.port : loopback || default_port(url));
  }
  if (!declared) {
    std::string text = "The host " + origin(url) + " isn't declared by this connector";
    if (host_declared) text += " with this port";
    return value::fail(FailureKind::guard,
                       text +
                           ", so nothing was sent there; name it under `hosts` if it belongs "
                           "to this API.");
  }
  if (url.scheme == "http" && !loopback) {
    return value::fail(FailureKind::guard, "The address " + origin(url) +
                                               " is plain http, which would send credentials "
                                               "unprotected; use https.");
  }
  return {};
}

bool HostsGuard::declares(std::string_view host) const {
  if (send_to_ && send_to_->host == host) return true;
  for (const Rule& rule : rules_) {
    if (!rule.wildcard && rule.host == host) return true;
  }
  return false;
}

value::Result<void> HostsGuard::permit_address(std::string_view host,
                                               const sockaddr* address) const {
  const auto bytes = ip_bytes(address);
  if (!bytes) {
    return value::fail(FailureKind::guard, "The host " + std::string(host) +
                                               " has an address that is no internet address.");
  }
  const std::string_view kind = special_kind(*bytes);
  if (kind.empty()) return {};
  if (declares(host)) {
    if (ip_literal(host) == bytes) return {};
    if (host == "localhost" && is_loopback(*bytes)) return {};
  }
  return value::fail(
      FailureKind::guard,
      "The host " + std::string(host) + " has " + std::string(kind) + " address (" +
          to_text(*bytes) +
          "), so no connection was made; declare that address itself if it is meant.");
}

Url HostsGuard::route(const Url& url) const {
  if (!send_to_) return url;
  Url out = url;
  out.scheme = send_to_->scheme;
  out.host = send_to_->host;
  out.port = send_to_->port;
  return out;
}

Url HostsGuard::normalize_link(const Url& url) const {
  if (!is_send_to(url)) return url;
  Url out = url;
  out.scheme = send_to_->scheme;
  return out;
}

}  // namespace fconn::http
