// Which request of a collection an erasure uses, and why (Fides 8.1: update, else delete; here a
// policy or a collection may prefer delete). Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "interpreter/erase/plan.hh"
#include "interpreter/ir/ir.hh"
#include "interpreter/privacy/mask_row.hh"
#include "interpreter/privacy/policy.hh"

namespace fconn::erase {

struct Choice {
  std::optional<ActionKind> kind;  // none: its rows are left alone
  std::string reason;              // why this one, or why none
  bool masks = false;              // its request is made of masked values
};
/// Whether the policy targets a field of the collection, one that can't be masked included:
/// deleting a row takes those with it.
bool targets_field(const ir::Collection& collection, const privacy::Policy& policy);

/// `maskable`: a field that the policy targets can be masked (RowMasker::targets_anything).
/// `identities`: the names that were given.
Choice choose(const ir::Connector& connector, const ir::Collection& collection,
              std::string_view instance, const privacy::Policy& policy, bool maskable,
              const std::set<std::string>& identities);

/// "masks email, name.first and 3 more (user.contact.email, user.name)".
std::string masks_what(const privacy::MaskedRow& masked);

/// `masked` laid over `base`: members and elements that are masked replace those of the base; {}
/// and missing members leave it. JSON texts.
std::string overlay(std::string_view base, std::string_view masked);

}  // namespace fconn::erase
