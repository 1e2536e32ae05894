// libFuzzer target: the stream against the whole-body reader. The first three bytes choose the
// projection, the window and the size of the chunks, the rest is the body.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/rows_fuzz.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn;
  if (size < 3) return 0;
  const rows::Projection& projection = fuzz::projection_for(data[0]);
  if (!rows::streamable(projection)) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 3, size - 3);
  const fuzz::Outcome whole = fuzz::read_whole(text, projection);
  const fuzz::Outcome stream =
      fuzz::read_stream(text, projection, 16U + data[1], std::size_t{1} + data[2]);
  if (whole.good != stream.good) std::abort();
  if (whole.good && (whole.rows != stream.rows || whole.body_cells != stream.body_cells)) {
    std::abort();
  }
  return 0;
}
