// URLs: what parses prints itself back; what resolves is an http URL that parses; a sanitised
// target holds nothing that could end a line; encoders are undone by their decoder.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "interpreter/http/url.hh"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  if (const auto url = parse_url(text)) {
    const std::string printed = to_string(*url);
    const auto again = parse_url(printed);
    require(again && to_string(*again) == printed && same_origin(*url, *again));
    // Its own origin is never left by a path.
    const auto rooted = resolve(*url, "/x");
    require(rooted && same_origin(*url, *rooted));
  }
  const Url base{"https", "api.example.com", 443, "/a/b", std::nullopt};
  if (const auto url = resolve(base, text)) {
    require(parse_url(to_string(*url)).has_value());
    require(url->path.find("/../") == std::string::npos || url->path == base.path);
  }
  if (const auto target = sanitize_target(text)) {
    require(target->find_first_of(" \r\n\t\"<>\\") == std::string::npos);
    require(sanitize_target(*target) == target);
  }
  require(decode_percent(encode_segment(text)) == text);
  require(decode_percent(encode_form(text), true) == text);
  const QueryPairs pairs = parse_query(text);
  require(parse_query(build_query(pairs)) == pairs || pairs.empty());
  return 0;
}
