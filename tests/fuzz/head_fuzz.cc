// The head of a response, line by line as libcurl hands it over.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "interpreter/http/response_head.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn::http;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  ResponseHead head;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end == text.npos ? end : end + 1);
    text.remove_prefix(line.size());
    if (!head.add(line)) continue;
    if (head.status() < 200) std::abort();  // interim heads are dropped
    for (const auto& field : head.fields()) {
      if (field.name.empty() || field.value.find_first_of("\r\n") != std::string::npos)
        std::abort();
    }
  }
  (void)head.fields();
  return 0;
}
