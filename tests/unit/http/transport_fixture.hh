// What the transport tests share: a handler that records its calls, and a transport that may talk
// to one loopback server.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "interpreter/http/curl_transport.hh"
#include "tests/support/loopback_server.hh"

namespace fconn::test {

struct Recorder final : http::ResponseHandler {
  int status = 0;
  http::Headers headers;
  std::string body;
  int heads = 0;
  int dones = 0;
  std::uint64_t received = 0;
  bool keep_body = true;
  std::optional<value::Failure> failure;
  std::optional<http::Timings> timings;
  std::function<value::Result<void>()> on_head;   // what head() answers
  std::function<value::Result<void>()> on_bytes;  // what bytes() answers
  std::function<void()> on_done;

  value::Result<void> head(int code, const http::Headers& fields) override {
    ++heads;
    status = code;
    headers = fields;
    return on_head ? on_head() : value::Result<void>();
  }
  value::Result<void> bytes(std::string_view chunk) override {
    received += chunk.size();
    if (keep_body) body += chunk;
    return on_bytes ? on_bytes() : value::Result<void>();
  }
  void done(value::Result<http::Timings> result) override {
    ++dones;
    if (result) {
      timings = *result;
    } else {
      failure = result.error();
    }
    if (on_done) on_done();
  }
  /// The kind of failure, or nothing where it went well.
  std::optional<value::FailureKind> kind() const {
    return failure ? std::optional(failure->kind) : std::nullopt;
  }
  std::string text() const { return failure ? failure->text : std::string(); }
};

/// Far enough that only a broken transport reaches it.
inline value::TimePoint soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(10);
}

struct Fixture {
  LoopbackServer server;
  http::HostsGuard guard;
  http::CurlOptions options;
  std::unique_ptr<http::Transport> transport;

  /// Made at first use, so that a test can set options before.
  http::Transport& curl() {
    if (!transport) {
      guard.allow({"127.0.0.1"});
      transport = http::make_curl_transport(options, guard);
    }
    return *transport;
  }
  http::Request request(std::string method, std::string_view target) {
    http::Request out;
    out.id = ++next_id;
    out.method = std::move(method);
    out.url = server.url(target);
    out.timeout = std::chrono::seconds(10);
    return out;
  }
  /// Runs the loop until the predicate holds; false when that took too long.
  template <class Predicate>
  bool run_until(Predicate holds) {
    const auto end = soon();
    while (!holds()) {
      if (std::chrono::steady_clock::now() >= end) return false;
      curl().wait(end);
    }
    return true;
  }
  /// One request from start to done.
  Recorder& send(http::Request request, Recorder& recorder) {
    curl().start(std::move(request), recorder);
    run_until([&] { return recorder.dones > 0; });
    return recorder;
  }

  http::RequestId next_id = 0;
};

}  // namespace fconn::test
