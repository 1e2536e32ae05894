// AES-256-CTR with a random key that exists in this process only, for temporary files.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "interpreter/value/result.hh"

namespace fconn::sink {

class StreamCipher {
 public:
  /// Loads OpenSSL's libcrypto, which programs that keep nothing in files shouldn't pay for. A
  /// `configuration` failure says what to install.
  static value::Result<StreamCipher> make();
  ~StreamCipher();
  StreamCipher(StreamCipher&&) noexcept;
  StreamCipher& operator=(StreamCipher&&) noexcept;

  /// Encrypts what lies, or decrypts what lay, at `offset` of the file; `out` has room for as many
  /// bytes. No offset may be written twice with other bytes: they would share key stream.
  void apply(std::uint64_t offset, std::string_view in, char* out);

 private:
  struct State;
  explicit StreamCipher(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fconn::sink
