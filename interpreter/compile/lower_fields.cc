#include <algorithm>
#include <unordered_map>

#include "interpreter/compile/lower_collection.hh"
#include "interpreter/privacy/formats.hh"

namespace fconn::compile {
namespace {

class FieldLowerer {
 public:
  FieldLowerer(Unit& unit, const CollectionSymbol& symbol)
      : unit_(unit), collection_(unit.out.collections[symbol.id.value]) {}

  void lower(const grammar::FieldsDecl& decl) {
    collection_.has_fields = true;
    for (const grammar::CategoryRef& category : decl.defaults) add_category(category, defaults_);
    ir::KeyPath path;
    collection_.fields = fields(decl.fields, path, false);
  }

 private:
  std::vector<ir::Field> fields(const std::vector<grammar::Field>& declared, ir::KeyPath& path,
                                bool in_list) {
    std::vector<ir::Field> result;
    result.reserve(declared.size());
    std::unordered_map<std::string_view, const grammar::Field*> seen;
    seen.reserve(declared.size());
    for (const grammar::Field& field : declared) {
      const auto [twin, fresh] = seen.emplace(field.name.text, &field);
      if (!fresh) {
        unit_.report(DiagnosticId::duplicate_field, field.name.span,
                     "field " + quoted(field.name.text) + " is declared twice",
                     "remove one of them", twin->second->name.span, "the first declaration");
        continue;
      }
      unit_.note_declared(field.name, NameKind::field);
      path.push_back(field.name.text);
      result.push_back(lower_field(field, path, in_list));
      path.pop_back();
    }
    return result;
  }

  ir::Field lower_field(const grammar::Field& field, ir::KeyPath& path, bool in_list) {
    ir::Field result;
    result.name = field.name.text;
    result.span = unit_.at(field.span);
    result.readonly = field.readonly;
    result.length = field.length;
    if (field.format) format(*field.format, result);
    const grammar::TypeExpr* type = &field.type;
    if (type->kind == grammar::TypeKind::list) {
      result.list = true;
      type = &type->element.front();
    }
    set_type(*type, result);
    if (type->kind == grammar::TypeKind::object) {
      result.fields = fields(type->fields, path, in_list || result.list);
    }
    if (field.key) set_key(field, result, path, in_list);
    categories(field, result);
    if (!field.mask.empty()) mask(field.mask.front(), result);
    return result;
  }

  void format(const grammar::Name& name, ir::Field& field) {
    field.format = name.text;
    const auto known = privacy::format_names();
    if (unit_.wanted(name.text)) {
      for (const auto& one : known) unit_.offer(one, NameKind::format);
    }
    if (std::find(known.begin(), known.end(), name.text) != known.end()) return;
    unit_.report(DiagnosticId::unknown_format, name.span,
                 "there is no format " + quoted(name.text) + ", so masked values aren't checked",
                 suggestion(name.text, {known.begin(), known.end()},
                            "formats are email, url, uuid, date, time, datetime, phone, ipv4, ipv6 "
                            "and hostname"));
  }

  void set_type(const grammar::TypeExpr& type, ir::Field& field) {
    switch (type.kind) {
      case grammar::TypeKind::list:
        field.type = ir::ScalarType::list;
        return;
      case grammar::TypeKind::object:
        field.type = ir::ScalarType::object;
        return;
      case grammar::TypeKind::choices:
        field.type = ir::ScalarType::string;
        for (const grammar::Expr& choice : type.choices) {
          Env env;
          env.place = "a type";
          field.choices.push_back(ExprLowerer(unit_, env).lower(choice).expr);
        }
        if (!field.choices.empty() && field.choices.front().op != ir::Op::string) {
          field.type = ir::ScalarType::any;
        }
        return;
      case grammar::TypeKind::named:
        break;
    }
    if (unit_.wanted(type.name.text)) {
      for (const std::string& name : scalar_names()) unit_.offer(name, NameKind::type);
    }
    const auto scalar = scalar_named(type.name.text);
    if (!scalar) {
      if (type.name.text.empty()) return;  // the parser has said so
      unit_.report(DiagnosticId::unknown_type, type.name.span,
                   "there is no type " + quoted(type.name.text),
                   suggestion(type.name.text, scalar_names(),
                              "types are string, int, number, bool, datetime, object and any"));
      return;
    }
    field.type = *scalar;
  }

  void set_key(const grammar::Field& field, ir::Field& result, const ir::KeyPath& path,
               bool in_list) {
    result.key = true;
    if (in_list || result.list) {
      unit_.report(
          DiagnosticId::key_in_list, field.name.span,
          quoted(field.name.text) + " is many values of one row, so it can't tell rows apart",
          "make a field outside the list the key");
      return;
    }
    collection_.key.push_back(path);
  }

  void categories(const grammar::Field& field, ir::Field& result) {
    const bool none = std::any_of(field.categories.begin(), field.categories.end(),
                                  [](const grammar::CategoryRef& c) { return c.text == "none"; });
    if (none) return;
    for (const grammar::CategoryRef& category : field.categories) {
      add_category(category, result.categories);
    }
    const bool group = !result.fields.empty();
    if (result.categories.empty() && !group) result.categories = defaults_;
  }

  void add_category(const grammar::CategoryRef& category, std::vector<std::string>& list) {
    if (category.text == "none") return;
    const std::string_view text = category.text;
    bool good = !text.empty() && text.front() != '.' && text.back() != '.' &&
                text.find("..") == std::string_view::npos;
    for (const char c : text) {
      good = good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.');
    }
    if (!good) {
      unit_.report(DiagnosticId::bad_category, category.span,
                   quoted("@" + category.text) + " isn't written like a data category",
                   "categories are small letters, digits and `_`, joined by dots: "
                   "`@user.contact.email`");
    }
    list.push_back(category.text);
  }

  void mask(const grammar::Expr& expr, ir::Field& field) {
    Env env;
    env.in_connector = true;
    env.see = See::params | See::request_id;
    env.dot = Dot::old_value;
    env.place = "a mask";
    Typed value = ExprLowerer(unit_, env).lower(expr);
    if (value.secret) {
      unit_.report(DiagnosticId::secret_in_rows, expr.span,
                   "a secret would become part of the rows", "leave it out of the mask");
    }
    field.mask = std::move(value.expr);
    collection_.locals = std::max(collection_.locals, env.frame);
  }

  Unit& unit_;
  ir::Collection& collection_;
  std::vector<std::string> defaults_;
};

}  // namespace

void lower_fields(Unit& unit, const CollectionSymbol& symbol) {
  if (symbol.fields != nullptr) FieldLowerer(unit, symbol).lower(*symbol.fields);
}

}  // namespace fconn::compile
