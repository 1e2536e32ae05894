// The keys that fconn.toml may hold: the one table behind the checks, the suggestions and the JSON
// Schema. Internal to tools/config.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace fconn::config {

enum class Shape : std::uint8_t {
  text,
  text_list,
  number,  // integer, at least Key::minimum
  flag,
  duration,       // "60s"
  table,          // Key::table
  table_map,      // names chosen by the user -> Key::table
  value_map,      // names -> any plain value
  value_list,     // plain values
  text_or_table,  // a choice as text, or Key::table
  text_or_table_map,
};

struct Table;

struct Key {
  std::string_view name;
  Shape shape{};
  std::string_view doc;
  const Table* table = nullptr;
  std::span<const std::string_view> choices{};  // of a text; empty: any
  bool required = false;
  std::int64_t minimum = 0;
};

struct Table {
  std::string_view what;  // "an instance", for messages
  std::span<const Key> keys;
  std::span<const std::string_view> one_of{};  // exactly one of these keys must be there
};

const Table& root_table();

}  // namespace fconn::config
