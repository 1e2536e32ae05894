#include "interpreter/compile/unit.hh"

#include <algorithm>

#include "interpreter/compile/modules.hh"

namespace fconn::compile {

void Unit::report(DiagnosticId id, Span where, std::string text, std::string help) {
  if (muted > 0) return;
  diagnostics.push_back(grammar::diagnostic(id, where, std::move(text), std::move(help)));
}

void Unit::report(DiagnosticId id, Span where, std::string text, std::string help, Span note_where,
                  std::string note_text) {
  if (muted > 0) return;
  report(id, where, std::move(text), std::move(help));
  diagnostics.back().notes.push_back({note_where, std::move(note_text)});
}

void Unit::add(grammar::Diagnostics more) {
  diagnostics.insert(diagnostics.end(), std::make_move_iterator(more.begin()),
                     std::make_move_iterator(more.end()));
}

Span Unit::at(Span span) {
  const std::uint32_t file = span.file.value;
  if (file >= file_index_.size()) file_index_.resize(file + 1, 0);
  if (file_index_[file] == 0) {
    // lower_constant() has spans of a file that isn't here; it keeps no files either.
    if (file < sources.size()) {
      out.files.push_back(
          {std::string(sources.name(span.file)), std::string(sources.text(span.file))});
    } else {
      out.files.emplace_back();
    }
    file_index_[file] = static_cast<std::uint32_t>(out.files.size());
  }
  span.file.value = file_index_[file] - 1;
  return span;
}

CollectionSymbol* Unit::find_collection(std::string_view name) {
  const auto found = collection_places.find(name);
  return found == collection_places.end() ? nullptr : &collections[found->second];
}

template <class Symbol>
Symbol* Unit::find(std::unordered_map<std::string_view, Symbol*> NameScope::*table,
                   std::string_view name, Span from, bool in_connector, bool in_library) {
  const auto look = [&](const NameScope* scope) -> Symbol* {
    for (; scope != nullptr; scope = scope->outer) {
      const auto found = (scope->*table).find(name);
      if (found != (scope->*table).end()) return found->second;
    }
    return nullptr;
  };
  if (in_connector) {
    if (Symbol* found = look(&connector_scope)) return found;
  }
  const auto file = file_scopes.find(from.file.value);
  if (file != file_scopes.end()) {
    if (Symbol* found = look(&file->second)) return found;
  }
  if (!in_library) return nullptr;
  do {
    if (Symbol* found = look(&library_)) return found;
  } while (load_more_library());
  return nullptr;
}

template <class Symbol>
std::vector<const Symbol*> Unit::symbols(
    std::unordered_map<std::string_view, Symbol*> NameScope::*table, Span from, bool in_connector) {
  while (load_more_library()) {
  }
  std::vector<const Symbol*> all;
  const auto collect = [&](const NameScope* scope) {
    for (; scope != nullptr; scope = scope->outer) {
      for (const auto& entry : scope->*table) all.push_back(entry.second);
    }
  };
  if (in_connector) collect(&connector_scope);
  const auto file = file_scopes.find(from.file.value);
  if (file != file_scopes.end()) collect(&file->second);
  collect(&library_);
  std::sort(all.begin(), all.end(), [](const Symbol* a, const Symbol* b) {
    return a->decl->name.text < b->decl->name.text;
  });
  return all;
}

namespace {

template <class Symbol>
std::vector<std::string> names_of(const std::vector<const Symbol*>& symbols) {
  std::vector<std::string> names;
  names.reserve(symbols.size());
  for (const Symbol* symbol : symbols) names.push_back(symbol->decl->name.text);
  return names;
}

}  // namespace

FunctionSymbol* Unit::find_function(std::string_view name, Span from, bool in_connector) {
  // Files may have a function of that name; the library hasn't, and needn't be parsed to know it.
  const bool in_library = eval::find_intrinsic(name) == nullptr;
  return find(&NameScope::functions, name, from, in_connector, in_library);
}
AuthSymbol* Unit::find_auth(std::string_view name, Span from, bool in_connector) {
  return find(&NameScope::auths, name, from, in_connector);
}
PaginationSymbol* Unit::find_pagination(std::string_view name, Span from, bool in_connector) {
  return find(&NameScope::paginations, name, from, in_connector);
}

std::vector<std::string> Unit::function_names(Span from, bool in_connector) {
  std::vector<std::string> all = names_of(symbols(&NameScope::functions, from, in_connector));
  for (const eval::Intrinsic& intrinsic : eval::intrinsics()) all.emplace_back(intrinsic.name);
  return all;
}
std::vector<std::string> Unit::auth_names(Span from, bool in_connector) {
  return names_of(symbols(&NameScope::auths, from, in_connector));
}
std::vector<std::string> Unit::pagination_names(Span from, bool in_connector) {
  return names_of(symbols(&NameScope::paginations, from, in_connector));
}

void Unit::note_type(Span declared, eval::Type type, std::string rows_of) {
  if (names == nullptr || (type == eval::Type::any && rows_of.empty())) return;
  names->types.push_back({declared, type, std::move(rows_of)});
}

void Unit::offer_collections() {
  for (const CollectionSymbol& symbol : collections) {
    offer(symbol.decl->name.text, NameKind::collection, symbol.decl->name.span);
  }
}

void Unit::offer_functions(Span from, bool in_connector) {
  for (const FunctionSymbol* symbol : symbols(&NameScope::functions, from, in_connector)) {
    offer(symbol->decl->name.text, NameKind::function, symbol->decl->name.span);
  }
  for (const eval::Intrinsic& intrinsic : eval::intrinsics()) {
    offer(intrinsic.name, NameKind::intrinsic);
  }
}

void Unit::offer_strategies(NameKind kind, Span from, bool in_connector) {
  const auto offer_all = [&](const auto& all) {
    for (const auto* symbol : all) offer(symbol->decl->name.text, kind, symbol->decl->name.span);
  };
  if (kind == NameKind::auth) offer_all(symbols(&NameScope::auths, from, in_connector));
  if (kind == NameKind::pagination) {
    offer_all(symbols(&NameScope::paginations, from, in_connector));
  }
}

bool Unit::load_more_library() {
  if (resolver == nullptr) return false;
  if (!library_listed_) {
    library_texts_ = resolver->standard_library();
    library_listed_ = true;
  }
  if (library_loaded_ == library_texts_.size()) return false;
  ModuleResolver::Module& text = library_texts_[library_loaded_++];
  Module& module = load_module(*this, std::move(text), true);
  declare_callables(*this, module.ast.items, library_, module);
  return true;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates,
                       std::string otherwise) {
  if (const auto near = grammar::did_you_mean(word, candidates)) {
    return "did you mean " + quoted(*near) + "?";
  }
  return otherwise;
}

std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

}  // namespace fconn::compile
