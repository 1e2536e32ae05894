// Traces: whatever is read can be shown, in every width, as text and as a page.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tools/trace/trace.hh"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn;
  const auto read = trace::read({reinterpret_cast<const char*>(data), size});
  if (!read) {
    require(!read.error().text.empty());
    return 0;
  }
  trace::Filter failed;
  failed.statuses = {"failed"};
  failed.slower_than_ms = 1;
  for (const trace::Filter& filter : {trace::Filter(), failed}) {
    for (const std::size_t width : {0UL, 40UL, 100UL}) {
      require(!trace::text(*read, filter, width, width % 2 == 0).empty());
    }
    require(trace::html(*read, filter).ends_with("</html>\n"));
  }
  return 0;
}
