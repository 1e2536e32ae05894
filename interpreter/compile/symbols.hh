// What the connector block declares, before anything is lowered: values, clients, collections,
// callables. Private to compile/.
#pragma once

#include "interpreter/compile/unit.hh"

namespace fconn::compile {

/// Fills unit.values, clients, collections, connector_scope and the head of unit.out.
void declare_symbols(Unit& unit);

/// Declared and never used: parameters, secrets, identities, externals, functions, strategies and
/// clients.
void warn_unused_symbols(Unit& unit);

}  // namespace fconn::compile
