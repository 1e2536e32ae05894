// `connector a extends b`: loads the base and merges both blocks into one. Private to compile/.
#pragma once

#include "interpreter/compile/unit.hh"

namespace fconn::compile {

/// Sets unit.connector to `decl`, or to what it and its bases come to. Declarations of one name
/// are replaced (in clients and collections: clause kind by clause kind), new ones added, and
/// `without` removes.
void apply_overlays(Unit& unit, const grammar::ConnectorDecl& decl);

}  // namespace fconn::compile
