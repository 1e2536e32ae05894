// Evaluating straight into JSON text: object and list literals build no value, cells are copied.
#include <cstdint>
#include <cstring>

#include "interpreter/eval/machine.hh"

namespace fconn::eval {

using ir::Expr;
using ir::Op;
using value::FailureKind;

namespace {

bool same_key_twice(const std::vector<Expr>& kids) {
  for (std::size_t i = 1; i < kids.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (kids[k].text == kids[i].text) return true;
    }
  }
  return false;
}

/// Whether an object literal is only entries with keys that differ, so it can be written as it
/// stands. A bit for each key rules out nearly all pairs without comparing texts.
bool is_plain_object(const std::vector<Expr>& kids) {
  std::uint64_t seen = 0;
  bool maybe_twice = false;
  for (const Expr& kid : kids) {
    if (kid.op != Op::entry) return false;
    const std::string& key = kid.text;
    const auto last = key.empty() ? 0U : static_cast<unsigned char>(key.back());
    const auto first = key.empty() ? 0U : static_cast<unsigned char>(key.front());
    const std::uint64_t bit = std::uint64_t{1} << ((first * 5 + last * 3 + key.size()) & 63U);
    maybe_twice = maybe_twice || (seen & bit) != 0;
    seen |= bit;
  }
  return !maybe_twice || !same_key_twice(kids);
}

bool needs_no_escape(std::string_view text) {
  bool plain = true;  // without an early end, so that the loop has no branches
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    plain &= byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
  }
  return plain;
}

/// Writes an opening brace or a comma, the key and a colon, and makes room for `more` bytes behind
/// them, where the result points. One growth of the text instead of many: this is the hot path of
/// `map`.
char* append_key(char before, std::string_view key, std::size_t more, std::string& out) {
  const std::size_t old = out.size();
  if (!needs_no_escape(key)) {
    out += before;
    value::append_json_string(key, out);
    out += ':';
    out.resize(out.size() + more);
    return out.data() + out.size() - more;
  }
  out.resize(old + key.size() + 4 + more);
  char* next = out.data() + old;
  *next++ = before;
  *next++ = '"';
  if (!key.empty()) std::memcpy(next, key.data(), key.size());
  next += key.size();
  *next++ = '"';
  *next++ = ':';
  return next;
}

bool is_nested(std::string_view json) {
  return !json.empty() && (json[0] == '{' || json[0] == '[');
}

/// The text of a cell; a missing one is null.
std::string_view cell_text(std::span<const std::string_view> cells, const Expr& expr) {
  const auto i = static_cast<std::size_t>(expr.number);
  return i >= cells.size() || cells[i].data() == nullptr ? std::string_view("null") : cells[i];
}

}  // namespace

bool Machine::write(const Expr& expr, std::string& out) {
  switch (expr.op) {
    case Op::row_cell:
      return write_cell(env_.row_cells, expr, out);
    case Op::body_cell:
      return write_cell(env_.body_cells, expr, out);
    case Op::object:
      return is_plain_object(expr.kids) ? write_object(expr, out) : write_value(expr, out);
    case Op::list:
      return write_list(expr, out);
    case Op::if_else: {
      bool holds = false;
      return step(expr) && test(expr.kids[0], holds) && write(branch(expr, holds), out);
    }
    default:
      return write_value(expr, out);
  }
}

bool Machine::write_cell(std::span<const std::string_view> cells, const Expr& expr,
                         std::string& out) {
  if (!step(expr)) return false;
  const std::string_view cell = cell_text(cells, expr);
  if (is_nested(cell)) {
    value::append_json(Value::raw(cell), out);  // which puts it on one line
  } else {
    out += cell;
  }
  return true;
}

bool Machine::write_object(const Expr& expr, std::string& out) {
  if (!step(expr)) return false;
  char before = '{';
  for (const Expr& kid : expr.kids) {
    const Expr& value = kid.kids[0];
    std::string_view cell;
    if (value.op == Op::row_cell) cell = cell_text(env_.row_cells, value);
    if (cell.empty() || is_nested(cell)) {
      append_key(before, kid.text, 0, out);
      if (!write(value, out)) return false;
    } else {
      if (!step(value)) return false;
      std::memcpy(append_key(before, kid.text, cell.size(), out), cell.data(), cell.size());
    }
    before = ',';
  }
  if (before == '{') out += before;
  out += '}';
  return true;
}

bool Machine::write_list(const Expr& expr, std::string& out) {
  for (const Expr& kid : expr.kids) {
    if (kid.op == Op::spread) return write_value(expr, out);
  }
  if (!step(expr)) return false;
  out += '[';
  bool first = true;
  for (const Expr& kid : expr.kids) {
    if (!first) out += ',';
    first = false;
    if (!write(kid, out)) return false;
  }
  out += ']';
  return true;
}

bool Machine::write_value(const Expr& expr, std::string& out) {
  Value value;
  if (!eval(expr, value)) return false;
  // A value can hold one list many times over, so its text may be far larger than its memory.
  if (value.count != 0 && !charge(expr, weight(value, shared_.limits.max_steps))) return false;
  value::append_json(value, out);
  if (out.size() <= shared_.limits.max_bytes) return true;
  return refuse(FailureKind::limit, expr, "the JSON text of this value grows too long");
}

}  // namespace fconn::eval
