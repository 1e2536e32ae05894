// XML: what is read is JSON, and a path finds the same in the value as in the text.
#include <cstdint>
#include <cstdlib>

#include "interpreter/formats/xml.hh"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = formats::xml_to_json(text);
  value::Arena arena;
  if (json) {
    const auto parsed = value::parse_json(*json, arena);
    require(parsed.has_value());
    const auto in_text = formats::xpath_to_json(text, "//a/b", std::nullopt);
    const auto in_value = formats::xpath_to_json(*parsed, "//a/b", std::nullopt, arena);
    require(in_text.has_value());
    require(!in_value || *in_value == *in_text);
  }
  // The bytes as a path.
  const auto found = formats::xpath_to_json("<a x='1'><b>1</b><b>2</b></a>", text, std::nullopt);
  require(!found || value::parse_json(*found, arena).has_value());
  return 0;
}
