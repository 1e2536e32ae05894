#include <algorithm>

#include "interpreter/compile/lower_collection.hh"

namespace fconn::compile {

using ir::Op;

namespace {

void bound_slots(const ir::Expr& expr, std::vector<std::uint32_t>& slots) {
  if (expr.op == Op::bound) slots.push_back(static_cast<std::uint32_t>(expr.number));
  for (const ir::Expr& kid : expr.kids) bound_slots(kid, slots);
}

const grammar::CallExpr* union_of(const grammar::Expr& expr) {
  const auto* call = std::get_if<grammar::CallExpr>(&expr.node);
  return call != nullptr && call->callee.text == "union" ? call : nullptr;
}

class SourceLowerer {
 public:
  SourceLowerer(Unit& unit, CollectionEnv& env) : unit_(unit), env_(env) {}

  void lower(const grammar::ForSource& source) {
    if (source.source.empty()) return;
    const grammar::Expr& from = strip(source.source.front());
    const grammar::CallExpr* parts = union_of(from);
    std::vector<BindingSymbol> lists;
    if (parts != nullptr) lists = all_of(*parts);
    begin(source.name.text, source.span);
    binding_.name = source.name.text;
    binding_.span = source.name.span;

    Env place = environment();
    ExprLowerer lowerer(unit_, place);
    lowerer.check_hiding(source.name);
    if (parts == nullptr) {
      values(lowerer, batched(from));
    } else {
      out_.values = together(lowerer, lists, from.span);
    }
    env_.ir->sources.push_back(out_);
    env_.bindings.push_back(binding_);
    unit_.note_declared(source.name, NameKind::binding);
    unit_.note_type(source.name.span, binding_.type,
                    binding_.rows ? unit_.out.collections[binding_.rows->value].name : "");
    if (!source.where.empty()) {
      env_.ir->sources.back().where = lowerer.condition(source.where.front());
    }
    env_.ir->locals = std::max(env_.ir->locals, place.frame);
    finish_depends();
  }

 private:
  Env environment() {
    Env env;
    env.in_connector = true;
    env.see = See::params | See::externals | See::bindings;
    env.place = "a `for`";
    env.collection = &env_;
    return env;
  }

  void begin(std::string name, Span span) {
    index_ = static_cast<std::uint32_t>(env_.ir->sources.size());
    out_ = ir::Source();
    out_.name = std::move(name);
    out_.span = unit_.at(span);
    binding_ = BindingSymbol();
    binding_.source = index_;
  }

  /// The parts of `union(a.x, b.y)`: a source for each, whose values come as one list once they are
  /// all there. It is empty where there are none, so that the other parts don't go with it.
  std::vector<BindingSymbol> all_of(const grammar::CallExpr& call) {
    unit_.note_declared(call.callee, NameKind::intrinsic);
    const bool named =
        std::any_of(call.arguments.begin(), call.arguments.end(),
                    [](const grammar::Argument& argument) { return argument.name.has_value(); });
    if (call.arguments.size() < 2 || named) {
      unit_.report(DiagnosticId::argument_count, call.callee.span,
                   "`union` takes the sources whose values belong together, two or more",
                   "for instance `union(order.customer_id, invoice.customer_id)`");
    }
    std::vector<BindingSymbol> out;
    for (const grammar::Argument& argument : call.arguments) {
      const grammar::Expr& from = strip(argument.value.front());
      begin(std::string(unit_.sources.slice(from.span)), from.span);
      // No name that could be written; it is text of the file, so it stays.
      Span until_here = call.callee.span;
      until_here.end = from.span.end;
      binding_.name = unit_.sources.slice(until_here);
      binding_.span = from.span;
      binding_.type = Type::list;
      binding_.used = true;
      out_.batch = 0;
      Env place = environment();
      ExprLowerer lowerer(unit_, place);
      if (!stands_alone(from)) {
        unit_.report(DiagnosticId::bad_source, from.span,
                     "`union` puts fields of collections, externals and list parameters together",
                     "another `for` source may go through anything else");
        continue;
      }
      values(lowerer, from);
      env_.ir->sources.push_back(out_);
      env_.ir->locals = std::max(env_.ir->locals, place.frame);
      out.push_back(binding_);
    }
    return out;
  }

  bool stands_alone(const grammar::Expr& expr) const {
    std::vector<PathStep> steps;
    const auto* name = std::get_if<grammar::NameExpr>(&ExprLowerer::split_path(expr, steps).node);
    return name != nullptr && !is_binding(name->name.text);
  }

  ir::Expr together(ExprLowerer& lowerer, std::vector<BindingSymbol>& lists, Span span) {
    ir::Expr all = make(Op::list, unit_.at(span));
    for (BindingSymbol& list : lists) {
      std::size_t consumed = 0;
      all.kids.push_back(lowerer.binding_value(list, {}, list.span, consumed).expr);
    }
    return make(Op::call, unit_.at(span), kids(std::move(all)), "flatten");
  }

  /// `batch(x, N)`: x, with N noted.
  const grammar::Expr& batched(const grammar::Expr& expr) {
    const auto* call = std::get_if<grammar::CallExpr>(&expr.node);
    if (call == nullptr || call->callee.text != "batch") return expr;
    unit_.note_declared(call->callee, NameKind::intrinsic);
    out_.batch = 100;
    binding_.type = Type::list;
    if (call->arguments.size() != 2) {
      unit_.report(DiagnosticId::argument_count, call->callee.span,
                   "`batch` takes a source and the most values of one batch",
                   "for instance `batch(customer.id, 100)`");
    }
    if (call->arguments.size() >= 2) {
      out_.batch = integer_constant(unit_, call->arguments[1].value.front(), "`batch`", 1, 100);
    }
    return call->arguments.empty() ? expr : strip(call->arguments[0].value.front());
  }

  void values(ExprLowerer& lowerer, const grammar::Expr& expr) {
    std::vector<PathStep> steps;
    const grammar::Expr& base = ExprLowerer::split_path(expr, steps);
    const auto* name = std::get_if<grammar::NameExpr>(&base.node);
    CollectionSymbol* parent = nullptr;
    if (name != nullptr && !is_binding(name->name.text)) {
      parent = unit_.find_collection(name->name.text);
      if (parent != nullptr) {
        unit_.note(name->name.span, parent->decl->name.span, NameKind::collection);
      }
      if (parent == nullptr && unit_.values.find(name->name.text) == unit_.values.end()) {
        unknown(name->name);
        return;
      }
    }
    if (parent != nullptr) {
      rows_of(lowerer, *parent, steps, base.span);
      return;
    }
    Typed value = lowerer.lower(expr);
    if (!eval::overlap(value.type, Type::list | Type::null_value) && steps.empty()) {
      unit_.report(
          DiagnosticId::bad_source, expr.span,
          "`for` goes through a collection or a list, and this is " + eval::describe(value.type));
    }
    out_.values = std::move(value.expr);
  }

  bool is_binding(std::string_view name) const {
    return std::any_of(env_.bindings.begin(), env_.bindings.end(),
                       [&](const BindingSymbol& b) { return b.name == name; });
  }

  /// `for c in parent`, or the values of one of its fields.
  void rows_of(ExprLowerer& lowerer, CollectionSymbol& parent, PathSteps steps, Span span) {
    out_.collection = parent.id;
    if (parent.id.value >= env_.symbol->id.value) return;  // a cycle: reported, and cut here
    if (steps.empty() && !out_.batch) {
      binding_.rows = parent.id;
      return;
    }
    BindingSymbol hidden;
    hidden.name = parent.decl->name.text;
    hidden.source = index_;
    hidden.rows = parent.id;
    std::size_t consumed = 0;
    Typed value = lowerer.binding_value(hidden, steps, span, consumed);
    value = lowerer.apply(std::move(value), steps.subspan(consumed));
    out_.values = std::move(value.expr);
  }

  void offer_sources() {
    unit_.offer_collections();
    for (const BindingSymbol& binding : env_.bindings) {
      unit_.offer(binding.name, NameKind::binding, binding.span);
    }
    for (const auto& [value, symbol] : unit_.values) {
      if (symbol.kind == ValueSymbol::Kind::identity) continue;
      unit_.offer(value, name_kind(symbol.kind, symbol.secret), symbol.span);
    }
    unit_.offer("batch", NameKind::intrinsic);
    unit_.offer("union", NameKind::intrinsic);
  }

  void unknown(const grammar::Name& name) {
    if (unit_.wanted(name.text)) offer_sources();
    std::vector<std::string> names;
    for (const CollectionSymbol& symbol : unit_.collections) {
      names.push_back(symbol.decl->name.text);
    }
    for (const auto& [value, symbol] : unit_.values) {
      if (symbol.kind != ValueSymbol::Kind::identity) names.emplace_back(value);
    }
    std::sort(names.begin(), names.end());
    unit_.report(DiagnosticId::unknown_collection, name.span,
                 "there is no collection " + quoted(name.text),
                 suggestion(name.text, names,
                            "`for` goes through a collection, an external or a list parameter"));
  }

  /// Sources whose values this one's `values` and `where` read.
  void finish_depends() {
    ir::Source& source = env_.ir->sources.back();
    std::vector<std::uint32_t> slots;
    if (source.values) bound_slots(*source.values, slots);
    if (source.where) bound_slots(*source.where, slots);
    for (const std::uint32_t slot : slots) {
      const std::uint32_t other = env_.ir->slots[slot].source;
      if (other != index_ &&
          std::find(source.depends.begin(), source.depends.end(), other) == source.depends.end()) {
        source.depends.push_back(other);
      }
    }
    std::sort(source.depends.begin(), source.depends.end());
  }

  Unit& unit_;
  CollectionEnv& env_;
  ir::Source out_;
  BindingSymbol binding_;
  std::uint32_t index_ = 0;
};

}  // namespace

void lower_sources(Unit& unit, CollectionEnv& env, const grammar::ForDecl& decl) {
  SourceLowerer lowerer(unit, env);
  for (const grammar::ForSource& source : decl.sources) lowerer.lower(source);
}

namespace {

/// Collections that a collection's `for` names, with the place of the name.
struct Edge {
  std::size_t parent = 0;
  Span span;
};

class Order {
 public:
  explicit Order(Unit& unit)
      : unit_(unit),
        edges_(unit.collections.size()),
        state_(unit.collections.size(), State::waiting) {
    for (std::size_t i = 0; i < unit.collections.size(); ++i) find_edges(i);
  }

  void sort() {
    for (std::size_t i = 0; i < edges_.size(); ++i) visit(i);
    std::vector<CollectionSymbol> sorted;
    sorted.reserve(order_.size());
    for (const std::size_t i : order_) {
      sorted.push_back(unit_.collections[i]);
      sorted.back().id.value = static_cast<std::uint32_t>(sorted.size() - 1);
      unit_.collection_places[sorted.back().decl->name.text] = sorted.size() - 1;
    }
    unit_.collections = std::move(sorted);
  }

 private:
  enum class State : std::uint8_t { waiting, busy, done };

  void find_edges(std::size_t child) {
    for (const grammar::Decl& item : unit_.collections[child].decl->items) {
      const auto* loop = std::get_if<grammar::ForDecl>(&item.node);
      if (loop == nullptr) continue;
      for (std::size_t i = 0; i < loop->sources.size(); ++i) {
        if (!loop->sources[i].source.empty()) add_edge(child, *loop, i);
      }
    }
  }

  void add_edge(std::size_t child, const grammar::ForDecl& loop, std::size_t source) {
    const grammar::Expr& expr = strip(loop.sources[source].source.front());
    const auto* call = std::get_if<grammar::CallExpr>(&expr.node);
    if (call == nullptr) return add_edge(child, loop, source, expr);
    const bool all = call->callee.text == "union";
    if (!all && call->callee.text != "batch") return;
    for (const grammar::Argument& argument : call->arguments) {
      add_edge(child, loop, source, strip(argument.value.front()));
      if (!all) return;
    }
  }

  void add_edge(std::size_t child, const grammar::ForDecl& loop, std::size_t source,
                const grammar::Expr& expr) {
    std::vector<PathStep> steps;
    const grammar::Expr& base = ExprLowerer::split_path(expr, steps);
    const auto* name = std::get_if<grammar::NameExpr>(&base.node);
    if (name == nullptr) return;
    for (std::size_t i = 0; i < source; ++i) {
      if (loop.sources[i].name.text == name->name.text) return;  // an earlier binding
    }
    const auto parent = unit_.collection_places.find(name->name.text);
    if (parent == unit_.collection_places.end()) return;
    edges_[child].push_back({parent->second, name->name.span});
  }

  void visit(std::size_t node) {
    if (state_[node] != State::waiting) return;
    state_[node] = State::busy;
    path_.push_back(node);
    for (const Edge& edge : edges_[node]) {
      if (state_[edge.parent] == State::busy) {
        report_cycle(edge);
      } else {
        visit(edge.parent);
      }
    }
    path_.pop_back();
    state_[node] = State::done;
    order_.push_back(node);
  }

  void report_cycle(const Edge& edge) {
    std::string cycle;
    const auto first = std::find(path_.begin(), path_.end(), edge.parent);
    for (auto it = first; it != path_.end(); ++it) {
      cycle += unit_.collections[*it].decl->name.text + " -> ";
    }
    cycle += unit_.collections[edge.parent].decl->name.text;
    unit_.report(DiagnosticId::collection_cycle, edge.span,
                 "these collections wait for each other: " + cycle,
                 "one of them must take its input from somewhere else");
  }

  Unit& unit_;
  std::vector<std::vector<Edge>> edges_;
  std::vector<State> state_;
  std::vector<std::size_t> path_, order_;
};

}  // namespace

void order_collections(Unit& unit) { Order(unit).sort(); }

}  // namespace fconn::compile
