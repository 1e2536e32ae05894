#include <algorithm>

#include "interpreter/compile/lower_expr.hh"

namespace fconn::compile {

using ir::Op;
using Kind = PathStep::Kind;

const grammar::Expr& ExprLowerer::split_path(const grammar::Expr& expr,
                                             std::vector<PathStep>& steps) {
  const grammar::Expr* base = &expr;
  while (true) {
    if (const auto* member = std::get_if<grammar::MemberExpr>(&base->node)) {
      steps.push_back({Kind::member, &member->name, nullptr, base->span});
      base = &member->base.front();
    } else if (const auto* index = std::get_if<grammar::IndexExpr>(&base->node)) {
      steps.push_back({Kind::index, nullptr, &index->index.front(), base->span});
      base = &index->base.front();
    } else if (const auto* each = std::get_if<grammar::EachExpr>(&base->node)) {
      steps.push_back({Kind::each, nullptr, nullptr, base->span});
      base = &each->base.front();
    } else {
      break;
    }
  }
  std::reverse(steps.begin(), steps.end());
  return *base;
}

Typed ExprLowerer::path(const grammar::Expr& expr) {
  std::vector<PathStep> steps;
  const grammar::Expr& base = split_path(expr, steps);
  std::size_t consumed = 0;
  Typed start;
  if (std::holds_alternative<grammar::DotExpr>(base.node)) {
    start = dot(steps, base.span, consumed);
  } else if (const auto* name = std::get_if<grammar::NameExpr>(&base.node)) {
    start = named(name->name, steps, base.span, consumed);
  } else {
    start = lower(base);
  }
  return apply(std::move(start), PathSteps(steps).subspan(consumed));
}

Typed ExprLowerer::apply(Typed value, PathSteps steps) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const PathStep& step = steps[i];
    const Span span = at(step.span);
    if (step.kind == Kind::each) return apply_each(std::move(value), steps.subspan(i));
    if (step.kind == Kind::member) {
      value.expr = make(Op::member, span, kids(std::move(value.expr)), step.name->text);
      value.type = Type::any;
      continue;
    }
    Typed index = lower(*step.index);
    if (!eval::overlap(index.type, Type::integer | Type::string | Type::null_value)) {
      unit_.report(DiagnosticId::operand_type, step.index->span,
                   "an index is a number or a key, and this is " + eval::describe(index.type));
    }
    value.secret = value.secret || index.secret;
    value.type = Type::any;
    value.expr = index.expr.op == Op::string
                     ? make(Op::member, span, kids(std::move(value.expr)), index.expr.text)
                     : make(Op::index, span, kids(std::move(value.expr), std::move(index.expr)));
  }
  return value;
}

Typed ExprLowerer::apply_each(Typed value, PathSteps steps) {
  const Span span = at(steps.front().span);
  const PathSteps rest = steps.subspan(1);
  const bool splice =
      std::any_of(rest.begin(), rest.end(), [](const PathStep& s) { return s.kind == Kind::each; });
  const std::uint32_t outer = env_.next_slot;
  const std::uint32_t slot = env_.take_slot();
  Typed element{make(Op::local, span, {}, {}, slot), Type::any, value.secret};
  Typed inner = apply(std::move(element), rest);
  env_.next_slot = outer;
  return {make(Op::each, span, kids(std::move(value.expr), std::move(inner.expr)),
               splice ? "splice" : "", slot),
          Type::list, inner.secret};
}

namespace {

std::uint32_t find_or_add(std::vector<ir::KeyPath>& cells, const ir::KeyPath& path) {
  const auto found = std::find(cells.begin(), cells.end(), path);
  if (found != cells.end()) return static_cast<std::uint32_t>(found - cells.begin());
  cells.push_back(path);
  return static_cast<std::uint32_t>(cells.size() - 1);
}

ir::KeyPath leading_keys(PathSteps steps) {
  ir::KeyPath path;
  for (const PathStep& step : steps) {
    if (step.kind != Kind::member) break;
    path.push_back(step.name->text);
  }
  return path;
}

}  // namespace

std::uint32_t ExprLowerer::body_cell(const ir::KeyPath& path) {
  return find_or_add(env_.request->body_cells, path);
}
std::uint32_t ExprLowerer::row_cell(const ir::KeyPath& path) {
  return find_or_add(env_.request->row_cells, path);
}

Typed ExprLowerer::dot(PathSteps steps, Span span, std::size_t& consumed) {
  switch (env_.dot) {
    case Dot::none:
      unit_.report(DiagnosticId::name_not_here, span,
                   "`.` is what an answer brought, and there is none in " + std::string(env_.place),
                   "name the value that is meant");
      return poison(span);
    case Dot::old_value:
      return {make(Op::old_value, at(span)), Type::any};
    case Dot::local:
      return {make(Op::local, at(span), {}, {}, env_.dot_slot), Type::any};
    case Dot::body:
    case Dot::row:
    case Dot::mapped_row:
      break;
  }
  const ir::KeyPath path = leading_keys(steps);
  consumed = path.size();
  const Span whole = at(consumed == 0 ? span : steps[consumed - 1].span);
  if (env_.dot != Dot::body && env_.collection != nullptr) {
    note_fields(*env_.collection->symbol, steps);
  }
  if (env_.dot == Dot::body) {
    return {make(Op::body_cell, whole, {}, {}, body_cell(path)), Type::any};
  }
  if (env_.dot == Dot::row) {
    return cast_row(make(Op::row_cell, whole, {}, {}, row_cell(path)), path, whole);
  }
  ir::Expr row = make(Op::current_row, at(span));
  for (std::size_t i = 0; i < consumed; ++i) {
    row = make(Op::member, at(steps[i].span), kids(std::move(row)), steps[i].name->text);
  }
  return cast_row(std::move(row), path, whole);
}

// language.md "fields": a value is cast for comparison where its field is declared.
Typed ExprLowerer::cast_row(ir::Expr expr, const ir::KeyPath& path, Span span) {
  if (env_.cast_fields != nullptr && !path.empty()) {
    const ir::ScalarType type = declared_type(*env_.cast_fields, path);
    const bool scalar = type != ir::ScalarType::any && type != ir::ScalarType::object &&
                        type != ir::ScalarType::list;
    if (scalar) {
      return {make(Op::cast, span, kids(std::move(expr)), {}, static_cast<std::int64_t>(type)),
              type_of_field(type)};
    }
  }
  return {std::move(expr), Type::any};
}

ir::ScalarType declared_type(const std::vector<ir::Field>& fields, const ir::KeyPath& path) {
  const std::vector<ir::Field>* level = &fields;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto found = std::find_if(level->begin(), level->end(),
                                    [&](const ir::Field& f) { return f.name == path[i]; });
    if (found == level->end()) return ir::ScalarType::any;
    if (i + 1 == path.size()) return found->list ? ir::ScalarType::list : found->type;
    if (found->list) return ir::ScalarType::any;
    level = &found->fields;
  }
  return ir::ScalarType::any;
}

namespace {

const grammar::Field* find_field(const std::vector<grammar::Field>& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const grammar::Field& f) { return f.name.text == name; });
  return found == fields.end() ? nullptr : &*found;
}

/// The fields inside a field, through a list; empty for one whose inside isn't declared.
const std::vector<grammar::Field>* inner_fields(const grammar::TypeExpr& type) {
  if (type.kind == grammar::TypeKind::object) return &type.fields;
  if (type.kind == grammar::TypeKind::list) return inner_fields(type.element.front());
  return nullptr;
}

}  // namespace

/// For editors: what the keys of a row mean where the row may also have fields that aren't
/// declared.
void ExprLowerer::note_fields(const CollectionSymbol& collection, PathSteps keys) {
  if (unit_.names == nullptr || collection.fields == nullptr) return;
  const std::vector<grammar::Field>* level = &collection.fields->fields;
  for (const PathStep& step : keys) {
    if (step.kind == Kind::each) continue;
    if (step.kind != Kind::member || level == nullptr) return;
    if (unit_.wanted(step.name->text)) {
      for (const grammar::Field& known : *level) {
        unit_.offer(known.name.text, NameKind::field, known.name.span);
      }
    }
    const grammar::Field* field = find_field(*level, step.name->text);
    if (field == nullptr) return;
    unit_.note(step.name->span, field->name.span, NameKind::field);
    level = inner_fields(field->type);
  }
}

void ExprLowerer::check_field(const CollectionSymbol& collection, PathSteps keys,
                              std::string_view base) {
  if (collection.fields == nullptr) return;
  note_fields(collection, keys);
  const std::vector<grammar::Field>* level = &collection.fields->fields;
  std::string so_far(base);
  for (const PathStep& step : keys) {
    if (step.kind == Kind::each) continue;
    if (step.kind != Kind::member) return;
    if (level == nullptr || level->empty()) return;
    const grammar::Field* field = find_field(*level, step.name->text);
    if (field == nullptr) {
      std::vector<std::string> names;
      for (const grammar::Field& known : *level) names.push_back(known.name.text);
      unit_.report(
          DiagnosticId::unknown_field, step.name->span,
          "collection " + quoted(collection.decl->name.text) + " declares no field " +
              quoted(step.name->text) + (so_far == base ? "" : " in " + quoted(so_far)),
          suggestion(step.name->text, names, "declare it in `fields` if its rows have it"));
      return;
    }
    so_far += "." + step.name->text;
    level = inner_fields(field->type);
  }
}

Typed ExprLowerer::binding_value(BindingSymbol& binding, PathSteps steps, Span span,
                                 std::size_t& consumed) {
  binding.used = true;
  ir::Collection& collection = *env_.collection->ir;
  ir::Slot slot;
  slot.source = binding.source;
  slot.text = std::string(binding.name);
  Span whole = span;
  Type type = binding.type;
  if (binding.rows) {
    const ir::KeyPath path = leading_keys(steps);
    consumed = path.size();
    if (consumed > 0) whole = steps[consumed - 1].span;
    check_field(unit_.collections[binding.rows->value], steps, binding.name);
    ir::Collection& parent = unit_.out.collections[binding.rows->value];
    auto cell = std::find_if(parent.cells.begin(), parent.cells.end(),
                             [&](const ir::Cell& c) { return c.path == path; });
    if (cell == parent.cells.end()) {
      parent.cells.push_back({path, declared_type(parent.fields, path)});
      cell = parent.cells.end() - 1;
    }
    slot.cell = static_cast<std::uint32_t>(cell - parent.cells.begin());
    type = type_of_field(cell->type);
    for (const std::string& key : path) slot.text += "." + key;
  }
  const auto known = std::find_if(
      collection.slots.begin(), collection.slots.end(),
      [&](const ir::Slot& s) { return s.source == slot.source && s.cell == slot.cell; });
  const auto index = static_cast<std::uint32_t>(known - collection.slots.begin());
  if (known == collection.slots.end()) collection.slots.push_back(std::move(slot));
  note_slot(index);
  return {make(Op::bound, at(whole), {}, {}, index), type};
}

}  // namespace fconn::compile
