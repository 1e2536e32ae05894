// HAR files of other people: what is read is the same after writing and reading, and scrubbing
// leaves an archive that reads again the same. Bodies are walked through without a change.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tools/har/body_walk.hh"
#include "tools/har/scrub.hh"

namespace {

using namespace fconn;

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(const har::Archive& a, const har::Archive& b) {
  if (a.exchanges.size() != b.exchanges.size()) return false;
  for (std::size_t i = 0; i < a.exchanges.size(); ++i) {
    const har::Exchange& x = a.exchanges[i];
    const har::Exchange& y = b.exchanges[i];
    if (x.method != y.method || x.url != y.url || x.status != y.status ||
        x.body_missing != y.body_missing || x.request.body != y.request.body ||
        x.response.body != y.response.body ||
        x.request.headers.size() != y.request.headers.size()) {
      return false;
    }
  }
  return true;
}

/// Where nothing is rewritten, a body stays to the byte.
void walk_bodies(std::string_view body) {
  const auto one = [](std::string_view, std::string_view value) { return std::string(value); };
  const auto text = [](std::string_view value) { return std::string(value); };
  require(har::rewrite_markup(body, [](const std::vector<std::string>&, std::string_view value) {
            return std::string(value);
          }) == body);
  require(har::rewrite_csv(body, har::delimiter_of(body), one) == body);
  require(har::rewrite_multipart(body, {one, one, text}) == body);
  require(har::rewrite_members(body, one) == body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  walk_bodies(text);
  auto archive = har::read_archive(text, "fuzz.har");
  if (!archive) return 0;
  const auto again = har::read_archive(har::write_archive(*archive, "1"), "again.har");
  require(again.has_value() && same(*archive, *again));

  const har::Declared declared;
  har::Keyed keyed{"key"};
  if (!keyed.open()) return 0;
  http::Redactor redactor;
  redactor.add("t0k3n");
  har::Scrubber scrubber(declared, keyed);
  scrubber.learn_value("ada@example.com");
  scrubber.learn(*archive);
  scrubber.scrub(*archive, redactor);
  const std::string written = har::write_archive(*archive, "1");
  const auto scrubbed = har::read_archive(written, "scrubbed.har");
  require(scrubbed.has_value() && same(*archive, *scrubbed));
  return 0;
}
