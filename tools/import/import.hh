// Fides' SaaS config and dataset to an .fconn file. Stages: YAML (yaml.hh), typed documents
// (read.hh), an fconn source (lower.hh), layout (grammar/format.hh).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "grammar/diagnostics.hh"

namespace fconn::importer {

struct Options {
  /// The reference's distinct requests and rows, quirks included.
  bool exact = false;
  /// Where a config needs code, the bundled connector of that name instead, with a warning.
  bool take_bundled = false;
  /// The text of a bundled connector, null when there is none: shown where a config needs code.
  std::function<std::optional<std::string>(const std::string& connector)> bundled;
};

struct Imported {
  std::string name;      // the connector's
  std::string text;      // laid out; empty when an error was found
  std::string report;    // what became of each key
  bool bundled = false;  // `text` is the bundled connector's
  grammar::Diagnostics diagnostics;
};

/// `dataset` is the file of the dataset's YAML, where there is one. Both are in `sources`.
Imported import_fides(grammar::SourceMap& sources, grammar::FileId config,
                      std::optional<grammar::FileId> dataset, const Options& options);

}  // namespace fconn::importer
