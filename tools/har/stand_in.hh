// Stand-ins for personal values: the same text always gives the same stand-in under one key, of the
// same shape, and nobody without the key can find the text by trying out texts.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "interpreter/eval/crypto.hh"

namespace fconn::har {

/// Small letters, where these have as many bytes; everything else as it is. Texts that differ in
/// case alone are one value.
std::string folded(std::string_view text);

/// HMAC-SHA-512 under one key, and the digests that connectors make of values.
class Keyed {
 public:
  explicit Keyed(std::string key) : key_(std::move(key)) {}
  /// Loads libcrypto; a `configuration` failure when there is none. Before anything else.
  value::Result<void> open();
  /// 64 bytes.
  std::string mac(std::string_view text) const;
  /// `algorithm` 0 to 4: MD5, SHA-1, SHA-256, SHA-384, SHA-512; as bytes.
  std::string digest(int algorithm, std::string_view text) const;

 private:
  std::string key_;
  eval::Crypto crypto_;
  const eval::CryptoLibrary* library_ = nullptr;
};

/// One stand-in by shape, which `attempt` makes another one of:
///   email          letters at example.com
///   date, time     another one, in the same spelling; a zone stays
///   IPv4, IPv6     in 10.0.0.0/8; other digits
///   UUID, hex      other hexadecimal digits
///   number         other digits, as many; sign, dot and exponent stay, and no leading zero appears
///   text           other letters and digits, one for one; everything else stays
/// `text` is folded, and so is what comes back.
std::string stand_in(std::string_view text, const Keyed& keyed, unsigned attempt);

/// `stand_in` with small and large letters as `like` has them.
std::string with_case_of(std::string_view like, const std::string& stand_in);

}  // namespace fconn::har
