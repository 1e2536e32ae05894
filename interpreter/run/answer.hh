// An answer as the engine judges it: from the wire or shared. Views live as long as what they came
// from. Private to run/.
#pragma once

#include "interpreter/run/exchange.hh"

namespace fconn::run {

struct Answer {
  int status = 0;
  const http::Headers* headers = nullptr;
  std::string_view body;               // rows::padding spare bytes behind it
  Exchange::Stream* stream = nullptr;  // the body was streamed
  std::uint64_t received = 0;
  std::string request;  // redacted, for messages
  std::string name;     // "r17"

  // Filled in while judging.
  rows::Envelope envelope;
  std::optional<value::Failure> unreadable;  // the body or a row of it
  bool rows_read = false;
  Page* page = nullptr;
};

/// The body as JSON text that a reader can take: itself, or made from text and NDJSON. `storage`
/// keeps what had to be built. A failure for kinds that this version doesn't read.
value::Result<std::string_view> json_body(const ir::Request& request, const Answer& answer,
                                          std::string& storage);

/// Header and link objects for expressions.
value::Value headers_value(const http::Headers& headers, value::Arena& arena);
value::Value links_value(const http::Headers& headers, value::Arena& arena);

}  // namespace fconn::run
