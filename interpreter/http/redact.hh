// One redactor for errors, logs, traces and recordings. It knows every secret text of the run and
// hides it as written, percent-encoded (either hex case, + for space), JSON-escaped, as base64 and
// base64url in any alignment, and as hex.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interpreter/http/transport.hh"

namespace fconn::http {

class Redactor {
 public:
  /// Texts shorter than 4 bytes are not searched for (they would shred every text); they are
  /// hidden where they are known to stand (credential headers).
  void add(std::string_view secret);
  /// Every occurrence becomes "***".
  std::string redact(std::string_view text) const;
  /// "GET https://host/path?…" with secrets hidden.
  std::string describe(const Request& request) const;
  /// The first `limit` bytes of a body: redacted, control characters and bad UTF-8 replaced,
  /// white space folded.
  std::string body_start(std::string_view body, std::size_t limit = 200) const;

 private:
  std::vector<std::string> needles_;  // longest first
};

}  // namespace fconn::http
