// Project files are written by hand and by tools: any text is either read or refused with places.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tools/config/config.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn;
  const std::string text(reinterpret_cast<const char*>(data), size);
  grammar::SourceMap sources;
  const config::Read read = config::read("fconn.toml", text, sources);
  for (const config::Instance& instance : read.project.instances) {
    if (read.project.find(instance.key) == nullptr) std::abort();
  }
  (void)config::parse_duration(text);
  return 0;
}
