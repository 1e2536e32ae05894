// Encryption at rest (libsodium): XSalsa20-Poly1305 secret boxes under one 256-bit key, and a keyed
// BLAKE2b for what is compared and never read. Keys and texts are wiped when they are done with.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "interpreter/value/result.hh"

namespace fconn::store {

struct SodiumLibrary;

/// 32 bytes, wiped on destruction; can't be printed.
class StoreKey {
 public:
  StoreKey() = default;
  ~StoreKey();
  StoreKey(StoreKey&&) noexcept = default;
  StoreKey& operator=(StoreKey&&) noexcept = default;
  StoreKey(const StoreKey&) = delete;
  StoreKey& operator=(const StoreKey&) = delete;

  /// 64 hexadecimal digits or base64 of 32 bytes, white space around it ignored.
  static value::Result<StoreKey> parse(std::string_view text);
  /// Reads a key file, or makes one (mode 0600) where there is none.
  static value::Result<StoreKey> from_file(const std::string& path, bool create);

 private:
  friend class Sealer;
  std::array<unsigned char, 32> bytes_{};
  std::shared_ptr<const SodiumLibrary> sodium_;
};

class Sealer {
 public:
  explicit Sealer(StoreKey key) : key_(std::move(key)) {}

  /// Nonce and box. `context` is bound to it: a box moved elsewhere doesn't open.
  std::string seal(std::string_view text, std::string_view context) const;
  /// Nothing when it was sealed under another key or context, or changed since.
  std::optional<std::string> open(std::string_view sealed, std::string_view context) const;
  /// 32 bytes by which two texts can be compared by who has the key.
  std::string fingerprint(std::string_view text) const;

 private:
  StoreKey key_;
};

/// BLAKE2b-256 of the text in hexadecimal digits (RFC 7693; `b2sum -l 256` gives the same). A
/// `configuration` failure when libsodium can't be loaded.
value::Result<std::string> digest(std::string_view text);

/// Base64 (RFC 4648, with padding) of raw bytes and back; nothing for what isn't.
value::Result<std::string> to_base64(std::string_view raw);
std::optional<std::string> from_base64(std::string_view text);

/// Lower-case hexadecimal digits of bytes.
std::string hex(std::string_view bytes);

}  // namespace fconn::store
