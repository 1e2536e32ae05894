// libsodium, loaded when a key is read. Private to store/.
#pragma once

#include <sodium.h>

#include "interpreter/value/shared_library.hh"

namespace fconn::store {

// clang-format off
#define FCONN_SODIUM_FUNCTIONS(F) \
  F(crypto_generichash) F(crypto_secretbox_easy) F(crypto_secretbox_open_easy) \
  F(randombytes_buf) F(sodium_base642bin) F(sodium_bin2base64) F(sodium_bin2hex) F(sodium_hex2bin) F(sodium_init) \
  F(sodium_memzero)
// clang-format on
struct SodiumLibrary {
  FCONN_LIBRARY_FUNCTIONS(FCONN_SODIUM_FUNCTIONS)
};

}  // namespace fconn::store
