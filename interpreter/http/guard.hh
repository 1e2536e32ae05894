// The hosts guard: which origins a run may talk to. A response can't steer the program anywhere
// that the file doesn't name (language.md, principle 3); private, link-local and metadata
// addresses are refused after name resolution, as the socket is made, so rebinding doesn't help.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/http/url.hh"
#include "interpreter/value/result.hh"

struct sockaddr;

namespace fconn::http {

/// "api.example.com", "*.example.com" (any depth below, not the name itself), "127.0.0.1",
/// "[::1]", each optionally with ":port"; without a port: the scheme's default port, or any port
/// for a loopback host.
struct HostPattern {
  std::string text;
};

class HostsGuard {
 public:
  void allow(const HostPattern& pattern);
  /// --send-to: every request goes to this origin; it counts as declared, whatever the scheme of
  /// a link that names its host and port.
  void send_to(Url origin);
  const std::optional<Url>& send_to() const { return send_to_; }

  /// May this URL be requested? Refuses undeclared hosts, and plain http unless the host is
  /// loopback or the send-to origin.
  value::Result<void> permit(const Url& url) const;

  /// May a socket be connected to this resolved address for `host`? Refuses loopback, private
  /// (RFC 1918, ULA), link-local, metadata (169.254.169.254, fd00:ec2::254), CGNAT, multicast,
  /// unspecified, IPv4-mapped forms of these, unless `host` was declared as that very literal, or
  /// is localhost / a loopback literal that was declared. Through a proxy the address is the
  /// proxy's, which the user named, so it isn't asked for then.
  value::Result<void> permit_address(std::string_view host, const sockaddr* address) const;

  /// The URL actually sent: rewritten to the send-to origin if there is one.
  Url route(const Url& url) const;
  /// A link of a response that names the send-to origin, in any scheme, is given that origin's
  /// scheme; others are unchanged.
  Url normalize_link(const Url& url) const;

 private:
  // A pattern taken apart once, as permit() runs for every request.
  struct Rule {
    std::string host;  // lower case, without brackets; for a wildcard ".example.com"
    bool wildcard = false;
    std::uint16_t port = 0;  // 0: none was written
  };
  bool is_send_to(const Url& url) const;
  bool declares(std::string_view host) const;

  std::vector<Rule> rules_;
  std::optional<Url> send_to_;
};

}  // namespace fconn::http
