// A connector as Fides has it: a SaaS config and a dataset. Stages: the syntax tree (grammar), YAML
// trees (context.hh), text (yaml.hh). What a config can't say is an error with its place; what it
// leaves out without a request or a row becoming another one is a warning.
#pragma once

#include <string>

#include "grammar/ast.hh"
#include "grammar/diagnostics.hh"

namespace fconn::exporter {

struct Exported {
  std::string name;             // the connector's; names the files
  std::string config, dataset;  // YAML; empty when an error was found
  grammar::Diagnostics diagnostics;
};

/// `ast` is a file that compiles. One without a connector gives a diagnostic.
Exported export_fides(const grammar::SourceMap& sources, const grammar::Ast& ast);

}  // namespace fconn::exporter
