// A walk as JSON. Values that JSON doesn't have are wrapped, {"$": kind, "v": …}, and so are
// objects that look like such a wrapper, and secrets.
#include <algorithm>
#include <functional>

#include "interpreter/run/chain.hh"

namespace fconn::run {

using value::Kind;
using value::Value;

namespace {

void write(const Value& given, value::Arena& arena, std::string& out);

void wrap(std::string_view kind, std::string& out, const std::function<void()>& content) {
  out += R"({"$":")";
  out += kind;
  out += R"(","v":)";
  content();
  out += '}';
}

void write_object(const Value& object, value::Arena& arena, std::string& out) {
  out += '{';
  for (const value::Member& member : object.object_view()) {
    if (&member != object.members) out += ',';
    value::append_json_string(member.key, out);
    out += ':';
    write(member.value, arena, out);
  }
  out += '}';
}

void write_plain(const Value& value, value::Arena& arena, std::string& out) {
  switch (value.kind) {
    case Kind::list:
      out += '[';
      for (const Value& element : value.list_view()) {
        if (&element != value.elements) out += ',';
        write(element, arena, out);
      }
      out += ']';
      return;
    case Kind::object:
      if (value::find_member(value, "$") == nullptr) return write_object(value, arena, out);
      return wrap("object", out, [&] { write_object(value, arena, out); });
    case Kind::duration:
      return wrap("duration", out, [&] { value::append_json(Value::of(value.integer), out); });
    case Kind::bytes:
    case Kind::xml:
      return wrap(value.kind == Kind::xml ? "xml" : "bytes", out, [&] {
        // Bytes may be anything; one character for each keeps them.
        out += '"';
        constexpr std::string_view digits = "0123456789abcdef";
        for (const char c : value.view()) {
          const auto byte = static_cast<unsigned char>(c);
          out += digits[byte >> 4U];
          out += digits[byte & 15U];
        }
        out += '"';
      });
    default:
      value::append_json(value, out);
  }
}

void write(const Value& given, value::Arena& arena, std::string& out) {
  Value value = value::decoded(given, arena);
  if (!given.secret) return write_plain(value, arena, out);
  value.secret = false;
  wrap("secret", out, [&] { write_plain(value, arena, out); });
}

int digit(char c) { return c >= 'a' ? c - 'a' + 10 : c - '0'; }

Value read_bytes(std::string_view hex, bool xml, value::Arena& arena) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  const std::string_view kept = arena.copy(bytes);
  return xml ? Value::xml(kept) : Value::bytes(kept);
}

Value read(const Value& saved, value::Arena& arena);

Value read_members(const Value& object, value::Arena& arena) {
  auto members = arena.make<value::Member>(object.count);
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i] = {object.members[i].key, read(object.members[i].value, arena)};
  }
  return Value::object(members);
}

Value read(const Value& saved, value::Arena& arena) {
  if (saved.kind == Kind::list) {
    auto list = arena.make<Value>(saved.count);
    for (std::size_t i = 0; i < list.size(); ++i) list[i] = read(saved.elements[i], arena);
    return Value::list(list);
  }
  if (saved.kind != Kind::object) return saved;
  const Value* kind = value::find_member(saved, "$");
  const Value* content = value::find_member(saved, "v");
  if (kind == nullptr || content == nullptr) return read_members(saved, arena);
  if (kind->view() == "secret") return read(*content, arena).as_secret();
  if (kind->view() == "object") return read_members(*content, arena);
  if (kind->view() == "duration") return Value::duration(content->integer);
  return read_bytes(content->view(), kind->view() == "xml", arena);
}

}  // namespace

std::string ChainWalk::save() const { return turns_.empty() ? save_turn() : std::string(); }

std::string ChainWalk::save_turn() const {
  value::Arena arena;
  std::string text = "{\"next\":" + std::to_string(next_) + ",\"lets\":[";
  for (std::size_t i = 0; i < lets_.size(); ++i) {
    if (i > 0) text += ',';
    write(lets_[i], arena, text);
  }
  return text + "]}";
}

bool ChainWalk::resume(std::string_view saved) {
  auto parsed = value::parse_json(saved, turn_);
  if (!parsed || parsed->kind != Kind::object) return false;
  const Value* next = value::find_member(*parsed, "next");
  const Value* lets = value::find_member(*parsed, "lets");
  if (next == nullptr || next->kind != Kind::integer || next->integer < 0 || lets == nullptr ||
      lets->kind != Kind::list || lets->count != lets_.size()) {
    return false;
  }
  const auto at = static_cast<std::size_t>(next->integer);
  const auto is_request = [](const ir::Step& s) { return s.request.has_value(); };
  if (at > chain_.steps.size() || (at < chain_.steps.size() && !is_request(chain_.steps[at]))) {
    return false;
  }
  since_ = next_ = at;
  request_ = static_cast<std::uint32_t>(std::count_if(
      chain_.steps.begin(), chain_.steps.begin() + static_cast<std::ptrdiff_t>(at), is_request));
  for (std::size_t i = 0; i < lets_.size(); ++i) lets_[i] = read(lets->elements[i], turn_);
  return true;
}

}  // namespace fconn::run
