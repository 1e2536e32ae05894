#include "tools/lsp/json.hh"

#include "grammar/json_text.hh"

namespace fconn::lsp {

// Bytes of a file on disk may be no UTF-8; what is sent has to be.
Json json_string(std::string_view text) { return {grammar::json_string(text)}; }
Json json_number(std::int64_t number) { return {std::to_string(number)}; }
Json json_bool(bool value) { return {value ? "true" : "false"}; }

Json json_list(const std::vector<Json>& elements) {
  Json out{"["};
  for (const Json& element : elements) {
    if (out.text.size() > 1) out.text += ',';
    out.text += element.text;
  }
  out.text += ']';
  return out;
}

Json json_object(const JsonMembers& members) {
  Json out{"{"};
  for (const auto& [key, value] : members) {
    if (!value) continue;
    if (out.text.size() > 1) out.text += ',';
    value::append_json_string(key, out.text);
    out.text += ':';
    out.text += value->text;
  }
  out.text += '}';
  return out;
}

Json json_copy(const value::Value& value) { return {value::to_json(value)}; }

const value::Value* member(const value::Value& value,
                           std::initializer_list<std::string_view> keys) {
  const value::Value* at = &value;
  for (const std::string_view key : keys) {
    if (at->kind != value::Kind::object) return nullptr;
    at = value::find_member(*at, key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::optional<std::string_view> string_at(const value::Value& value,
                                          std::initializer_list<std::string_view> keys) {
  const value::Value* found = member(value, keys);
  if (found == nullptr || found->kind != value::Kind::string) return std::nullopt;
  return found->view();
}

std::optional<std::int64_t> integer_at(const value::Value& value,
                                       std::initializer_list<std::string_view> keys) {
  const value::Value* found = member(value, keys);
  if (found == nullptr || found->kind != value::Kind::integer) return std::nullopt;
  return found->integer;
}

bool true_at(const value::Value& value, std::initializer_list<std::string_view> keys) {
  const value::Value* found = member(value, keys);
  return found != nullptr && found->kind == value::Kind::boolean && found->integer != 0;
}

std::span<const value::Value> list_at(const value::Value& value,
                                      std::initializer_list<std::string_view> keys) {
  const value::Value* found = member(value, keys);
  if (found == nullptr || found->kind != value::Kind::list) return {};
  return found->list_view();
}

}  // namespace fconn::lsp
