// Diagnostics to text with carets, JSON (cli-contract: array of objects) and SARIF 2.1.0.
#pragma once

#include <string>

#include "grammar/diagnostics.hh"

namespace fconn::grammar {

struct RenderOptions {
  bool colour = false;
  std::uint32_t max_width = 160;  // longer source lines are cut around the caret
};

/// One block per diagnostic: `PATH:LINE:COL: error[F0203]: message`, the line, a caret under the
/// exact span, notes likewise, `help: …`.
std::string render_text(const SourceMap& sources, const Diagnostics& diagnostics,
                        const RenderOptions& options = {});
/// One such block for a failure of a run, which has no diagnostic: `code` may be empty.
std::string render_failure(const SourceMap& sources, Span where, std::string_view code,
                           std::string_view text, const RenderOptions& options = {});
std::string render_json(const SourceMap& sources, const Diagnostics& diagnostics);
std::string render_sarif(const SourceMap& sources, const Diagnostics& diagnostics);

/// The page of `fconn explain CODE`: heading, why, a wrong example, its repair. Null if unknown.
std::string_view explanation(DiagnosticId id);

/// Sorts by file, offset, code, so that output never depends on the order of the passes.
void sort(Diagnostics& diagnostics);

}  // namespace fconn::grammar
