// Every expression of a part of the IR, for those who ask what is used where.
#pragma once

#include <functional>

#include "interpreter/ir/ir.hh"

namespace fconn::ir {

/// Calls `visit` for each expression of the chain, its requests and conditions included; kids of
/// an expression too, after it.
void each_expr(const Chain& chain, const std::function<void(const Expr&)>& visit);

}  // namespace fconn::ir
