// What the passes share: the files that were loaded, the symbols that they declare, the connector
// being built, and the diagnostics. A Unit lives for one compile() and owns everything the passes
// point to; nothing in it outlives that call but the IR. Private to compile/.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "grammar/ast.hh"
#include "grammar/diagnostics.hh"
#include "interpreter/compile/compile.hh"
#include "interpreter/compile/names.hh"
#include "interpreter/eval/intrinsics.hh"
#include "interpreter/ir/ir.hh"

namespace fconn::compile {

using grammar::DiagnosticId;
using grammar::Span;

struct NameScope;

/// One loaded file. Trees never move: symbols point into them.
struct Module {
  std::string name;
  grammar::FileId file{};
  grammar::Ast ast;
  bool library = false;
};

/// A declared parameter, secret, identity or external.
struct ValueSymbol {
  enum class Kind : std::uint8_t { param, identity, external };
  Kind kind{};
  std::uint32_t id = 0;
  Span span;
  eval::Type type = eval::Type::any;
  bool secret = false;
  bool used = false;
};

/// What an editor calls it.
constexpr NameKind name_kind(ValueSymbol::Kind kind, bool secret) {
  switch (kind) {
    case ValueSymbol::Kind::param:
      return secret ? NameKind::secret : NameKind::param;
    case ValueSymbol::Kind::identity:
      return NameKind::identity;
    case ValueSymbol::Kind::external:
      return NameKind::external;
  }
  return NameKind::param;
}

/// A `fn`. Lowered when first needed; its id is valid after that.
struct FunctionSymbol {
  enum class State : std::uint8_t { waiting, busy, done };
  const grammar::FnDecl* decl = nullptr;
  const grammar::Decl* whole = nullptr;
  bool in_connector = false;
  bool own = false;  // declared in the file being compiled (or its base), so checked and warned for
  State state = State::waiting;
  ir::FunctionId id{};
  eval::Type result = eval::Type::any;
  bool secret = false;  // its body mentions a secret
  bool pure = true;
  bool used = false;
};

/// An `auth` or `pagination` declaration.
template <class Declaration>
struct StrategySymbol {
  const Declaration* decl = nullptr;
  const grammar::Decl* whole = nullptr;
  bool in_connector = false;
  bool own = false;
  bool used = false;
};
using AuthSymbol = StrategySymbol<grammar::AuthDecl>;
using PaginationSymbol = StrategySymbol<grammar::PaginationDecl>;

/// The three callable namespaces of one file (or of the connector block); `outer` is searched next.
struct NameScope {
  std::unordered_map<std::string_view, FunctionSymbol*> functions;
  std::unordered_map<std::string_view, AuthSymbol*> auths;
  std::unordered_map<std::string_view, PaginationSymbol*> paginations;
  const NameScope* outer = nullptr;
};

struct ClientSymbol {
  const grammar::ClientDecl* decl = nullptr;
  const grammar::Decl* whole = nullptr;
  ir::ClientId id{};
  bool used = false;
};

struct CollectionSymbol {
  const grammar::CollectionDecl* decl = nullptr;
  const grammar::Decl* whole = nullptr;
  const grammar::FieldsDecl* fields = nullptr;
  ir::CollectionId id{};
};

/// Counters and flags of the whole compilation, and the state that passes hand on.
class Unit {
 public:
  Unit(grammar::SourceMap& source_map, ModuleResolver* module_resolver)
      : sources(source_map), resolver(module_resolver) {}
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;

  grammar::SourceMap& sources;
  ModuleResolver* resolver;  // null when only an expression is compiled
  grammar::Diagnostics diagnostics;
  /// While above zero nothing is reported: the text was checked in another place already.
  int muted = 0;

  std::deque<Module> modules;
  std::deque<FunctionSymbol> functions;
  std::deque<AuthSymbol> auths;
  std::deque<PaginationSymbol> paginations;
  std::unordered_map<std::uint32_t, NameScope> file_scopes;  // by FileId
  NameScope connector_scope;

  grammar::ConnectorDecl merged;                      // of an overlay
  const grammar::ConnectorDecl* connector = nullptr;  // what is compiled
  std::unordered_map<std::string_view, ValueSymbol> values;
  std::vector<ClientSymbol> clients;          // 0 is the default one, perhaps without a declaration
  std::vector<CollectionSymbol> collections;  // in IR order
  std::unordered_map<std::string_view, std::size_t> collection_places;  // in `collections`
  std::vector<FunctionSymbol*> function_stack;  // being lowered, outermost first
  ir::Connector out;
  NameIndex* names = nullptr;  // what names mean is noted here, if anybody wants to know

  /// Reports, unless muted.
  void report(DiagnosticId id, Span where, std::string text, std::string help = {});
  /// The same with one note.
  void report(DiagnosticId id, Span where, std::string text, std::string help, Span note_where,
              std::string note_text);
  /// Adds whole diagnostics (of the parser).
  void add(grammar::Diagnostics more);

  void note(Span where, Span declared, NameKind kind) {
    if (names != nullptr) names->uses.push_back({where, declared, kind});
  }
  void note_declared(const grammar::Name& name, NameKind kind) { note(name.span, name.span, kind); }
  /// Nothing is noted where the type is said by the text itself or isn't known.
  void note_type(Span declared, eval::Type type, std::string rows_of = {});
  /// Whether `name` stands where somebody asks what may stand.
  bool wanted(std::string_view name) const { return names != nullptr && name == names->wanted; }
  void offer(std::string_view name, NameKind kind, Span declared = {}) {
    names->offers.push_back({std::string(name), kind, declared});
  }
  void offer_collections();
  void offer_functions(Span from, bool in_connector);
  void offer_strategies(NameKind kind, Span from, bool in_connector);

  /// A span as the IR keeps it: its file is an index into Connector::files.
  Span at(Span span);

  /// Null when there is none.
  CollectionSymbol* find_collection(std::string_view name);
  /// Each null when there is none. `from` is where the name is written: its file's names are seen.
  FunctionSymbol* find_function(std::string_view name, Span from, bool in_connector);
  AuthSymbol* find_auth(std::string_view name, Span from, bool in_connector);
  PaginationSymbol* find_pagination(std::string_view name, Span from, bool in_connector);

  /// Every name that could have been meant, for suggestions.
  std::vector<std::string> function_names(Span from, bool in_connector);
  std::vector<std::string> auth_names(Span from, bool in_connector);
  std::vector<std::string> pagination_names(Span from, bool in_connector);

 private:
  template <class Symbol>
  Symbol* find(std::unordered_map<std::string_view, Symbol*> NameScope::*table,
               std::string_view name, Span from, bool in_connector, bool in_library = true);
  template <class Symbol>
  std::vector<const Symbol*> symbols(
      std::unordered_map<std::string_view, Symbol*> NameScope::*table, Span from,
      bool in_connector);
  /// Parses the next standard library file; false when all are loaded.
  bool load_more_library();

  NameScope library_;
  std::vector<ModuleResolver::Module> library_texts_;
  std::size_t library_loaded_ = 0;
  bool library_listed_ = false;
  std::vector<std::uint32_t> file_index_;  // FileId -> index in out.files, plus one
};

/// "did you mean `x`?" or nothing; `otherwise` when no name is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates,
                       std::string otherwise = {});

/// `text` in backquotes.
std::string quoted(std::string_view text);

}  // namespace fconn::compile
