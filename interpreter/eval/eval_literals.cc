// What builds values: texts with holes, lists, objects and comprehensions.
#include <algorithm>

#include "interpreter/eval/machine.hh"
#include "interpreter/formats/xml.hh"
#include "interpreter/value/utf8.hh"

namespace fconn::eval {

using ir::Expr;
using ir::Op;
using value::FailureKind;
using value::Kind;
using value::Member;
using value::Value;

Value Machine::take_list(std::size_t base, bool secret) {
  std::vector<Value>& stack = shared_.values;
  std::span<Value> elements = arena_.make<Value>(stack.size() - base);
  std::copy(stack.begin() + static_cast<std::ptrdiff_t>(base), stack.end(), elements.begin());
  stack.resize(base);
  return Value::list(elements).as_secret(secret);
}

Value Machine::take_object(std::size_t base, bool secret) {
  std::vector<Member>& stack = shared_.members;
  const std::span<Member> members =
      value::distinct(std::span<Member>(stack.data() + base, stack.size() - base));
  std::span<Member> kept = arena_.make<Member>(members.size());
  std::copy(members.begin(), members.end(), kept.begin());
  stack.resize(base);
  return Value::object(kept).as_secret(secret);
}

bool Machine::text(const Expr& expr, Value& out) {
  std::string joined;
  bool secret = false;
  for (const Expr& kid : expr.kids) {
    if (kid.op == Op::string) {
      joined += kid.text;
      continue;
    }
    std::string_view part;
    if (!key_text(kid, part, secret)) return false;
    if (joined.size() + part.size() > shared_.limits.max_bytes) {
      return refuse(FailureKind::limit, expr, "this text grows too long");
    }
    joined += part;
  }
  if (!charge(expr, joined.size() / 256)) return false;
  out = Value::string(arena_.copy(joined)).as_secret(secret);
  return true;
}

/// The text of a scalar, for a hole or a computed key.
bool Machine::key_text(const Expr& expr, std::string_view& key, bool& secret) {
  Value value;
  if (!eval(expr, value)) return false;
  value = value::decoded(value, arena_);
  secret = secret || value.secret;
  if (value.kind == Kind::string) {
    key = value.view();
    return true;
  }
  if (value.is_null()) return refuse_null(expr);
  if (value.kind == Kind::bytes) {
    return refuse(
        FailureKind::shape, expr,
        called(expr) + " is bytes that are no text here; write them as `base64` or `hex`");
  }
  auto text = text_of(value, arena_);
  if (!text) {
    return refuse(text.error().kind, expr,
                  called(expr) + " is " + describe(type_of(value)) +
                      " here, which has no text of its own; use `join` or `json`");
  }
  key = *text;
  return true;
}

bool Machine::xml_text(const Expr& expr, Value& out) {
  if (expr.kids.empty()) {
    out = Value::xml(expr.text);
    return true;
  }
  std::string joined;
  bool secret = false;
  for (const Expr& kid : expr.kids) {
    Value value;
    if (!eval(kid, value)) return false;
    value = value::decoded(value, arena_);
    secret = secret || value.secret;
    if (value.kind != Kind::xml && formats::in_unescaped_xml(joined)) {
      return refuse(FailureKind::shape, kid,
                    called(kid) +
                        " stands in a comment, a CDATA section or a processing instruction of XML, "
                        "where it can't be escaped");
    }
    if (value.kind == Kind::xml) {
      joined += value.view();
    } else {
      if (value.is_null()) return refuse_null(kid);
      auto text = text_of(value, arena_);
      if (!text || value.kind == Kind::bytes) return refuse_value(kid, value, "a text");
      if (!formats::fits_xml(*text)) {
        return refuse(FailureKind::shape, kid,
                      called(kid) + " holds a control character, which XML can't");
      }
      formats::append_xml_escaped(*text, joined);
    }
    if (joined.size() > shared_.limits.max_bytes) {
      return refuse(FailureKind::limit, expr, "this text grows too long");
    }
  }
  if (!charge(expr, joined.size() / 256)) return false;
  out = Value::xml(arena_.copy(joined)).as_secret(secret);
  return true;
}

bool Machine::list(const Expr& expr, Value& out) {
  const std::size_t base = shared_.values.size();
  bool secret = false;
  for (const Expr& kid : expr.kids) {
    Value element;
    const bool spread = kid.op == Op::spread;
    if (!eval(spread ? kid.kids[0] : kid, element)) return false;
    secret = secret || element.secret;
    if (!spread) {
      shared_.values.push_back(element);
      continue;
    }
    element = value::decoded(element, arena_);
    if (element.is_null()) continue;
    if (element.kind != Kind::list) return refuse_value(kid.kids[0], element, "a list");
    if (!charge(kid, element.count / 8)) return false;
    const std::span<const Value> inner = element.list_view();
    shared_.values.insert(shared_.values.end(), inner.begin(), inner.end());
  }
  out = take_list(base, secret);
  return true;
}

bool Machine::add_entry(const Expr& kid, bool& secret) {
  Member member;
  if (kid.op == Op::entry) {
    member.key = kid.text;
    if (!eval(kid.kids[0], member.value)) return false;
  } else if (kid.op == Op::computed_entry) {
    bool secret_key = false;
    if (!key_text(kid.kids[0], member.key, secret_key)) return false;
    if (!eval(kid.kids[1], member.value)) return false;
    member.value = member.value.as_secret(secret_key);
  } else {
    Value from;
    if (!eval(kid.kids[0], from)) return false;
    from = value::decoded(from, arena_);
    secret = secret || from.secret;
    if (from.is_null()) return true;
    if (from.kind != Kind::object) return refuse_value(kid.kids[0], from, "an object");
    const std::span<const Member> inner = from.object_view();
    shared_.members.insert(shared_.members.end(), inner.begin(), inner.end());
    return charge(kid, from.count / 8);
  }
  secret = secret || member.value.secret;
  shared_.members.push_back(member);
  return true;
}

bool Machine::object(const Expr& expr, Value& out) {
  const std::size_t base = shared_.members.size();
  bool secret = false;
  for (const Expr& kid : expr.kids) {
    if (!add_entry(kid, secret)) return false;
  }
  out = take_object(base, secret);
  return true;
}

bool Machine::source(const Expr& expr, const Expr& from, Value& out) {
  if (!eval(from, out)) return false;
  out = value::decoded(out, arena_);
  if (out.kind != Kind::list && !out.is_null()) {
    return refuse_value(from, out, "a list to go through");
  }
  const std::size_t names = expr.text == "2" ? 2 : 1;
  if (static_cast<std::size_t>(expr.number) + names <= locals_.size()) return true;
  return refuse(FailureKind::shape, expr, "this place has no room for a loop's variables");
}

bool Machine::bind(const Expr& expr, const Value& element) {
  const auto slot = static_cast<std::size_t>(expr.number);
  if (expr.text != "2") {
    locals_[slot] = element;
    return true;
  }
  const Value pair = value::decoded(element, arena_);
  if (pair.kind != Kind::list || pair.count != 2) {
    return refuse(FailureKind::shape, expr,
                  "two loop variables need a list of pairs to go through");
  }
  locals_[slot] = pair.elements[0];
  locals_[slot + 1] = pair.elements[1];
  return true;
}

bool Machine::list_for(const Expr& expr, Value& out) {
  Value from;
  if (!source(expr, expr.kids[1], from)) return false;
  const std::size_t base = shared_.values.size();
  bool secret = from.secret;
  for (std::size_t i = 0; i < from.count; ++i) {
    if (!bind(expr, from.elements[i])) return false;
    bool wanted = true;
    if (expr.kids.size() > 2 && !test(expr.kids[2], wanted, secret)) return false;
    if (!wanted) continue;
    Value element;
    if (!eval(expr.kids[0], element)) return false;
    secret = secret || element.secret;
    shared_.values.push_back(element);
  }
  out = take_list(base, secret);
  return true;
}

bool Machine::object_for(const Expr& expr, Value& out) {
  Value from;
  if (!source(expr, expr.kids[2], from)) return false;
  const std::size_t base = shared_.members.size();
  bool secret = from.secret;
  for (std::size_t i = 0; i < from.count; ++i) {
    if (!bind(expr, from.elements[i])) return false;
    bool wanted = true;
    if (expr.kids.size() > 3 && !test(expr.kids[3], wanted, secret)) return false;
    if (!wanted) continue;
    Member member;
    bool secret_key = false;
    if (!key_text(expr.kids[0], member.key, secret_key)) return false;
    if (!eval(expr.kids[1], member.value)) return false;
    member.value = member.value.as_secret(secret_key);
    secret = secret || member.value.secret;
    shared_.members.push_back(member);
  }
  out = take_object(base, secret);
  return true;
}

}  // namespace fconn::eval
