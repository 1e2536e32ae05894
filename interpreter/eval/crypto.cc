#include "interpreter/eval/crypto.hh"

#include "interpreter/eval/crypto_library.hh"

namespace fconn::eval {

Crypto::Crypto() = default;
Crypto::~Crypto() = default;

value::Result<const CryptoLibrary*> Crypto::library() {
  if (!loaded_) {
    auto library = value::load_library<CryptoLibrary>("libcrypto.so.3", "libssl3");
    if (!library) return value::fail(std::move(library.error()));
    loaded_ = std::make_unique<CryptoLibrary>(*library);
  }
  return loaded_.get();
}

}  // namespace fconn::eval
