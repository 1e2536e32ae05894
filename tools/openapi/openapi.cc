#include "tools/openapi/openapi.hh"

#include "tools/openapi/lower.hh"

namespace fconn::openapi {

Imported import_openapi(grammar::SourceMap& sources, grammar::FileId document,
                        const Options& options) {
  Imported out;
  const auto yaml = importer::read_yaml(sources, document, out.diagnostics);
  if (!yaml) return out;
  Report report;
  Refs refs(yaml->root, report, out.diagnostics);
  const auto read = read_document(yaml->root, refs, out.diagnostics);
  if (!read) return out;
  const std::vector<Candidate> candidates = select(*read, options, refs, report, out.diagnostics);
  Lowered lowered;
  if (!candidates.empty()) lowered = lower(*read, candidates, refs, report);
  out.report = report.text(sources);
  if (candidates.empty() || grammar::has_errors(out.diagnostics)) return out;
  out.name = lowered.name;
  out.text = importer::lay_out(importer::print(lowered.blocks), out.name, sources, out.diagnostics);
  return out;
}

}  // namespace fconn::openapi
