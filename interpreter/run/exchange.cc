#include "interpreter/run/exchange.hh"

#include <algorithm>
#include <cstring>

#include "interpreter/formats/packed.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {
constexpr std::size_t decoder_piece = std::size_t{16} << 10U;
}  // namespace

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
  unsent = held = false;
  timing = {};
  asked_ = false;
}

Result<void> Exchange::head(int answer_status, const http::Headers& answer_headers) {
  status = answer_status;
  headers = answer_headers;
  return {};
}

Result<void> Exchange::Stream::feed(std::string_view bytes, std::size_t decoder) {
  if (decoder == decoders.size()) return reader->feed(bytes);
  // A small piece may give a large one.
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, decoder_piece);
    bytes.remove_prefix(piece.size());
    std::string out;
    if (auto done = decoders[decoder]->feed(piece, out); !done) return done;
    if (auto done = feed(out, decoder + 1); !done) return done;
  }
  return {};
}

Result<rows::Envelope> Exchange::Stream::finish() {
  for (std::size_t i = 0; i < decoders.size(); ++i) {
    std::string out;
    if (auto done = decoders[i]->finish(out); !done) return fail(std::move(done.error()));
    if (auto done = feed(out, i + 1); !done) return fail(std::move(done.error()));
  }
  return reader->finish();
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
  if (stream) return stream->feed(chunk);
  // What comes packed is small until it is unpacked.
  const bool packed = formats::is_gzip(body_size > 0 ? whole() : chunk);
  if (!asked_ && (packed || body_size + chunk.size() > limits_.stream_from)) {
    asked_ = true;
    if (auto kept = append(chunk); !kept) return kept;
    stream = factory_ ? factory_(*this) : nullptr;
    if (!stream) return {};
    auto fed = stream->feed(whole());
    body_size = 0;
    std::string().swap(body);
    return fed;
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
