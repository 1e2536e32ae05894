// `# allow F0207: reason` comments. Private to compile/.
#pragma once

#include "interpreter/compile/unit.hh"

namespace fconn::compile {

/// Takes allowed diagnostics out of unit.diagnostics; reports codes that don't exist or can't be
/// allowed and, with `complete`, comments that allow nothing.
void apply_allows(Unit& unit, bool complete);

}  // namespace fconn::compile
