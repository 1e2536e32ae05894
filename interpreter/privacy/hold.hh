// Holds: what must never be touched, whatever a policy targets. Written as text in fconn.toml:
//   "shop"                                     an instance
//   "shop.orders"                              a collection
//   "shop.orders where .status == 'legal'"     rows; the expression sees the row as `.`
//   "identity email == 'ada@example.com'"      whoever has this identity
// A hold whose expression can't be decided for a row holds: erasure is what can't be undone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "interpreter/ir/ir.hh"
#include "interpreter/value/ports.hh"
#include "interpreter/value/result.hh"

namespace fconn::privacy {

enum class HoldKind : std::uint8_t { instance, collection, rows, identity };

/// The expression of a `rows` hold, compiled (by tools/, as this folder knows no syntax): local 0
/// is the row.
struct RowCondition {
  std::shared_ptr<const ir::Connector> scope;  // patterns and functions that it uses
  ir::Expr expr;
  std::uint32_t locals = 1;  // frame size
};

struct Hold {
  HoldKind kind{};
  std::string text;                  // as written, for messages
  std::string instance, collection;  // collection: not of `instance`
  std::string where;                 // rows: the expression's text
  std::size_t where_at = 0;          // and its offset in `text`
  std::string identity, value;
  std::shared_ptr<const RowCondition> condition;  // rows; without it every row is held
};

/// The forms, for a message's help.
constexpr std::string_view hold_forms =
    "write it like \"shop\", \"shop.orders\", \"shop.orders where .status == 'legal'\" or "
    "\"identity "
    "email == 'ada@example.com'\"";

/// A `configuration` failure says what is wrong.
value::Result<Hold> parse_hold(std::string_view text);

/// Whether the hold speaks of this collection (of all its rows, or of some).
bool concerns(const Hold& hold, std::string_view instance, std::string_view collection);
/// Whether the hold names this identity. Texts are compared as they are, but for the case of ASCII
/// letters, so that another spelling of an address doesn't slip through.
bool holds_identity(const Hold& hold, std::string_view name, std::string_view value);

/// The holds of a policy as one collection sees them. For one thread at a time.
class CollectionHolds {
 public:
  /// All must outlive it.
  CollectionHolds(std::span<const Hold> holds, std::string_view instance,
                  std::string_view collection, value::Clock& clock, value::Random& random);
  ~CollectionHolds();
  CollectionHolds(CollectionHolds&&) noexcept;

  /// Whether anything is held at all: if not, row() needs not be asked.
  bool empty() const;
  /// Why the whole collection is held; null if it isn't.
  const Hold* whole() const;
  /// Why this row (JSON text of an object) is held: one sentence without values of the row, which
  /// quotes the hold; nothing if it isn't.
  std::optional<std::string> row(std::string_view row);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fconn::privacy
