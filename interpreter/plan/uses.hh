// What expressions mention, for planning and for the graph. Private to plan/.
#pragma once

#include <cstdint>
#include <set>

#include "interpreter/ir/ir.hh"

namespace fconn::plan {

/// Adds the ids of the externals that `expr` mentions.
inline void add_externals(const ir::Expr& expr, std::set<std::uint32_t>& found) {
  if (expr.op == ir::Op::external) found.insert(static_cast<std::uint32_t>(expr.number));
  for (const ir::Expr& kid : expr.kids) add_externals(kid, found);
}

}  // namespace fconn::plan
