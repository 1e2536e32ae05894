// libFuzzer target: the whole-body reader against the slow twin. Aborts where they disagree about
// validity, rows or cells. The first byte chooses the projection, the rest is the body.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/rows_fuzz.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn;
  if (size == 0) return 0;
  const rows::Projection& projection = fuzz::projection_for(data[0]);
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const fuzz::Outcome whole = fuzz::read_whole(text, projection);
  const support::SlowResult slow = support::slow_read(text, projection, fuzz::max_depth);
  const bool good = slow.verdict == support::SlowResult::Verdict::good;
  if (good != whole.good) std::abort();
  if (good && (slow.rows != whole.rows || slow.body_cells != whole.body_cells)) std::abort();
  return 0;
}
