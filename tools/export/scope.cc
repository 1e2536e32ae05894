// What an expression of a request names, as a placeholder with its entry of `param_values`.
#include <algorithm>

#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

constexpr std::string_view stamp = "%Y-%m-%dT%H:%M:%SZ";

const char* const other_booleans = "Fides writes `True` and `False`";
const char* const no_code =
    "Fides' templates hold values alone: no functions, conditions or arithmetic";

}  // namespace

void Scope::add(ParamValue value) {
  const bool known = std::any_of(params.begin(), params.end(),
                                 [&](const ParamValue& one) { return one.name == value.name; });
  if (!known) params.push_back(std::move(value));
}

void Scope::add_identity(const std::string& name) {
  add({ParamValue::From::identity, name, name, false, 0});
}

void Scope::add_setting(const std::string& name) {
  if (!settings_only) add({ParamValue::From::setting, name, name, false, ~std::size_t{0}});
}

std::optional<Hole> Scope::refuse(Span span, const std::string& text, const std::string& help) {
  context_.error(span, text, help);
  return std::nullopt;
}

const Expr* imported(const grammar::CallExpr& call) {
  const std::string& name = call.callee.text;
  const bool own = name.starts_with("fides_") || name == "own_elements";
  return own && !call.arguments.empty() ? &call.arguments.front().value.front() : nullptr;
}

const Expr* Scope::seen_through(const grammar::CallExpr& call) {
  const Expr* inner = imported(call);
  const auto list =
      call.arguments.size() == 4 ? constant(call.arguments[2].value.front()) : std::nullopt;
  if (inner != nullptr && list && inputs_ != nullptr)
    context_.own_lists[inputs_->collection()].insert(*list);
  return inner;
}

Expr Scope::simple(const Expr& expr) const {
  return simplified(expr, names,
                    [this](const grammar::CallExpr& call) { return context_.function_of(call); });
}

void Scope::enter(const std::vector<grammar::FnParam>& parameters,
                  const std::vector<grammar::Argument>& arguments) {
  Frame inner = frame_of(parameters, arguments);
  for (auto& [name, value] : inner) value = simple(value);
  names = std::move(inner);
}

std::optional<Hole> Scope::hole(const Expr& expr, Use use) {
  const Expr& at = bare(expr);
  if (const auto path = path_of(at)) {
    if (path->root == "request_id" && path->steps.empty() && specials())
      return Hole{"privacy_request_id", true, false, false};
    if (!path->root.empty()) return of_name(*path, at.span, use);
    if (!in_map) return refuse(at.span, "Fides' requests know nothing of an answer");
    if (path->steps.empty()) return Hole{"all_object_fields", false, true, false, true};
    const std::string rows = inputs_ == nullptr ? std::string() : inputs_->collection();
    if (context_.holds_bool(rows, path->steps)) return refuse(at.span, other_booleans);
    return Hole{"all_object_fields." + fides_path(path->steps),
                context_.holds_text(rows, path->steps), false, false,
                context_.knows(rows, path->steps)};
  }
  if (const auto* call = node<grammar::CallExpr>(at)) return of_call(*call, at.span);
  return refuse(at.span, no_code);
}

std::optional<Hole> Scope::of_call(const grammar::CallExpr& call, Span span) {
  const std::string& name = call.callee.text;
  if (name == "uuid" && call.arguments.empty() && specials())
    return Hole{"uuid", true, false, false};
  if (name == "format_time" && call.arguments.size() == 2 && specials() &&
      call_of(call.arguments[0].value.front(), "now") != nullptr &&
      constant(call.arguments[1].value.front()) == stamp) {
    return Hole{"iso_8601_datetime", true, false, false};
  }
  if (name == "string" && call.arguments.size() == 1) return of_text(call);
  // What the importer writes for Fides' own treatment of a value.
  if (const Expr* inner = seen_through(call)) return hole(*inner, Use::body);
  if (name == "pick" && action && call.arguments.size() == 2 &&
      name_of(call.arguments[0].value.front()) == "masked_row") {
    if (!holds_all_fields(call.arguments[1].value.front())) {
      return refuse(span, "Fides sends all declared fields of the row, or the masked ones",
                    "pick every field that `fields` declares");
    }
    masks = true;
    return Hole{"all_object_fields", false, true, false};
  }
  return refuse(span, std::string(no_code) + " (`" + name + "`)");
}

/// `string(x)`: placeholders are texts, but a boolean is another one in Fides.
std::optional<Hole> Scope::of_text(const grammar::CallExpr& call) {
  const Expr& inner = call.arguments.front().value.front();
  auto out = hole(inner, Use::strict);
  if (!out) return out;
  if (out->whole) return refuse(inner.span, "an object can't stand in a text");
  out->text = out->known = true;
  return out;
}

bool Scope::holds_all_fields(const Expr& picked) const {
  const auto* list = node<grammar::ListExpr>(picked);
  const grammar::FieldsDecl* fields =
      inputs_ == nullptr ? nullptr : context_.fields_of(inputs_->collection());
  if (list == nullptr || fields == nullptr || list->items.size() != fields->fields.size())
    return false;
  return std::all_of(list->items.begin(), list->items.end(), [&](const grammar::ListItem& item) {
    const auto name = constant(item.value.front());
    return std::any_of(fields->fields.begin(), fields->fields.end(),
                       [&](const grammar::Field& field) { return field.name.text == name; });
  });
}

std::optional<Hole> Scope::of_name(const Path& path, Span span, Use use) {
  const std::string& root = path.root;
  const std::string rest = fides_path(path.steps);
  if (const auto known = flow.find(root + (rest.empty() ? "" : "." + rest)); known != flow.end())
    return Hole{known->second, true, false, false};
  if (action && root == "row" && element.empty() && !path.steps.empty())
    return of_row(path.steps, span);
  if (action && !element.empty() && root == element && !path.steps.empty())
    return of_row(path.steps, span);
  if (action && (root == "masked" || root == "masked_row")) return of_masked(path, span);
  const Binding* binding = inputs_ == nullptr ? nullptr : inputs_->find(root);
  if (binding != nullptr) return of_binding(*binding, path.steps, span);
  if (!path.steps.empty()) return refuse(span, no_code);
  if (const auto param = context_.params.find(root); param != context_.params.end()) {
    add_setting(root);
    const auto& type = param->second->type;
    if (type && type->kind == grammar::TypeKind::list)
      return refuse(span, "Fides sends one request for each value of a list",
                    "`for x in " + root + "`");
    return Hole{root, !type || is_text(*type), false, false, true};
  }
  if (context_.identities.count(root) != 0 && !settings_only) {
    add_identity(root);
    const bool first = mentioned.insert(root).second;
    if (use != Use::entry) {
      dropped.erase(root);
    } else if (first) {
      dropped.insert(root);
    }
    const bool can_miss = use == Use::body && optional.count(root) != 0;
    return Hole{root, true, false, can_miss};
  }
  if (context_.externals.count(root) != 0) {
    return refuse(span, "Fides takes values from outside one by one", "`for x in " + root + "`");
  }
  return refuse(span, "`" + root + "` has no counterpart in a request of Fides");
}

std::optional<Hole> Scope::of_row(const std::vector<Step>& steps, Span span) {
  const std::string& own = inputs_->collection();
  if (context_.holds_bool(own, steps)) return refuse(span, other_booleans);
  const std::string name = inputs_->name_for(own, steps);
  context_.row_keys[own].insert(fides_path(steps));
  add({ParamValue::From::reference, name, own + "." + fides_path(steps), false,
       ~std::size_t{0} - 1});
  return Hole{name, context_.holds_text(own, steps), false, false, context_.knows(own, steps)};
}

std::optional<Hole> Scope::of_masked(const Path& path, Span span) {
  masks = true;
  const bool whole_row = path.root == "masked_row";
  const grammar::FieldsDecl* fields = context_.fields_of(inputs_->collection());
  if (whole_row && path.steps.empty() && fields != nullptr) {
    return refuse(span,
                  "Fides sends the declared fields of the row, and nothing else that it holds",
                  "pick(masked_row, […]) with every field that `fields` declares says the same");
  }
  const std::string base = whole_row ? "all_object_fields" : "masked_object_fields";
  if (path.steps.empty()) return Hole{base, false, true, false};
  const grammar::Field* field = context_.field_at(inputs_->collection(), path.steps);
  const bool object = field != nullptr && field->type.kind == grammar::TypeKind::object;
  return Hole{base + "." + fides_path(path.steps), field != nullptr && is_text(field->type), object,
              false, field != nullptr};
}

std::optional<Hole> Scope::of_several(const Binding& binding, const std::vector<Step>& steps,
                                      Span span) {
  if (!steps.empty()) return refuse(span, no_code);
  std::vector<ParamValue> all;
  for (const Binding& part : binding.parts) {
    const bool external = part.kind == Binding::Kind::external;
    all.push_back({external ? ParamValue::From::external : ParamValue::From::reference,
                   binding.name,
                   external ? part.collection : part.collection + "." + fides_path(part.path),
                   false, inputs_->place(binding.name)});
  }
  ParamValue first = std::move(all.front());
  first.others.assign(std::make_move_iterator(all.begin() + 1), std::make_move_iterator(all.end()));
  add(std::move(first));
  return Hole{binding.name, false, false, false};
}

std::optional<Hole> Scope::of_binding(const Binding& binding, const std::vector<Step>& steps,
                                      Span span) {
  const std::size_t place = inputs_->place(binding.name);
  switch (binding.kind) {
    case Binding::Kind::batch:
      return refuse(span, "Fides sends one request for each value, not one for many");
    case Binding::Kind::external:
    case Binding::Kind::setting: {
      if (!steps.empty()) return refuse(span, no_code);
      const bool external = binding.kind == Binding::Kind::external;
      add({external ? ParamValue::From::external : ParamValue::From::setting, binding.name,
           binding.collection, false, place});
      const bool text = external && context_.is_text_outside(binding.collection);
      return Hole{binding.name, text, false, false,
                  !external || context_.externals[binding.collection]->type};
    }
    case Binding::Kind::together:
      return of_several(binding, steps, span);
    case Binding::Kind::row:
    case Binding::Kind::value:
      break;
  }
  std::vector<Step> path = binding.path;
  path.insert(path.end(), steps.begin(), steps.end());
  if (path.empty()) return refuse(span, "a whole row can't stand in a request of Fides");
  if (context_.holds_bool(binding.collection, path)) return refuse(span, other_booleans);
  const bool own_name = steps.empty();
  const std::string name = own_name ? binding.name : inputs_->name_for(binding.collection, path);
  const bool grouped = binding.kind == Binding::Kind::row || !binding.row.empty();
  add({ParamValue::From::reference, name, binding.collection + "." + fides_path(path), grouped,
       place});
  return Hole{name, context_.holds_text(binding.collection, path), false, false,
              context_.knows(binding.collection, path)};
}

}  // namespace fconn::exporter
