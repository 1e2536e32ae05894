// A connector's skeleton from an OpenAPI 3.0 or 3.1 or a Swagger 2.0 document, in YAML or JSON.
// Stages: YAML (tools/import/yaml.hh), the document (document.hh), which requests become
// collections (select.hh), an fconn source (lower.hh), layout (grammar/format.hh).
#pragma once

#include <string>
#include <vector>

#include "grammar/diagnostics.hh"

namespace fconn::openapi {

struct Options {
  std::vector<std::string> tags;  // only requests with one of these
  std::vector<std::string>
      paths;  // only this path and those below it; a `*` at its end: that begin so
};

struct Imported {
  std::string name;    // the connector's
  std::string text;    // laid out; empty when an error was found
  std::string report;  // what to confirm, and what became of each path
  grammar::Diagnostics diagnostics;
};

/// `document` is a file of `sources`.
Imported import_openapi(grammar::SourceMap& sources, grammar::FileId document,
                        const Options& options);

}  // namespace fconn::openapi
