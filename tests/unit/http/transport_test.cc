// The exchange as such: requests as sent, connections, waiting, cancelling, guard.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include <thread>

#include "tests/unit/http/transport_fixture.hh"

using namespace fconn;
using namespace fconn::test;
using std::chrono::milliseconds;
using value::FailureKind;

TEST_CASE("status, headers and body arrive once each") {
  Fixture f;
  Reply reply;
  reply.status = 201;
  reply.body = "{\"a\":1}";
  reply.headers = {
      {"Content-Type", "application/json"}, {"Link", "<a>"}, {"link", "<b>"}, {"X-Empty", ""}};
  f.server.reply("GET /x?y=1%202", reply);
  Recorder r;
  f.send(f.request("GET", "/x?y=1%202"), r);
  CHECK_FALSE(r.failure);
  CHECK(r.status == 201);
  CHECK(r.body == "{\"a\":1}");
  CHECK(r.heads == 1);
  CHECK(r.dones == 1);
  REQUIRE(http::find(r.headers, "content-type"));
  CHECK(*http::find(r.headers, "content-type") == "application/json");
  CHECK(http::all(r.headers, "link") == "<a>, <b>");
  REQUIRE(http::find(r.headers, "x-empty"));
  CHECK(r.timings->decoded_bytes == 7);
}

TEST_CASE("a path is sent as written") {
  Fixture f;
  f.server.reply("GET /a/%2E%2E/../b%2Fc/./d", {});
  Recorder r;
  CHECK(f.send(f.request("GET", "/a/%2E%2E/../b%2Fc/./d#fragment"), r).status == 200);
}

TEST_CASE("methods, bodies and headers as sent") {
  struct Case {
    const char* method;
    bool has_body;
    const char* body;
    const char* length;  // the Content-Length header, "" for none
  };
  const Case cases[] = {
      {"GET", false, "", ""},    {"HEAD", false, "", ""},       {"OPTIONS", false, "", ""},
      {"DELETE", false, "", ""}, {"POST", false, "", "0"},      {"PUT", false, "", "0"},
      {"PATCH", false, "", "0"}, {"POST", true, "", "0"},       {"POST", true, "abc", "3"},
      {"PUT", true, "abc", "3"}, {"PATCH", true, "abc", "3"},   {"DELETE", true, "abc", "3"},
      {"GET", true, "abc", "3"}, {"OPTIONS", true, "abc", "3"}, {"PROPFIND", true, "abc", "3"},
      {"PURGE", false, "", ""},
  };
  Fixture f;
  f.server.otherwise([](const Seen& seen) {
    Reply reply;
    reply.body = seen.method;
    return reply;
  });
  std::size_t index = 0;
  for (const Case& c : cases) {
    CAPTURE(c.method);
    CAPTURE(c.body);
    http::Request request = f.request(c.method, "/x");
    request.has_body = c.has_body;
    request.body = c.body;
    Recorder r;
    f.send(std::move(request), r);
    CHECK(r.text() == "");
    CHECK(r.body == (std::string(c.method) == "HEAD" ? "" : c.method));
    const Seen seen = f.server.seen().at(index++);
    CHECK(seen.method == c.method);
    CHECK(seen.body == c.body);
    CHECK(seen.header("Content-Length") == c.length);
    CHECK_FALSE(seen.has_header("Content-Type"));
    CHECK_FALSE(seen.has_header("Expect"));
    CHECK_FALSE(seen.has_header("Transfer-Encoding"));
    CHECK(seen.header("User-Agent") == "fconn");
  }
}

TEST_CASE("the request's headers win, empty ones included") {
  Fixture f;
  f.server.otherwise([](const Seen&) { return Reply{}; });
  http::Request request = f.request("POST", "/x");
  request.has_body = true;
  request.body = std::string(2'000'000, 'x');  // libcurl would expect "100 Continue"
  request.headers = {{"User-Agent", "mine/1"},
                     {"Accept", "text/csv"},
                     {"X-Empty", ""},
                     {"X-Two", "1"},
                     {"X-Two", "2"},
                     {"Content-Type", "application/json"},
                     {"Content-Length", "2000000"}};
  Recorder r;
  f.send(request, r);
  CHECK(r.text() == "");
  const Seen seen = f.server.seen().at(0);
  CHECK(seen.header("User-Agent") == "mine/1");
  CHECK(seen.header("Accept") == "text/csv");
  CHECK(seen.has_header("X-Empty"));
  CHECK(seen.header("X-Empty") == "");
  CHECK(seen.header("Content-Type") == "application/json");
  CHECK(seen.body.size() == 2'000'000);
  CHECK_FALSE(seen.has_header("Expect"));
  CHECK(std::count_if(seen.headers.begin(), seen.headers.end(), [](const auto& field) {
          return field.first == "X-Two" || field.first == "Content-Length";
        }) == 3);
  // And nothing of it is left for the next request of the same handle.
  Recorder next;
  f.send(f.request("GET", "/y"), next);
  const Seen after = f.server.seen().at(1);
  CHECK(after.header("User-Agent") == "fconn");
  CHECK_FALSE(after.has_header("X-Two"));
  CHECK_FALSE(after.has_header("Content-Type"));
  CHECK(after.body.empty());
}

TEST_CASE("what can't be sent safely isn't sent") {
  Fixture f;
  const http::HeaderField bad[] = {{"X-A", "1\r\nX-B: 2"},
                                   {"X-A", std::string("a\0b", 3)},
                                   {"X A", "1"},
                                   {"", "1"},
                                   {"X-A\r\nX-B", "1"},
                                   {"Content-Length", "5"},
                                   {"Transfer-Encoding", "chunked"}};
  for (const auto& field : bad) {
    CAPTURE(field.name);
    http::Request request = f.request("GET", "/x");
    request.headers = {field};
    Recorder r;
    f.send(std::move(request), r);
    CHECK(r.kind() == FailureKind::shape);
    CHECK(r.dones == 1);
  }
  for (const char* method : {"", "GET /evil HTTP/1.1\r\nX:", "G ET"}) {
    Recorder r;
    f.send(f.request(method, "/x"), r);
    CHECK(r.kind() == FailureKind::shape);
  }
  http::Request relative = f.request("GET", "");
  relative.url = "/only/a/path";
  Recorder r;
  f.send(std::move(relative), r);
  CHECK(r.kind() == FailureKind::shape);
  CHECK(f.server.connections() == 0);
}

TEST_CASE("start never calls the handler, not even for a request that can't be sent") {
  Fixture f;
  http::Request request = f.request("GET", "/x");
  request.url = "https://elsewhere.example/";
  Recorder r;
  f.curl().start(std::move(request), r);
  CHECK(r.dones == 0);
  CHECK(f.run_until([&] { return r.dones == 1; }));
}

TEST_CASE("one connection serves request after request") {
  Fixture f;
  f.server.otherwise([](const Seen&) { return Reply{200, "ok"}; });
  for (int i = 0; i < 20; ++i) {
    Recorder r;
    f.send(f.request(i % 3 == 2 ? "HEAD" : "GET", "/x"), r);
    CHECK(r.status == 200);
  }
  CHECK(f.server.connections() == 1);
}

TEST_CASE("many requests run at once and each gets its own answer") {
  Fixture f;
  f.server.otherwise([](const Seen& seen) {
    Reply reply;
    reply.body = seen.target;
    reply.hold = true;
    return reply;
  });
  constexpr std::size_t count = 50;
  std::vector<Recorder> recorders(count);
  for (std::size_t i = 0; i < count; ++i) {
    f.curl().start(f.request("GET", "/" + std::to_string(i)), recorders[i]);
  }
  const auto dones = [&] {
    std::size_t n = 0;
    for (const Recorder& r : recorders) n += static_cast<std::size_t>(r.dones);
    return n;
  };
  // All are on their way before the first is answered.
  std::thread releaser([&] {
    CHECK(f.server.wait_for_requests(count));
    f.server.release();
  });
  CHECK(f.run_until([&] { return dones() == count; }));
  releaser.join();
  for (std::size_t i = 0; i < count; ++i) CHECK(recorders[i].body == "/" + std::to_string(i));
  CHECK(f.server.connections() == count);
}

TEST_CASE("no more connections than allowed; the rest wait their turn") {
  Fixture f;
  f.options.max_connections = 3;
  f.server.otherwise([](const Seen&) { return Reply{200, "ok"}; });
  std::vector<Recorder> recorders(12);
  for (Recorder& r : recorders) f.curl().start(f.request("GET", "/x"), r);
  for (Recorder& r : recorders) CHECK(f.run_until([&] { return r.dones == 1; }));
  for (const Recorder& r : recorders) CHECK(r.text() == "");
  CHECK(f.server.connections() <= 3);
}

TEST_CASE("done may start the next request") {
  Fixture f;
  f.server.otherwise([](const Seen&) { return Reply{200, "ok"}; });
  Recorder first;
  Recorder second;
  first.on_done = [&] { f.curl().start(f.request("GET", "/2"), second); };
  f.curl().start(f.request("GET", "/1"), first);
  CHECK(f.run_until([&] { return second.dones == 1; }));
  CHECK(second.body == "ok");
  CHECK(f.server.connections() == 1);
}

TEST_CASE("a handler that fails ends its transfer with that failure") {
  Fixture f;
  f.server.otherwise([](const Seen&) { return Reply{200, std::string(1'000'000, 'x')}; });
  const auto refuse = [] { return value::Result<void>(value::fail(FailureKind::rule, "no")); };
  Recorder at_head;
  at_head.on_head = refuse;
  f.send(f.request("GET", "/x"), at_head);
  CHECK(at_head.kind() == FailureKind::rule);
  CHECK(at_head.received == 0);
  Recorder at_bytes;
  at_bytes.on_bytes = refuse;
  f.send(f.request("GET", "/x"), at_bytes);
  CHECK(at_bytes.kind() == FailureKind::rule);
  CHECK(at_bytes.text() == "no");
  CHECK(at_bytes.received < 1'000'000);
  CHECK(at_bytes.dones == 1);
  Recorder no_body;  // nothing but a head, refused
  no_body.on_head = refuse;
  f.send(f.request("HEAD", "/x"), no_body);
  CHECK(no_body.kind() == FailureKind::rule);
}

TEST_CASE("cancel ends a request that waits, runs, or was only started") {
  Fixture f;
  Reply held;
  held.hold = true;
  f.server.reply("GET /held", held);
  f.server.reply("GET /x", {200, std::string(1'000'000, 'x')});

  Recorder running;
  const auto request = f.request("GET", "/held");
  f.curl().start(request, running);
  std::thread waker([&] {
    CHECK(f.server.wait_for_requests(1));
    f.curl().wake();
  });
  f.curl().wait(soon());
  waker.join();
  CHECK(running.dones == 0);
  f.curl().cancel(request.id);
  CHECK(running.dones == 0);  // told by wait(), not by cancel()
  CHECK(f.run_until([&] { return running.dones == 1; }));
  CHECK(running.kind() == FailureKind::cancelled);

  Recorder queued;
  const auto early = f.request("GET", "/x");
  f.curl().start(early, queued);
  f.curl().cancel(early.id);
  CHECK(f.run_until([&] { return queued.dones == 1; }));
  CHECK(queued.kind() == FailureKind::cancelled);
  CHECK(f.server.seen().size() == 1);

  Recorder inside;  // from its own callback
  const auto own = f.request("GET", "/x");
  inside.on_bytes = [&] {
    f.curl().cancel(own.id);
    return value::Result<void>();
  };
  f.send(own, inside);
  CHECK(inside.kind() == FailureKind::cancelled);
  f.curl().cancel(12345);  // unknown: nothing happens
  f.curl().cancel(own.id);
  f.curl().wait(std::chrono::steady_clock::now());
  CHECK(inside.dones == 1);
}

TEST_CASE("one of several is cancelled, the others go on") {
  Fixture f;
  f.server.otherwise([](const Seen&) {
    Reply reply{200, "ok"};
    reply.hold = true;
    return reply;
  });
  std::vector<Recorder> recorders(5);
  std::vector<http::RequestId> ids;
  for (Recorder& r : recorders) {
    auto request = f.request("GET", "/x");
    ids.push_back(request.id);
    f.curl().start(std::move(request), r);
  }
  std::thread waker([&] {
    CHECK(f.server.wait_for_requests(5));
    f.curl().wake();
  });
  f.curl().wait(soon());
  waker.join();
  f.curl().cancel(ids[1]);
  f.curl().cancel(ids[4]);
  f.server.release();
  for (Recorder& r : recorders) CHECK(f.run_until([&] { return r.dones == 1; }));
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK((recorders[i].kind() == FailureKind::cancelled) == (i == 1 || i == 4));
  }
}

TEST_CASE("wake ends a wait, before it and during it") {
  Fixture f;
  f.curl().wake();
  f.curl().wait(soon());
  std::thread other([&] { f.curl().wake(); });
  f.curl().wait(soon());
  other.join();
  CHECK(std::chrono::steady_clock::now() < soon());
  const auto until = std::chrono::steady_clock::now() + milliseconds(20);
  f.curl().wait(until);  // a wake that was used up doesn't end this one
  CHECK(std::chrono::steady_clock::now() >= until);
}

TEST_CASE("the guard is asked for every request and every address") {
  Fixture f;
  for (const char* url : {"https://undeclared.example/x", "http://169.254.169.254/latest"}) {
    http::Request request = f.request("GET", "/");
    request.url = url;
    Recorder r;
    f.send(std::move(request), r);
    CHECK(r.kind() == FailureKind::guard);
  }
  // A declared name that leads to loopback: refused as the socket is made. ("*.localhost" is
  // resolved without a network.)
  f.guard.allow({"evil.localhost"});
  f.guard.allow({"evil.localhost:" + std::to_string(f.server.port())});
  http::Request rebinding = f.request("GET", "/");
  rebinding.url = "https://evil.localhost:" + std::to_string(f.server.port()) + "/";
  Recorder r;
  f.send(std::move(rebinding), r);
  CHECK(r.kind() == FailureKind::guard);
  CHECK(r.text().find("loopback") != std::string::npos);
  CHECK(f.server.connections() == 0);
}

TEST_CASE("send-to carries every request to one origin, with its Host") {
  Fixture f;
  f.guard.send_to(*http::parse_url(f.server.url()));
  f.guard.allow({"api.example.com"});
  f.server.reply("GET /a/b?c=1", {200, "ok"});
  http::Request request = f.request("GET", "/");
  request.url = "https://api.example.com/a/b?c=1";
  request.headers = {{"Host", "api.example.com"}, {"X-A", "1"}};
  Recorder r;
  f.send(std::move(request), r);
  CHECK(r.text() == "");
  CHECK(r.body == "ok");
  const Seen seen = f.server.seen().at(0);
  CHECK(seen.header("Host") == "127.0.0.1:" + std::to_string(f.server.port()));
  CHECK(seen.header("X-A") == "1");
}

TEST_CASE("a proxy of the environment is not used; the one of the options is") {
  LoopbackServer proxy;
  proxy.otherwise([](const Seen&) { return Reply{200, "from the proxy"}; });
  setenv("http_proxy", proxy.url().c_str(), 1);
  {
    Fixture f;
    f.server.reply("GET /x", {200, "direct"});
    Recorder r;
    CHECK(f.send(f.request("GET", "/x"), r).body == "direct");
    CHECK(proxy.connections() == 0);
  }
  unsetenv("http_proxy");
  Fixture f;
  f.options.proxy = proxy.url();
  f.guard.allow({"api.example.com"});
  http::Request request = f.request("GET", "/");
  request.url = "https://api.example.com/secret?key=1";
  Recorder r;
  f.send(std::move(request), r);  // the stand-in proxy can't make a tunnel: TLS fails in it
  CHECK(r.kind() == FailureKind::network);
  REQUIRE(proxy.seen().size() == 1);
  CHECK(proxy.seen()[0].method == "CONNECT");
  CHECK(proxy.seen()[0].target == "api.example.com:443");
  CHECK(r.text().find("key") == std::string::npos);
}
