#include "interpreter/erase/rows.hh"

#include <algorithm>
#include <map>

namespace fconn::erase {

using value::Kind;
using value::Value;

namespace {

constexpr std::size_t short_hash = 12;  // digits: enough to compare within one plan

void write_canonical(const Value& given, value::Arena& arena, std::string& out) {
  const Value value = value::decoded(given, arena);
  switch (value.kind) {
    case Kind::list:
      out += '[';
      for (const Value& element : value.list_view()) {
        if (&element != value.elements) out += ',';
        write_canonical(element, arena, out);
      }
      out += ']';
      return;
    case Kind::object: {
      std::map<std::string_view, const Value*> sorted;
      for (const value::Member& member : value.object_view()) sorted[member.key] = &member.value;
      out += '{';
      bool first = true;
      for (const auto& [key, member] : sorted) {
        if (!first) out += ',';
        first = false;
        value::append_json_string(key, out);
        out += ':';
        write_canonical(*member, arena, out);
      }
      out += '}';
      return;
    }
    case Kind::decimal: {
      // 1.0 and 1 are one number; other spellings of a decimal are rare and only look changed.
      const std::string_view spelling = value.view();
      const std::size_t point = spelling.find('.');
      const bool whole = point != std::string_view::npos &&
                         spelling.find_first_not_of('0', point + 1) == std::string_view::npos;
      out += whole ? spelling.substr(0, point) : spelling;
      return;
    }
    default:
      value::append_json(value, out);
  }
}

/// Of a path of keys; null where it isn't there.
Value at_path(const Value& row, const ir::KeyPath& path, value::Arena& arena) {
  Value found = value::decoded(row, arena);
  for (const std::string& key : path) {
    if (found.kind != Kind::object) return Value::null();
    const Value* member = value::find_member(found, key);
    if (member == nullptr) return Value::null();
    found = value::decoded(*member, arena);
  }
  return found;
}

std::string joined(const ir::KeyPath& path) {
  std::string text;
  for (const std::string& key : path) text += (text.empty() ? "" : ".") + key;
  return text;
}

const ir::Field* field_named(const std::vector<ir::Field>& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const ir::Field& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

/// All that the connector says of it is that it isn't about a person.
bool impersonal(const ir::Field& field) {
  return !field.categories.empty() && std::all_of(field.categories.begin(), field.categories.end(),
                                                  [](const std::string& category) {
                                                    return category != "user" &&
                                                           !category.starts_with("user.");
                                                  });
}

Value shadow_field(const ir::Field* field, const Value& value, const Keeper& keeper,
                   value::Arena& arena) {
  if (field == nullptr) return shadow(value, keeper, arena);
  if (field->fields.empty()) {
    return impersonal(*field) ? value : shadow(value, keeper, arena);
  }
  const Value given = value::decoded(value, arena);
  if (given.kind == Kind::object) return shadow_row(field->fields, given, keeper, arena);
  if (given.kind != Kind::list) return shadow(given, keeper, arena);
  auto elements = arena.make<Value>(given.count);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const Value element = value::decoded(given.list_view()[i], arena);
    elements[i] = element.kind == Kind::object ? shadow_row(field->fields, element, keeper, arena)
                                               : shadow(element, keeper, arena);
  }
  return Value::list(elements);
}

/// Whether each masked value stands in the row.
bool holds_all(const Value& row_value, const Value& masked_value, value::Arena& arena) {
  const Value row = value::decoded(row_value, arena), masked = value::decoded(masked_value, arena);
  if (masked.kind == Kind::object && masked.count > 0) {
    if (row.kind != Kind::object) return false;
    return std::all_of(masked.object_view().begin(), masked.object_view().end(),
                       [&](const value::Member& member) {
                         const Value* there = value::find_member(row, member.key);
                         // A service may leave out what is null or empty.
                         const Value wanted = value::decoded(member.value, arena);
                         if (there == nullptr) return wanted.is_null();
                         return holds_all(*there, wanted, arena);
                       });
  }
  if (masked.kind == Kind::list && masked.count > 0 && row.kind == Kind::list) {
    if (row.count < masked.count) return false;
    for (std::size_t i = 0; i < masked.count; ++i) {
      const Value element = value::decoded(masked.list_view()[i], arena);
      const bool unmasked = element.is_null() || (element.kind == Kind::object && !element.count);
      if (unmasked) continue;  // stands for an element that isn't masked, or was null already
      if (!holds_all(row.list_view()[i], element, arena)) return false;
    }
    return true;
  }
  // Many services make an empty text of a null.
  const bool empty = row.is_null() || (row.kind == Kind::string && row.length == 0);
  if (masked.is_null()) return empty;
  return value::equal(row, masked, arena);
}

}  // namespace

std::string canonical(const Value& value, value::Arena& arena) {
  std::string out;
  write_canonical(value, arena, out);
  return out;
}

bool has_key(const ir::Collection& collection, const Value& row, value::Arena& arena) {
  return !collection.key.empty() &&
         std::none_of(collection.key.begin(), collection.key.end(),
                      [&](const ir::KeyPath& path) { return at_path(row, path, arena).is_null(); });
}

std::string row_identity(const ir::Collection& collection, const Value& row, value::Arena& arena) {
  if (!has_key(collection, row, arena)) return canonical(row, arena);
  std::string out = "[";
  for (const ir::KeyPath& path : collection.key) {
    if (out.size() > 1) out += ',';
    write_canonical(at_path(row, path, arena), arena, out);
  }
  return out + "]";
}

namespace {
/// `one` with what only `other` has.
Value merged(const Value& one_given, const Value& other_given, value::Arena& arena) {
  const Value one = value::decoded(one_given, arena), other = value::decoded(other_given, arena);
  if (one.is_null()) return other;
  if (one.kind != Kind::object || other.kind != Kind::object) return one;
  std::vector<value::Member> members;
  for (const value::Member& member : one.object_view()) {
    const Value* twin = value::find_member(other, member.key);
    members.push_back({member.key, twin ? merged(member.value, *twin, arena) : member.value});
  }
  for (const value::Member& member : other.object_view()) {
    if (value::find_member(one, member.key) == nullptr) members.push_back(member);
  }
  auto kept = arena.make<value::Member>(members.size());
  std::copy(members.begin(), members.end(), kept.begin());
  return Value::object(kept);
}
}  // namespace

std::string merged_row(const std::vector<std::string>& contents, std::size_t first) {
  if (contents.size() == 1) return contents.front();
  value::Arena arena;
  Value row = Value::null();
  const auto add = [&](const std::string& content) {
    auto parsed = value::parse_json(content, arena);
    if (parsed) row = merged(row, *parsed, arena);
  };
  add(contents[first]);
  for (const std::string& content : contents) add(content);
  return value::to_json(row);
}

std::string row_digest(const Value& row, const Keeper& keeper, value::Arena& arena) {
  return keeper.hash("row\n" + canonical(row, arena));
}

std::string member_digests(const Value& row_value, const Keeper& keeper, value::Arena& arena) {
  const Value row = value::decoded(row_value, arena);
  std::string out = "{";
  if (row.kind == Kind::object) {
    for (const value::Member& member : row.object_view()) {
      if (out.size() > 1) out += ',';
      value::append_json_string(member.key, out);
      out += ":\"" + keeper.hash("member\n" + canonical(member.value, arena)).substr(0, short_hash);
      out += '"';
    }
  }
  return out + "}";
}

std::vector<std::string> changed_members(std::string_view before, std::string_view now) {
  value::Arena arena;
  auto old_row = value::parse_json(before, arena), new_row = value::parse_json(now, arena);
  std::vector<std::string> names;
  if (!old_row || !new_row) return names;
  const auto differs = [&](const Value& one, const Value& other, bool missing_only) {
    if (one.kind != Kind::object) return;
    for (const value::Member& member : one.object_view()) {
      const Value* twin = value::find_member(other, member.key);
      if (twin == nullptr || (!missing_only && !value::equal(*twin, member.value, arena))) {
        names.emplace_back(member.key);
      }
    }
  };
  differs(*old_row, *new_row, false);
  differs(*new_row, *old_row, true);
  return names;
}

std::string hidden(std::string_view text, const Keeper& keeper) {
  return "hash-" + keeper.hash("value\n" + std::string(text)).substr(0, short_hash);
}

Value shadow(const Value& given, const Keeper& keeper, value::Arena& arena) {
  const Value value = value::decoded(given, arena);
  switch (value.kind) {
    case Kind::null_value:
    case Kind::boolean:
    case Kind::duration:
      return value;
    case Kind::list: {
      auto elements = arena.make<Value>(value.count);
      for (std::size_t i = 0; i < elements.size(); ++i) {
        elements[i] = shadow(value.list_view()[i], keeper, arena);
      }
      return Value::list(elements);
    }
    case Kind::object: {
      auto members = arena.make<value::Member>(value.count);
      for (std::size_t i = 0; i < members.size(); ++i) {
        const value::Member& member = value.object_view()[i];
        members[i] = {member.key, shadow(member.value, keeper, arena)};
      }
      return Value::object(members);
    }
    case Kind::string:
      if (value.length == 0) return value;
      return Value::string(arena.copy(hidden(value.view(), keeper)));
    default:
      return Value::string(arena.copy(hidden(canonical(value, arena), keeper)));
  }
}

Value shadow_row(const std::vector<ir::Field>& fields, const Value& given, const Keeper& keeper,
                 value::Arena& arena) {
  const Value row = value::decoded(given, arena);
  if (row.kind != Kind::object) return shadow(row, keeper, arena);
  auto members = arena.make<value::Member>(row.count);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const value::Member& member = row.object_view()[i];
    members[i] = {member.key,
                  shadow_field(field_named(fields, member.key), member.value, keeper, arena)};
  }
  return Value::object(members);
}

bool impersonal(const std::vector<ir::Field>& fields, const ir::KeyPath& path) {
  const std::vector<ir::Field>* level = &fields;
  const ir::Field* field = nullptr;
  for (const std::string& key : path) {
    field = field_named(*level, key);
    if (field == nullptr) return false;
    level = &field->fields;
  }
  return field != nullptr && field->fields.empty() && impersonal(*field);
}

std::string shown_key(const ir::Collection& collection, const Value& row, const Keeper& keeper,
                      value::Arena& arena) {
  if (collection.key.empty()) return {};
  const Value shaded = shadow_row(collection.fields, row, keeper, arena);
  std::string out = "{";
  for (const ir::KeyPath& path : collection.key) {
    if (out.size() > 1) out += ',';
    value::append_json_string(joined(path), out);
    out += ':';
    value::append_json(at_path(shaded, path, arena), out);
  }
  return out + "}";
}

std::string shown(std::string_view json, const Keeper& keeper) {
  value::Arena arena;
  auto parsed = value::parse_json(json, arena);
  if (!parsed) return "null";
  return value::to_json(shadow(*parsed, keeper, arena));
}

std::string_view name(Found found) {
  switch (found) {
    case Found::gone:
      return "gone";
    case Found::masked:
      return "masked";
    case Found::still_there:
      break;
  }
  return "still there";
}

Found found_after(ActionKind kind, const Value* row, std::string_view masked, value::Arena& arena) {
  if (row == nullptr) return Found::gone;
  if (kind == ActionKind::removal || masked.empty()) return Found::still_there;
  auto wanted = value::parse_json(masked, arena);
  if (!wanted) return Found::still_there;
  const bool nothing = wanted->kind == Kind::object && wanted->count == 0;
  return !nothing && holds_all(*row, *wanted, arena) ? Found::masked : Found::still_there;
}

}  // namespace fconn::erase
