// JSON of the protocol: texts that are put together, and looking into values that were read.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interpreter/value/value.hh"

namespace fconn::lsp {

/// A JSON text. Made by the functions below alone, so that no plain text is taken for one.
struct Json {
  std::string text = "null";
};

Json json_string(std::string_view text);
Json json_number(std::int64_t number);
Json json_bool(bool value);
Json json_list(const std::vector<Json>& elements);
/// Members without a value are left out.
using JsonMembers = std::vector<std::pair<std::string_view, std::optional<Json>>>;
Json json_object(const JsonMembers& members);
/// A value that was read, as it is.
Json json_copy(const value::Value& value);

/// The member at a path of keys; null where there is none.
const value::Value* member(const value::Value& value, std::initializer_list<std::string_view> keys);
/// Nothing when it isn't there or is of another kind.
std::optional<std::string_view> string_at(const value::Value& value,
                                          std::initializer_list<std::string_view> keys);
std::optional<std::int64_t> integer_at(const value::Value& value,
                                       std::initializer_list<std::string_view> keys);
bool true_at(const value::Value& value, std::initializer_list<std::string_view> keys);
/// Its elements; none when it is no list.
std::span<const value::Value> list_at(const value::Value& value,
                                      std::initializer_list<std::string_view> keys);

}  // namespace fconn::lsp
