// What a CURLcode means to a user: the kind of failure and a plain sentence that names the host.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/value/result.hh"

namespace fconn::http {

class CurlHandle;

/// What is known of a transfer that libcurl ended with an error.
struct CurlEnd {
  int code = 0;                      // CURLcode
  const CurlHandle* easy = nullptr;  // asked for times and sizes
  std::string_view host;             // that was connected to
  std::string_view method;
  std::string_view detail;  // libcurl's own words; shown only where they help, for TLS
  std::chrono::milliseconds timeout{0};
  std::chrono::milliseconds connect_timeout{0};
  bool proxied = false;
  bool head_delivered = false;
};
value::Failure describe_end(const CurlEnd& end);
/// The body isn't what its Content-Encoding says.
value::Failure undecodable(std::string_view host);

value::Failure make_failure(value::FailureKind kind, std::string text);

/// "30 s", "1.5 s", "200 ms".
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace fconn::http
