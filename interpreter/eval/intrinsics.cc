#include "interpreter/eval/intrinsics.hh"

#include <algorithm>
#include <unordered_map>

#include "interpreter/eval/intrinsics_support.hh"
#include "interpreter/eval/machine.hh"
#include "interpreter/value/utf8.hh"

namespace fconn::eval {

using value::FailureKind;
using value::Member;
using value::Value;

std::string describe(Type type) {
  constexpr std::pair<Type, std::string_view> names[] = {
      {Type::null_value, "null"}, {Type::boolean, "bool"},      {Type::integer, "int"},
      {Type::decimal, "number"},  {Type::string, "string"},     {Type::list, "list"},
      {Type::object, "object"},   {Type::duration, "duration"}, {Type::bytes, "bytes"},
      {Type::xml, "xml"}};
  if (type == Type::any) return "anything";
  std::vector<std::string_view> parts;
  for (const auto& entry : names) {
    if (overlap(type, entry.first)) parts.push_back(entry.second);
  }
  if (parts.empty()) return "nothing";
  std::string out(parts.front());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    out += i + 1 == parts.size() ? " or " : ", ";
    out += parts[i];
  }
  return out;
}

std::string with_article(const Value& value) {
  std::string name = describe(type_of(value));
  if (name == "null" || name == "bytes" || name == "xml" || name == "anything") return name;
  return (name == "int" || name == "object" ? "an " : "a ") + name;
}

Answer text_answer(std::string_view text, CallContext& context) {
  if (text.size() > context.max_bytes) {
    return value::fail(FailureKind::limit, "the resulting text is too long");
  }
  context.work += text.size() / 16;
  return Value::string(context.arena.copy(text));
}

Answer text_or_bytes(std::string_view bytes, CallContext& context) {
  Answer answer = text_answer(bytes, context);
  if (answer && !value::valid_utf8(bytes)) return Value::bytes(answer->view());
  return answer;
}

Answer list_answer(const std::vector<Value>& elements, CallContext& context) {
  if (elements.size() > context.max_bytes / sizeof(Value)) {
    return value::fail(FailureKind::limit, "the resulting list is too long");
  }
  context.work += elements.size();
  std::span<Value> out = context.arena.make<Value>(elements.size());
  std::copy(elements.begin(), elements.end(), out.begin());
  bool secret = false;
  for (const Value& element : elements) secret = secret || element.secret;
  return Value::list(out).as_secret(secret);
}

Answer object_answer(std::vector<Member>& members, CallContext& context) {
  if (members.size() > context.max_bytes / sizeof(Member)) {
    return value::fail(FailureKind::limit, "the resulting object is too large");
  }
  context.work += members.size();
  const std::span<Member> kept = value::distinct(members);
  std::span<Member> out = context.arena.make<Member>(kept.size());
  std::copy(kept.begin(), kept.end(), out.begin());
  bool secret = false;
  for (const Member& member : kept) secret = secret || member.value.secret;
  return Value::object(out).as_secret(secret);
}

const std::vector<Intrinsic>& intrinsics() {
  static const std::vector<Intrinsic> table = [] {
    std::vector<Intrinsic> all;
    add_text_functions(all);
    add_case_functions(all);
    add_list_functions(all);
    add_order_functions(all);
    add_object_functions(all);
    add_json_functions(all);
    add_time_functions(all);
    add_hash_functions(all);
    add_encode_functions(all);
    add_random_functions(all);
    add_sign_functions(all);
    add_auth_functions(all);
    add_format_functions(all);
    std::sort(all.begin(), all.end(),
              [](const Intrinsic& a, const Intrinsic& b) { return a.name < b.name; });
    return all;
  }();
  return table;
}

const Intrinsic* find_intrinsic(std::string_view name) {
  static const std::unordered_map<std::string_view, const Intrinsic*> index = [] {
    std::unordered_map<std::string_view, const Intrinsic*> map;
    for (const Intrinsic& one : intrinsics()) map.emplace(one.name, &one);
    return map;
  }();
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

}  // namespace fconn::eval
