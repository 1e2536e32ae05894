// Names of the enumerations, as the JSON form, dumps and messages spell them. Private to ir/. The
// order of each table is the order of the enumerators.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "interpreter/ir/ir.hh"

namespace fconn::ir {

std::span<const std::string_view> names_of(Op);
std::span<const std::string_view> names_of(ScalarType);
std::span<const std::string_view> names_of(TargetPartKind);
std::span<const std::string_view> names_of(BodyKind);
std::span<const std::string_view> names_of(Accept);
std::span<const std::string_view> names_of(RowOpKind);
std::span<const std::string_view> names_of(PageStepKind);
std::span<const std::string_view> names_of(StepKind);

/// The name of an enumerator; "?" for a value outside the enumeration.
template <class E>
std::string_view enum_name(E value) {
  const auto names = names_of(value);
  const auto index = static_cast<std::size_t>(value);
  return index < names.size() ? names[index] : "?";
}

template <class E>
std::optional<E> enum_named(std::string_view name) {
  const auto names = names_of(E{});
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

/// How many kids an operation takes by ops.def; none: any number.
std::optional<std::size_t> arity(Op op);

}  // namespace fconn::ir
