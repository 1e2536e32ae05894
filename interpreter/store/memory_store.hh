// Tokens for the length of one program: runs without a project, and tests.
#pragma once

#include <memory>

#include "interpreter/store/token_store.hh"

namespace fconn::store {

std::unique_ptr<TokenStore> make_memory_store();

}  // namespace fconn::store
