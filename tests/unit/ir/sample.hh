// A connector that has every struct, every field and every operation of the IR, hand-built. No
// field is left at its default where another value is valid, so that what a reader or writer
// forgets shows as a difference.
#pragma once

#include "interpreter/ir/ir.hh"

namespace fconn::ir::test {

Connector full_connector();

/// One operation, no kids.
Expr leaf(Op op, std::int64_t number = 0, std::string text = {});
Expr node(Op op, std::vector<Expr> kids, std::string text = {}, std::int64_t number = 0);
Expr str(std::string text);

}  // namespace fconn::ir::test
