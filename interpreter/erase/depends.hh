// Which members of a row an action's request is made of. What changes elsewhere in the row, once
// the same erasure has acted on collections beside it, may be that erasure's own doing. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "interpreter/erase/plan.hh"
#include "interpreter/ir/ir.hh"

namespace fconn::erase {

struct Depends {
  bool all = false;               // on the row as a whole
  std::set<std::string> members;  // of the row, by name
  bool on(const std::string& member) const { return all || members.contains(member); }
};

/// `masked`: what the policy masks in this row, JSON; an update depends on what it replaces.
Depends depends_on(const ir::Collection& collection, ActionKind kind, std::string_view masked);

}  // namespace fconn::erase
