// Expressions with everything worked out that doesn't wait for a value: calls of the file's
// functions written out, lists and objects of literals put together, conditions decided.
#pragma once

#include <functional>
#include <map>

#include "tools/export/tree.hh"

namespace fconn::exporter {

/// What names stand for: the parameters of a strategy.
using Frame = std::map<std::string, Expr, std::less<>>;
/// The parameters of a strategy or function with what a call gives them; null for one that isn't
/// given and has no default.
Frame frame_of(const std::vector<grammar::FnParam>& params,
               const std::vector<grammar::Argument>& arguments);

/// The function of the file that a call means; null when it is the library's, or stays a call.
using FunctionOf = std::function<const grammar::FnDecl*(const grammar::CallExpr&)>;

/// The same expression in its simplest form; what can't be worked out stays as it is written.
Expr simplified(const Expr& expr, const Frame& names, const FunctionOf& function_of);

}  // namespace fconn::exporter
