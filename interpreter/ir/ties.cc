#include "interpreter/ir/ties.hh"

#include <algorithm>

#include "interpreter/ir/walk.hh"

namespace fconn::ir {

namespace {

/// `row.a.b`, as a path; none for anything else.
std::optional<KeyPath> row_path(const Expr& expr) {
  if (expr.op == Op::erased_row) return KeyPath{};
  if (expr.op != Op::member) return std::nullopt;
  auto path = row_path(expr.kids[0]);
  if (path) path->push_back(expr.text);
  return path;
}

bool mentions(const Expr& expr, std::int64_t slot) {
  return (expr.op == Op::bound && expr.number == slot) ||
         std::any_of(expr.kids.begin(), expr.kids.end(),
                     [&](const Expr& kid) { return mentions(kid, slot); });
}

bool is_key(const Collection& collection, const KeyPath& path) {
  return std::find(collection.key.begin(), collection.key.end(), path) != collection.key.end();
}

class Ties {
 public:
  Ties(const std::vector<Collection>& collections, const Collection& collection)
      : collections_(collections), collection_(collection) {}

  void look_at(const std::optional<Expr>& object) {
    if (!object || object->op != Op::object) return;
    for (const Expr& entry : object->kids) {
      if (entry.op != Op::entry) continue;
      Tie tie;
      tie.member = entry.text;
      tie.value = &entry.kids[0];
      if (of_source(tie) || of_row(tie)) found.push_back(std::move(tie));
    }
  }

  std::vector<Tie> found;

 private:
  bool of_source(Tie& tie) const {
    if (tie.value->op != Op::bound) return false;
    const Slot& slot = collection_.slots[static_cast<std::size_t>(tie.value->number)];
    if (!slot.cell) return false;  // a value of a `for`, which passes nulls over
    const Source& source = collection_.sources[slot.source];
    tie.name = slot.text;
    tie.guarded = source.where && mentions(*source.where, tie.value->number);
    if (source.collection && source.collection->value < collections_.size()) {
      const Collection& from = collections_[source.collection->value];
      tie.keyed = *slot.cell < from.cells.size() && is_key(from, from.cells[*slot.cell].path);
    }
    return true;
  }

  bool of_row(Tie& tie) const {
    const auto path = row_path(*tie.value);
    if (!path || path->empty()) return false;
    tie.name = "row";
    for (const std::string& part : *path) tie.name += "." + part;
    tie.keyed = is_key(collection_, *path);
    return true;
  }

  const std::vector<Collection>& collections_;
  const Collection& collection_;
};

}  // namespace

std::vector<Tie> loose_ties(const std::vector<Collection>& collections,
                            const Collection& collection, const Chain& chain) {
  if (!chain.steps.empty() || !chain.request) return {};
  if (!chain.request_identities.empty() || !chain.keep_identities.empty()) return {};
  Ties ties(collections, collection);
  ties.look_at(chain.request->query);
  ties.look_at(chain.request->headers);
  std::size_t uses = 0;
  each_expr(chain, [&](const Expr& expr) {
    uses += expr.op == Op::bound || expr.op == Op::erased_row ? 1U : 0U;
  });
  if (uses != ties.found.size()) return {};
  return std::move(ties.found);
}

}  // namespace fconn::ir
