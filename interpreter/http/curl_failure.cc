#include "interpreter/http/curl_failure.hh"

#include <algorithm>

#include "interpreter/http/curl_library.hh"

namespace fconn::http {
namespace {

using value::Failure;
using value::FailureKind;

curl_off_t number(const CurlEnd& end, CURLINFO what) { return end.easy->info<curl_off_t>(what, 0); }

std::string received(const CurlEnd& end) {
  const curl_off_t got = number(end, CURLINFO_SIZE_DOWNLOAD_T);
  const auto announced = end.easy->info<curl_off_t>(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, -1);
  if (announced < 0) return std::to_string(got) + " bytes of a length that wasn't announced";
  return std::to_string(got) + " of " + std::to_string(announced) + " bytes";
}

Failure timed_out(const CurlEnd& end) {
  const std::string host(end.host);
  // Zero until the connection (and TLS, where it is used) stands.
  if (number(end, CURLINFO_PRETRANSFER_TIME_T) == 0) {
    const auto limit = std::min(end.connect_timeout, end.timeout);
    return make_failure(FailureKind::timeout, "No connection to " + host + " was made within " +
                                                  duration_text(limit) + ".");
  }
  if (!end.head_delivered) {
    return make_failure(FailureKind::timeout,
                        host + " didn't answer within " + duration_text(end.timeout) + ".");
  }
  return make_failure(FailureKind::timeout, "The answer of " + host + " wasn't complete after " +
                                                duration_text(end.timeout) + "; " + received(end) +
                                                " had come.");
}

// Before, while and after a connection is made.
std::optional<Failure> connection_failure(const CurlEnd& end) {
  const std::string host(end.host);
  switch (end.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return make_failure(FailureKind::network, "The host name " + host + " has no address.");
    case CURLE_COULDNT_RESOLVE_PROXY:
      return make_failure(FailureKind::network, "The proxy's host name has no address.");
    case CURLE_COULDNT_CONNECT:
      return make_failure(FailureKind::network,
                          "No connection to " + (end.proxied ? "the proxy" : host) +
                              " could be made: nothing answers there, or it was refused.");
    case CURLE_PROXY:
      return make_failure(FailureKind::network, "The proxy refused to connect to " + host + ".");
    case CURLE_SEND_FAIL_REWIND:
      return make_failure(FailureKind::network, host + " closed the connection after the " +
                                                    std::string(end.method) +
                                                    " was sent and before it answered.");
    case CURLE_GOT_NOTHING:
      return make_failure(FailureKind::network, host + " closed the connection without an answer.");
    case CURLE_SEND_ERROR:
      return make_failure(FailureKind::network,
                          "The connection to " + host + " broke while the request was sent.");
    case CURLE_RECV_ERROR:
      return make_failure(FailureKind::network,
                          "The connection to " + host + " broke; " +
                              (end.head_delivered ? received(end) : "no byte of the answer") +
                              " had come.");
    default:
      return std::nullopt;
  }
}

std::optional<Failure> tls_failure(const CurlEnd& end) {
  const std::string host(end.host);
  std::string detail = end.detail.empty() ? "." : " (" + std::string(end.detail) + ").";
  switch (end.code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return make_failure(FailureKind::network,
                          "The certificate of " + host + " can't be trusted" + detail +
                              " If a private authority signed it, name that with --ca.");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED:
      return make_failure(FailureKind::network,
                          "No secure connection to " + host + " could be agreed on" + detail);
    case CURLE_SSL_CACERT_BADFILE:
      return make_failure(FailureKind::configuration,
                          "The file of certificate authorities (--ca) can't be read.");
    case CURLE_SSL_CERTPROBLEM:
      return make_failure(FailureKind::configuration,
                          "The client certificate (--client-cert) can't be used" + detail);
    default:
      return std::nullopt;
  }
}

// What came isn't what was announced.
Failure protocol_failure(const CurlEnd& end) {
  const std::string host(end.host);
  switch (end.code) {
    case CURLE_PARTIAL_FILE:
      return make_failure(FailureKind::protocol,
                          "The answer of " + host + " was cut off: " + received(end) + " came.");
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return end.head_delivered ? make_failure(FailureKind::protocol,
                                               "The answer of " + host +
                                                   " was broken off: " + received(end) + " came.")
                                : make_failure(FailureKind::network,
                                               host + " broke the request off before it answered.");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return make_failure(FailureKind::protocol,
                          host + " answered with something that isn't HTTP.");
    default:
      return make_failure(
          FailureKind::protocol,
          "The exchange with " + host + " failed (" +
              end.easy->library().curl_easy_strerror(static_cast<CURLcode>(end.code)) + ").");
  }
}

}  // namespace

value::Failure make_failure(FailureKind kind, std::string text) {
  Failure failure;
  failure.kind = kind;
  failure.text = std::move(text);
  return failure;
}

value::Failure undecodable(std::string_view host) {
  return make_failure(FailureKind::protocol, "The answer of " + std::string(host) +
                                                 " can't be decompressed; it is damaged or isn't "
                                                 "in an encoding that was asked for.");
}

value::Failure describe_end(const CurlEnd& end) {
  if (end.code == CURLE_OPERATION_TIMEDOUT) return timed_out(end);
  if (auto failure = connection_failure(end)) return *failure;
  if (auto failure = tls_failure(end)) return *failure;
  // The buffer for a header line overflows as "out of memory".
  if (end.code == CURLE_OUT_OF_MEMORY && !end.head_delivered) {
    return make_failure(FailureKind::limit,
                        "A header of the answer of " + std::string(end.host) + " is too long.");
  }
  return protocol_failure(end);
}

std::string duration_text(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  if (count < 1000) return std::to_string(count) + " ms";
  std::string text = std::to_string(count / 1000);
  if (count % 1000 >= 100) text += "." + std::to_string(count % 1000 / 100);
  return text + " s";
}

}  // namespace fconn::http
