#include "interpreter/http/curl_transport.hh"

#include <poll.h>

#include <algorithm>

#include "interpreter/http/curl_failure.hh"
#include "interpreter/http/curl_library.hh"
#include "interpreter/http/curl_transfer.hh"
#include "interpreter/http/waker.hh"

namespace fconn::http {
namespace {

using value::FailureKind;
using value::TimePoint;

TimePoint clock_now() { return std::chrono::steady_clock::now(); }

// Milliseconds to sleep until `until`, rounded up so that a wait doesn't end just before it.
int poll_timeout(TimePoint now, TimePoint until) {
  if (until <= now) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
  return static_cast<int>(std::min<std::int64_t>(left, 3'600'000));
}

class CurlTransport final : public Transport {
 public:
  CurlTransport(const CurlOptions& options, const HostsGuard& guard)
      : options_(options), context_{options_, guard} {}

  ~CurlTransport() override {
    // Transfers that still run get no done(): their handlers may be gone with the caller.
    for (const auto& transfer : active_) {
      curl_->curl_multi_remove_handle(multi_, transfer->easy());
    }
    active_.clear();
    queued_.clear();
    idle_.clear();
    if (multi_ != nullptr) curl_->curl_multi_cleanup(multi_);
  }
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  void start(Request request, ResponseHandler& handler) override {
    if (!ready()) {
      unsendable_.push_back(&handler);
      return;
    }
    TransferPtr transfer;
    if (idle_.empty()) {
      transfer = std::make_unique<Transfer>(*curl_, context_);
    } else {
      transfer = std::move(idle_.back());
      idle_.pop_back();
    }
    // A failure is kept in the transfer, and told by the next wait().
    (void)transfer->prepare(std::move(request), handler);
    queued_.push_back(std::move(transfer));
  }

  void cancel(RequestId id) noexcept override {
    for (auto* list : {&queued_, &active_}) {
      for (const TransferPtr& transfer : *list) {
        if (!transfer || transfer->id() != id || transfer->stopped()) continue;
        transfer->stop(make_failure(FailureKind::cancelled, "The request was cancelled."));
        stop_pending_ = true;
        return;
      }
    }
  }

  void wait(TimePoint until) override {
    const std::uint64_t before = context_.calls;
    context_.now = clock_now();
    // With nothing new a perform would only ask every socket in vain, so poll comes first.
    if (start_queued()) perform();
    end_stopped();
    end_unsendable();
    while (context_.calls == before && !waker_.take()) {
      sleep(active_.empty() ? until : std::min(until, next_stall_check_));
      context_.now = clock_now();
      if (multi_ != nullptr) perform();
      stop_stalled();
      end_stopped();
      if (context_.now >= until) break;
    }
  }

  void wake() noexcept override { waker_.wake(); }

 private:
  using TransferPtr = std::unique_ptr<Transfer>;

  // Whether requests can be sent. The first one loads libcurl.
  bool ready() {
    if (multi_ != nullptr) return true;
    if (!curl_ && !(curl_ = CurlLibrary::load())) return false;
    multi_ = curl_->curl_multi_init();
    FCONN_ASSERT(multi_ != nullptr, "libcurl has no memory for a multi handle");
    // Idle connections kept for reuse. Requests beyond the bound wait here, in start_queued():
    // libcurl 7.88 counts the wait for its own bound into the connect timeout, and may forget them.
    curl_->curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, options_.max_connections);
    curl_->curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
    return true;
  }

  // Until a socket or the waker has something, or the time is reached.
  void sleep(TimePoint until) {
    const int timeout = poll_timeout(context_.now, until);
    if (multi_ == nullptr) {
      pollfd woken{waker_.descriptor(), POLLIN, 0};
      ::poll(&woken, 1, timeout);
      if (woken.revents != 0) waker_.clear();
      return;
    }
    curl_waitfd woken{waker_.descriptor(), CURL_WAIT_POLLIN, 0};
    curl_->curl_multi_poll(multi_, &woken, 1, timeout, nullptr);
    if (woken.revents != 0) waker_.clear();
  }

  // Hands queued transfers to libcurl as far as the bound allows, or ends those that must not be
  // sent. True when libcurl got something to do. What done() queues meanwhile waits for the next
  // round; so does what is left: a slot becomes free only by a done(), which ends wait().
  bool start_queued() {
    bool started = false;
    const auto bound = static_cast<std::size_t>(options_.max_connections);
    const std::size_t count = queued_.size();
    std::size_t left = 0;
    for (std::size_t i = 0; i < count; ++i) {
      TransferPtr transfer = std::move(queued_[i]);
      if (transfer->stopped()) {
        finish(std::move(transfer), CURLE_OK);
        continue;
      }
      if (active_.size() >= bound) {
        queued_[left++] = std::move(transfer);
        continue;
      }
      const CURLMcode code = curl_->curl_multi_add_handle(multi_, transfer->easy());
      FCONN_ASSERT(code == CURLM_OK, "libcurl doesn't take a transfer");
      transfer->index = active_.size();
      active_.push_back(std::move(transfer));
      started = true;
    }
    queued_.erase(queued_.begin() + static_cast<std::ptrdiff_t>(left),
                  queued_.begin() + static_cast<std::ptrdiff_t>(count));
    return started;
  }

  void perform() {
    int running = 0;
    curl_->curl_multi_perform(multi_, &running);
    int left = 0;
    while (const CURLMsg* message = curl_->curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      Transfer* transfer = nullptr;
      curl_->curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      const CURLcode code = message->data.result;  // the message dies with the removal
      finish(release(*transfer), code);
    }
  }

  // Looks at all transfers, but only when one of them can have been silent for long enough.
  void stop_stalled() {
    const TimePoint now = context_.now;
    if (now < next_stall_check_) return;
    next_stall_check_ = now + options_.stall_timeout;
    for (const TransferPtr& transfer : active_) {
      const auto last = transfer->last_byte();
      if (!last || transfer->stopped()) continue;
      if (*last + options_.stall_timeout > now) {
        next_stall_check_ = std::min(next_stall_check_, *last + options_.stall_timeout);
        continue;
      }
      transfer->stop(make_failure(FailureKind::timeout, "The answer of " + transfer->host() +
                                                            " stopped coming: no byte for " +
                                                            duration_text(options_.stall_timeout) +
                                                            "."));
      stop_pending_ = true;
    }
  }

  void end_stopped() {
    if (!stop_pending_) return;
    stop_pending_ = false;
    for (std::size_t i = 0; i < active_.size();) {
      if (active_[i]->stopped()) {
        finish(release(*active_[i]), CURLE_OK);  // the last one takes its place
      } else {
        ++i;
      }
    }
  }

  void end_unsendable() {
    const auto handlers = std::exchange(unsendable_, {});
    for (ResponseHandler* handler : handlers) {
      ++context_.calls;
      handler->nothing_sent();
      handler->done(value::fail(curl_.error()));
    }
  }

  // Takes a transfer off libcurl and off the list of active ones.
  TransferPtr release(Transfer& transfer) {
    curl_->curl_multi_remove_handle(multi_, transfer.easy());
    const std::size_t index = transfer.index;
    TransferPtr owned = std::move(active_[index]);
    if (index + 1 != active_.size()) {
      active_[index] = std::move(active_.back());
      active_[index]->index = index;
    }
    active_.pop_back();
    return owned;
  }

  // The last call for a transfer. It is free for reuse before, as done() may start another.
  void finish(TransferPtr transfer, int code) {
    ++context_.calls;
    ResponseHandler& handler = transfer->handler();
    value::Result<Timings> result = transfer->result(code);
    const bool unsent = !result && transfer->nothing_sent();
    transfer->clear();
    idle_.push_back(std::move(transfer));
    if (unsent) handler.nothing_sent();
    handler.done(std::move(result));
  }

  const CurlOptions options_;
  TransferContext context_;
  Waker waker_;
  // Until a request is sent, and when libcurl can't be loaded, a failure and null.
  value::Result<CurlLibrary> curl_ = value::fail(FailureKind::configuration, "");
  CURLM* multi_ = nullptr;
  std::vector<TransferPtr> active_;  // libcurl has them
  std::vector<TransferPtr> queued_;  // in the order of start(); null once handed on
  std::vector<TransferPtr> idle_;
  std::vector<ResponseHandler*> unsendable_;  // wait for their done(), as libcurl isn't there
  TimePoint next_stall_check_{};
  bool stop_pending_ = false;
};

}  // namespace

std::unique_ptr<Transport> make_curl_transport(const CurlOptions& options,
                                               const HostsGuard& guard) {
  return std::make_unique<CurlTransport>(options, guard);
}

}  // namespace fconn::http
