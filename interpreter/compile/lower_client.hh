// Clients to IR. Private to compile/.
#pragma once

#include "interpreter/compile/lower_request.hh"

namespace fconn::compile {

/// All clients of unit.clients, in order.
void lower_clients(Unit& unit);

}  // namespace fconn::compile
