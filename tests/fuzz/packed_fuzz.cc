// Packed files: whatever the bytes are, the answer is a file within its bounds or a failure.
#include <cstdint>
#include <cstdlib>

#include "interpreter/formats/content.hh"
#include "interpreter/formats/packed.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn;
  constexpr std::uint64_t most = std::uint64_t{1} << 20U;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto file = formats::unpack_zip(bytes, most);
  if (file && file->content.size() > most) std::abort();
  const auto files = formats::unpack_zip_files(
      bytes, [](std::string_view) { return true; }, 100, most);
  if (files && files->size() > 100) std::abort();
  const auto text = formats::unpack_gzip(bytes, most);
  if (text && text->size() > most) std::abort();
  for (const char* encoding : {"gzip", "deflate"}) {
    auto decoder = formats::content_decoder(encoding);
    if (!decoder) return 0;
    std::string out;
    if ((*decoder)->feed(bytes, out)) (void)(*decoder)->finish(out);
  }
  return 0;
}
