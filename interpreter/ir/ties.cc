#include "interpreter/ir/ties.hh"

#include <algorithm>
#include <set>

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

using Lets = std::set<std::int64_t>;

/// What is about the person: a row, a binding, an identity, and the lets that came from these.
bool personal(const Expr& expr, const Lets& lets) {
  switch (expr.op) {
    case Op::bound:
    case Op::erased_row:
    case Op::masked:
    case Op::masked_row:
    case Op::identity:
    case Op::loop_value:
      return true;
    case Op::let_value:
      return lets.contains(expr.number);
    default:
      return false;
  }
}

std::size_t count(const Expr& expr, const Lets& lets) {
  std::size_t uses = personal(expr, lets) ? 1 : 0;
  for (const Expr& kid : expr.kids) uses += count(kid, lets);
  return uses;
}

std::size_t count(const std::optional<Expr>& expr, const Lets& lets) {
  return expr ? count(*expr, lets) : 0;
}

/// Uses that narrow what the request is about. What clauses say, and the shape of rows, don't.
std::size_t narrowing_uses(const Request& request, const Lets& lets) {
  std::size_t uses = count(request.query, lets) + count(request.headers, lets) +
                     count(request.body, lets) + count(request.rows, lets);
  for (const TargetPart& part : request.target) uses += count(part.value, lets);
  for (const RowOp& op : request.row_ops) {
    if (op.kind == RowOpKind::keep) uses += count(op.value, lets);
  }
  for (const auto* judgements : {&request.skips, &request.fails}) {
    for (const Judgement& one : *judgements) uses += count(one.condition.when, lets);
  }
  if (request.until) uses += count(request.until->condition, lets);
  return uses;
}

bool any_use(const Step& step, const Lets& lets) {
  return count(step.value, lets) > 0 || (step.request && narrowing_uses(*step.request, lets) > 0);
}

bool binds(const Step& step) {
  return step.kind == StepKind::let_value || step.kind == StepKind::let_request;
}

Lets personal_lets(const Chain& chain) {
  Lets lets;
  for (const Step& step : chain.steps) {
    if (binds(step) && any_use(step, lets)) lets.insert(step.slot);
  }
  return lets;
}

bool is_key(const Collection& collection, const KeyPath& path) {
  return std::find(collection.key.begin(), collection.key.end(), path) != collection.key.end();
}

class Ties {
 public:
  Ties(const std::vector<Collection>& collections, const Collection& collection,
       const Chain* chain = nullptr, const Lets& lets = {})
      : collections_(collections), collection_(collection), chain_(chain), lets_(lets) {}

  void look_at(const std::optional<Expr>& object) {
    if (!object || object->op != Op::object) return;
    for (const Expr& entry : object->kids) {
      if (entry.op != Op::entry) continue;
      Tie tie;
      tie.member = entry.text;
      tie.value = &entry.kids[0];
      if (of_source(tie) || of_row(tie) || of_chain(tie)) found.push_back(std::move(tie));
    }
  }

  /// Each value of a body that is written as an object or a list, or the whole.
  void look_at_body(const Expr& value, const std::string& member) {
    if (value.op == Op::object || value.op == Op::list) {
      for (const Expr& kid : value.kids) {
        const bool inside = kid.op == Op::entry || kid.op == Op::spread;
        look_at_body(inside ? kid.kids[0] : kid, kid.op == Op::entry ? kid.text : member);
      }
      return;
    }
    Tie tie;
    tie.member = member;
    tie.value = &value;
    tie.sent = true;
    if (of_source(tie) || of_row(tie) || of_chain(tie)) found.push_back(std::move(tie));
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

  /// Whatever is made of these, and may be null.
  bool of_chain(Tie& tie) const {
    if (chain_ == nullptr || count(*tie.value, lets_) == 0) return false;
    tie.uses = count(*tie.value, lets_);
    const Expr* from = tie.value;
    std::string path;
    for (; from->op == Op::member; from = &from->kids[0]) path.insert(0, "." + from->text);
    tie.name = tie.member;
    for (const Step& step : chain_->steps) {
      const bool let = from->op == Op::let_value && step.slot == from->number && binds(step);
      if (let) tie.name = step.name + path;
    }
    return true;
  }

  const std::vector<Collection>& collections_;
  const Collection& collection_;
  const Chain* chain_;
  Lets lets_;
};

}  // namespace

std::vector<Tie> request_ties(const std::vector<Collection>& collections,
                              const Collection& collection, const Chain& chain,
                              const Request& request, bool acts) {
  const Lets lets = personal_lets(chain);
  // Alone, a request is tied by paths only: what is computed of a row may well mean to be null.
  Ties ties(collections, collection, chain.steps.empty() ? nullptr : &chain, lets);
  ties.look_at(request.query);
  ties.look_at(request.headers);
  if (acts && request.body) ties.look_at_body(*request.body, "body");
  std::size_t tied = 0;
  for (const Tie& tie : ties.found) tied += tie.uses;
  if (narrowing_uses(request, lets) != tied) return {};
  return std::move(ties.found);
}

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
