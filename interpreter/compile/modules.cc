#include "interpreter/compile/modules.hh"

#include <algorithm>

#include "grammar/parse.hh"

namespace fconn::compile {
namespace {

using grammar::Decl;

/// The text of a constant string, or nothing when it has holes or is none.
std::string_view plain_text(const std::vector<grammar::Expr>& value) {
  if (value.empty()) return {};
  const auto* string = std::get_if<grammar::StringExpr>(&value.front().node);
  if (string == nullptr || string->parts.size() != 1 || !string->parts.front().hole.empty()) {
    return {};
  }
  return string->parts.front().text;
}

template <class Symbol>
void declare(Unit& unit, std::unordered_map<std::string_view, Symbol*>& names, Symbol* symbol,
             const grammar::Name& name, std::string_view kind) {
  const auto [place, fresh] = names.emplace(name.text, symbol);
  if (fresh || place->second == symbol) return;
  symbol->used = true;  // one message is enough
  unit.report(DiagnosticId::duplicate_name, name.span,
              std::string(kind) + " " + quoted(name.text) + " is declared twice",
              "rename one of them, or remove it", place->second->decl->name.span,
              "the first declaration");
}

class UseGraph {
 public:
  explicit UseGraph(Unit& unit) : unit_(unit) {}

  /// Callables of `module` and of all that it uses, in its file scope.
  void load(Module& module) {
    path_.push_back(module.name);
    NameScope& scope = unit_.file_scopes[module.file.value];
    declare_callables(unit_, module.ast.items, scope, module);
    for (const Decl& item : module.ast.items) {
      if (const auto* use = std::get_if<grammar::UseDecl>(&item.node)) {
        load_use(module, *use, item.span);
      }
    }
    path_.pop_back();
  }

 private:
  void load_use(const Module& from, const grammar::UseDecl& use, Span span) {
    const std::string_view path = plain_text(use.path);
    const Span where = use.path.empty() ? span : use.path.front().span;
    if (path.empty()) return;  // the parser has said so
    auto found = unit_.resolver->module(from.name, path);
    if (!found) {
      unit_.report(DiagnosticId::module_not_found, where,
                   "there is no file " + quoted(path) + " to use",
                   "the path is relative to the file that says `use`");
      return;
    }
    const auto cycle = std::find(path_.begin(), path_.end(), found->name);
    if (cycle != path_.end()) {
      std::string text = "these files use each other: ";
      for (auto it = cycle; it != path_.end(); ++it) text += *it + " -> ";
      unit_.report(DiagnosticId::module_cycle, where, text + found->name,
                   "move what they share into a file of its own");
      return;
    }
    const auto before = std::find_if(
        unit_.modules.begin(), unit_.modules.end(),
        [&](const Module& module) { return module.name == found->name && !module.library; });
    if (before == unit_.modules.end()) {
      Module& module = load_module(unit_, std::move(*found), false);
      unit_.note(where, Span{module.file, 0, 0}, NameKind::module);
      check_content(module);
      load(module);
      import(from, module);
    } else {
      unit_.note(where, Span{before->file, 0, 0}, NameKind::module);
      import(from, *before);
    }
  }

  void check_content(const Module& module) {
    for (const Decl& item : module.ast.items) {
      if (std::holds_alternative<grammar::ConnectorDecl>(item.node) ||
          std::holds_alternative<grammar::TestDecl>(item.node)) {
        unit_.report(DiagnosticId::module_content, item.keyword,
                     "a file that is used can't hold a connector or a test",
                     "only fn, auth and pagination declarations are shared");
      }
    }
  }

  /// Own declarations of `module` become visible in `from`.
  void import(const Module& from, const Module& module) {
    NameScope& scope = unit_.file_scopes[from.file.value];
    const NameScope& other = unit_.file_scopes[module.file.value];
    const auto copy = [&](auto NameScope::*names, std::string_view kind) {
      for (const auto& entry : other.*names) {
        // What the other file itself imported stays its own business.
        if (entry.second->whole->span.file != module.file) continue;
        declare(unit_, scope.*names, entry.second, entry.second->decl->name, kind);
      }
    };
    copy(&NameScope::functions, "function");
    copy(&NameScope::auths, "auth strategy");
    copy(&NameScope::paginations, "pagination strategy");
  }

  Unit& unit_;
  std::vector<std::string> path_;
};

}  // namespace

Module& load_file(Unit& unit, grammar::FileId file) {
  grammar::Parsed parsed = grammar::parse(unit.sources, file);
  unit.add(std::move(parsed.diagnostics));
  unit.modules.push_back(
      {std::string(unit.sources.name(file)), file, std::move(parsed.ast), false});
  return unit.modules.back();
}

Module& load_module(Unit& unit, ModuleResolver::Module text, bool library) {
  grammar::FileId file{static_cast<std::uint32_t>(unit.sources.size())};
  for (std::uint32_t i = 0; i < unit.sources.size(); ++i) {
    const grammar::FileId known{i};
    if (unit.sources.name(known) == text.name && unit.sources.text(known) == text.text)
      file = known;
  }
  std::string name = text.name;
  if (file.value == unit.sources.size()) {
    file = unit.sources.add(std::move(text.name), std::move(text.text));
  }
  Module& module = load_file(unit, file);
  module.name = std::move(name);
  module.library = library;
  return module;
}

void declare_callables(Unit& unit, const std::vector<Decl>& items, NameScope& scope,
                       const Module& module, bool in_connector) {
  const bool own = !module.library;
  for (const Decl& item : items) {
    if (const auto* fn = std::get_if<grammar::FnDecl>(&item.node)) {
      unit.functions.push_back({fn, &item, in_connector, own});
      unit.note_declared(fn->name, NameKind::function);
      declare(unit, scope.functions, &unit.functions.back(), fn->name, "function");
    } else if (const auto* auth = std::get_if<grammar::AuthDecl>(&item.node)) {
      unit.auths.push_back({auth, &item, in_connector, own});
      unit.note_declared(auth->name, NameKind::auth);
      declare(unit, scope.auths, &unit.auths.back(), auth->name, "auth strategy");
    } else if (const auto* pagination = std::get_if<grammar::PaginationDecl>(&item.node)) {
      unit.paginations.push_back({pagination, &item, in_connector, own});
      unit.note_declared(pagination->name, NameKind::pagination);
      declare(unit, scope.paginations, &unit.paginations.back(), pagination->name,
              "pagination strategy");
    }
  }
}

void load_uses(Unit& unit, Module& module) { UseGraph(unit).load(module); }

}  // namespace fconn::compile
