// Auth strategies of the language that need more than the language can say: a browser, a signature
// over the finished request, a challenge. They are known, with their arguments, so that connectors
// can be written and checked; ir::Auth keeps the arguments as lets in the order of the signature.
#pragma once

#include "interpreter/compile/env.hh"

namespace fconn::compile {

/// False when there is no native strategy of that name.
bool lower_native_auth(Unit& unit, Env& env, const grammar::AuthClause& clause, ir::Auth& auth);
void add_native_auth_names(std::vector<std::string>& names);

}  // namespace fconn::compile
