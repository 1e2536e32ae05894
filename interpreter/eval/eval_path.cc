// Paths: members, indices, and `[]`, which is what follows for every element. A path through null,
// a missing key or a value of another shape is null; `[]` on what isn't a list is empty.
#include "interpreter/eval/machine.hh"

namespace fconn::eval {

using ir::Expr;
using value::Kind;
using value::Value;

bool Machine::member(const Expr& expr, Value& out) {
  Value base;
  if (!eval(expr.kids[0], base)) return false;
  if (base.kind == Kind::raw) {
    out = value::raw_member(base, expr.text, arena_);
    return charge(expr, base.length / 256);
  }
  const Value* found = value::find_member(base, expr.text);
  out = found == nullptr ? Value::null() : *found;
  return true;
}

bool Machine::index(const Expr& expr, Value& out) {
  Value base;
  Value key;
  if (!eval(expr.kids[0], base) || !eval(expr.kids[1], key)) return false;
  key = value::decoded(key, arena_);
  const bool secret = key.secret;
  out = Value::null();
  if (key.kind == Kind::string) {
    if (base.kind == Kind::raw) {
      out = value::raw_member(base, key.view(), arena_);
    } else if (const Value* found = value::find_member(base, key.view())) {
      out = *found;
    }
  } else if (key.kind == Kind::integer) {
    base = value::decoded(base, arena_);
    if (base.kind == Kind::list) {
      const std::int64_t count = base.count;
      const std::int64_t i = key.integer < 0 ? key.integer + count : key.integer;
      if (i >= 0 && i < count) out = base.elements[i];
    }
  }
  out = out.as_secret(secret);
  return charge(expr, (base.kind == Kind::raw ? base.length : base.count) / 256);
}

bool Machine::each(const Expr& expr, Value& out) {
  Value base;
  if (!eval(expr.kids[0], base)) return false;
  base = value::decoded(base, arena_);
  const bool splice = !expr.text.empty();
  const std::size_t first = shared_.values.size();
  const auto slot = static_cast<std::size_t>(expr.number);
  bool secret = base.secret;
  if (base.kind == Kind::list && slot < locals_.size()) {
    for (const Value& element : base.list_view()) {
      locals_[slot] = element;
      Value rest;
      if (!eval(expr.kids[1], rest)) return false;
      secret = secret || rest.secret;
      if (!splice) {
        shared_.values.push_back(rest);
        continue;
      }
      rest = value::decoded(rest, arena_);
      if (rest.kind != Kind::list) continue;
      if (!charge(expr, rest.count / 8)) return false;
      const std::span<const Value> inner = rest.list_view();
      shared_.values.insert(shared_.values.end(), inner.begin(), inner.end());
    }
  }
  out = take_list(first, secret);
  return true;
}

}  // namespace fconn::eval
