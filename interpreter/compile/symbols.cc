#include "interpreter/compile/symbols.hh"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "interpreter/compile/lower_request.hh"
#include "interpreter/compile/modules.hh"

namespace fconn::compile {

using grammar::Decl;
using grammar::Overloaded;

namespace {

Type type_of_constant(const ir::Expr& value) {
  switch (value.op) {
    case ir::Op::boolean:
      return Type::boolean;
    case ir::Op::integer:
      return Type::integer;
    case ir::Op::decimal:
      return Type::decimal;
    case ir::Op::string:
      return Type::string;
    case ir::Op::list:
      return Type::list;
    case ir::Op::object:
      return Type::object;
    default:
      return Type::any;
  }
}

class Declarer {
 public:
  explicit Declarer(Unit& unit) : unit_(unit), out_(unit.out) {}

  void declare(const grammar::ConnectorDecl& connector) {
    out_.name = connector.name.text;
    if (!connector.title.empty()) out_.title = string_constant(unit_, connector.title, "a title");
    for (const Decl& item : connector.items) {
      if (std::holds_alternative<grammar::ClientDecl>(item.node)) client(item);
    }
    const bool unnamed = std::any_of(unit_.clients.begin(), unit_.clients.end(),
                                     [](const ClientSymbol& c) { return !c.decl->name; });
    if (!unnamed) unit_.clients.emplace_back();
    std::stable_partition(unit_.clients.begin(), unit_.clients.end(),
                          [](const ClientSymbol& c) { return c.decl == nullptr || !c.decl->name; });
    for (std::size_t i = 0; i < unit_.clients.size(); ++i) {
      unit_.clients[i].id.value = static_cast<std::uint32_t>(i);
    }
    for (const Decl& item : connector.items) declare_item(item);
  }

 private:
  void declare_item(const Decl& item) {
    std::visit(Overloaded{
                   [&](const grammar::VersionDecl& d) {
                     out_.version = string_constant(unit_, d.value, "`version`");
                   },
                   [&](const grammar::DocsDecl& d) {
                     out_.docs = string_constant(unit_, d.value, "`docs`");
                   },
                   [&](const grammar::CategoryDecl& d) { out_.category = d.name.text; },
                   [&](const grammar::ParamDecl& d) { param(d, item); },
                   [&](const grammar::IdentityDecl& d) { identity(d, item); },
                   [&](const grammar::ExternalDecl& d) { external(d, item); },
                   [&](const grammar::CollectionDecl& d) { collection(d, item); },
                   [](const auto&) {},
               },
               item.node);
  }

  std::string label(const std::vector<grammar::Expr>& label) {
    return label.empty() ? std::string() : string_constant(unit_, label, "a label");
  }

  ValueSymbol& value(const grammar::Name& name, ValueSymbol::Kind kind, std::size_t id,
                     bool secret = false) {
    static constexpr std::array<std::string_view, 8> taken = {
        "status", "headers", "links", "request", "row", "masked", "masked_row", "request_id"};
    if (std::find(taken.begin(), taken.end(), name.text) != taken.end()) {
      unit_.report(DiagnosticId::shadowed_name, name.span,
                   quoted(name.text) + " hides a value of the language", "choose another name");
    }
    unit_.note_declared(name, name_kind(kind, secret));
    ValueSymbol symbol;
    symbol.kind = kind;
    symbol.id = static_cast<std::uint32_t>(id);
    symbol.span = name.span;
    const auto [place, fresh] = unit_.values.emplace(name.text, symbol);
    if (!fresh) {
      unit_.report(DiagnosticId::duplicate_name, name.span,
                   quoted(name.text) + " is declared twice", "rename one of them, or remove it",
                   place->second.span, "the first declaration");
    }
    return place->second;
  }

  ir::ScalarType scalar(const grammar::TypeExpr& type, std::string_view help) {
    if (unit_.wanted(type.name.text)) {
      for (const std::string& name : scalar_names()) unit_.offer(name, NameKind::type);
    }
    if (type.kind != grammar::TypeKind::named) {
      unit_.report(DiagnosticId::unknown_type, type.span, "this type can't be used here",
                   std::string(help));
      return ir::ScalarType::any;
    }
    const auto found = scalar_named(type.name.text);
    if (found) return *found;
    if (!type.name.text.empty()) {
      unit_.report(DiagnosticId::unknown_type, type.name.span,
                   "there is no type " + quoted(type.name.text),
                   suggestion(type.name.text, scalar_names(), std::string(help)));
    }
    return ir::ScalarType::any;
  }

  void param_type(const grammar::TypeExpr& type, ir::Param& param) {
    static constexpr std::string_view help =
        "a parameter is string, int, number, bool, host, url, a list such as [string], or choices";
    switch (type.kind) {
      case grammar::TypeKind::list:
        param.type = ir::ScalarType::list;
        param.element = scalar(type.element.front(), help);
        return;
      case grammar::TypeKind::choices:
        choices(type, param);
        return;
      default:
        param.type = scalar(type, help);
        return;
    }
  }

  ir::Expr constant(const grammar::Expr& expr) {
    Env env;
    env.place = "a declaration";
    return ExprLowerer(unit_, env).lower(expr).expr;
  }

  void choices(const grammar::TypeExpr& type, ir::Param& param) {
    Type all{};
    for (const grammar::Expr& choice : type.choices) {
      Env env;
      env.place = "a type";
      Typed value = ExprLowerer(unit_, env).lower(choice);
      all = all | value.type;
      param.choices.push_back(std::move(value.expr));
    }
    param.type = all == Type::string    ? ir::ScalarType::string
                 : all == Type::integer ? ir::ScalarType::integer
                                        : ir::ScalarType::any;
  }

  /// Why a default of the right kind still isn't a value of the parameter's type; none if it is.
  static std::optional<std::string> unfit(const ir::Expr& value, const ir::Param& param) {
    const std::string_view text = value.text;
    if (param.type == ir::ScalarType::host && (!is_host_pattern(text) || text.front() == '*')) {
      return "the default is no host name, without scheme or path";
    }
    if (param.type == ir::ScalarType::url) {
      const std::size_t scheme = text.starts_with("http://") ? 7 : 8;
      const bool begins = text.starts_with("http://") || text.starts_with("https://");
      if (!begins ||
          !is_host_pattern(text.substr(scheme, text.find_first_of("/?#", scheme) - scheme))) {
        return "the default is no URL that begins with https:// or http://";
      }
    }
    if (param.type != ir::ScalarType::list || param.element == ir::ScalarType::any) return {};
    for (const ir::Expr& element : value.kids) {
      const Type type = type_of_constant(element);
      if (!eval::overlap(type, type_of(param.element))) {
        return "an element of the default is " + eval::describe(type) +
               ", and the parameter is a list of " + eval::describe(type_of(param.element));
      }
    }
    return {};
  }

  void check_default(const grammar::Expr& expr, const ir::Param& param) {
    const ir::Expr& value = *param.default_value;
    if (!is_constant(value)) {
      unit_.report(DiagnosticId::bad_default, expr.span, "a default is a constant",
                   "leave it out, and the parameter has to be given");
      return;
    }
    if (value.op == ir::Op::null_value) return;
    if (param.secret && !(value.op == ir::Op::string && value.text.empty())) {
      unit_.report(DiagnosticId::bad_default, expr.span,
                   "a secret has no default: it would stand in the file",
                   "leave it out and give it to each run, by --secret-env or in fconn.toml");
      return;
    }
    Env env;
    ++unit_.muted;
    const Type type = ExprLowerer(unit_, env).lower(expr).type;
    --unit_.muted;
    if (!eval::overlap(type, type_of(param.type))) {
      unit_.report(DiagnosticId::bad_default, expr.span,
                   "the default is " + eval::describe(type) + ", and the parameter is " +
                       eval::describe(type_of(param.type)));
      return;
    }
    if (const auto wrong = unfit(value, param)) {
      unit_.report(DiagnosticId::bad_default, expr.span, *wrong);
      return;
    }
    const bool chosen =
        param.choices.empty() || std::any_of(param.choices.begin(), param.choices.end(),
                                             [&](const ir::Expr& c) { return same(c, value); });
    if (!chosen) {
      unit_.report(DiagnosticId::bad_default, expr.span, "the default isn't one of the choices",
                   "add it to them, or choose another");
    }
  }

  void param(const grammar::ParamDecl& decl, const Decl& item) {
    ValueSymbol& symbol =
        value(decl.name, ValueSymbol::Kind::param, out_.params.size(), decl.secret);
    ir::Param param;
    param.name = decl.name.text;
    param.label = label(decl.label);
    param.doc = item.doc;
    param.secret = decl.secret;
    param.span = unit_.at(decl.name.span);
    if (decl.type) param_type(*decl.type, param);
    symbol.type = type_of(param.type);
    symbol.secret = decl.secret;
    if (!decl.default_value.empty()) {
      param.default_value = constant(decl.default_value.front());
      check_default(decl.default_value.front(), param);
      if (param.default_value->op == ir::Op::null_value) {
        symbol.type = symbol.type | Type::null_value;
      }
      if (!is_constant(*param.default_value)) param.default_value.reset();
    }
    out_.params.push_back(std::move(param));
  }

  void identity(const grammar::IdentityDecl& decl, const Decl& item) {
    ValueSymbol& symbol = value(decl.name, ValueSymbol::Kind::identity, out_.identities.size());
    symbol.type = Type::string | Type::null_value;
    out_.identities.push_back(
        {decl.name.text, label(decl.label), item.doc, unit_.at(decl.name.span)});
  }

  void external(const grammar::ExternalDecl& decl, const Decl& item) {
    ValueSymbol& symbol = value(decl.name, ValueSymbol::Kind::external, out_.externals.size());
    symbol.type = Type::list;
    ir::External external;
    external.name = decl.name.text;
    external.label = label(decl.label);
    external.doc = item.doc;
    external.span = unit_.at(decl.name.span);
    if (decl.type) {
      external.type = scalar(*decl.type, "an external's values are string, int, number or bool");
    }
    out_.externals.push_back(std::move(external));
  }

  void client(const Decl& item) {
    const auto& decl = std::get<grammar::ClientDecl>(item.node);
    for (const ClientSymbol& other : unit_.clients) {
      const std::string_view name = decl.name ? std::string_view(decl.name->text) : "";
      const std::string_view known =
          other.decl->name ? std::string_view(other.decl->name->text) : "";
      if (name != known) continue;
      unit_.report(DiagnosticId::duplicate_name, decl.name ? decl.name->span : item.keyword,
                   name.empty() ? "there are two default clients"
                                : "client " + quoted(name) + " is declared twice",
                   "give one of them another name", other.whole->keyword, "the first declaration");
    }
    if (decl.name) unit_.note_declared(*decl.name, NameKind::client);
    ClientSymbol symbol;
    symbol.decl = &decl;
    symbol.whole = &item;
    unit_.clients.push_back(symbol);
  }

  void collection(const grammar::CollectionDecl& decl, const Decl& item) {
    const auto [place, fresh] =
        unit_.collection_places.emplace(decl.name.text, unit_.collections.size());
    if (!fresh) {
      unit_.report(DiagnosticId::duplicate_name, decl.name.span,
                   "collection " + quoted(decl.name.text) + " is declared twice",
                   "rename one of them; one collection may have several reads",
                   unit_.collections[place->second].decl->name.span, "the first declaration");
      return;
    }
    unit_.note_declared(decl.name, NameKind::collection);
    CollectionSymbol symbol;
    symbol.decl = &decl;
    symbol.whole = &item;
    for (const Decl& part : decl.items) {
      if (const auto* fields = std::get_if<grammar::FieldsDecl>(&part.node)) symbol.fields = fields;
    }
    unit_.collections.push_back(symbol);
  }

  Unit& unit_;
  ir::Connector& out_;
};

}  // namespace

void declare_symbols(Unit& unit) {
  const Module& root = unit.modules.front();
  declare_callables(unit, unit.connector->items, unit.connector_scope, root, true);
  // A function of the file and one of the connector are two declarations with one name.
  const NameScope& file = unit.file_scopes[root.file.value];
  for (const auto& [name, function] : unit.connector_scope.functions) {
    const auto other = file.functions.find(name);
    if (other == file.functions.end()) continue;
    unit.report(DiagnosticId::duplicate_name, function->decl->name.span,
                "function " + quoted(name) + " is declared twice", "rename one of them",
                other->second->decl->name.span, "the other declaration");
  }
  Declarer(unit).declare(*unit.connector);
}

void warn_unused_symbols(Unit& unit) {
  const auto warn = [&](DiagnosticId id, Span span, std::string_view what, std::string_view name) {
    unit.report(id, span, std::string(what) + " " + quoted(name) + " is never used", "remove it");
  };
  for (const auto& [name, symbol] : unit.values) {
    if (symbol.used) continue;
    switch (symbol.kind) {
      case ValueSymbol::Kind::param:
        warn(DiagnosticId::unused_name, symbol.span, symbol.secret ? "secret" : "parameter", name);
        break;
      case ValueSymbol::Kind::identity:
        warn(DiagnosticId::unused_identity, symbol.span, "identity", name);
        break;
      case ValueSymbol::Kind::external:
        warn(DiagnosticId::unused_name, symbol.span, "external", name);
        break;
    }
  }
  // What a used file declares is for others; only the connector's own file is looked at.
  const std::uint32_t root = unit.modules.front().file.value;
  const auto callables = [&](const auto& symbols, std::string_view what) {
    for (const auto& symbol : symbols) {
      if (symbol.used || symbol.whole->span.file.value != root) continue;
      warn(DiagnosticId::unused_name, symbol.decl->name.span, what, symbol.decl->name.text);
    }
  };
  callables(unit.functions, "function");
  callables(unit.auths, "auth strategy");
  callables(unit.paginations, "pagination strategy");
  for (const ClientSymbol& client : unit.clients) {
    if (client.used || client.decl == nullptr || !client.decl->name) continue;
    warn(DiagnosticId::unused_name, client.decl->name->span, "client", client.decl->name->text);
  }
}

}  // namespace fconn::compile
