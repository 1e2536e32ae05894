// What the exporter asks of the syntax tree: paths, constants, calls.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/ast.hh"

namespace fconn::exporter {

using grammar::Expr;
using grammar::Span;

/// Without the parentheses around it.
const Expr& bare(const Expr& expr);
/// The node of that kind, null when it is another; parentheses don't count.
template <class Node>
const Node* node(const Expr& expr) {
  return std::get_if<Node>(&bare(expr).node);
}

/// A string without holes.
std::optional<std::string> constant(const Expr& expr);
/// A whole number as it is spelt, with its sign.
std::optional<std::string> whole_number(const Expr& expr);
/// Seconds of a duration as it is spelt; null when it isn't whole.
std::optional<std::string> seconds_of(const Expr& expr);
bool is_null(const Expr& expr);
bool is_boolean(const Expr& expr, std::string_view which);
/// The bare name, empty when it is none.
std::string_view name_of(const Expr& expr);

/// One step of a path: a member, an index, or `[]`.
struct Step {
  std::string text;
  bool index = false;
  bool each = false;
};
/// `.a.b[0][].c` or `x.a`: with an empty root it begins at `.`.
struct Path {
  std::string root;
  std::vector<Step> steps;
};
std::optional<Path> path_of(const Expr& expr);
/// As Fides writes it: `a.b.0.c`, dots in a name escaped; `[]` is left out.
std::string fides_path(const std::vector<Step>& steps, std::size_t from = 0);

/// A call of that function; null when it is something else.
const grammar::CallExpr* call_of(const Expr& expr, std::string_view function);
/// The argument at that place, or of that name; null when it isn't given.
const Expr* argument(const std::vector<grammar::Argument>& arguments, std::size_t place,
                     std::string_view name);
/// A comparison or connection by that operator.
const grammar::BinaryExpr* binary(const Expr& expr, grammar::BinaryOp op);
/// Whether an expression looks at an answer: `.`, `status`, `headers`, `links`.
bool is_of_answer(const Expr& expr);
/// What `if x == null or y == null then null else e` is otherwise; null when it is something else.
const Expr* unless_null(const Expr& expr);
/// What `not` stands before; null when it is something else.
const Expr* negated(const Expr& expr);
/// What `x == null` looks at; null when it is something else.
const Expr* tested_for_null(const Expr& expr);

}  // namespace fconn::exporter
