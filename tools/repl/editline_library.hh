// libedit, loaded when somebody types at a terminal. Private to editline.cc.
#pragma once

#include <histedit.h>

#include "interpreter/value/shared_library.hh"

namespace fconn::repl {

// clang-format off
#define FCONN_EDITLINE_GETTER(F) F(el_get)
#define FCONN_EDITLINE_FUNCTIONS(F) \
  F(el_init) F(el_end) F(el_gets) F(el_set) F(el_line) F(el_insertstr) \
  F(history_init) F(history_end) F(history)
// clang-format on
struct EditlineLibrary {
  FCONN_LIBRARY_FUNCTIONS(FCONN_EDITLINE_FUNCTIONS)
};

struct EditlineGetter {
  FCONN_LIBRARY_FUNCTIONS(FCONN_EDITLINE_GETTER)
};

}  // namespace fconn::repl
