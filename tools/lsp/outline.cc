#include "tools/lsp/outline.hh"

#include <algorithm>

namespace fconn::lsp {
namespace {

using compile::NameKind;
using grammar::Decl;
using grammar::Overloaded;
using grammar::Span;

/// White space and line breaks as one blank each.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

class Outliner {
 public:
  explicit Outliner(const grammar::SourceMap& sources) : sources_(sources) {}

  std::vector<Symbol> list(const std::vector<Decl>& items) {
    std::vector<Symbol> out;
    for (const Decl& item : items) add(item, out);
    return out;
  }

 private:
  std::string text(Span span) const { return one_line(sources_.slice(span)); }

  static Symbol named(const grammar::Name& name, NameKind kind, const Decl& item) {
    Symbol symbol;
    symbol.name = name.text;
    symbol.kind = kind;
    symbol.doc = item.doc;
    symbol.where = name.span;
    symbol.whole = item.span;
    return symbol;
  }

  Symbol action(const Decl& item) const {
    Symbol symbol;
    symbol.name = std::string(sources_.slice(item.keyword));
    symbol.action = true;
    symbol.doc = item.doc;
    symbol.where = item.keyword;
    symbol.whole = item.span;
    return symbol;
  }

  Symbol chain(const Decl& item, const grammar::Chain& chain) const {
    Symbol symbol = action(item);
    if (!chain.request.empty()) {
      const grammar::Request& request = chain.request.front();
      symbol.detail = request.method.text + " " + text(request.target_span);
    }
    return symbol;
  }

  /// What follows the name up to the declaration's end: type and default.
  std::string after(Span name, Span whole) const {
    return text({whole.file, std::min(name.end, whole.end), whole.end});
  }

  template <class Declaration>
  Symbol callable(const Declaration& d, NameKind kind, const Decl& item) const {
    Symbol symbol = named(d.name, kind, item);
    symbol.detail = "(";
    for (const grammar::FnParam& param : d.params) {
      if (symbol.detail.size() > 1) symbol.detail += ", ";
      symbol.detail += text(param.span);
    }
    symbol.detail += ")";
    return symbol;
  }

  std::vector<Symbol> fields(const std::vector<grammar::Field>& fields) const {
    std::vector<Symbol> out;
    for (const grammar::Field& field : fields) {
      Symbol symbol;
      symbol.name = field.name.text;
      symbol.kind = NameKind::field;
      symbol.where = field.name.span;
      symbol.whole = field.span;
      const grammar::TypeExpr* type = &field.type;
      while (type->kind == grammar::TypeKind::list) type = &type->element.front();
      symbol.children = this->fields(type->fields);
      symbol.detail = after(field.name.span, field.span);
      if (symbol.detail.starts_with(":")) symbol.detail = one_line(symbol.detail.substr(1));
      if (!symbol.children.empty()) symbol.detail = "object";
      out.push_back(std::move(symbol));
    }
    return out;
  }

  void add(const Decl& item, std::vector<Symbol>& out) {
    std::visit(
        Overloaded{
            [&](const grammar::ConnectorDecl& d) {
              Symbol symbol = named(d.name, NameKind::connector, item);
              if (!d.title.empty()) symbol.detail = text(d.title.front().span);
              symbol.children = list(d.items);
              out.push_back(std::move(symbol));
            },
            [&](const grammar::CollectionDecl& d) {
              Symbol symbol = named(d.name, NameKind::collection, item);
              symbol.children = list(d.items);
              out.push_back(std::move(symbol));
            },
            [&](const grammar::ParamDecl& d) {
              out.push_back(named(d.name, d.secret ? NameKind::secret : NameKind::param, item));
              out.back().detail = after(d.name.span, item.span);
            },
            [&](const grammar::IdentityDecl& d) {
              out.push_back(named(d.name, NameKind::identity, item));
            },
            [&](const grammar::ExternalDecl& d) {
              out.push_back(named(d.name, NameKind::external, item));
              out.back().detail = after(d.name.span, item.span);
            },
            [&](const grammar::FnDecl& d) { out.push_back(callable(d, NameKind::function, item)); },
            [&](const grammar::AuthDecl& d) { out.push_back(callable(d, NameKind::auth, item)); },
            [&](const grammar::PaginationDecl& d) {
              out.push_back(callable(d, NameKind::pagination, item));
            },
            [&](const grammar::ClientDecl& d) {
              if (!d.name) {
                out.push_back(action(item));
                return;
              }
              out.push_back(named(*d.name, NameKind::client, item));
            },
            [&](const grammar::ReadDecl& d) { out.push_back(chain(item, d.chain)); },
            [&](const grammar::UpdateDecl& d) { out.push_back(chain(item, d.chain)); },
            [&](const grammar::DeleteDecl& d) { out.push_back(chain(item, d.chain)); },
            [&](const grammar::CheckDecl& d) { out.push_back(chain(item, d.chain)); },
            [&](const grammar::ConsentDecl& d) {
              out.push_back(chain(item, d.chain));
              out.back().name += " " + d.direction.text;
            },
            [&](const grammar::FieldsDecl& d) {
              Symbol symbol = action(item);
              symbol.children = fields(d.fields);
              out.push_back(std::move(symbol));
            },
            [&](const grammar::TestDecl& d) {
              Symbol symbol = action(item);
              symbol.test = true;
              if (!d.title.empty()) symbol.name = text(d.title.front().span);
              out.push_back(std::move(symbol));
            },
            [](const auto&) {},
        },
        item.node);
  }

  const grammar::SourceMap& sources_;
};

}  // namespace

std::vector<Symbol> outline(const grammar::SourceMap& sources, const grammar::Ast& ast) {
  return Outliner(sources).list(ast.items);
}

const Symbol* find_symbol(const std::vector<Symbol>& symbols, Span where) {
  for (const Symbol& symbol : symbols) {
    if (symbol.where == where) return &symbol;
    if (symbol.whole.begin > where.begin || symbol.whole.end < where.end) continue;
    if (const Symbol* found = find_symbol(symbol.children, where)) return found;
  }
  return nullptr;
}

}  // namespace fconn::lsp
