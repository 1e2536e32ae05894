// What reading again shows of an erasure: which rows are gone, which are masked. Shared by
// `fconn erase --verify` and contract tests.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interpreter/erase/rows.hh"
#include "interpreter/run/engine.hh"
#include "tools/erasure/found_rows.hh"

namespace fconn::erasure {

using Place = std::pair<std::uint32_t, std::uint32_t>;  // instance, collection

/// Collections that something was sent to; true: a delete.
using Touched = std::map<Place, bool>;

/// What stands on the way to the collection's rows.
std::set<std::uint32_t> collections_above(const ir::Connector& connector, std::uint32_t below);

/// Whether a row that isn't found may be out of reach only because something else was erased:
/// searches by an address that is masked by now, ways that led through a row that is gone.
bool touched_elsewhere(const Touched& touched, const ir::Connector& connector, Place place);

/// Whether the collection can't be relied on to have been read whole; `why` gets the reason.
bool unreadable(const run::RunSummary& reading, std::string_view instance,
                std::string_view collection, std::string& why);

/// What is said of a row whose collection couldn't be read again.
inline constexpr std::string_view unread = "couldn't be read";
/// Why an action failed that the service confirmed.
inline constexpr std::string_view unchanged =
    "the service confirmed it, and the row is still there";

/// All bindings below which the action's row was found, as JSON lists: what reads it again.
std::vector<std::string> bounds_of(const erase::ActionContext& context);

/// The action's row among `rows`, which go by name_of(); null: it isn't there.
template <class Rows>
const typename Rows::mapped_type* find_row(const Rows& rows, const ir::Collection& collection,
                                           const erase::ActionContext& context) {
  value::Arena arena;
  const auto row = value::parse_json(context.row, arena);
  if (!row) return nullptr;
  const auto found = rows.find(name_of(collection, *row, context.used, arena));
  return found == rows.end() ? nullptr : &found->second;
}

/// `contents`: of the row as it was read again (RowFound); null: it wasn't found. Masked only if no
/// answer holds anything else.
erase::Found looks(erase::ActionKind kind, const std::vector<std::string>* contents,
                   std::string_view masked);

/// An action whose row was read again.
struct Reread {
  erase::ActionKind kind{};
  const ir::Collection* collection = nullptr;
  std::string_view before, masked;                // the row and what the policy masks in it, JSON
  const std::vector<std::string>* now = nullptr;  // RowFound::contents; null: it isn't found
  bool confirmed = false;                         // the service said that it was done
  bool elsewhere = false;                         // touched_elsewhere()
};

/// What may be said of a row:
/// - "masked": each change that the plan names is there; "gone": no row has its key;
/// - "not found": the same, where that alone proves nothing. A search by an address that is masked
///   by now finds nothing, whatever is there; it agrees with a service that confirmed a deletion;
/// - "changed": the request isn't made of masked values, and something that may be personal isn't
///   as it was;
/// - "still there".
std::string proof(const Reread& reread);

}  // namespace fconn::erasure
