#include "interpreter/compile/lower_collection.hh"

#include <algorithm>

namespace fconn::compile {

using grammar::Decl;

namespace {

bool has_category(const std::vector<ir::Field>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const ir::Field& field) {
    return !field.categories.empty() || has_category(field.fields);
  });
}

class CollectionLowerer {
 public:
  CollectionLowerer(Unit& unit, CollectionSymbol& symbol, std::vector<ReadFacts>& facts)
      : unit_(unit), symbol_(symbol), facts_(facts), out_(unit.out.collections[symbol.id.value]) {
    env_.symbol = &symbol;
    env_.ir = &out_;
  }

  void lower() {
    for (const Decl& item : symbol_.decl->items) {
      if (const auto* loop = std::get_if<grammar::ForDecl>(&item.node)) {
        lower_sources(unit_, env_, *loop);
      }
    }
    for (const Decl& item : symbol_.decl->items) lower_item(item);
    check_rows();
    check_actions();
    check_same_reads(unit_, symbol_, read_spans_);
    for (std::size_t i = 0; i < out_.reads.size(); ++i) {
      check_narrowing(unit_, out_, out_.reads[i].chain, read_spans_[i]);
    }
    if (update_) check_narrowing(unit_, out_, *out_.update, *update_);
    if (delete_) check_narrowing(unit_, out_, *out_.erase, *delete_);
    warn_unused();
  }

 private:
  void lower_item(const Decl& item) {
    if (const auto* read = std::get_if<grammar::ReadDecl>(&item.node)) {
      lower_read(*read, item);
    } else if (const auto* emit = std::get_if<grammar::EmitDecl>(&item.node)) {
      lower_emit(*emit, item);
    } else if (const auto* update = std::get_if<grammar::UpdateDecl>(&item.node)) {
      update_ = item.keyword;
      out_.update = action(update->chain);
    } else if (const auto* erase = std::get_if<grammar::DeleteDecl>(&item.node)) {
      delete_ = item.keyword;
      out_.erase = action(erase->chain);
    } else if (const auto* after = std::get_if<grammar::EraseAfterDecl>(&item.node)) {
      for (const grammar::Name& name : after->collections) erase_after(name);
    } else if (const auto* prefer = std::get_if<grammar::PreferDecl>(&item.node)) {
      prefer_ = &prefer->action;
    }
  }

  void lower_read(const grammar::ReadDecl& decl, const Decl& item) {
    ir::Read read;
    ChainEnv chain;
    chain.ir = &read.chain;
    chain.collection = &env_;
    lower_chain(unit_, chain, decl.chain, Role::read);
    read.span = unit_.at(item.keyword);
    const bool until = read.chain.request && read.chain.request->until.has_value();
    const bool steps_until = std::any_of(
        read.chain.steps.begin(), read.chain.steps.end(),
        [](const ir::Step& step) { return step.request && step.request->until.has_value(); });
    facts_.push_back({symbol_.id, out_.reads.size(), !inputs_show(chain), until || steps_until});
    read_spans_.push_back(item.keyword);
    out_.reads.push_back(std::move(read));
  }

  void lower_emit(const grammar::EmitDecl& emit, const Decl& item) {
    Env env;
    env.in_connector = true;
    env.see = See::params | See::externals | See::bindings | See::request_id;
    env.place = "an `emit`";
    env.collection = &env_;
    env.emit_uses = &out_.emit_uses;
    Typed row = ExprLowerer(unit_, env).value(emit.value.front(), Type::object, "`emit`");
    if (row.secret) {
      unit_.report(DiagnosticId::secret_in_rows, emit.value.front().span,
                   "a secret would become part of the rows", "leave it out of `emit`");
    }
    emit_ = item.keyword;
    out_.emit = std::move(row.expr);
    std::sort(out_.emit_uses.begin(), out_.emit_uses.end());
    out_.locals = std::max(out_.locals, env.frame);
  }

  ir::Chain action(const grammar::Chain& decl) {
    ir::Chain chain;
    ChainEnv env;
    env.ir = &chain;
    env.collection = &env_;
    lower_chain(unit_, env, decl, Role::erase);
    if (env.masked_at && !has_category(out_.fields)) {
      unit_.report(
          DiagnosticId::masked_without_category, *env.masked_at,
          "nothing would ever be masked: no field of " + quoted(symbol_.decl->name.text) +
              " has a data category",
          "give the personal fields their categories: `email: string @user.contact.email`");
    }
    return chain;
  }

  void erase_after(const grammar::Name& name) {
    if (const CollectionSymbol* other = unit_.find_collection(name.text)) {
      unit_.note(name.span, other->decl->name.span, NameKind::collection);
      out_.erase_after.push_back(other->id);
      return;
    }
    if (unit_.wanted(name.text)) unit_.offer_collections();
    std::vector<std::string> names;
    for (const CollectionSymbol& one : unit_.collections) names.push_back(one.decl->name.text);
    unit_.report(DiagnosticId::unknown_collection, name.span,
                 "there is no collection " + quoted(name.text), suggestion(name.text, names));
  }

  bool gives_rows() const { return !out_.reads.empty() || out_.emit.has_value(); }

  /// Collections that can never run, by their own shape or their parents'.
  void check_rows() {
    const grammar::Name& name = symbol_.decl->name;
    if (!gives_rows() && !update_ && !delete_) {
      unit_.report(DiagnosticId::never_runs, name.span,
                   "collection " + quoted(name.text) + " neither reads nor erases anything",
                   "give it a `read`, an `emit`, an `update` or a `delete`");
    }
    for (const ir::Source& source : out_.sources) {
      if (!source.collection || source.collection->value >= symbol_.id.value) continue;
      const ir::Collection& parent = unit_.out.collections[source.collection->value];
      if (!parent.reads.empty() || parent.emit) continue;
      unit_.report(DiagnosticId::never_runs, binding_span(source.name),
                   "collection " + quoted(parent.name) + " never has rows, so " +
                       quoted(name.text) + " can never run",
                   "give " + quoted(parent.name) + " a `read` or an `emit`");
    }
    if (emit_ && !out_.reads.empty()) {
      unit_.report(DiagnosticId::clause_not_here, *emit_,
                   "a collection that reads can't also emit rows", "make it two collections");
    }
  }

  Span binding_span(std::string_view name) const {
    for (const BindingSymbol& binding : env_.bindings) {
      if (binding.name == name) return binding.span;
    }
    return symbol_.decl->name.span;
  }

  void check_actions() {
    if (update_ && gives_rows() && out_.key.empty()) {
      unit_.report(DiagnosticId::update_without_key, *update_,
                   "no field of " + quoted(symbol_.decl->name.text) +
                       " is a `key`, so changed rows can't be told apart",
                   "mark the field that identifies a row: `id: string key`");
    }
    if (prefer_ == nullptr) return;
    out_.prefer_delete = prefer_->text == "delete";
    if (out_.prefer_delete ? !delete_ : !update_) {
      unit_.report(DiagnosticId::missing_action, prefer_->span,
                   "the collection has no " + quoted(prefer_->text), "add it, or prefer nothing");
    }
  }

  void warn_unused() {
    for (const BindingSymbol& binding : env_.bindings) {
      if (binding.used) continue;
      unit_.report(DiagnosticId::unused_name, binding.span,
                   "binding " + quoted(binding.name) + " is never used",
                   "a read that uses no binding runs once, whatever its `for` says");
    }
  }

  Unit& unit_;
  CollectionSymbol& symbol_;
  std::vector<ReadFacts>& facts_;
  ir::Collection& out_;
  CollectionEnv env_;
  std::vector<Span> read_spans_;
  std::optional<Span> update_, delete_, emit_;
  const grammar::Name* prefer_ = nullptr;
};

}  // namespace

namespace {

/// Circles of `erase_after`; children before parents gives way to it, so it is looked at alone.
class EraseOrder {
 public:
  explicit EraseOrder(Unit& unit) : unit_(unit), done_(unit.collections.size(), false) {}

  void check() {
    for (const CollectionSymbol& symbol : unit_.collections) visit(symbol.id);
  }

 private:
  void visit(ir::CollectionId id) {
    const auto cycle = std::find(path_.begin(), path_.end(), id);
    if (cycle != path_.end()) return report(cycle - path_.begin());
    if (done_[id.value]) return;
    path_.push_back(id);
    for (const ir::CollectionId other : unit_.out.collections[id.value].erase_after) visit(other);
    path_.pop_back();
    done_[id.value] = true;
  }

  void report(std::ptrdiff_t first) {
    std::string text = "these wait for each other's erasure: ";
    for (std::size_t i = static_cast<std::size_t>(first); i < path_.size(); ++i) {
      text += unit_.out.collections[path_[i].value].name + " -> ";
    }
    const CollectionSymbol& start = unit_.collections[path_[static_cast<std::size_t>(first)].value];
    unit_.report(DiagnosticId::erase_cycle, start.decl->name.span, text + start.decl->name.text,
                 "remove one `erase_after`");
  }

  Unit& unit_;
  std::vector<bool> done_;
  std::vector<ir::CollectionId> path_;
};

}  // namespace

void lower_collections(Unit& unit) {
  std::vector<ReadFacts> facts;
  unit.out.collections.resize(unit.collections.size());
  for (CollectionSymbol& symbol : unit.collections) {
    ir::Collection& out = unit.out.collections[symbol.id.value];
    out.name = symbol.decl->name.text;
    out.doc = symbol.whole->doc;
    out.span = unit.at(symbol.decl->name.span);
    lower_fields(unit, symbol);
  }
  for (CollectionSymbol& symbol : unit.collections) {
    CollectionLowerer(unit, symbol, facts).lower();
  }
  EraseOrder(unit).check();
  for (ir::Collection& collection : unit.out.collections) project_cells(collection);
  decide_sharing(unit, facts);
}

}  // namespace fconn::compile
