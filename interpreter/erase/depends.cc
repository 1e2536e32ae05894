#include "interpreter/erase/depends.hh"

#include "interpreter/ir/walk.hh"
#include "interpreter/value/value.hh"

namespace fconn::erase {

Depends depends_on(const ir::Collection& collection, ActionKind kind, std::string_view masked) {
  Depends found;
  for (const ir::KeyPath& path : collection.key) {
    if (!path.empty()) found.members.insert(path.front());
  }
  const auto& chain = kind == ActionKind::update ? collection.update : collection.erase;
  std::size_t rows = 0, members = 0;
  if (chain) {
    ir::each_expr(*chain, [&](const ir::Expr& expr) {
      if (expr.op == ir::Op::masked_row) found.all = true;
      if (expr.op == ir::Op::erased_row) ++rows;
      if (expr.op != ir::Op::member || expr.kids.front().op != ir::Op::erased_row) return;
      ++members;
      found.members.insert(expr.text);
    });
  }
  found.all = found.all || rows != members;
  if (kind != ActionKind::update) return found;
  value::Arena arena;
  const auto values = value::parse_json(masked, arena);
  if (!values || values->kind != value::Kind::object) return found;
  for (const value::Member& member : values->object_view()) {
    found.members.emplace(member.key);
  }
  return found;
}

}  // namespace fconn::erase
