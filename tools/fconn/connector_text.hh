// A connector for people and editors: what `fconn show` prints, Markdown, JSON, and the JSON Schema
// of its parameters.
#pragma once

#include <string>
#include <vector>

#include "interpreter/ir/ir.hh"
#include "tools/fconn/connector_facts.hh"

namespace fconn::cli {

std::string show_text(const ir::Connector& connector);
std::string show_json(const ir::Connector& connector);
/// A line a field, nested ones deeper, from `indent` spaces on.
std::string fields_text(const std::vector<ir::Field>& fields, std::size_t indent);
/// The connector's page (docs/connectors/NAME.md), and the list of all of them.
std::string page_markdown(const ir::Connector& connector);
std::string index_markdown(const std::vector<ConnectorFacts>& connectors);
/// Each collection with what it takes its values from, a line each.
std::string graph_text(const ir::Connector& connector);
std::string params_schema(const ir::Connector& connector);

/// Lines that differ: "- " only in `before`, "+ " only in `after`, with the unindented or less
/// indented lines above them as context; empty when nothing does.
std::string line_diff(const std::string& before, const std::string& after);
/// The same as a patch of `path`: unified, three lines of context.
std::string unified_diff(const std::string& path, const std::string& before,
                         const std::string& after);

}  // namespace fconn::cli
