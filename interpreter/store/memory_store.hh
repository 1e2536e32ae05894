// Tokens for the length of one program: runs without a project, and tests.
#pragma once

#include <memory>

#include "interpreter/store/store.hh"

namespace fconn::store {

std::unique_ptr<Store> make_memory_store();

}  // namespace fconn::store
