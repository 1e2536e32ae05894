#include "interpreter/compile/overlays.hh"

#include <algorithm>

#include "interpreter/compile/extended.hh"
#include "interpreter/compile/lower_request.hh"
#include "interpreter/compile/modules.hh"

namespace fconn::compile {
namespace {

using grammar::Decl;
using grammar::Overloaded;

/// What tells declarations of one kind apart; empty for those that stand once.
std::string_view name_of(const Decl& decl) {
  return std::visit(
      Overloaded{
          [](const grammar::ClientDecl& d) -> std::string_view {
            return d.name ? std::string_view(d.name->text) : std::string_view();
          },
          [](const grammar::ConsentDecl& d) -> std::string_view { return d.direction.text; },
          [](const grammar::WithoutDecl&) -> std::string_view { return {}; },
          [](const auto& d) -> std::string_view {
            if constexpr (requires { d.name.text; }) {
              return d.name.text;
            } else {
              return {};
            }
          },
      },
      decl.node);
}

std::string_view kind_of(const Decl& decl) {
  return std::visit(
      Overloaded{
          [](const grammar::ParamDecl& d) -> std::string_view {
            return d.secret ? "secret" : "param";
          },
          [](const grammar::IdentityDecl&) -> std::string_view { return "identity"; },
          [](const grammar::ExternalDecl&) -> std::string_view { return "external"; },
          [](const grammar::FnDecl&) -> std::string_view { return "fn"; },
          [](const grammar::ClientDecl&) -> std::string_view { return "client"; },
          [](const grammar::CheckDecl&) -> std::string_view { return "check"; },
          [](const grammar::CollectionDecl&) -> std::string_view { return "collection"; },
          [](const grammar::AuthDecl&) -> std::string_view { return "auth"; },
          [](const grammar::PaginationDecl&) -> std::string_view { return "pagination"; },
          [](const grammar::ConsentDecl&) -> std::string_view { return "consent"; },
          [](const auto&) -> std::string_view { return {}; },
      },
      decl.node);
}

NameKind name_kind(const Decl& decl) {
  return std::visit(
      Overloaded{
          [](const grammar::ParamDecl& d) { return d.secret ? NameKind::secret : NameKind::param; },
          [](const grammar::IdentityDecl&) { return NameKind::identity; },
          [](const grammar::ExternalDecl&) { return NameKind::external; },
          [](const grammar::FnDecl&) { return NameKind::function; },
          [](const grammar::ClientDecl&) { return NameKind::client; },
          [](const grammar::AuthDecl&) { return NameKind::auth; },
          [](const grammar::PaginationDecl&) { return NameKind::pagination; },
          [](const auto&) { return NameKind::collection; },
      },
      decl.node);
}

/// The name that a declaration gives; null when it gives none.
const grammar::Name* declared_name(const Decl& decl) {
  return std::visit(
      Overloaded{
          [](const grammar::ClientDecl& d) { return d.name ? &*d.name : nullptr; },
          [](const grammar::CategoryDecl&) -> const grammar::Name* { return nullptr; },
          [](const grammar::WithoutDecl&) -> const grammar::Name* { return nullptr; },
          [](const auto& d) -> const grammar::Name* {
            if constexpr (requires { d.name.text; }) return &d.name;
            return nullptr;
          },
      },
      decl.node);
}

bool same_declaration(const Decl& a, const Decl& b) {
  return a.node.index() == b.node.index() && name_of(a) == name_of(b);
}

/// Items of one kind are replaced together where the first of them stood; new kinds come last.
template <class Item>
std::vector<Item> replace_kinds(const std::vector<Item>& base, const std::vector<Item>& more) {
  std::vector<Item> result;
  const auto of_kind = [](const std::vector<Item>& items, std::size_t kind) {
    return std::any_of(items.begin(), items.end(),
                       [&](const Item& item) { return item.node.index() == kind; });
  };
  const auto add_kind = [&](std::size_t kind) {
    for (const Item& item : more) {
      if (item.node.index() == kind) result.push_back(item);
    }
  };
  for (const Item& item : base) {
    const std::size_t kind = item.node.index();
    if (!of_kind(more, kind)) {
      result.push_back(item);
    } else if (!of_kind(result, kind)) {
      add_kind(kind);
    }
  }
  for (const Item& item : more) {
    if (!of_kind(base, item.node.index())) result.push_back(item);
  }
  return result;
}

Decl merge(const Decl& base, const Decl& more) {
  Decl result = more;
  if (result.doc.empty()) result.doc = base.doc;
  if (auto* client = std::get_if<grammar::ClientDecl>(&result.node)) {
    client->clauses =
        replace_kinds(std::get<grammar::ClientDecl>(base.node).clauses, client->clauses);
  } else if (auto* collection = std::get_if<grammar::CollectionDecl>(&result.node)) {
    collection->items =
        replace_kinds(std::get<grammar::CollectionDecl>(base.node).items, collection->items);
  }
  return result;
}

class Overlay {
 public:
  explicit Overlay(Unit& unit) : unit_(unit) {}

  /// The declarations of `decl` with those of its bases.
  grammar::ConnectorDecl resolve(const grammar::ConnectorDecl& decl) {
    path_.push_back(decl.name.text);
    const grammar::ConnectorDecl* base = find_base(decl);
    if (base == nullptr) return decl;
    const grammar::ConnectorDecl below = base->extends ? resolve(*base) : *base;
    check_version(below, decl);
    return combine(below, decl);
  }

 private:
  /// `extends NAME at "1.0.0"`: what was written over one version may not fit another.
  void check_version(const grammar::ConnectorDecl& base, const grammar::ConnectorDecl& decl) {
    if (decl.base_version.empty()) return;
    const std::string written = string_constant(unit_, decl.base_version, "a version");
    std::string now;
    for (const Decl& item : base.items) {
      if (const auto* version = std::get_if<grammar::VersionDecl>(&item.node)) {
        now = string_constant(unit_, version->value, "`version`");
      }
    }
    if (written == now) return;
    unit_.report(DiagnosticId::base_moved, decl.base_version.front().span,
                 decl.extends->text + (now.empty() ? " has no version" : " is at version " + now) +
                     ", and this was written over " + written,
                 "`fconn show FILE --diff` says what it changes now; then name the new version");
  }

  const grammar::ConnectorDecl* find_base(const grammar::ConnectorDecl& decl) {
    const grammar::Name& name = *decl.extends;
    if (std::find(path_.begin(), path_.end(), name.text) != path_.end()) {
      std::string cycle;
      for (const std::string& step : path_) cycle += step + " -> ";
      unit_.report(DiagnosticId::overlay_cycle, name.span,
                   "these connectors extend each other: " + cycle + name.text,
                   "a bundled connector must stand at the end");
      return nullptr;
    }
    auto text = unit_.resolver->connector(name.text);
    if (!text) {
      if (unit_.wanted(name.text)) {
        for (const std::string& one : unit_.resolver->connector_names()) {
          unit_.offer(one, NameKind::connector);
        }
      }
      unit_.report(DiagnosticId::base_not_found, name.span,
                   "there is no bundled connector " + quoted(name.text),
                   suggestion(name.text, unit_.resolver->connector_names(),
                              "`fconn connectors` lists them"));
      return nullptr;
    }
    Module& module = load_module(unit_, std::move(*text), false);
    load_uses(unit_, module);
    // Functions of the base's file are seen by what changes it.
    unit_.file_scopes[decl.name.span.file.value].outer = &unit_.file_scopes[module.file.value];
    for (const Decl& item : module.ast.items) {
      if (const auto* found = std::get_if<grammar::ConnectorDecl>(&item.node)) {
        unit_.note(name.span, found->name.span, NameKind::connector);
        return found;
      }
    }
    unit_.report(DiagnosticId::base_not_found, name.span,
                 "the file of " + quoted(name.text) + " declares no connector");
    return nullptr;
  }

  grammar::ConnectorDecl combine(const grammar::ConnectorDecl& base,
                                 const grammar::ConnectorDecl& more) {
    grammar::ConnectorDecl result;
    result.name = more.name;
    result.extends = more.extends;
    result.title = more.title.empty() ? base.title : more.title;
    for (const Decl& item : base.items) {
      if (is_removed(item, more)) continue;
      const auto twin = std::find_if(more.items.begin(), more.items.end(), [&](const Decl& other) {
        return same_declaration(item, other);
      });
      if (twin != more.items.end()) note_twin(*twin, item);
      result.items.push_back(twin == more.items.end() ? item : merge(item, *twin));
    }
    for (const Decl& item : more.items) {
      if (const auto* without = std::get_if<grammar::WithoutDecl>(&item.node)) {
        check_without(*without, base);
        continue;
      }
      const bool known = std::any_of(base.items.begin(), base.items.end(), [&](const Decl& other) {
        return same_declaration(item, other) && !is_removed(other, more);
      });
      if (!known) result.items.push_back(item);
    }
    return result;
  }

  static bool removes(const grammar::WithoutDecl& without, const Decl& item) {
    return kind_of(item) == without.kind.text && name_of(item) == without.name.text;
  }
  static bool is_removed(const Decl& item, const grammar::ConnectorDecl& more) {
    return std::any_of(more.items.begin(), more.items.end(), [&](const Decl& other) {
      const auto* without = std::get_if<grammar::WithoutDecl>(&other.node);
      return without != nullptr && removes(*without, item);
    });
  }

  void check_without(const grammar::WithoutDecl& without, const grammar::ConnectorDecl& base) {
    std::vector<std::string> names;
    for (const Decl& item : base.items) {
      if (removes(without, item)) {
        if (const grammar::Name* name = declared_name(item)) {
          unit_.note(without.name.span, name->span, name_kind(item));
        }
        return;
      }
      if (kind_of(item) != without.kind.text) continue;
      names.emplace_back(name_of(item));
      if (unit_.wanted(without.name.text)) unit_.offer(name_of(item), name_kind(item));
    }
    unit_.report(DiagnosticId::without_nothing, without.name.span,
                 "the base declares no " + without.kind.text + " " + quoted(without.name.text),
                 suggestion(without.name.text, names, "remove the line"));
  }

  /// A declaration that replaces one of the base is named by that, too.
  void note_twin(const Decl& twin, const Decl& base) {
    const grammar::Name* name = declared_name(twin);
    const grammar::Name* other = declared_name(base);
    if (name == nullptr || other == nullptr) return;
    unit_.note(name->span, other->span, name_kind(base));
  }

  Unit& unit_;
  std::vector<std::string> path_;
};

}  // namespace

void apply_overlays(Unit& unit, const grammar::ConnectorDecl& decl) {
  unit.connector = &decl;
  if (!decl.extends) {
    for (const Decl& item : decl.items) {
      const auto* without = std::get_if<grammar::WithoutDecl>(&item.node);
      if (without == nullptr) continue;
      unit.report(DiagnosticId::clause_not_here, item.keyword,
                  "`without` takes something from a base, and this connector extends none",
                  "remove the line, or say `connector " + decl.name.text + " extends …`");
    }
    return;
  }
  unit.out.extends = decl.extends->text;
  unit.merged = Overlay(unit).resolve(decl);
  unit.connector = &unit.merged;
}

std::optional<Extended> extended(grammar::FileId root, grammar::SourceMap& sources,
                                 ModuleResolver& resolver) {
  Unit unit(sources, &resolver);
  Module& module = load_file(unit, root);
  load_uses(unit, module);
  for (const Decl& item : module.ast.items) {
    const auto* decl = std::get_if<grammar::ConnectorDecl>(&item.node);
    if (decl == nullptr) continue;
    apply_overlays(unit, *decl);
    Extended out;
    out.connector.doc = item.doc;
    out.connector.span = item.span;
    out.connector.keyword = item.keyword;
    out.connector.node = *unit.connector;
    for (Module& one : unit.modules) out.files.push_back(std::move(one.ast));
    return out;
  }
  return std::nullopt;
}

}  // namespace fconn::compile
