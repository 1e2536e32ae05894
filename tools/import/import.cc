#include "tools/import/import.hh"

#include "tools/import/lower.hh"
#include "tools/import/read.hh"

namespace fconn::importer {
Imported import_fides(grammar::SourceMap& sources, grammar::FileId config_file,
                      std::optional<grammar::FileId> dataset_file, const Options& options) {
  Imported out;
  Report report;
  const Reading reading{sources, out.diagnostics, report};
  const auto config_yaml = read_yaml(sources, config_file, out.diagnostics);
  std::optional<Yaml> dataset_yaml;
  if (dataset_file) dataset_yaml = read_yaml(sources, *dataset_file, out.diagnostics);
  if (!config_yaml) return out;
  const auto config = read_config(config_yaml->root, reading);
  std::optional<Dataset> dataset;
  if (dataset_yaml) dataset = read_dataset(dataset_yaml->root, reading);
  if (!config || grammar::has_errors(out.diagnostics)) return out;
  out.name = config->type.text;
  const Documents documents{*config, dataset ? &*dataset : nullptr, config_yaml->comments,
                            dataset_yaml ? dataset_yaml->comments : std::vector<Comment>(),
                            sources};
  Context context{documents, *config, options.exact, options.bundled, out.diagnostics, report};
  const std::vector<Block> blocks = lower(context);
  out.report = report.text(sources);
  if (grammar::has_errors(out.diagnostics)) return out;
  out.text = lay_out(print(blocks), out.name, sources, out.diagnostics);
  return out;
}

}  // namespace fconn::importer
