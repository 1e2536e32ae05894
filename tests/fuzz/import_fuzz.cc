// Configs of other people: any text is either imported or refused with places, and what is written
// is laid out already.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "grammar/format.hh"
#include "grammar/parse.hh"
#include "tools/import/import.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find("\n---\n");
  for (const bool exact : {false, true}) {
    grammar::SourceMap sources;
    const auto config = sources.add("config.yml", std::string(text.substr(0, cut)));
    std::optional<grammar::FileId> dataset;
    if (cut != std::string_view::npos)
      dataset = sources.add("dataset.yml", std::string(text.substr(cut + 5)));
    importer::Options options;
    options.exact = exact;
    options.bundled = [](const std::string&) { return std::nullopt; };
    const importer::Imported out = importer::import_fides(sources, config, dataset, options);
    if (out.text.empty()) {
      if (!grammar::has_errors(out.diagnostics)) std::abort();
      continue;
    }
    const auto file = sources.add("again.fconn", out.text);
    const grammar::Parsed parsed = grammar::parse(sources, file);
    if (grammar::has_errors(parsed.diagnostics)) std::abort();
    if (grammar::format(sources, parsed.ast) != out.text) std::abort();
  }
  return 0;
}
