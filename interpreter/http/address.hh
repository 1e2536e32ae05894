// Which IP addresses are nobody's business on the public internet. Pure: bytes in, a word out.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace fconn::http {

/// An address in the form of IPv6; IPv4 is held mapped (::ffff:a.b.c.d).
using IpBytes = std::array<unsigned char, 16>;

/// Null for families other than IPv4 and IPv6.
std::optional<IpBytes> ip_bytes(const sockaddr* address);
/// A literal in its usual spelling ("10.0.0.1", "fe80::1"); null for names.
std::optional<IpBytes> ip_literal(std::string_view text);

/// "a private", "a link-local"… for an address that isn't public, empty for a public one. IPv6
/// forms that carry an IPv4 address (mapped, compatible, NAT64, 6to4) are judged by that address.
std::string_view special_kind(const IpBytes& address);
bool is_loopback(const IpBytes& address);
/// "localhost", or a literal of 127.0.0.0/8 or ::1.
bool is_loopback_host(std::string_view host);
std::string to_text(const IpBytes& address);

}  // namespace fconn::http
