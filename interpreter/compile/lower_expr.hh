// Expressions to IR: names to numbers, paths to cells, calls to filled-in arguments, with the
// static checks of types. Never fails: what can't be lowered is reported and stands as null of any
// type, so that one mistake is one message. Private to compile/.
#pragma once

#include <functional>
#include <span>
#include <utility>

#include "interpreter/compile/env.hh"
#include "interpreter/compile/types.hh"

namespace fconn::compile {

/// One step of a path: `.name`, `[index]` or `[]`.
struct PathStep {
  enum class Kind : std::uint8_t { member, index, each };
  Kind kind{};
  const grammar::Name* name = nullptr;
  const grammar::Expr* index = nullptr;
  Span span;  // from the path's start to this step's end
};
using PathSteps = std::span<const PathStep>;

class ExprLowerer {
 public:
  ExprLowerer(Unit& unit, Env& env) : unit_(unit), env_(env) {}

  Typed lower(const grammar::Expr& expr);
  /// A condition: reported when it can't be true, false or null.
  ir::Expr condition(const grammar::Expr& expr);
  /// A value of one of `allowed` types; `what` names it ("the query", "`take`").
  Typed value(const grammar::Expr& expr, Type allowed, std::string_view what);
  /// A value that becomes text.
  Typed text(const grammar::Expr& expr);

  /// Binds a local variable, reporting what it hides.
  LocalSymbol& bind(const grammar::Name& name);
  /// Reports when `name` hides a visible value.
  void check_hiding(const grammar::Name& name);

  // lower_path.cc
  /// Splits a path into its base and steps, outermost last.
  static const grammar::Expr& split_path(const grammar::Expr& expr, std::vector<PathStep>& steps);
  /// Applies steps to a value: member, index, each.
  Typed apply(Typed value, PathSteps steps);
  /// `name.steps` where name is a binding; `consumed` steps went into the slot.
  Typed binding_value(BindingSymbol& binding, PathSteps steps, Span span, std::size_t& consumed);
  /// The number of the body or row cell of a key path.
  std::uint32_t body_cell(const ir::KeyPath& path);
  std::uint32_t row_cell(const ir::KeyPath& path);

  // lower_call.cc
  /// Values for `names` in order from positional and named arguments; null where one is left out.
  /// Reports unknown, repeated and superfluous ones; `required` says which may not be left out.
  std::vector<const grammar::Argument*> match_arguments(
      const std::vector<std::string_view>& names, const std::vector<bool>& required,
      const std::vector<grammar::Argument>& arguments, std::string_view callee, Span where);

 private:
  // lower_expr.cc
  Typed lower_node(const grammar::Expr& expr);
  Typed string(const grammar::StringExpr& string, Span span);
  void check_quoted_hole(const grammar::StringExpr& string, std::size_t part);
  Typed list(const grammar::ListExpr& list, Span span);
  Typed object(const grammar::ObjectExpr& object, Span span);
  Typed comprehension(const grammar::ListComprehension& list, Span span);
  Typed comprehension(const grammar::ObjectComprehension& object, Span span);
  template <class Body>
  void in_loop(const std::vector<grammar::Name>& names, ir::Expr& loop, const Typed& source,
               Body body);
  Typed if_else(const grammar::IfExpr& choice, Span span);

  // lower_operators.cc
  Typed unary(const grammar::UnaryExpr& unary, Span span);
  Typed binary(const grammar::BinaryExpr& binary, Span span);
  Typed logic(const grammar::BinaryExpr& binary, Span span);
  Typed matching(const grammar::BinaryExpr& binary, Span span);
  void check_comparison(const grammar::BinaryExpr& binary, const Typed& left, const Typed& right);
  Type arithmetic_type(const grammar::BinaryExpr& binary, const Typed& left, const Typed& right);
  std::int64_t pattern(const std::string& text, Span span);

  // lower_path.cc
  Typed path(const grammar::Expr& expr);
  Typed apply_each(Typed value, PathSteps steps);
  Typed dot(PathSteps steps, Span span, std::size_t& consumed);
  Typed cast_row(ir::Expr expr, const ir::KeyPath& path, Span span);
  void check_field(const CollectionSymbol& collection, PathSteps keys, std::string_view base);
  void note_fields(const CollectionSymbol& collection, PathSteps keys);

  // lower_name.cc
  Typed named(const grammar::Name& name, PathSteps steps, Span span, std::size_t& consumed);
  std::optional<Typed> local_name(const grammar::Name& name, Span span);
  std::optional<Typed> let_name(const grammar::Name& name, Span span);
  std::optional<Typed> declared_name(const grammar::Name& name, Span span);
  std::optional<Typed> builtin_name(const grammar::Name& name, PathSteps steps, Span span,
                                    std::size_t& consumed);
  Typed headers_name(PathSteps steps, Span span, std::size_t& consumed);
  Typed request_name(PathSteps steps, Span span, std::size_t& consumed);
  Typed auth_name(const grammar::Name& name, PathSteps steps, Span span, std::size_t& consumed);
  Typed erased_row(PathSteps steps, Span span);
  Typed rows_name(Span span);
  Typed not_here(const grammar::Name& name, std::string_view where_then);
  Typed unknown_name(const grammar::Name& name);
  std::vector<Offer> visible_names() const;
  void note_identity(ir::IdentityId id);
  void note_slot(std::uint32_t slot);

  // lower_call.cc
  void report_surplus(const std::vector<std::string_view>& names, const grammar::Argument& argument,
                      std::string_view callee);
  Typed call(const grammar::CallExpr& call, Span span);
  std::optional<Typed> rows_call(const grammar::CallExpr& call, Span span);
  Typed call_function(FunctionSymbol& function, const grammar::CallExpr& call, Span span);
  Typed call_intrinsic(const eval::Intrinsic& intrinsic, const grammar::CallExpr& call, Span span);
  Typed call_variadic(const eval::Intrinsic& intrinsic, const grammar::CallExpr& call, Span span);
  ir::Expr intrinsic_argument(const eval::Intrinsic& intrinsic, std::size_t index,
                              const grammar::Argument& argument, bool& secret);
  Typed unknown_call(const grammar::CallExpr& call);

  Typed poison(Span span) { return {make(ir::Op::null_value, unit_.at(span)), Type::any}; }
  Span at(Span span) { return unit_.at(span); }

  Unit& unit_;
  Env& env_;
};

/// Lowers a function's body once, with those it calls before it; reports recursion.
void lower_function(Unit& unit, FunctionSymbol& function, Span called_at);

/// Notes what the names of `name: value` arguments mean; arguments in the order of `params`.
void note_arguments(Unit& unit, const std::vector<grammar::FnParam>& params,
                    const std::vector<const grammar::Argument*>& arguments);

/// Inside parentheses, however many.
const grammar::Expr& strip(const grammar::Expr& expr);

/// The declared scalar type at a path of keys; `any` where none is.
ir::ScalarType declared_type(const std::vector<ir::Field>& fields, const ir::KeyPath& path);

}  // namespace fconn::compile
