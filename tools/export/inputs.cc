// Where a collection's inputs come from: the sources of its `for`.
#include <algorithm>
#include <array>

#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

/// Names that Fides gives a value of its own, whatever `param_values` says.
constexpr std::array<std::string_view, 9> special = {
    "privacy_request_id", "uuid",     "iso_8601_datetime", "field_list",
    "privacy_request",    "reply_to", "reply_to_token",    "masked_object_fields",
    "all_object_fields"};

std::string plain_name(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += letter ? c : '_';
  }
  return out;
}

}  // namespace

Inputs::Inputs(Context& context, std::string collection, const grammar::CollectionDecl& decl)
    : context_(context), collection_(std::move(collection)) {
  for (const grammar::Decl& item : decl.items) {
    const auto* sources = std::get_if<grammar::ForDecl>(&item.node);
    if (sources == nullptr) continue;
    for (const grammar::ForSource& source : sources->sources) add(source);
  }
}

void Inputs::add(const grammar::ForSource& source) {
  Binding out;
  out.name = source.name.text;
  out.span = source.name.span;
  const Expr* from = &source.source.front();
  if (const auto* batch = call_of(*from, "batch"); batch != nullptr && !batch->arguments.empty()) {
    out.kind = Binding::Kind::batch;
    from = &batch->arguments.front().value.front();
  }
  for (const Expr& condition : source.where)
    check_where(Scope(context_).simple(condition), out.name);
  if (const auto* parts = call_of(*from, "union")) {
    out.kind = Binding::Kind::together;
    for (const grammar::Argument& one : parts->arguments) add_part(one.value.front(), out);
    if (!out.parts.empty()) bindings_.push_back(std::move(out));
    return;
  }
  const auto path = path_of(*from);
  if (!path || path->root.empty()) {
    context_.error(from->span, "Fides takes inputs from fields of other collections alone");
    return;
  }
  const Binding* row = find(path->root);
  const bool batch = out.kind == Binding::Kind::batch;
  if (row != nullptr && (row->kind == Binding::Kind::row || row->kind == Binding::Kind::value)) {
    out.kind = Binding::Kind::value;
    out.collection = row->collection;
    out.path = row->path;
    out.row = row->kind == Binding::Kind::row ? row->name : row->row;
    if (row->kind == Binding::Kind::value && !row->path.empty() && !path->steps.empty() &&
        !row->path.back().each)
      context_.maybe_lists[row->collection].insert(fides_path(row->path));
  } else if (context_.collections.count(path->root) != 0) {
    if (!batch) out.kind = path->steps.empty() ? Binding::Kind::row : Binding::Kind::value;
    out.collection = path->root;
  } else if (context_.externals.count(path->root) != 0 && !batch) {
    out.kind = Binding::Kind::external;
    out.collection = path->root;
  } else if (context_.params.count(path->root) != 0 && !batch) {
    out.kind = Binding::Kind::setting;
    out.collection = path->root;
  } else {
    context_.error(from->span, "Fides can't take inputs from here");
    return;
  }
  out.path.insert(out.path.end(), path->steps.begin(), path->steps.end());
  bindings_.push_back(std::move(out));
}

void Inputs::add_part(const Expr& from, Binding& binding) {
  const auto path = path_of(from);
  Binding part;
  const bool rows = path && context_.collections.count(path->root) != 0;
  if (rows && !path->steps.empty()) {
    part.kind = Binding::Kind::value;
  } else if (path && path->steps.empty() && context_.externals.count(path->root) != 0) {
    part.kind = Binding::Kind::external;
  } else {
    context_.error(from.span, "Fides can't take inputs from here");
    return;
  }
  part.collection = path->root;
  part.path = path->steps;
  binding.parts.push_back(std::move(part));
}

/// Fides leaves out nulls, empty texts, zeros and false by itself, and an empty row gives nothing.
void Inputs::check_where(const Expr& condition, const std::string& bound) {
  if (const auto* both = binary(condition, grammar::BinaryOp::and_)) {
    for (const Expr& one : both->operands) check_where(one, bound);
    return;
  }
  const auto* unequal = binary(condition, grammar::BinaryOp::not_equal);
  if (unequal != nullptr) {
    const Expr& other = unequal->operands[1];
    const auto* object = node<grammar::ObjectExpr>(other);
    const bool empty = constant(other) == "" || (object != nullptr && object->entries.empty());
    if (is_null(other) || (empty && name_of(unequal->operands[0]) == bound)) return;
  }
  const Expr* falsy = negated(condition);
  const auto* in = falsy == nullptr ? nullptr : binary(*falsy, grammar::BinaryOp::in);
  const auto* list = in == nullptr ? nullptr : node<grammar::ListExpr>(in->operands[1]);
  const auto is_falsy = [](const grammar::ListItem& item) {
    const Expr& value = item.value.front();
    return constant(value) == "" || whole_number(value) == "0" || is_boolean(value, "false");
  };
  if (list != nullptr && std::all_of(list->items.begin(), list->items.end(), is_falsy)) return;
  context_.error(condition.span, "Fides can't choose among the rows that give a request its inputs",
                 "filter the rows where they are read");
}

const Binding* Inputs::find(std::string_view name) const {
  const auto found = std::find_if(bindings_.begin(), bindings_.end(),
                                  [name](const Binding& one) { return one.name == name; });
  return found == bindings_.end() ? nullptr : &*found;
}

std::size_t Inputs::place(std::string_view name) const {
  const Binding* found = find(name);
  return found == nullptr ? bindings_.size() : static_cast<std::size_t>(found - bindings_.data());
}

std::string Inputs::name_for(const std::string& collection, const std::vector<Step>& path) {
  const std::string field = collection + "." + fides_path(path);
  const auto known = names_.find(field);
  if (known != names_.end()) return known->second;
  const auto taken = [&](const std::string& name) {
    const bool given = std::any_of(names_.begin(), names_.end(),
                                   [&](const auto& one) { return one.second == name; });
    return given || find(name) != nullptr || context_.params.count(name) != 0 ||
           context_.identities.count(name) != 0 || context_.externals.count(name) != 0 ||
           context_.field_at(collection_, {{name, false, false}}) != nullptr ||
           std::find(special.begin(), special.end(), name) != special.end();
  };
  const std::string first = plain_name(field);
  std::string name = first;
  for (int i = 2; taken(name); ++i) name = first + "_" + std::to_string(i);
  names_[field] = name;
  return name;
}

}  // namespace fconn::exporter
