// The real transport: one libcurl multi handle on the calling thread. Bounded: parallel transfers,
// connections, header bytes, decoded body bytes (a gzip bomb ends at the limit, counted decoded).
#pragma once

#include <memory>
#include <string>

#include "interpreter/http/guard.hh"
#include "interpreter/http/transport.hh"

namespace fconn::http {

struct CurlOptions {
  std::string ca_file;           // --ca: private certificate authority; verification is never off
  std::string client_cert_file;  // --client-cert: PEM with certificate and key
  std::string proxy;             // --proxy
  std::string user_agent = "fconn";
  long max_connections = 256;  // transfers under way at a time; more wait, which costs no timeout
  std::uint64_t max_header_bytes = std::uint64_t{256} * 1024;
  std::uint64_t max_body = std::uint64_t{8} << 30U;  // decoded bytes of one response
  // An answer that has begun ends when no byte comes for so long. Until it begins, only the
  // request's own timeout counts: a server may think.
  value::Milliseconds stall_timeout{30'000};
};

/// `guard` must outlive the transport. Every request is held against it, whoever asks. Transfers
/// that still run when the transport is destroyed get no done(). What libcurl may repeat by itself
/// on a connection that turned out dead are idempotent methods alone.
std::unique_ptr<Transport> make_curl_transport(const CurlOptions& options, const HostsGuard& guard);

}  // namespace fconn::http
