// Answers requests from an archive, strictly: method, host, path, query and body have to be those
// of a recorded request, and so have the headers that a connector sets. For every other request it
// says which recorded one is nearest and what differs, line by line.
//
// Headers of the connection, of the body and of credentials don't count. An archive of another tool
// has headers that no connector sets, so there they only choose between requests that are alike
// otherwise, and a difference is said.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "tools/har/har.hh"
#include "tools/mock/recording.hh"

namespace fconn::mock {

struct AskedRequest {
  std::string method, url, body, content_type;
  http::Headers headers = {};
};

class Replay {
 public:
  explicit Replay(har::Archive archive);

  /// What was recorded several times is given in turn, and the last again and again. Null: nothing
  /// matches, or the archive hasn't the answer's body; `unanswered` then has one entry more.
  const RecordedReply* answer(const AskedRequest& asked);

  /// A block of lines for each request that had no answer: what was asked, the nearest recorded
  /// request, and `-` recorded, `+` asked lines.
  const std::vector<std::string>& unanswered() const { return unanswered_; }
  /// "GET https://…" of each recorded request that nobody asked for, in order.
  std::vector<std::string> never_asked() const;
  /// A block of lines for each request whose headers alone differ from what another tool recorded.
  const std::vector<std::string>& other_headers() const { return other_headers_; }
  /// Requests that were sent more often than recorded.
  std::size_t repeated() const { return repeated_; }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string title;  // "GET https://…"
    std::string host;   // and port
    RecordedRequest request;
    RecordedReply reply;
    http::Headers headers;  // that count
    bool body_missing = false;
    bool asked = false;
    std::vector<std::string> lines;  // of the request, to compare
  };
  std::string difference(const AskedRequest& asked, const std::vector<std::string>& lines) const;
  /// Lines of what differs; empty: nothing.
  std::string header_difference(const Entry& entry, const http::Headers& asked) const;
  Entry* choose(const std::vector<std::size_t>& candidates, const http::Headers& asked);
  void refuse(const AskedRequest& asked, const std::vector<std::string>& lines);

  bool own_ = false;  // fconn recorded it
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_letters_;
  std::vector<std::string> other_headers_;
  std::vector<std::string> unanswered_;
  std::size_t repeated_ = 0;
};

}  // namespace fconn::mock
