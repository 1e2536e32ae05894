// One redactor for errors, logs, traces and recordings. It knows every secret text of the run and
// hides it as written, percent-encoded (either hex case, + for space, once or twice), JSON-escaped,
// with entities of HTML, as base64 and base64url in any alignment, and as hex. Encodings that have
// many spellings are not listed but decoded: the text is searched as it is and as each decoding of
// it, and what is found is hidden where it stood. Owns copies of the secrets; must never print one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
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
  /// "GET https://host/path?…": the query is left out, as it may hold personal data; secrets in the
  /// path are hidden.
  std::string describe(const Request& request) const;
  /// The request's URL for a trace: secrets hidden, the query shown; of a private one its origin.
  std::string url(const Request& request) const;
  /// The first `limit` bytes of a body: redacted, control characters and bad UTF-8 replaced,
  /// white space folded; ends in "…" if there was more. A secret that crosses the limit is hidden.
  /// Queries of URLs are left out, as a signed URL's are a credential.
  std::string body_start(std::string_view body, std::size_t limit = 200) const;

 private:
  // A text to search for. In base64 the characters beside it may hold some bits of the secret too.
  struct Needle {
    std::string text;
    bool covers_before = false;
    bool covers_after = false;
  };
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  void add_needle(Needle needle);
  /// What must be hidden: sorted, not overlapping.
  std::vector<Range> find_all(std::string_view text) const;

  std::vector<Needle> needles_;
  std::unordered_set<std::string> known_;  // their texts
  std::size_t longest_ = 0;                // bytes of the longest needle
};

}  // namespace fconn::http
