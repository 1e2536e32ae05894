// Sends bytes and delivers bytes. Knows no IR, no JSON and no retry policy: it reports kind, status
// and headers. Redirects are never followed by the transport: a 3xx is delivered like any answer,
// and redirect.hh says what may be asked next.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "interpreter/http/headers.hh"
#include "interpreter/value/result.hh"

namespace fconn::http {

using RequestId = std::uint64_t;

struct Request {
  RequestId id = 0;
  std::string method;
  std::string url;  // absolute; may hold credentials of a query scheme: print only redacted
  /// The URL came out of a response and may be a credential itself (a signed download): of it,
  /// only the origin is ever printed.
  bool private_url = false;
  /// Not even libcurl may send it twice, whatever the method: who sends it keeps a journal.
  bool once = false;
  Headers headers;
  std::string body;
  bool has_body = false;
  value::Milliseconds timeout{60'000};  // whole exchange
  value::Milliseconds connect_timeout{10'000};
  std::uint64_t max_body = 0;  // decoded bytes; 0: the transport's default
};

struct Timings {
  value::Milliseconds total{0};
  value::Milliseconds first_byte{0};
  std::uint64_t decoded_bytes = 0;
};

/// Calls come on the thread that runs wait(). A failure returned from head or bytes ends the
/// transfer; done() is then called with it. done() is called exactly once, also after cancel().
class ResponseHandler {
 public:
  virtual ~ResponseHandler() = default;
  virtual value::Result<void> head(int status, const Headers& headers) = 0;
  virtual value::Result<void> bytes(std::string_view chunk) = 0;
  /// Before done() with a failure, when not a byte of the request left for the server: it can't
  /// have done anything. Without this call nobody knows.
  virtual void nothing_sent() {}
  virtual void done(value::Result<Timings> result) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// `handler` must live until done(). Never calls the handler before returning.
  virtual void start(Request request, ResponseHandler& handler) = 0;
  virtual void cancel(RequestId id) noexcept = 0;
  /// Waits until something happened or `until` is reached, and makes the calls that are due.
  virtual void wait(value::TimePoint until) = 0;
  /// From any thread or signal handler's flag setter: ends a running wait().
  virtual void wake() noexcept = 0;
};

}  // namespace fconn::http
