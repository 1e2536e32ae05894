// `fields` as a dataset's collection.
#include <algorithm>

#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

using grammar::Field;
using grammar::TypeExpr;
using grammar::TypeKind;

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";

std::string type_name(const TypeExpr& type) {
  if (type.kind == TypeKind::choices) return "string";
  if (type.kind == TypeKind::object) return "object";
  if (type.kind == TypeKind::list) {
    const std::string element = type_name(type.element.front());
    return element.empty() ? "" : element + "[]";
  }
  const std::string& name = type.name.text;
  if (name == "int") return "integer";
  if (name == "number") return "float";
  if (name == "bool") return "boolean";
  if (name == "datetime" || name == "url" || name == "host") return "string";
  return name == "any" ? "" : name;
}

class FieldWriter {
 public:
  FieldWriter(Context& context, const std::string& collection, const grammar::CollectionDecl& decl)
      : context_(context),
        collection_(collection),
        decl_(decl),
        fields_(context.fields_of(collection)) {}

  Yaml write() {
    Yaml out = Yaml::list();
    if (fields_ != nullptr) choose_key();
    if (fields_ != nullptr) {
      for (const Field& field : fields_->fields) out.push(one(field, ""));
    }
    if (erases() && reads() && !any_key_ && chosen_.empty()) out.push(made_key());
    return out;
  }

 private:
  using Take = void (FieldWriter::*)(const Field&, const std::string&, bool);

  bool erases() const {
    return std::any_of(decl_.items.begin(), decl_.items.end(), [](const grammar::Decl& item) {
      return std::holds_alternative<grammar::UpdateDecl>(item.node) ||
             std::holds_alternative<grammar::DeleteDecl>(item.node);
    });
  }

  /// Without that Fides takes an input of the action for the key.
  bool reads() const {
    return std::any_of(decl_.items.begin(), decl_.items.end(), [](const grammar::Decl& item) {
      return std::holds_alternative<grammar::ReadDecl>(item.node) ||
             std::holds_alternative<grammar::EmitDecl>(item.node);
    });
  }

  /// Fides erases nothing in a collection without a primary key. Where no field is marked: what the
  /// actions address a row by, an address, something inside a list, whatever comes first.
  void choose_key() {
    visit(fields_->fields, "", false);
    if (any_key_ || !erases() || candidates_.empty()) return;
    chosen_ = candidates_.begin()->second;
  }

  /// Where `fields` holds nothing that could be the key: what an action addresses a row by.
  Yaml made_key() const {
    std::string name = "id";
    const auto keys = context_.row_keys.find(collection_);
    if (keys != context_.row_keys.end()) {
      for (const std::string& one : keys->second) {
        if (one.find('.') == std::string::npos) name = one;
      }
    }
    Yaml meta, out;
    meta.add("primary_key", Yaml::word("true"));
    if (context_.holds_text(collection_, {{name, false, false}}))
      meta.add("data_type", Yaml::text("string"));
    out.add("name", Yaml::text(name));
    out.add("fides_meta", std::move(meta));
    return out;
  }

  void visit(const std::vector<Field>& fields, const std::string& parent, bool in_list) {
    for (const Field& field : fields) {
      const std::string path = parent.empty() ? field.name.text : parent + "." + field.name.text;
      const TypeExpr* type = &field.type;
      const bool list = type->kind == TypeKind::list;
      if (list) type = &type->element.front();
      if (type->kind == TypeKind::object && !type->fields.empty()) {
        visit(type->fields, path, in_list || list);
        continue;
      }
      any_key_ = any_key_ || field.key;
      const auto keys = context_.row_keys.find(collection_);
      const bool addressed = keys != context_.row_keys.end() && keys->second.count(path) != 0;
      const int rank = addressed ? 0 : is_contact(field) ? 1 : in_list || list ? 2 : 3;
      candidates_.emplace(rank, path);
    }
  }

  static bool is_contact(const Field& field) {
    return std::any_of(field.categories.begin(), field.categories.end(), [](const auto& category) {
      return category.text.starts_with("user.contact");
    });
  }

  Yaml one(const Field& field, const std::string& parent) {
    const std::string path = parent.empty() ? field.name.text : parent + "." + field.name.text;
    const TypeExpr* inner =
        field.type.kind == TypeKind::list ? &field.type.element.front() : &field.type;
    const bool group = inner->kind == TypeKind::object && !inner->fields.empty();
    Yaml out;
    out.add("name", Yaml::text(field.name.text));
    if (Yaml list = categories(field, group); !list.empty())
      out.add("data_categories", std::move(list));
    Yaml meta = marks(field, path, group);
    if (!meta.members.empty()) out.add("fides_meta", std::move(meta));
    if (group) {
      Yaml& below = out.add("fields", Yaml::list());
      for (const Field& sub : inner->fields) below.push(one(sub, path));
    }
    return out;
  }

  Yaml categories(const Field& field, bool group) const {
    Yaml out = Yaml::list();
    for (const grammar::CategoryRef& category : field.categories) {
      if (category.text == "none") return Yaml::list();
      out.push(Yaml::text(category.text));
    }
    if (!out.empty() || group) return out;
    for (const grammar::CategoryRef& category : fields_->defaults)
      out.push(Yaml::text(category.text));
    return out;
  }

  bool holds(const std::map<std::string, std::set<std::string>>& names,
             const std::string& path) const {
    const auto found = names.find(collection_);
    return found != names.end() && found->second.count(path) != 0;
  }

  /// Of a list that is called like a parameter, Fides keeps the elements that match; `fields` says
  /// all of them.
  Yaml marks(const Field& field, const std::string& path, bool group) {
    Yaml meta;
    if ((field.key && !group) || path == chosen_) meta.add("primary_key", Yaml::word("true"));
    const bool open = group && holds(context_.maybe_lists, path);
    if (const std::string type = type_name(field.type); !type.empty() && !open)
      meta.add("data_type", Yaml::text(type));
    const bool list = field.type.kind == TypeKind::list;
    if (list && holds(context_.read_params, path) && !holds(context_.own_lists, path))
      meta.add("return_all_elements", Yaml::word("true"));
    if (field.length) meta.add("length", Yaml::word(std::to_string(*field.length)));
    if (field.readonly) {
      meta.add("read_only", Yaml::word("true"));
      if (group)
        context_.warn(field.name.span,
                      "Fides ignores `readonly` on a field with fields of its own");
    }
    if (field.format)
      context_.warn(field.format->span,
                    "left out: Fides doesn't hold a masked value against a format");
    if (field.type.kind == TypeKind::choices)
      context_.warn(field.type.span, "left out: Fides doesn't hold a masked value against choices");
    if (!field.mask.empty()) mask(field.mask.front(), meta);
    return meta;
  }

  void mask(const Expr& written, Yaml& meta) {
    const Expr expr = Scope(context_).simple(written);
    Yaml strategy, configuration;
    const auto text = constant(expr);
    const auto path = path_of(expr);
    if (is_null(expr)) {
      strategy.add("strategy", Yaml::text("null_rewrite"));
    } else if (path && path->root.empty() && path->steps.empty()) {
      strategy.add("strategy", Yaml::text("preserve"));
    } else if (text) {
      strategy.add("strategy", Yaml::text("string_rewrite"));
      configuration.add("rewrite_value", Yaml::text(*text));
    } else if (random(expr, configuration)) {
      strategy.add("strategy", Yaml::text("random_string_rewrite"));
    } else {
      context_.error(
          expr.span,
          "a field's own mask is in Fides null, a text, random letters, or the value itself");
      return;
    }
    if (!configuration.members.empty()) strategy.add("configuration", std::move(configuration));
    meta.add("masking_strategy_override", std::move(strategy));
  }

  /// `random_string(30) | lower`, `"{random_string(30, …)}@example.com"`
  static bool random(const Expr& expr, Yaml& configuration) {
    const Expr* at = &expr;
    std::string suffix;
    if (const auto* string = node<grammar::StringExpr>(expr)) {
      const bool fits = string->parts.size() <= 2 && !string->parts.empty() &&
                        !string->parts.front().hole.empty() &&
                        (string->parts.size() == 1 || string->parts[1].hole.empty());
      if (!fits) return false;
      if (string->parts.size() == 2) suffix = string->parts[1].text;
      at = &string->parts.front().hole.front();
    }
    const auto* small = call_of(*at, "lower");
    if (small != nullptr) at = &small->arguments.front().value.front();
    const auto* call = call_of(*at, "random_string");
    if (call == nullptr || call->arguments.empty()) return false;
    const auto size = whole_number(call->arguments.front().value.front());
    const Expr* alphabet = argument(call->arguments, 1, "alphabet");
    const bool usual = alphabet == nullptr ? small != nullptr : constant(*alphabet) == letters;
    if (!size || !usual) return false;
    configuration.add("length", Yaml::word(*size));
    if (suffix.empty()) return true;
    Yaml& format = configuration.add("format_preservation", {});
    format.add("suffix", Yaml::text(suffix));
    return true;
  }

  Context& context_;
  const std::string& collection_;
  const grammar::CollectionDecl& decl_;
  const grammar::FieldsDecl* fields_;
  bool any_key_ = false;
  std::multimap<int, std::string> candidates_;
  std::string chosen_;
};

}  // namespace

bool is_text(const TypeExpr& type) {
  if (type.kind == TypeKind::choices) return true;
  if (type.kind != TypeKind::named) return false;
  const std::string& name = type.name.text;
  return name == "string" || name == "datetime" || name == "url" || name == "host";
}

std::optional<Yaml> collection_yaml(Context& context, const std::string& name,
                                    const grammar::Decl& decl) {
  Yaml fields = FieldWriter(context, name, std::get<grammar::CollectionDecl>(decl.node)).write();
  if (fields.empty() && decl.doc.empty()) return std::nullopt;
  Yaml out;
  out.add("name", Yaml::text(name));
  std::string doc = decl.doc;
  std::replace(doc.begin(), doc.end(), '\n', ' ');
  if (!doc.empty()) out.add("description", Yaml::text(doc));
  out.add("fields", std::move(fields));
  return out;
}

}  // namespace fconn::exporter
