// The world of a test: a transport that answers from a recording, and a clock that jumps to the
// next thing to do instead of waiting.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "interpreter/http/transport.hh"
#include "interpreter/value/ports.hh"
#include "tools/mock/recording.hh"

namespace fconn::contract {

class JumpingClock final : public value::Clock {
 public:
  JumpingClock() = default;
  /// wall() always says `fixed`, as that of a recording did.
  explicit JumpingClock(value::WallTime fixed) : fixed_(fixed) {}
  value::TimePoint now() override { return value::TimePoint{} + value::Milliseconds(1) + passed_; }
  value::WallTime wall() override {
    if (fixed_) return *fixed_;
    return value::WallTime(value::Milliseconds(1'700'000'000'000)) + passed_;
  }
  void jump_to(value::TimePoint time) {
    if (time > now()) passed_ += std::chrono::duration_cast<value::Milliseconds>(time - now());
  }

 private:
  std::optional<value::WallTime> fixed_;
  value::Milliseconds passed_{0};
};

class FixedRandom final : public value::Random {
 public:
  std::uint64_t next() override {
    return state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
  }

 private:
  std::uint64_t state_ = 42;
};

struct SentRequest {
  mock::RecordedRequest request;
  http::Headers headers;
  std::string url;
  bool answered = false;  // the test has an answer for it
};

class OfflineTransport final : public http::Transport {
 public:
  /// Finds the answer; null when there is none.
  using Answers = std::function<const mock::RecordedReply*(const SentRequest&)>;
  /// `refuse`: how a request without an answer fails; without it, it gets 404 and `{}`.
  using Refuse = std::function<value::Failure(const SentRequest&)>;
  OfflineTransport(JumpingClock& clock, Answers answers, Refuse refuse = {})
      : clock_(clock), answers_(std::move(answers)), refuse_(std::move(refuse)) {}

  void start(http::Request request, http::ResponseHandler& handler) override;
  void cancel(http::RequestId id) noexcept override;
  void wait(value::TimePoint until) override;
  void wake() noexcept override {}

  const std::vector<SentRequest>& sent() const { return sent_; }

 private:
  struct Pending {
    http::RequestId id;
    http::ResponseHandler* handler;
    const mock::RecordedReply* reply;
    std::optional<value::Failure> failure;
    bool cancelled = false;
  };
  JumpingClock& clock_;
  Answers answers_;
  Refuse refuse_;
  std::vector<SentRequest> sent_;
  std::deque<Pending> pending_;
};

}  // namespace fconn::contract
