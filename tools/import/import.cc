#include "tools/import/import.hh"

#include <algorithm>

#include "tools/import/lower.hh"
#include "tools/import/read.hh"

namespace fconn::importer {
namespace {

bool is_code(const grammar::Diagnostic& one) {
  return one.id == DiagnosticId::request_override ||
         one.id == DiagnosticId::unknown_import_strategy;
}

/// The bundled connector in the place of a config that needs code; says so in the place of what is
/// wrong with the config.
void take_bundled(const Config& config, const Options& options, Imported& out) {
  const auto code = std::find_if(out.diagnostics.begin(), out.diagnostics.end(), is_code);
  const auto text = options.bundled(connector_name(config));
  if (code == out.diagnostics.end() || !text) return;
  const std::string cause = "the bundled connector `" + connector_name(config) +
                            "` is taken, as the config needs code: " + code->text;
  const Span where = code->where;
  const auto others =
      std::count_if(out.diagnostics.begin(), out.diagnostics.end(),
                    [](const auto& one) { return one.severity == grammar::Severity::error; }) -
      1;
  out.diagnostics = {grammar::diagnostic(
      DiagnosticId::import_differs, where,
      cause + (others == 0 ? "" : "; " + std::to_string(others) + " more mistakes without it"))};
  out.text = *text;
  out.bundled = true;
}

}  // namespace

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
  if (grammar::has_errors(out.diagnostics)) {
    if (options.take_bundled) take_bundled(*config, options, out);
    return out;
  }
  out.text = lay_out(print(blocks), out.name, sources, out.diagnostics);
  return out;
}

}  // namespace fconn::importer
