// A connector for people and editors: what `fconn show` prints, Markdown, JSON, and the JSON Schema
// of its parameters.
#pragma once

#include <string>

#include "interpreter/ir/ir.hh"

namespace fconn::cli {

std::string show_text(const ir::Connector& connector);
std::string show_json(const ir::Connector& connector);
std::string show_markdown(const ir::Connector& connector);
std::string params_schema(const ir::Connector& connector);

/// Lines that differ: "- " only in `before`, "+ " only in `after`, with the unindented or less
/// indented lines above them as context; empty when nothing does.
std::string line_diff(const std::string& before, const std::string& after);
/// The same as a patch of `path`: unified, three lines of context.
std::string unified_diff(const std::string& path, const std::string& before,
                         const std::string& after);

}  // namespace fconn::cli
