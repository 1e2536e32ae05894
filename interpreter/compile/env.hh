// What an expression may see at the place where it stands: which kinds of names, what `.` means,
// the local variables, the request and chain being built. One Env serves a whole request; its
// place and phase change from clause to clause. Private to compile/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/compile/unit.hh"

namespace fconn::compile {

/// A lowered expression with what is known of its value.
struct Typed {
  ir::Expr expr;
  eval::Type type = eval::Type::any;
  bool secret = false;
};

/// Kinds of names that a place offers.
enum class See : std::uint16_t {
  none = 0,
  params = 1,
  identities = 2,
  externals = 4,
  bindings = 8,
  lets = 16,
  response = 32,  // status, headers, links
  request = 64,   // request
  erased = 128,   // row, masked, masked_row
  token = 256,    // auth.token
  paging = 512,   // rows
  request_id = 1024,
};
constexpr See operator|(See a, See b) {
  return static_cast<See>(static_cast<std::uint16_t>(a) | static_cast<std::uint16_t>(b));
}
constexpr See operator&(See a, See b) {
  return static_cast<See>(static_cast<std::uint16_t>(a) & static_cast<std::uint16_t>(b));
}
constexpr bool has(See set, See one) {
  return (static_cast<std::uint16_t>(set) & static_cast<std::uint16_t>(one)) != 0;
}

/// What `.` is.
enum class Dot : std::uint8_t { none, body, row, mapped_row, old_value, local };

/// Which part of a request is being lowered: decides where mentions of identities are booked.
enum class Phase : std::uint8_t { sent, response, keep, map };

struct LocalSymbol {
  std::string_view name;
  Span span;
  std::uint32_t slot = 0;
  std::optional<ir::Expr> substitute;  // an argument of an inlined strategy
  eval::Type type = eval::Type::any;
  bool secret = false;
  bool used = false;
  NameKind kind = NameKind::local;
};

struct LetSymbol {
  std::string_view name;
  Span span;
  std::uint32_t slot = 0;
  eval::Type type = eval::Type::any;
  bool secret = false;
  bool used = false;
};

/// A binding of a `for`.
struct BindingSymbol {
  std::string_view name;
  Span span;
  std::uint32_t source = 0;
  std::optional<ir::CollectionId> rows;  // the binding is a row of this collection
  eval::Type type = eval::Type::any;     // of a value
  bool used = false;
};

/// A collection while it is lowered.
struct CollectionEnv {
  CollectionSymbol* symbol = nullptr;
  ir::Collection* ir = nullptr;
  std::vector<BindingSymbol> bindings;
};

/// A chain while it is lowered.
struct ChainEnv {
  ir::Chain* ir = nullptr;
  CollectionEnv* collection = nullptr;  // null in check and consent
  bool acts = false;                    // an update, delete or consent
  std::vector<LetSymbol> lets;
  std::optional<LetSymbol> loop;         // `for e in …`
  std::vector<std::uint32_t> sent_uses;  // slots that get into what is sent
  std::vector<ir::IdentityId> sent_identities;
  std::optional<Span> masked_at;  // the first mention of masked or masked_row
};

struct Env {
  See see = See::none;
  Dot dot = Dot::none;
  Phase phase = Phase::sent;
  bool in_connector = false;
  std::string_view place;  // "a `for` source": for messages
  std::vector<LocalSymbol> locals;
  std::uint32_t next_slot = 0;
  std::uint32_t frame = 0;  // slots needed so far
  std::uint32_t dot_slot = 0;
  CollectionEnv* collection = nullptr;
  ChainEnv* chain = nullptr;
  ir::Request* request = nullptr;
  std::vector<std::uint32_t>* emit_uses = nullptr;
  const std::vector<ir::Field>* cast_fields = nullptr;  // `keep`: declared types are applied
  bool impure = false;                                  // something impure was called
  bool secret_seen = false;                             // something secret was named

  std::uint32_t take_slot() {
    const std::uint32_t slot = next_slot++;
    if (next_slot > frame) frame = next_slot;
    return slot;
  }
};

}  // namespace fconn::compile
