#include "tools/har/capture.hh"

#include <cstdio>

namespace fconn::har {

struct CaptureTransport::Tap final : http::ResponseHandler {
  Tap(CaptureTransport& owner_, http::ResponseHandler& handler_)
      : owner(owner_), handler(&handler_) {}

  value::Result<void> head(int status, const http::Headers& headers) override {
    exchange.status = status;
    exchange.response.headers = headers;
    const std::string* type = http::find(headers, "Content-Type");
    if (type != nullptr) exchange.response.type = *type;
    return handler->head(status, headers);
  }

  value::Result<void> bytes(std::string_view chunk) override {
    owner.kept_ += chunk.size();
    if (owner.kept_ > max_recording) {
      return value::fail(value::FailureKind::limit,
                         "the recording would be larger than 256 MiB; --collection records less");
    }
    exchange.response.body += chunk;
    return handler->bytes(chunk);
  }

  void nothing_sent() override { handler->nothing_sent(); }

  void done(value::Result<http::Timings> result) override {
    answered = result.has_value();
    if (answered) {
      exchange.milliseconds = result->total.count();
    } else {
      ++owner.unanswered_;
    }
    http::ResponseHandler* const then = handler;
    handler = nullptr;
    then->done(std::move(result));
  }

  CaptureTransport& owner;
  http::ResponseHandler* handler;  // null: done
  Exchange exchange;
  bool answered = false;
};

namespace {

/// RFC 3339.
std::string written(value::WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[48];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

}  // namespace

CaptureTransport::CaptureTransport(std::unique_ptr<http::Transport> network, value::Clock& clock)
    : network_(std::move(network)), clock_(clock) {}
CaptureTransport::~CaptureTransport() = default;

void CaptureTransport::start(http::Request request, http::ResponseHandler& handler) {
  auto tap = std::make_unique<Tap>(*this, handler);
  tap->exchange.started = written(clock_.wall());
  tap->exchange.method = request.method;
  tap->exchange.url = request.url.substr(0, request.url.find('#'));
  tap->exchange.request.headers = request.headers;
  tap->exchange.request.body = request.body;
  kept_ += request.body.size();
  const std::string* type = http::find(request.headers, "Content-Type");
  if (type != nullptr) tap->exchange.request.type = *type;
  http::ResponseHandler& own = *tap;
  taps_.push_back(std::move(tap));
  network_->start(std::move(request), own);
}

std::vector<Exchange> CaptureTransport::take() {
  std::vector<Exchange> out;
  for (const std::unique_ptr<Tap>& tap : taps_) {
    if (tap->answered) out.push_back(std::move(tap->exchange));
  }
  taps_.clear();
  return out;
}

}  // namespace fconn::har
