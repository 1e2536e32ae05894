// A connector as Fides has it: a SaaS config and a dataset. Stages: the syntax tree (grammar,
// overlays resolved), expressions in their simplest form (simplify.hh), YAML trees (context.hh),
// text (yaml.hh). What a config can't say is an error with its place; what it leaves out without a
// request or a row becoming another one is a warning.
#pragma once

#include <string>

#include "grammar/diagnostics.hh"
#include "interpreter/compile/extended.hh"

namespace fconn::exporter {

struct Exported {
  std::string name;             // the connector's; names the files
  std::string config, dataset;  // YAML; empty when an error was found
  grammar::Diagnostics diagnostics;
};

/// `whole` compiles.
Exported export_fides(const grammar::SourceMap& sources, const compile::Extended& whole);

}  // namespace fconn::exporter
