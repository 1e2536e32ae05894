#include "interpreter/run/exchange.hh"

#include <algorithm>
#include <cstring>

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;

void Exchange::begin(http::Request sent_request, BodyLimits body_limits, StreamFactory factory,
                     Done when_done) {
  sent = std::move(sent_request);
  limits_ = body_limits;
  factory_ = std::move(factory);
  done_ = std::move(when_done);
  status = 0;
  headers.clear();
  body_size = 0;
  received = 0;
  stream.reset();
  failure.reset();
  unsent = false;
  timing = {};
  asked_ = false;
}

Result<void> Exchange::head(int answer_status, const http::Headers& answer_headers) {
  status = answer_status;
  headers = answer_headers;
  return {};
}

Result<void> Exchange::append(std::string_view chunk) {
  const std::size_t need = body_size + chunk.size() + rows::padding;
  if (body.size() < need) {
    // Grown by half, so that a pool of many buffers stays near what bodies need.
    body.resize(std::max(need, std::min(body.size() + body.size() / 2, need + (need >> 1U))));
  }
  std::memcpy(body.data() + body_size, chunk.data(), chunk.size());
  body_size += chunk.size();
  return {};
}

Result<void> Exchange::bytes(std::string_view chunk) {
  received += chunk.size();
  const bool good = status >= 200 && status < 300;
  if (!good) {
    // Enough to judge and to quote; the rest of an error page is of no use.
    const std::uint64_t room =
        limits_.max_error_body - std::min<std::uint64_t>(limits_.max_error_body, body_size);
    return append(
        chunk.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, chunk.size()))));
  }
  if (stream) return stream->reader->feed(chunk);
  if (!asked_ && body_size + chunk.size() > limits_.stream_from) {
    asked_ = true;
    stream = factory_ ? factory_(*this) : nullptr;
    if (stream) {
      if (auto fed = stream->reader->feed(whole()); !fed) return fed;
      body_size = 0;
      std::string().swap(body);
      return stream->reader->feed(chunk);
    }
  }
  if (body_size + chunk.size() > limits_.max_whole) {
    return fail(FailureKind::limit, "the response is larger than " +
                                        std::to_string(limits_.max_whole >> 20U) +
                                        " MiB, and this request's clauses need all of it at once");
  }
  return append(chunk);
}

void Exchange::done(Result<http::Timings> timings) {
  if (timings) {
    timing = *timings;
  } else {
    failure = timings.error();
  }
  // Padding must be readable and is better clean.
  if (!stream) {
    if (body.size() < body_size + rows::padding) body.resize(body_size + rows::padding);
    std::memset(body.data() + body_size, ' ', rows::padding);
  }
  done_(*this);
}

}  // namespace fconn::run
