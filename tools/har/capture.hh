// A transport that keeps what goes through it. What it keeps is as it was sent, secrets and all:
// it stays in memory until har::Scrubber has been over it.
#pragma once

#include <memory>
#include <vector>

#include "interpreter/http/transport.hh"
#include "tools/har/har.hh"

namespace fconn::har {

/// Bytes of all bodies of a recording; a run that brings more fails and says so.
constexpr std::size_t max_recording = std::size_t{256} << 20U;

class CaptureTransport final : public http::Transport {
 public:
  CaptureTransport(std::unique_ptr<http::Transport> network, value::Clock& clock);
  ~CaptureTransport() override;

  void start(http::Request request, http::ResponseHandler& handler) override;
  void cancel(http::RequestId id) noexcept override { network_->cancel(id); }
  void wait(value::TimePoint until) override { network_->wait(until); }
  void wake() noexcept override { network_->wake(); }

  /// In the order in which they began. What had no answer isn't among them.
  std::vector<Exchange> take();
  std::size_t unanswered() const { return unanswered_; }

 private:
  struct Tap;
  std::unique_ptr<http::Transport> network_;
  value::Clock& clock_;
  std::vector<std::unique_ptr<Tap>> taps_;  // in the order of start()
  std::size_t kept_ = 0;
  std::size_t unanswered_ = 0;
};

}  // namespace fconn::har
