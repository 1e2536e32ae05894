#include "interpreter/http/guard.hh"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <cstring>

using namespace fconn::http;
using fconn::value::FailureKind;

namespace {

HostsGuard guard_for(std::initializer_list<const char*> patterns) {
  HostsGuard guard;
  for (const char* pattern : patterns) guard.allow({pattern});
  return guard;
}

bool permits(const HostsGuard& guard, const char* text) {
  const auto url = parse_url(text);
  REQUIRE(url);
  const auto result = guard.permit(*url);
  if (!result) CHECK(result.error().kind == FailureKind::guard);
  return result.has_value();
}

bool permits_address(const HostsGuard& guard, const char* host, const char* address) {
  sockaddr_storage storage{};
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    std::memcpy(&storage, &v4, sizeof v4);
  } else {
    REQUIRE(inet_pton(AF_INET6, address, &v6.sin6_addr) == 1);
    v6.sin6_family = AF_INET6;
    std::memcpy(&storage, &v6, sizeof v6);
  }
  const auto result = guard.permit_address(host, reinterpret_cast<const sockaddr*>(&storage));
  if (!result) {
    CHECK(result.error().kind == FailureKind::guard);
    CHECK(result.error().text.find(host) != std::string::npos);
  }
  return result.has_value();
}

}  // namespace

TEST_CASE("only declared hosts are asked") {
  struct Case {
    const char* pattern;
    const char* url;
    bool allowed;
  };
  const Case cases[] = {
      {"api.example.com", "https://api.example.com/x", true},
      {"API.Example.com", "https://api.example.com/x", true},
      {"api.example.com", "https://api.example.com:8443/x", false},
      {"api.example.com:8443", "https://api.example.com:8443/x", true},
      {"api.example.com:8443", "https://api.example.com/x", false},
      {"api.example.com", "http://api.example.com/x", false},
      {"api.example.com:80", "http://api.example.com/x", false},
      {"api.example.com", "https://example.com/", false},
      {"api.example.com", "https://api.example.com.evil.test/", false},
      {"api.example.com", "https://api.example.com./", false},
      {"*.example.com", "https://a.example.com/", true},
      {"*.example.com", "https://a.b.example.com/", true},
      {"*.example.com", "https://example.com/", false},
      {"*.example.com", "https://evilexample.com/", false},
      {"*.example.com:8443", "https://a.example.com:8443/", true},
      {"*", "https://example.com/", false},
      {"*.", "https://example.com/", false},
      {"a.*.com", "https://a.b.com/", false},
      {"", "https://example.com/", false},
      {"example.com:nonsense", "https://example.com/", false},
      {"127.0.0.1", "http://127.0.0.1:8080/", true},
      {"127.0.0.1:8080", "http://127.0.0.1:8080/", true},
      {"127.0.0.1:8080", "http://127.0.0.1:8081/", false},
      {"localhost", "http://localhost:9/", true},
      {"localhost", "http://127.0.0.1:9/", false},
      {"[::1]", "http://[::1]:9/", true},
      {"::1", "http://[::1]:9/", true},
      {"[::1]:7", "http://[::1]:9/", false},
      {"10.0.0.5", "https://10.0.0.5/", true},
      {"10.0.0.5", "http://10.0.0.5/", false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.pattern);
    CAPTURE(c.url);
    CHECK(permits(guard_for({c.pattern}), c.url) == c.allowed);
  }
}

TEST_CASE("no private address is connected to, whatever name led there") {
  const char* refused[] = {"127.0.0.1",
                           "127.8.8.8",
                           "10.0.0.1",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.0.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "100.127.255.255",
                           "0.0.0.0",
                           "0.1.2.3",
                           "192.0.2.1",
                           "198.18.0.1",
                           "224.0.0.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "fc00::1",
                           "fdff::1",
                           "fd00:ec2::254",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:169.254.169.254",
                           "::10.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b:1::a00:1",
                           "2002:a00:1::1",
                           "2001::1"};
  const char* accepted[] = {"8.8.8.8",        "172.15.0.1",       "172.32.0.1",
                            "100.63.0.1",     "100.128.0.1",      "169.253.0.1",
                            "192.169.0.1",    "223.255.255.255",  "2606:4700::1111",
                            "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"};
  const HostsGuard guard = guard_for({"api.example.com", "*.example.com"});
  for (const char* address : refused) {
    CAPTURE(address);
    CHECK_FALSE(permits_address(guard, "api.example.com", address));
    CHECK_FALSE(permits_address(guard, "x.example.com", address));
  }
  for (const char* address : accepted) {
    CAPTURE(address);
    CHECK(permits_address(guard, "api.example.com", address));
  }
}

TEST_CASE("a declared literal may be connected to, and nothing else for it") {
  const HostsGuard guard = guard_for({"127.0.0.1:8080", "10.0.0.5", "localhost", "[fd00::5]"});
  CHECK(permits_address(guard, "127.0.0.1", "127.0.0.1"));
  CHECK_FALSE(permits_address(guard, "127.0.0.1", "127.0.0.2"));
  CHECK(permits_address(guard, "10.0.0.5", "10.0.0.5"));
  CHECK_FALSE(permits_address(guard, "10.0.0.5", "10.0.0.6"));
  CHECK_FALSE(permits_address(guard, "10.0.0.6", "10.0.0.6"));
  CHECK(permits_address(guard, "fd00::5", "fd00::5"));
  CHECK(permits_address(guard, "localhost", "127.0.0.1"));
  CHECK(permits_address(guard, "localhost", "::1"));
  CHECK_FALSE(permits_address(guard, "localhost", "10.0.0.1"));
  CHECK_FALSE(permits_address(guard_for({}), "localhost", "127.0.0.1"));
}

TEST_CASE("an address that is no IP address is refused") {
  sockaddr_storage storage{};
  storage.ss_family = AF_UNIX;
  CHECK_FALSE(guard_for({"h"}).permit_address("h", reinterpret_cast<sockaddr*>(&storage)));
  CHECK_FALSE(guard_for({"h"}).permit_address("h", nullptr));
}

TEST_CASE("send-to counts as declared, whatever the scheme") {
  HostsGuard guard = guard_for({"api.example.com"});
  guard.send_to(*parse_url("http://127.0.0.1:9999"));
  CHECK(permits(guard, "https://api.example.com/a"));
  CHECK(permits(guard, "http://127.0.0.1:9999/a"));
  CHECK(permits(guard, "https://127.0.0.1:9999/a"));
  CHECK_FALSE(permits(guard, "http://127.0.0.1:9998/a"));
  CHECK_FALSE(permits(guard, "https://other.example.com/a"));
  CHECK(permits_address(guard, "127.0.0.1", "127.0.0.1"));

  CHECK(to_string(guard.route(*parse_url("https://api.example.com/a?b"))) ==
        "http://127.0.0.1:9999/a?b");
  CHECK(to_string(guard.normalize_link(*parse_url("https://127.0.0.1:9999/a"))) ==
        "http://127.0.0.1:9999/a");
  CHECK(to_string(guard.normalize_link(*parse_url("https://api.example.com/a"))) ==
        "https://api.example.com/a");
  const HostsGuard plain = guard_for({"h"});
  CHECK(to_string(plain.route(*parse_url("https://h/a"))) == "https://h/a");
}

TEST_CASE("a refusal says what to do, without the query") {
  const auto result = guard_for({}).permit(*parse_url("https://h.example/a?key=secret"));
  REQUIRE_FALSE(result);
  CHECK(result.error().text.find("https://h.example") != std::string::npos);
  CHECK(result.error().text.find("hosts") != std::string::npos);
  CHECK(result.error().text.find("secret") == std::string::npos);
}
