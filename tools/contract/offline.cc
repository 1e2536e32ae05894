#include "tools/contract/offline.hh"

namespace fconn::contract {

void OfflineTransport::start(http::Request request, http::ResponseHandler& handler) {
  SentRequest sent;
  const auto url = http::parse_url(request.url);
  std::string target = url ? url->path : request.url;
  if (url && url->query) target += "?" + *url->query;
  const std::string* type = http::find(request.headers, "Content-Type");
  sent.request = mock::make_request(request.method, target, request.body, type ? *type : "");
  sent.headers = request.headers;
  sent.url = request.url;
  const mock::RecordedReply* reply = answers_(sent);
  sent.answered = reply != nullptr;
  std::optional<value::Failure> failure;
  if (reply == nullptr && refuse_) failure = refuse_(sent);
  sent_.push_back(std::move(sent));
  pending_.push_back({request.id, &handler, reply, std::move(failure)});
}

void OfflineTransport::cancel(http::RequestId id) noexcept {
  for (Pending& pending : pending_) {
    if (pending.id == id) pending.cancelled = true;
  }
}

void OfflineTransport::wait(value::TimePoint until) {
  if (pending_.empty()) {
    clock_.jump_to(until);
    return;
  }
  const Pending next = std::move(pending_.front());
  pending_.pop_front();
  if (next.cancelled) {
    next.handler->done(value::fail(value::FailureKind::cancelled, "cancelled"));
    return;
  }
  if (next.failure) {
    next.handler->done(value::fail(*next.failure));
    return;
  }
  static const mock::RecordedReply none{404, {}, "{}"};
  const mock::RecordedReply& reply = next.reply != nullptr ? *next.reply : none;
  value::Result<void> going = next.handler->head(reply.status, reply.headers);
  if (going && !reply.body.empty()) going = next.handler->bytes(reply.body);
  if (!going) {
    next.handler->done(value::fail(going.error()));
    return;
  }
  http::Timings timings;
  timings.decoded_bytes = reply.body.size();
  next.handler->done(timings);
}

}  // namespace fconn::contract
