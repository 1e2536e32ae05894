// Everything that a program keeps between runs, in one place.
#pragma once

#include "interpreter/store/job_store.hh"
#include "interpreter/store/token_store.hh"

namespace fconn::store {

class Store : public TokenStore, public JobStore {};

}  // namespace fconn::store
