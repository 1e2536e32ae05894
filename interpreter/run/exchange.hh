// One request on the wire and what came back. Collects the body: whole while it is small, cut into
// rows as it streams once it is large and its shape allows it. Makes no decision: the engine looks
// at it when it is done. Reused from a pool, so its buffers are.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "interpreter/formats/decoder.hh"
#include "interpreter/http/transport.hh"
#include "interpreter/rows/json_reader.hh"
#include "interpreter/run/row_pipeline.hh"
#include "interpreter/run/staging.hh"

namespace fconn::run {

/// What decides between whole and streamed; sizes in decoded bytes.
struct BodyLimits {
  std::size_t stream_from = std::size_t{4} << 20U;
  std::uint64_t max_whole = std::uint64_t{64} << 20U;
  std::uint64_t max_error_body = std::uint64_t{1} << 20U;  // of an answer that isn't 2xx: cut there
};

class Exchange final : public http::ResponseHandler {
 public:
  /// What begin_stream gives: the pipeline's rows go into `staging`.
  struct Stream {
    Staging staging;
    Page page;
    eval::Environment env;
    std::uint64_t taken = 0;  // of `take`; the task's own when the answer has ended well
    std::unique_ptr<RowPipeline> pipeline;
    std::unique_ptr<rows::JsonStream> reader;  // last: it calls the pipeline
    /// What makes JSON of the bytes, one after the other; none for JSON.
    std::vector<std::unique_ptr<formats::Decoder>> decoders;

    value::Result<void> feed(std::string_view bytes) { return feed(bytes, 0); }
    value::Result<rows::Envelope> finish();

   private:
    value::Result<void> feed(std::string_view bytes, std::size_t decoder);
  };
  /// Asked when a 2xx body outgrows stream_from; null: read it whole.
  using StreamFactory = std::function<std::unique_ptr<Stream>(Exchange&)>;
  using Done = std::function<void(Exchange&)>;

  void begin(http::Request sent_request, BodyLimits body_limits, StreamFactory factory,
             Done when_done);

  value::Result<void> head(int answer_status, const http::Headers& answer_headers) override;
  value::Result<void> bytes(std::string_view chunk) override;
  void nothing_sent() override { unsent = true; }
  void done(value::Result<http::Timings> timings) override;

  http::Request sent;  // body moved out to the transport only for large ones
  int status = 0;
  http::Headers headers;
  std::string body;  // whole bodies; rows::padding spare bytes behind it
  std::size_t body_size = 0;
  std::uint64_t received = 0;
  std::unique_ptr<Stream> stream;  // set when the body was streamed
  std::optional<value::Failure> failure;
  bool unsent = false;  // with a failure: not a byte of the request left
  bool held = false;    // an observer didn't let it go, so it is no request that was made
  http::Timings timing;
  std::uint64_t task = 0;  // the engine's ticket
  int redirects = 0;
  std::string name;  // "r17"

  std::string_view whole() const { return std::string_view(body).substr(0, body_size); }

 private:
  value::Result<void> append(std::string_view chunk);
  BodyLimits limits_;
  StreamFactory factory_;
  Done done_;
  bool asked_ = false;  // whether to stream was asked already
};

}  // namespace fconn::run
