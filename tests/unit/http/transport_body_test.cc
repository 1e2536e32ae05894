// What goes wrong on the way back: cut off, too slow, too large, damaged.
#include <doctest/doctest.h>

#include "tests/unit/http/transport_fixture.hh"

using namespace fconn;
using namespace fconn::test;
using std::chrono::milliseconds;
using value::FailureKind;

namespace {

bool mentions(const Recorder& recorder, std::string_view word) {
  return recorder.text().find(word) != std::string::npos;
}

}  // namespace

TEST_CASE("chunked, compressed and unannounced bodies arrive whole") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "row " + std::to_string(i) + "\n";
  Fixture f;
  Reply chunked;
  chunked.chunked = true;
  chunked.pieces = {text.substr(0, 10), text.substr(10, 50'000), text.substr(50'010)};
  f.server.reply("GET /chunked", chunked);
  Reply zipped{200, text};
  zipped.gzip = true;
  f.server.reply("GET /gzip", zipped);
  zipped.chunked = true;
  f.server.reply("GET /gzip-chunked", zipped);
  Reply closing{200, text};
  closing.until_close = true;
  f.server.reply("GET /close", closing);
  for (const char* target : {"/chunked", "/gzip", "/gzip-chunked", "/close"}) {
    CAPTURE(target);
    Recorder r;
    f.send(f.request("GET", target), r);
    CHECK(r.text() == "");
    CHECK((r.body == text));
    CHECK(r.timings->decoded_bytes == text.size());
  }
  CHECK(f.server.seen()[0].header("Accept-Encoding").find("gzip") != std::string::npos);
}

TEST_CASE("answers without a body") {
  Fixture f;
  f.server.otherwise([](const Seen& seen) {
    Reply reply;
    reply.status = std::stoi(seen.target.substr(1));
    reply.headers = {{"Content-Encoding", "br"}};  // of nothing
    if (seen.method == "HEAD") reply.claim_length = 12'345;
    return reply;
  });
  for (const char* target : {"/204", "/304", "/200", "/500"}) {
    CAPTURE(target);
    Recorder r;
    f.send(f.request("GET", target), r);
    CHECK(r.text() == "");
    CHECK("/" + std::to_string(r.status) == target);
    CHECK(r.received == 0);
  }
  Recorder head;
  f.send(f.request("HEAD", "/200"), head);
  CHECK(head.text() == "");
  CHECK(*http::find(head.headers, "content-length") == "12345");
  CHECK(f.server.connections() == 1);
}

TEST_CASE("a redirect is delivered, not followed") {
  Fixture f;
  Reply reply{302, "moved"};
  reply.headers = {{"Location", "/elsewhere"}};
  f.server.reply("GET /x", reply);
  Recorder r;
  f.send(f.request("GET", "/x"), r);
  CHECK(r.status == 302);
  CHECK(*http::find(r.headers, "location") == "/elsewhere");
  CHECK(f.server.seen().size() == 1);
}

TEST_CASE("interim answers are passed over, trailers too") {
  Fixture f;
  Reply reply;
  reply.raw =
      "HTTP/1.1 103 Early Hints\r\nLink: </early>\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n folded\r\n\r\n"
      "2\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n";
  f.server.reply("GET /x", reply);
  Recorder r;
  f.send(f.request("GET", "/x"), r);
  CHECK(r.text() == "");
  CHECK(r.heads == 1);
  CHECK(r.status == 200);
  CHECK(http::find(r.headers, "link") == nullptr);
  CHECK(*http::find(r.headers, "x-a") == "1 folded");
  CHECK(r.body == "ok");
}

TEST_CASE("a body that was cut off is never taken for whole") {
  Fixture f;
  Reply longer{200, std::string(100, 'x')};
  longer.claim_length = 250;
  longer.close = true;
  f.server.reply("GET /length", longer);
  Reply chunked;
  chunked.chunked = true;
  chunked.pieces = {std::string(100, 'x'), std::string(100, 'x')};
  chunked.cut_after = 150;
  f.server.reply("GET /chunked", chunked);
  for (const char* target : {"/length", "/chunked"}) {
    CAPTURE(target);
    Recorder r;
    f.send(f.request("GET", target), r);
    CHECK(r.kind() == FailureKind::protocol);
    CHECK(mentions(r, "127.0.0.1"));
    CHECK(mentions(r, "bytes"));
    CHECK(r.dones == 1);
  }
  Recorder r;
  f.send(f.request("GET", "/length"), r);
  CHECK(mentions(r, "100 of 250 bytes"));
}

TEST_CASE("a body that is longer than announced ends where it was announced to") {
  Fixture f;
  Reply reply{200, "0123456789"};
  reply.claim_length = 4;
  f.server.reply("GET /x", reply);
  Recorder r;
  f.send(f.request("GET", "/x"), r);
  CHECK(r.body == "0123");
}

TEST_CASE("what isn't HTTP, or isn't there, has a plain sentence") {
  struct Case {
    const char* name;
    Reply reply;
    FailureKind kind;
    const char* says;
  };
  Reply dropped;
  dropped.drop = true;
  Reply nonsense;
  nonsense.raw = "SSH-2.0-OpenSSH_9.2\r\n\r\n";
  nonsense.close = true;
  Reply bad_gzip{200, "this is no gzip stream"};
  bad_gzip.headers = {{"Content-Encoding", "gzip"}};
  // All bytes that were announced, or as many as came before the end of the connection.
  Reply cut_gzip{200, gzip("id\n1\n2\n")};
  cut_gzip.body.resize(cut_gzip.body.size() - 9);
  cut_gzip.headers = {{"Content-Encoding", "gzip"}};
  Reply closed_gzip = cut_gzip;
  closed_gzip.until_close = true;
  Reply unasked{200, "x"};
  unasked.headers = {{"Content-Encoding", "br"}};
  Reply half;
  half.raw = "HTTP/1.1 200 OK\r\nContent-";
  half.close = true;
  const Case cases[] = {
      {"dropped", dropped, FailureKind::network, "without an answer"},
      {"nonsense", nonsense, FailureKind::protocol, "isn't HTTP"},
      {"bad gzip", bad_gzip, FailureKind::protocol, "decompressed"},
      {"cut gzip", cut_gzip, FailureKind::protocol, "its compressed content ends early"},
      {"closed gzip", closed_gzip, FailureKind::protocol, "its compressed content ends early"},
      {"unasked encoding", unasked, FailureKind::protocol, "an encoding that was asked for"},
      {"half a head", half, FailureKind::network, "without an answer"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Fixture f;
    f.server.reply("GET /x?key=secret", c.reply);
    Recorder r;
    f.send(f.request("GET", "/x?key=secret"), r);
    CHECK(r.kind() == c.kind);
    CHECK(mentions(r, c.says));
    CHECK(mentions(r, "127.0.0.1"));
    CHECK_FALSE(mentions(r, "secret"));
    CAPTURE(r.text());
    CHECK(r.dones == 1);
  }
}

TEST_CASE("nothing listens, no such name") {
  Fixture f;
  std::uint16_t free_port = 0;
  {
    const LoopbackServer gone;
    free_port = gone.port();
  }
  http::Request request = f.request("GET", "/");
  request.url = "http://127.0.0.1:" + std::to_string(free_port) + "/";
  Recorder r;
  f.send(std::move(request), r);
  CHECK(r.kind() == FailureKind::network);
  CHECK(mentions(r, "127.0.0.1"));
}

TEST_CASE("timeouts: no answer, an answer that stops") {
  Fixture f;
  f.options.stall_timeout = milliseconds(60);
  Reply silent;
  silent.hold = true;
  f.server.reply("GET /silent", silent);
  Reply stalled{200, "never comes"};
  stalled.hold_body = true;
  f.server.reply("GET /stalled", stalled);
  f.server.reply("GET /fine", {200, "ok"});

  http::Request request = f.request("GET", "/silent");
  request.timeout = milliseconds(80);
  Recorder no_answer;
  f.send(std::move(request), no_answer);
  CHECK(no_answer.kind() == FailureKind::timeout);
  CHECK(no_answer.heads == 0);
  CHECK(mentions(no_answer, "80 ms"));

  Recorder stops;
  f.send(f.request("GET", "/stalled"), stops);
  CHECK(stops.kind() == FailureKind::timeout);
  CHECK(stops.heads == 1);
  CHECK(mentions(stops, "60 ms"));

  Recorder fine;
  f.send(f.request("GET", "/fine"), fine);
  CHECK(fine.body == "ok");
}

TEST_CASE("the whole exchange is bounded although bytes keep coming") {
  Fixture f;
  Reply reply{200, "abc"};
  reply.hold_body = true;
  f.server.reply("GET /x", reply);
  http::Request request = f.request("GET", "/x");
  request.timeout = milliseconds(300);
  Recorder r;
  f.send(std::move(request), r);
  CHECK(r.kind() == FailureKind::timeout);
  CHECK(mentions(r, "0 of 3 bytes"));
}

TEST_CASE("a gzip bomb ends at the limit, counted decoded") {
  Fixture f;
  Reply bomb{200, std::string(32U << 20U, '0')};
  bomb.gzip = true;
  f.server.reply("GET /bomb", bomb);
  http::Request request = f.request("GET", "/bomb");
  request.max_body = 1U << 20U;
  Recorder r;
  r.keep_body = false;
  f.send(std::move(request), r);
  CHECK(r.kind() == FailureKind::limit);
  CHECK(mentions(r, "1048576 bytes"));
  CHECK(r.received <= 1U << 20U);
}

TEST_CASE("the limit itself is still allowed") {
  Fixture f;
  f.options.max_body = 1000;
  f.server.reply("GET /1000", {200, std::string(1000, 'x')});
  f.server.reply("GET /1001", {200, std::string(1001, 'x')});
  Recorder at;
  f.send(f.request("GET", "/1000"), at);
  CHECK(at.text() == "");
  Recorder past;
  f.send(f.request("GET", "/1001"), past);
  CHECK(past.kind() == FailureKind::limit);
}

TEST_CASE("headers are bounded, each and in all") {
  Fixture f;
  f.options.max_header_bytes = 10'000;
  Reply many;
  for (int i = 0; i < 200; ++i)
    many.headers.emplace_back("X-" + std::to_string(i), std::string(90, 'x'));
  f.server.reply("GET /many", many);
  Recorder r;
  f.send(f.request("GET", "/many"), r);
  CHECK(r.kind() == FailureKind::limit);
  CHECK(r.heads == 0);

  Fixture g;
  Reply one;
  one.headers = {{"X", std::string(200'000, 'x')}};
  g.server.reply("GET /one", one);
  Recorder longest;
  g.send(g.request("GET", "/one"), longest);
  CHECK(longest.kind() == FailureKind::limit);
}

TEST_CASE("what may have taken effect is not sent twice by itself") {
  struct Case {
    const char* method;
    const char* body;
    bool repeated;
  };
  const Case cases[] = {{"GET", "", true},     {"PUT", "x", true},  {"DELETE", "", true},
                        {"POST", "x", false},  {"POST", "", false}, {"PATCH", "x", false},
                        {"DELETE", "x", true}, {"PURGE", "", false}};
  for (const Case& c : cases) {
    CAPTURE(c.method);
    CAPTURE(c.body);
    Fixture f;
    // The second request on a connection is read and then dropped without a word.
    f.server.reply("GET /warm", {200, "ok"});
    f.server.otherwise([](const Seen& seen) {
      Reply reply{200, "done"};
      reply.drop = seen.connection == 0;
      return reply;
    });
    Recorder warm;
    f.send(f.request("GET", "/warm"), warm);
    http::Request request = f.request(c.method, "/x");
    request.body = c.body;
    request.has_body = *c.body != '\0';
    Recorder r;
    f.send(std::move(request), r);
    std::size_t sent = 0;
    for (const Seen& seen : f.server.seen()) sent += seen.target == "/x" ? 1U : 0U;
    if (c.repeated) {
      CHECK(sent == 2);
      CHECK(r.body == "done");
    } else {
      CHECK(sent == 1);
      if (*c.body != '\0') {
        CHECK(r.kind() == FailureKind::network);
        CHECK(mentions(r, c.method));
      }
    }
  }
}
