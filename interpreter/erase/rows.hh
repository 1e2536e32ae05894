// Rows as an erasure looks at them: which row it is, whether it changed, and how it is shown to a
// person who must not see what is in it. Pure: works on JSON texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interpreter/erase/plan.hh"
#include "interpreter/ir/ir.hh"
#include "interpreter/value/value.hh"

namespace fconn::erase {

/// The value as a text that is the same for equal values: keys sorted, no spaces, 1.0 as 1.
std::string canonical(const value::Value& value, value::Arena& arena);

/// Whether the collection has a key, and the row a value for each part of it.
bool has_key(const ir::Collection& collection, const value::Value& row, value::Arena& arena);

/// What tells a row of the collection from others: the JSON list of its key's values, or the
/// canonical row where it has no key.
std::string row_identity(const ir::Collection& collection, const value::Value& row,
                         value::Arena& arena);

/// One row of what several answers hold of it: each member from the first text that has it and not
/// null, objects member by member. The texts are JSON, sorted, and as many as there are contents,
/// so that the order in which answers came changes nothing; `first` goes before all others.
std::string merged_row(const std::vector<std::string>& contents, std::size_t first = 0);

/// Keyed digest of the whole row.
std::string row_digest(const value::Value& row, const Keeper& keeper, value::Arena& arena);
/// Object of the row's members with a short keyed digest of each, to name later what changed.
std::string member_digests(const value::Value& row, const Keeper& keeper, value::Arena& arena);
/// Names of members whose digests differ, or that are in one only.
std::vector<std::string> changed_members(std::string_view before, std::string_view now);

/// What stands for a value that isn't shown: "hash-3fa9c2d1e0b4".
std::string hidden(std::string_view text, const Keeper& keeper);

/// The value with each text and number as a hash; null, true and false stay. What is computed
/// from a shadow can't tell what the value was.
value::Value shadow(const value::Value& given, const Keeper& keeper, value::Arena& arena);

/// The row as a shadow, but for fields whose categories are all outside `user`: identifiers and
/// operational data of the system, which a person needs to find the row. A field without
/// categories, or that isn't declared, is hidden.
value::Value shadow_row(const std::vector<ir::Field>& fields, const value::Value& given,
                        const Keeper& keeper, value::Arena& arena);

/// Whether the field at the path is one of those that shadow_row shows.
bool impersonal(const std::vector<ir::Field>& fields, const ir::KeyPath& path);

/// The key as it is shown: an object of the key's paths and values; those of fields that
/// shadow_row hides are hashes. Empty without a key.
std::string shown_key(const ir::Collection& collection, const value::Value& row,
                      const Keeper& keeper, value::Arena& arena);

/// A JSON text as it is shown: a shadow of what it holds.
std::string shown(std::string_view json, const Keeper& keeper);

/// What became of a row that was erased, when the collection is read again.
enum class Found : std::uint8_t {
  gone,         // no row has its key
  masked,       // each change that the plan names is there
  still_there,  // as it was, or with some values unmasked
};
std::string_view name(Found found);
/// `row` null: no row has the key. `masked` is what the plan's action would have made of it, the
/// masked fields alone.
Found found_after(ActionKind kind, const value::Value* row, std::string_view masked,
                  value::Arena& arena);

}  // namespace fconn::erase
