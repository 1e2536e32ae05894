// Where tokens are kept between requests and between runs. A port: run/ knows this interface,
// tools/ picks an implementation (SQLite for a project, memory otherwise). Failures are kind
// `output` (can't be written), `configuration` (can't be opened or deciphered) or `shape` (foreign
// content).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/value/ports.hh"

namespace fconn::store {

/// Whose token it is. `origin` is everything the token depends on (URLs, parameters, credentials);
/// a token that was fetched for another origin isn't given out. Only a keyed hash of it is kept.
struct TokenKey {
  std::string instance;
  std::string name;  // "oauth2_password.t", with the client before it where it has a name
  std::string origin;
};

struct StoredToken {
  std::string value;  // JSON text, encrypted at rest
  value::WallTime obtained{};
  std::optional<value::WallTime> renew_at, expires_at;  // none: it doesn't end
  bool renewable = false;                               // it can be refreshed without a person
  bool dropped = false;      // the server refused it: good for a refresh at most
  std::uint64_t serial = 0;  // which of two is newer; given by save()
};

/// What `fconn auth status` may know: nothing secret.
struct TokenInfo {
  std::string name;
  value::WallTime obtained{};
  std::optional<value::WallTime> expires_at;
  bool renewable = false, dropped = false;
  std::uint64_t serial = 0;
};

/// All calls may block for a short time (a disk); the engine makes them on its loop thread.
class TokenStore {
 public:
  virtual ~TokenStore() = default;
  /// The token of this key and origin; nothing when there is none.
  virtual value::Result<std::optional<StoredToken>> load(const TokenKey& key) = 0;
  /// Durable when it returns. Gives the new serial.
  virtual value::Result<std::uint64_t> save(const TokenKey& key, const StoredToken& token) = 0;
  /// Marks the token as refused, if it is still the one with this serial.
  virtual value::Result<void> drop(const TokenKey& key, std::uint64_t serial) = 0;
  /// Forgets every token of an instance; how many there were.
  virtual value::Result<std::size_t> forget(std::string_view instance) = 0;
  virtual value::Result<std::vector<TokenInfo>> list(std::string_view instance) = 0;

  /// Single flight between processes: true makes this store the only one that may fetch the token
  /// until release(). Never waits. A process that dies releases.
  virtual value::Result<bool> claim(const TokenKey& key) = 0;
  virtual void release(const TokenKey& key) = 0;
};

}  // namespace fconn::store
