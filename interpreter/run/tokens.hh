// Credentials of one client of one instance: the strategy that applies, the tokens that it holds,
// who waits for them. Part of the engine's state; what happens is in tokens.cc (which token is
// needed next), token_fetch.cc (how it is had). Private to run/.
//
// One fetch at a time for each client, whoever waits (single flight); between processes the store's
// claim does the same. A token is in the store before anybody uses it, so that a refresh token that
// works once is never lost with the program.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "interpreter/run/auth_reads.hh"
#include "interpreter/run/draft.hh"
#include "interpreter/run/scheduler.hh"
#include "interpreter/store/token_store.hh"

namespace fconn::run {

struct TokenState {
  store::TokenKey key;
  AuthReads to_fetch, to_refresh;
  std::optional<value::OwnedValue> held;
  std::optional<value::WallTime> renew_at;
  bool dropped = false;          // the server refused it
  bool refresh_refused = false;  // and its refresh: only a new one helps
  std::uint64_t serial = 0;
};

struct InstanceRun;

/// What expressions of a strategy are evaluated in. Stays where it is: `env` points into it.
struct AuthFrame {
  AuthFrame() = default;
  AuthFrame(const AuthFrame&) = delete;
  AuthFrame& operator=(const AuthFrame&) = delete;
  value::Arena arena{4096};
  std::vector<value::Value> locals, tokens;
  eval::Environment env;
};

/// One request for a token under way.
struct Fetch {
  std::uint32_t token = 0;
  bool refreshing = false;
  bool claimed = false;
  std::optional<Draft> draft;
  std::vector<std::uint32_t> attempts;  // by retry rule, then one for the network
};

struct AuthRun {
  InstanceRun* instance = nullptr;
  const ir::Client* client = nullptr;
  const ir::Auth* auth = nullptr;  // none: requests go out as they are
  std::uint32_t lane = 0;
  AuthReads to_sign;
  std::vector<TokenState> tokens;
  std::optional<value::OwnedValue> challenge;
  std::uint64_t challenge_uses = 0;

  // While tokens are fetched.
  bool stored_looked_up = false;
  std::optional<Fetch> fetch;
  std::vector<TicketId> waiting;
  std::vector<std::optional<value::OwnedValue>> lets;  // of this round, so that all see the same
  std::optional<value::Failure> refused;               // asking again would be refused again

  /// The last token that isn't a login: what `auth.token` is.
  std::optional<std::uint32_t> main_token() const;
};

/// When a token ends, from `expires in` or `expires at`; nothing: it doesn't. Failures are `shape`.
value::Result<std::optional<value::WallTime>> expiry_in(const value::Value& value,
                                                        value::WallTime now);
value::Result<std::optional<value::WallTime>> expiry_at(const value::Value& value);
/// So much before its end it is renewed: the margin, else a tenth of its life, at most 30 s; but
/// not within a second of having been fetched.
value::WallTime renewal(value::WallTime obtained, value::WallTime expires,
                        std::optional<std::int64_t> margin_ms);

}  // namespace fconn::run
