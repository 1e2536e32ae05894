// What each strategy makes of a value. `text(v)` is the text form of Fides: a string itself, an
// integer in decimal, another number as the shortest decimal with a point or exponent (1.0, 1e+16),
// True and False, JSON text with ", " and ": " and \uXXXX for lists and objects.
//
//   null      null                                         null -> null
//   string    the text + suffix                            null -> the same
//   random    N characters of a-z0-9 + suffix              null -> the same
//   hash      hex(H(text(v) + salt)) + suffix              null -> null
//   hmac      hex(HMAC(key, text(v) + salt)) + suffix      null -> null
//   aes       base64(AES-256-GCM(key, nonce, text(v), additional data = nonce), then the tag)
//             + suffix, nonce = first 12 bytes of HMAC-SHA256(key_hmac, text(v) + salt_hmac)
//                                                          null -> null
//   preserve  the value as it is
//
// hash, hmac and aes give equal outputs for equal values of one request, so that masked rows can
// still be joined. (Fides: masking strategies of baseline 2.x.)
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "interpreter/ir/ir.hh"
#include "interpreter/privacy/policy.hh"
#include "interpreter/value/ports.hh"
#include "interpreter/value/result.hh"
#include "interpreter/value/secret.hh"

namespace fconn::privacy {

/// Key material of one privacy request, shared by all its rows. Made once; who wants to go on with
/// a request later keeps it (encrypted) or, better, keeps what was masked.
struct MaskingSecrets {
  value::Secret hash_salt, hmac_key, hmac_salt;  // texts
  value::Secret aes_key;                         // 32 bytes
  value::Secret aes_nonce_key, aes_nonce_salt;   // texts
};
/// 32 random bytes each; texts as base64url without padding (43 characters).
MaskingSecrets make_masking_secrets(value::Random& random);

/// Whether a field of this type can be masked so: null and preserve anything, the others strings
/// (also `host` and `url`). What can't be is left alone, with this as the reason.
bool supports(Strategy strategy, ir::ScalarType type);

/// For one thread at a time. Loads libcrypto at the first hash, hmac or aes.
class Strategies {
 public:
  /// Both must outlive it.
  Strategies(const MaskingSecrets& secrets, value::Random& random);
  ~Strategies();
  Strategies(const Strategies&) = delete;
  Strategies& operator=(const Strategies&) = delete;

  /// `json` is one value's JSON text; so is the answer. A `configuration` failure when libcrypto
  /// can't be loaded or a key has the wrong size.
  value::Result<std::string> apply(const Mask& mask, std::string_view json);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fconn::privacy
