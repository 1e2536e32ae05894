#include "interpreter/http/redirect.hh"

#include <doctest/doctest.h>

using namespace fconn::http;
using fconn::value::FailureKind;

namespace {

HostsGuard guard() {
  HostsGuard out;
  for (const char* host : {"api.example.com", "files.example.com", "localhost"}) out.allow({host});
  return out;
}

Request request(std::string method, std::string url = "https://api.example.com/a/b?key=1") {
  Request out;
  out.method = std::move(method);
  out.url = std::move(url);
  out.headers = {{"Accept", "application/json"},
                 {"X-Key", "k", true},
                 {"X-Tenant", "t", false, true},
                 {"Authorization", "Bearer t"},
                 {"Cookie", "c=1"}};
  return out;
}

std::string names(const Request& request) {
  std::string out;
  for (const auto& field : request.headers) out += field.name + " ";
  return out;
}

constexpr const char* everything = "Accept X-Key X-Tenant Authorization Cookie ";

}  // namespace

TEST_CASE("GET and HEAD follow every kind of redirect; others only 307 and 308") {
  for (int status : {301, 302, 303, 307, 308}) {
    for (const char* method : {"GET", "HEAD", "POST", "PUT", "DELETE"}) {
      CAPTURE(status);
      CAPTURE(method);
      const bool reads = std::string(method) == "GET" || std::string(method) == "HEAD";
      Request from = request(method);
      from.has_body = !reads;
      from.body = reads ? "" : "x";
      const auto next = follow_redirect(from, status, "../c?d=2", guard());
      REQUIRE(next.has_value() == (reads || status >= 307));
      if (!next) {
        CHECK(next.error().kind == FailureKind::status);
        CHECK(next.error().status == status);
        continue;
      }
      CHECK(next->method == method);
      CHECK(next->url == "https://api.example.com/c?d=2");
      CHECK(next->body == from.body);
      CHECK(names(*next) == everything);
    }
  }
}

TEST_CASE("credentials stay with their origin") {
  const auto other = follow_redirect(request("GET"), 302, "https://files.example.com/x", guard());
  REQUIRE(other);
  CHECK(other->url == "https://files.example.com/x");
  CHECK(names(*other) == "Accept ");
  const auto same = follow_redirect(request("GET"), 302, "https://API.example.com:443/x", guard());
  REQUIRE(same);
  CHECK(names(*same) == everything);

  const auto post = follow_redirect(request("POST"), 307, "https://files.example.com/x", guard());
  REQUIRE_FALSE(post);
  CHECK(post.error().kind == FailureKind::guard);
  Request with_body = request("GET");
  with_body.has_body = true;
  with_body.body = "{}";
  CHECK_FALSE(follow_redirect(with_body, 302, "https://files.example.com/x", guard()));
}

TEST_CASE("where a redirect may not lead") {
  struct Case {
    const char* location;
    FailureKind kind;
  };
  const Case cases[] = {
      {"https://evil.example/x", FailureKind::guard},
      {"http://api.example.com/x", FailureKind::guard},
      {"http://localhost:1234/x", FailureKind::guard},  // https to http, though declared
      {"http://169.254.169.254/latest", FailureKind::guard},
      {"https://api.example.com:8443/x", FailureKind::guard},
      {"//evil.example/x", FailureKind::guard},
      {"https://api.example.com@evil.example/", FailureKind::protocol},
      {"https://api.example.com\\@evil.example/", FailureKind::protocol},
      {"ftp://api.example.com/x", FailureKind::protocol},
      {"javascript:alert(1)", FailureKind::protocol},
      {"", FailureKind::protocol},
      {"  ", FailureKind::protocol},
      {"/a\r\nX: y", FailureKind::protocol},
  };
  for (const Case& c : cases) {
    CAPTURE(c.location);
    const auto next = follow_redirect(request("GET"), 302, c.location, guard());
    REQUIRE_FALSE(next);
    CHECK(next.error().kind == c.kind);
    CHECK(next.error().text.find("key=1") == std::string::npos);
  }
  CHECK(follow_redirect(request("GET"), 304, "/x", guard()).error().kind == FailureKind::status);
  CHECK(follow_redirect(request("GET"), 200, "/x", guard()).error().kind == FailureKind::status);
}

TEST_CASE("a raw Location is made a URL") {
  const auto next = follow_redirect(request("GET"), 302, " /caf\xC3\xA9 1?q=a b#f ", guard());
  REQUIRE(next);
  CHECK(next->url == "https://api.example.com/caf%C3%A9%201?q=a%20b");
}

TEST_CASE("under send-to its origin stands for the connector's own") {
  HostsGuard simulated = guard();
  simulated.send_to(*parse_url("http://127.0.0.1:9999"));
  const auto next = follow_redirect(request("GET"), 302, "https://127.0.0.1:9999/x", simulated);
  REQUIRE(next);
  CHECK(next->url == "http://127.0.0.1:9999/x");
  CHECK(names(*next) == everything);
  const auto away = follow_redirect(request("GET"), 302, "https://files.example.com/x", simulated);
  REQUIRE(away);
  CHECK(names(*away) == "Accept ");
}

TEST_CASE("a step to the send-to origin stays at home") {
  HostsGuard simulated = guard();
  simulated.send_to(*parse_url("http://127.0.0.1:9999"));
  const auto api = *parse_url("https://api.example.com/a");
  CHECK(stays_at_origin(api, *parse_url("https://api.example.com/b?c=d"), simulated));
  CHECK(stays_at_origin(api, *parse_url("http://127.0.0.1:9999/b"), simulated));
  CHECK_FALSE(stays_at_origin(api, *parse_url("http://127.0.0.1:9999/b"), guard()));
  CHECK_FALSE(stays_at_origin(api, *parse_url("https://files.example.com/b"), simulated));
}
