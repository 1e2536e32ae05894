// Header grammars read what a server sends: links, dates, Retry-After, media types.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "interpreter/http/headers.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Link& link : parse_links(text)) {
    // Targets are cut out of the header, relation types are single words.
    if (text.find(link.target) == std::string_view::npos) std::abort();
    if (link.rel.empty() || link.rel.find_first_of(" \t") != std::string::npos) std::abort();
  }
  const fconn::value::WallTime now{};
  if (const auto wait = parse_retry_after(text, now); wait && wait->count() < 0) std::abort();
  (void)parse_http_date(text);
  (void)parse_media_type(text);
  return 0;
}
