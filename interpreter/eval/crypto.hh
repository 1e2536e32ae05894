// What library functions that hash and sign compute with. Nothing is loaded until one does.
#pragma once

#include <memory>

#include "interpreter/value/result.hh"

namespace fconn::eval {

struct CryptoLibrary;

/// For one thread at a time.
class Crypto {
 public:
  Crypto();
  ~Crypto();
  Crypto(const Crypto&) = delete;
  Crypto& operator=(const Crypto&) = delete;

  /// Loads libcrypto at the first call; what it gives lives as long as this. A
  /// `configuration` failure says what to install when it can't be loaded.
  value::Result<const CryptoLibrary*> library();

 private:
  std::unique_ptr<CryptoLibrary> loaded_;
};

}  // namespace fconn::eval
