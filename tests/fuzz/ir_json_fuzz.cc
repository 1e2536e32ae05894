// libFuzzer target: no text crashes the reader of compiled connectors, and what it accepts can be
// printed, planned and drawn, and is a fixed point of write and read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "interpreter/ir/ir.hh"
#include "interpreter/plan/plan.hh"

namespace {

using namespace fconn;

void use(const ir::Connector& connector) {
  std::size_t size = ir::dump(connector).size();
  plan::Goal goal;
  for (const ir::Identity& identity : connector.identities) goal.identities.insert(identity.name);
  for (const plan::Action action :
       {plan::Action::access, plan::Action::read, plan::Action::erase, plan::Action::consent}) {
    goal.action = action;
    size += plan::dump(connector, plan::plan(connector, goal)).size();
  }
  for (const plan::GraphFormat format :
       {plan::GraphFormat::dot, plan::GraphFormat::mermaid, plan::GraphFormat::json}) {
    size += plan::graph(connector, format).size();
  }
  if (size == 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = ir::from_json(text);
  if (!read) {
    if (read.error().text.empty()) std::abort();
    return 0;
  }
  use(**read);
  const std::string written = ir::to_json(**read);
  const auto again = ir::from_json(written);
  if (!again || ir::to_json(**again) != written) std::abort();
  if (ir::dump(**again) != ir::dump(**read)) std::abort();
  const auto compact = ir::from_json(ir::to_json(**read, false));
  if (!compact || ir::to_json(**compact) != written) std::abort();
  return 0;
}
