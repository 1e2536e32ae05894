// Documents of other people: any text is either made a connector or refused with places, and what
// is written is laid out already.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "grammar/format.hh"
#include "grammar/parse.hh"
#include "tools/openapi/openapi.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn;
  grammar::SourceMap sources;
  const auto file =
      sources.add("spec.yaml", std::string(reinterpret_cast<const char*>(data), size));
  const openapi::Imported out = openapi::import_openapi(sources, file, {});
  if (out.text.empty()) {
    if (!grammar::has_errors(out.diagnostics)) std::abort();
    return 0;
  }
  const auto again = sources.add("again.fconn", out.text);
  const grammar::Parsed parsed = grammar::parse(sources, again);
  if (grammar::has_errors(parsed.diagnostics)) std::abort();
  if (grammar::format(sources, parsed.ast) != out.text) std::abort();
  return 0;
}
