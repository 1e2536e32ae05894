// Signatures with keys in PEM (OpenSSL's libcrypto), by the names of RFC 7518: HS256 … EdDSA.
// Internal to eval/.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/eval/crypto.hh"
#include "interpreter/value/result.hh"

namespace fconn::eval {

/// "HS256", "HS384", …: for messages.
std::string signing_algorithms();

/// The signature's bytes; of ECDSA as JOSE wants them: r and s, each of the curve's length (RFC
/// 7518, section 3.4). `key`: the secret itself for HS…, else a private key in PEM (PKCS#1, SEC 1
/// or PKCS#8), whose line breaks may be written `\n`. Failures say what is wrong with the key and
/// never quote it.
value::Result<std::string> signature(Crypto& crypto, std::string_view algorithm,
                                     std::string_view key, std::string_view data);

}  // namespace fconn::eval
