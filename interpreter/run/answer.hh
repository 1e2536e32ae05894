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
  std::string url;      // where a redirect led; empty: where the request went

  bool retried = false;  // shared, and whoever asked has retried it as often as it may

  // Filled in while judging.
  rows::Envelope envelope;
  std::optional<value::Failure> unreadable;  // the body or a row of it
  bool rows_read = false;
  Page* page = nullptr;
};

/// The format of a body: what the request says, else by its Content-Type; JSON where that says
/// nothing that is known. Never `automatic`.
ir::Accept format_of(const ir::Request& request, const http::Headers& headers);

/// The body as JSON text that a reader can take: itself, unpacked (gzip, a zip archive of one file;
/// known by their first bytes), or made from another format. `storage` keeps what had to be built.
/// CSV and NDJSON are lists of rows, XML is as formats/xml.hh says, a text is a string, and bytes
/// are the string of their base64.
value::Result<std::string_view> json_body(const ir::Request& request, const Answer& answer,
                                          std::string& storage);

/// For readings that want the body's cells only.
struct NoRows final : rows::RowHandler {
  value::Result<void> row(std::string_view, std::span<const std::string_view>) override {
    return {};
  }
};

/// Does any of the condition's statuses or its expression hold? `clause` is where it stands.
value::Result<bool> condition_holds(const ir::Condition& condition, grammar::Span clause,
                                    int status, eval::Evaluator& evaluator, eval::Environment& env,
                                    value::Arena& arena);
/// Whether a condition that holds says nothing: it asks what is in a body that can't be read, where
/// everything is null. An empty body is one that holds nothing.
bool blind(const ir::Condition& condition, const Answer& answer);
/// What a `skip` or `fail` clause says, or `otherwise`.
value::Result<std::string> judgement_text(const ir::Judgement& judgement,
                                          const std::string& otherwise, eval::Evaluator& evaluator,
                                          eval::Environment& env, value::Arena& arena);
/// The rule with its wait, where the answer says how long that is.
value::Result<ir::RetryRule> timed(const ir::RetryRule& rule, eval::Evaluator& evaluator,
                                   eval::Environment& env, value::Arena& arena);
std::optional<value::Milliseconds> retry_after_of(const Answer& answer, value::Clock& clock);

/// "90 s", "2 h": milliseconds for a message.
std::string duration_text(std::int64_t milliseconds);

/// Header and link objects for expressions.
value::Value headers_value(const http::Headers& headers, value::Arena& arena);
value::Value links_value(const http::Headers& headers, value::Arena& arena);

}  // namespace fconn::run
