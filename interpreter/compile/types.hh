// Types of the gradual checker (sets of kinds), constants, and small builders of IR expressions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "interpreter/compile/env.hh"

namespace fconn::compile {

using eval::Type;

constexpr Type operator&(Type a, Type b) {
  return static_cast<Type>(static_cast<std::uint16_t>(a) & static_cast<std::uint16_t>(b));
}
constexpr Type without(Type a, Type b) {
  return static_cast<Type>(static_cast<std::uint16_t>(a) & ~static_cast<std::uint16_t>(b));
}
/// Kinds whose text can stand in a string, a path or a header.
constexpr Type text_types =
    Type::boolean | Type::number | Type::string | Type::duration | Type::bytes | Type::xml;
/// A condition is a boolean; null counts as false, but isn't what a text or number that may be null
/// is for.
constexpr bool may_be_condition(Type type) {
  return eval::overlap(type, Type::boolean) || type == Type::null_value;
}

Type type_of(ir::ScalarType type);
/// What a row's field of this declared type may be where it was cast: a row may lack it.
Type type_of_field(ir::ScalarType type);
/// "string", "int" …: the type words of `param` and `fields`; none for an unknown word.
std::optional<ir::ScalarType> scalar_named(std::string_view name);
/// The type words, for suggestions.
const std::vector<std::string>& scalar_names();

ir::Expr make(ir::Op op, Span span, std::vector<ir::Expr> kids = {}, std::string text = {},
              std::int64_t number = 0);
template <class... Kids>
std::vector<ir::Expr> kids(Kids&&... each) {
  std::vector<ir::Expr> list;
  list.reserve(sizeof...(each));
  (list.push_back(std::forward<Kids>(each)), ...);
  return list;
}

/// A literal as IR with its type; `negative` applies a minus sign to a number.
Typed literal(const grammar::Literal& literal, Span span, bool negative = false);
/// JSON text of a default as IR.
ir::Expr json_constant(std::string_view json, Span span);

bool is_constant(const ir::Expr& expr);
/// Equal but for spans.
bool same(const ir::Expr& a, const ir::Expr& b);
/// Replaces and, or, not, if and comparisons of constants by what they are; in an inlined strategy
/// that is what an argument left at its default switches off.
ir::Expr fold(ir::Expr expr);

/// Milliseconds of "30s"; none when the text is no duration.
std::optional<std::int64_t> duration_ms(std::string_view text);

}  // namespace fconn::compile
