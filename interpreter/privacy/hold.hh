// Holds: what must never be touched, whatever a policy targets. Written as text in fconn.toml:
//   "shop"                                     an instance
//   "shop.orders"                              a collection
//   "shop.orders where .status == 'legal'"     rows; the expression sees the row as `.`
//   "identity email == 'ada@example.com'"      whoever has this identity
// A hold whose expression can't be decided for a row holds: erasure is what can't be undone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "interpreter/eval/eval.hh"
#include "interpreter/ir/ir.hh"
#include "interpreter/value/result.hh"

namespace fconn::privacy {

enum class HoldKind : std::uint8_t { instance, collection, rows, identity };

struct Hold {
  HoldKind kind{};
  std::string text;                  // as written, for messages
  std::string instance, collection;  // collection: not of `instance`
  std::string where;                 // rows: the expression's text
  std::size_t where_at = 0;          // and its offset in `text`
  std::string identity, value;
};

/// A `configuration` failure says what is wrong and what can be written.
value::Result<Hold> parse_hold(std::string_view text);

/// Whether the hold speaks of this collection (of all its rows, or of some).
bool concerns(const Hold& hold, std::string_view instance, std::string_view collection);
/// Whether the hold names this identity. Texts are compared as they are, but for the case of ASCII
/// letters, so that another spelling of an address doesn't slip through.
bool holds_identity(const Hold& hold, std::string_view name, std::string_view value);

/// A `rows` hold's expression, compiled for one collection (compile/row_condition.hh).
struct RowCondition {
  ir::Expr expr;             // sees current_row and parameters
  std::uint32_t locals = 0;  // frame size
};

/// Whether the row (JSON text) is held. A condition that fails holds, and `reason` says why.
struct Held {
  bool held = false;
  std::string reason;  // empty unless held; without values of the row
};
Held holds_row(const Hold& hold, const RowCondition& condition, std::string_view row,
               eval::Evaluator& evaluator, std::span<const value::Value> params);

}  // namespace fconn::privacy
