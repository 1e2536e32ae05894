// Plan files: what is read writes itself back as a plan that reads the same; what isn't says why.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "interpreter/erase/plan.hh"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto plan = erase::from_json(text);
  if (plan) {
    const std::string written = erase::to_json(*plan);
    const auto again = erase::from_json(written);
    require(again && erase::to_json(*again) == written);
  } else {
    require(!plan.error().text.empty());
  }
  const auto action = erase::action_context(text);
  if (action) require(erase::action_context(erase::to_json(*action)).has_value());
  const auto context = erase::plan_context(text);
  if (context) require(erase::plan_context(erase::to_json(*context)).has_value());
  return 0;
}
