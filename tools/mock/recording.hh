// Recorded exchanges and how a request finds its answer: same method, path (decoded), query as a
// multiset of decoded pairs, body by value (JSON and XML as values, forms as pairs, else text).
// `***` in a recorded text, where a secret was, stands for any text.
// Shared by `fconn mock` and `fconn test`. Reads conformance cases and HAR 1.2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interpreter/http/headers.hh"
#include "interpreter/http/url.hh"
#include "interpreter/value/value.hh"
#include "tools/har/har.hh"

namespace fconn::mock {

struct RecordedRequest {
  std::string method;
  std::string path;        // decoded
  http::QueryPairs query;  // decoded, sorted
  std::string body;
  std::string content_type;  // media type alone
};
struct RecordedReply {
  int status = 200;
  http::Headers headers;
  std::string body;
};
struct RecordedExchange {
  RecordedRequest request;
  RecordedReply reply;
};

class Recording {
 public:
  void add(RecordedExchange exchange);
  /// A conformance case (`exchanges`) or a HAR (`log.entries`); `name` is for messages. `{{host}}`
  /// in it stands for `host`.
  value::Result<void> load(std::string_view json, const std::string& name, const std::string& host);
  /// The answer to the same request asked for the `turn`th time (from 0): what was recorded several
  /// times is given in turn, and the last again and again. Null when nothing matches.
  const RecordedReply* find(const RecordedRequest& request, std::size_t turn = 0) const;
  /// One sentence: what would have matched best, and where it differs.
  std::string explain(const RecordedRequest& request) const;
  std::size_t size() const { return exchanges_.size(); }

 private:
  std::vector<RecordedExchange> exchanges_;
};

/// Splits a request target ("/a%20b?x=1") and normalises.
RecordedRequest make_request(std::string_view method, std::string_view target,
                             std::string_view body, std::string_view content_type);
bool same_body(const RecordedRequest& recorded, const RecordedRequest& asked);
bool same_text(std::string_view recorded, std::string_view asked);
bool matches(const RecordedRequest& recorded, const RecordedRequest& asked);
/// Status, body and headers, without those that belong to the recorded connection.
RecordedReply reply_of(har::Exchange exchange);

}  // namespace fconn::mock
