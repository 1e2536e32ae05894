// One exchange on a libcurl easy handle: its options, its callbacks and what became of it. Private
// to CurlTransport, which owns transfers, keeps finished ones for reuse (an easy handle keeps its
// buffers and settings, so only what differs between requests is set again) and alone talks to the
// multi handle.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/formats/content.hh"
#include "interpreter/http/curl_library.hh"
#include "interpreter/http/curl_transport.hh"
#include "interpreter/http/header_list.hh"
#include "interpreter/http/response_head.hh"

namespace fconn::http {

/// What all transfers of one transport share; outlives them.
struct TransferContext {
  const CurlOptions& options;
  const HostsGuard& guard;
  value::TimePoint now{};   // of the last wake-up: good enough for stall times, and free
  std::uint64_t calls = 0;  // of handlers, so that wait() knows that something happened
};

class Transfer {
 public:
  Transfer(const CurlLibrary& library, TransferContext& context);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Takes a request and sets the handle's options for it. A failure means that it must not be
  /// sent (guard, a bad header); finish() reports it too.
  value::Result<void> prepare(Request request, ResponseHandler& handler);
  /// Ends it early: callbacks refuse further bytes, and finish() reports this.
  void stop(value::Failure failure) noexcept;
  bool stopped() const { return failure_.has_value(); }

  /// The exchange's result, once libcurl is done with it (`code` is a CURLcode).
  value::Result<Timings> result(int code) const;
  /// No connection stood, so that no byte can have left.
  bool nothing_sent() const;
  /// Lets go of request and handler, keeps buffers.
  void clear() noexcept;

  CURL* easy() const { return easy_.easy(); }
  RequestId id() const { return request_.id; }
  ResponseHandler& handler() const { return *handler_; }
  const std::string& host() const { return host_; }
  /// When the last byte of an answer came; null before its first byte: until then only the
  /// request's own timeout counts, as a server may think for long.
  std::optional<value::TimePoint> last_byte() const { return last_byte_; }

  std::size_t index = 0;  // place in the transport's list of active transfers

  // Called by libcurl through the C functions in curl_transfer.cc; the result is what those return.
  bool on_header(std::string_view line) noexcept;
  bool on_body(std::string_view chunk) noexcept;
  std::size_t on_read(char* buffer, std::size_t size) noexcept;
  bool may_connect(const struct sockaddr* address) noexcept;

 private:
  value::Result<void> set_target();
  value::Result<void> set_method();
  void set_body(bool repeatable);
  value::Result<void> set_headers();
  void set_timeouts();
  bool deliver_head();
  bool decode(std::string_view chunk);
  bool deliver(std::string_view chunk);

  TransferContext& context_;
  std::vector<char> error_text_;  // libcurl's own words on the last error

  Request request_;
  ResponseHandler* handler_ = nullptr;
  std::string host_;  // that is really connected to
  bool routed_ = false;
  bool proxied_ = false;
  std::uint64_t max_body_ = 0;
  std::size_t body_read_ = 0;
  HeaderList header_list_;
  ResponseHead head_;
  std::optional<value::Failure> failure_;
  std::optional<value::Failure> refused_address_;
  std::optional<value::TimePoint> last_byte_;
  std::uint64_t header_bytes_ = 0;
  std::uint64_t decoded_ = 0;
  std::unique_ptr<formats::Decoder> decoder_;  // null: the body comes as it is
  std::optional<value::Failure> undecoded_;    // why it can't be decoded, if there is one
  bool head_delivered_ = false;
  CurlHandle easy_;  // last, so that it ends before what it points to
};

}  // namespace fconn::http
