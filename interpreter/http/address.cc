#include "interpreter/http/address.hh"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace fconn::http {
namespace {

constexpr IpBytes mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

IpBytes map_v4(const void* bytes) {
  IpBytes out = mapped_prefix;
  std::memcpy(out.data() + 12, bytes, 4);
  return out;
}

std::uint32_t v4_at(const IpBytes& a, std::size_t at) {
  return std::uint32_t{a[at]} << 24U | std::uint32_t{a[at + 1]} << 16U |
         std::uint32_t{a[at + 2]} << 8U | std::uint32_t{a[at + 3]};
}

bool starts_with(const IpBytes& a, const IpBytes& prefix, std::size_t bytes) {
  return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(bytes), prefix.begin());
}

struct Block {
  std::uint32_t first;
  unsigned bits;
  std::string_view kind;
};

// IANA IPv4 special-purpose registry, what isn't globally reachable; the narrower block first.
constexpr std::array<Block, 17> v4_blocks = {{
    {0xA9FEA9FE, 32, "a cloud metadata"},  // 169.254.169.254
    {0x64646464, 32, "a cloud metadata"},  // 100.100.100.100
    {0xA83F8110, 32, "a cloud metadata"},  // 168.63.129.16
    {0x00000000, 8, "an unspecified"},
    {0x0A000000, 8, "a private"},
    {0x64400000, 10, "a carrier-grade NAT"},
    {0x7F000000, 8, "a loopback"},
    {0xA9FE0000, 16, "a link-local"},
    {0xAC100000, 12, "a private"},
    {0xC0000000, 24, "a reserved"},
    {0xC0000200, 24, "a documentation"},
    {0xC0A80000, 16, "a private"},
    {0xC6120000, 15, "a benchmarking"},
    {0xC6336400, 24, "a documentation"},
    {0xCB007100, 24, "a documentation"},
    {0xE0000000, 4, "a multicast"},
    {0xF0000000, 4, "a reserved"},
}};

std::string_view v4_kind(std::uint32_t address) {
  for (const Block& block : v4_blocks) {
    if ((address ^ block.first) >> (32 - block.bits) == 0) return block.kind;
  }
  return {};
}

// Where an IPv6 address carries an IPv4 one that a gateway would reach; 0 if it doesn't.
std::size_t embedded_v4(const IpBytes& a) {
  constexpr IpBytes nat64 = {0x00, 0x64, 0xFF, 0x9B};
  constexpr IpBytes nat64_local = {0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01};
  constexpr IpBytes compatible = {};
  constexpr IpBytes translated = {0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  constexpr IpBytes six_to_four = {0x20, 0x02};
  if (starts_with(a, mapped_prefix, 12) || starts_with(a, nat64, 12) ||
      starts_with(a, nat64_local, 6) || starts_with(a, compatible, 12) ||
      starts_with(a, translated, 12)) {
    return 12;
  }
  return starts_with(a, six_to_four, 2) ? 2 : 0;
}

}  // namespace

std::optional<IpBytes> ip_bytes(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return map_v4(&v4.sin_addr);
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    IpBytes out{};
    std::memcpy(out.data(), &v6.sin6_addr, out.size());
    return out;
  }
  return std::nullopt;
}

std::optional<IpBytes> ip_literal(std::string_view text) {
  const std::string copy(text);
  in_addr v4{};
  if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) return map_v4(&v4);
  IpBytes v6{};
  if (inet_pton(AF_INET6, copy.c_str(), v6.data()) == 1) return v6;
  return std::nullopt;
}

std::string_view special_kind(const IpBytes& a) {
  constexpr IpBytes metadata = {0xFD, 0x00, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54};
  constexpr IpBytes documentation = {0x20, 0x01, 0x0D, 0xB8};
  constexpr IpBytes teredo = {0x20, 0x01, 0x00, 0x00};
  constexpr IpBytes unspecified = {};
  if (a == metadata) return "a cloud metadata";
  if (a == unspecified) return "an unspecified";
  if (is_loopback(a)) return "a loopback";
  if (const std::size_t at = embedded_v4(a); at != 0) return v4_kind(v4_at(a, at));
  if (a[0] == 0xFF) return "a multicast";
  if ((a[0] & 0xFEU) == 0xFC) return "a private";
  if (a[0] == 0xFE && (a[1] & 0xC0U) == 0x80) return "a link-local";
  if (a[0] == 0xFE && (a[1] & 0xC0U) == 0xC0) return "a private";  // site-local, RFC 3879
  if (starts_with(a, documentation, 4)) return "a documentation";
  if (starts_with(a, teredo, 4)) return "a tunnelled";
  return {};
}

bool is_loopback(const IpBytes& a) {
  constexpr IpBytes one = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return a == one || (starts_with(a, mapped_prefix, 12) && a[12] == 127);
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost") return true;
  const auto literal = ip_literal(host);
  return literal && is_loopback(*literal);
}

std::string to_text(const IpBytes& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = starts_with(address, mapped_prefix, 12);
  const void* bytes = v4 ? address.data() + 12 : address.data();
  if (inet_ntop(v4 ? AF_INET : AF_INET6, bytes, text.data(), text.size()) == nullptr) return {};
  return text.data();
}

}  // namespace fconn::http
