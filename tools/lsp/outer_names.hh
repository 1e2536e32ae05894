// Test files and project files name what connectors declare: parameters, secrets, identities,
// externals and collections. Private to tools/lsp.
#pragma once

#include "tools/lsp/analysis.hh"

namespace fconn::lsp {

/// Fills diagnostics and names of a test file, which is in its sources.
void analyse_tests(Analysis& analysis, compile::ModuleResolver& resolver, Host& host);

/// The same for a project file.
void analyse_project(Analysis& analysis, const std::string& text, compile::ModuleResolver& resolver,
                     Host& host, const OpenTexts& open);

}  // namespace fconn::lsp
