#include "interpreter/compile/compile.hh"

#include <algorithm>
#include <array>
#include <cctype>
#include <tuple>
#include <vector>

#include "grammar/parse.hh"
#include "interpreter/compile/allow.hh"
#include "interpreter/compile/lower_client.hh"
#include "interpreter/compile/lower_collection.hh"
#include "interpreter/compile/modules.hh"
#include "interpreter/compile/overlays.hh"
#include "interpreter/compile/symbols.hh"

namespace fconn::compile {
namespace {

using grammar::Decl;

/// The file's connector; a second one is reported.
const Decl* find_connector(Unit& unit, const grammar::Ast& ast) {
  const Decl* found = nullptr;
  for (const Decl& item : ast.items) {
    const auto* connector = std::get_if<grammar::ConnectorDecl>(&item.node);
    if (connector == nullptr) continue;
    if (found != nullptr) {
      unit.report(DiagnosticId::one_connector, connector->name.span,
                  "this file has a second connector", "give it a file of its own", found->keyword,
                  "the first one");
      continue;
    }
    found = &item;
  }
  return found;
}

void lower_check(Unit& unit, const grammar::CheckDecl& decl) {
  ir::Chain chain;
  ChainEnv env;
  env.ir = &chain;
  lower_chain(unit, env, decl.chain, Role::check);
  unit.out.check = std::move(chain);
}

void lower_consent(Unit& unit, const grammar::ConsentDecl& decl) {
  ir::Consent consent;
  consent.direction = decl.direction.text;
  if (!decl.purpose.empty()) consent.purpose = string_constant(unit, decl.purpose, "`purpose`");
  const bool twice = std::any_of(
      unit.out.consents.begin(), unit.out.consents.end(), [&](const ir::Consent& other) {
        return other.direction == consent.direction && other.purpose == consent.purpose;
      });
  if (twice) {
    unit.report(DiagnosticId::duplicate_name, decl.direction.span,
                "there is a second " + quoted("consent " + consent.direction) + " for one purpose",
                "tell them apart: `consent " + consent.direction + " for purpose \"…\"`");
  }
  ChainEnv env;
  env.ir = &consent.chain;
  lower_chain(unit, env, decl.chain, Role::consent);
  unit.out.consents.push_back(std::move(consent));
}

void lower_own_functions(Unit& unit) {
  for (std::size_t i = 0; i < unit.functions.size(); ++i) {
    FunctionSymbol& function = unit.functions[i];
    if (function.own) lower_function(unit, function, function.decl->name.span);
  }
}

void lower_connector(Unit& unit, const Decl& decl) {
  unit.out.doc = decl.doc;
  unit.note_declared(std::get<grammar::ConnectorDecl>(decl.node).name, NameKind::connector);
  unit.out.edition = unit.modules.front().ast.edition.value_or(1);
  apply_overlays(unit, std::get<grammar::ConnectorDecl>(decl.node));
  declare_symbols(unit);
  order_collections(unit);
  lower_own_functions(unit);
  lower_clients(unit);
  lower_collections(unit);
  for (const Decl& item : unit.connector->items) {
    if (const auto* check = std::get_if<grammar::CheckDecl>(&item.node)) lower_check(unit, *check);
    if (const auto* consent = std::get_if<grammar::ConsentDecl>(&item.node)) {
      lower_consent(unit, *consent);
    }
  }
  check_strategies(unit);
  warn_unused_symbols(unit);
}

bool is_syntax(const grammar::Diagnostic& diagnostic) {
  return grammar::info(diagnostic.id).code.starts_with("F01");
}

std::vector<Span> syntax_places(const grammar::Diagnostics& all) {
  std::vector<Span> places;
  for (const grammar::Diagnostic& found : all) {
    if (is_syntax(found)) places.push_back(found.where);
  }
  return places;
}

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_broken(const grammar::SourceMap& sources, grammar::FileId file, std::uint32_t line,
               const std::vector<Span>& wrong) {
  return std::any_of(wrong.begin(), wrong.end(), [&](Span place) {
    return place.file == file && sources.position(file, place.begin).line <= line &&
           sources.position(file, place.end).line >= line;
  });
}

/// Whether the line's first word declares names.
bool declares(const grammar::SourceMap& sources, grammar::FileId file, std::uint32_t offset) {
  static constexpr std::array<std::string_view, 12> words{
      "param",  "secret", "identity",   "external", "fn",  "collection",
      "client", "auth",   "pagination", "let",      "for", "token"};
  std::string_view line = sources.line(file, offset);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  std::size_t end = 0;
  while (end < line.size() && in_word(line[end])) ++end;
  return std::find(words.begin(), words.end(), line.substr(0, end)) != words.end();
}

/// Whether a name that isn't known may only be so because its declaration is what is wrong.
bool maybe_declared(const grammar::SourceMap& sources, const grammar::Diagnostic& found,
                    const std::vector<Span>& wrong) {
  const Span name = found.where;
  const auto line = [&](std::size_t at) {
    return sources.position(name.file, static_cast<std::uint32_t>(at)).line;
  };
  if (is_broken(sources, name.file, line(name.begin), wrong)) return true;
  // A declaration that lost its name may have been of this one; what resembles another hardly.
  const bool resembles = found.help.starts_with("did you mean");
  if (!resembles && std::any_of(wrong.begin(), wrong.end(), [&](Span place) {
        return declares(sources, place.file, place.begin);
      })) {
    return true;
  }
  const std::string_view text = sources.text(name.file), word = sources.slice(name);
  if (word.empty() || !std::all_of(word.begin(), word.end(), in_word)) return true;
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const bool whole = (at == 0 || !in_word(text[at - 1])) &&
                       (at + word.size() == text.size() || !in_word(text[at + word.size()]));
    if (!whole || at == name.begin) continue;
    if (declares(sources, name.file, static_cast<std::uint32_t>(at)) ||
        is_broken(sources, name.file, line(at), wrong)) {
      return true;
    }
  }
  return false;
}

/// With declarations missing from the tree, these would be echoes of the mistakes of syntax; a name
/// that nothing in the file could have declared is a mistake of its own.
bool is_echo(const grammar::SourceMap& sources, const grammar::Diagnostic& found,
             const std::vector<Span>& wrong) {
  switch (found.id) {
    case DiagnosticId::unknown_name:
    case DiagnosticId::unknown_function:
    case DiagnosticId::unknown_collection:
    case DiagnosticId::unknown_strategy:
    case DiagnosticId::unknown_client:
      return maybe_declared(sources, found, wrong);
    case DiagnosticId::unknown_field:
    case DiagnosticId::unused_name:
    case DiagnosticId::unused_identity:
    case DiagnosticId::name_not_here:
    case DiagnosticId::argument_count:
    case DiagnosticId::never_runs:
    case DiagnosticId::auth_order:  // its `when` may be what was misspelt
    case DiagnosticId::undeclared_host:
    case DiagnosticId::missing_base:
    case DiagnosticId::missing_next:
    case DiagnosticId::update_without_key:
    case DiagnosticId::masked_without_category:
    case DiagnosticId::missing_action:
      return true;
    default:
      return false;
  }
}

void finish(Unit& unit, bool syntax_errors, bool strict) {
  grammar::Diagnostics& all = unit.diagnostics;
  if (syntax_errors) {
    const std::vector<Span> places = syntax_places(all);
    std::erase_if(all,
                  [&](const grammar::Diagnostic& d) { return is_echo(unit.sources, d, places); });
    std::erase_if(all, [&](const grammar::Diagnostic& d) {
      return !is_syntax(d) && std::any_of(places.begin(), places.end(), [&](Span place) {
        return place.file == d.where.file && place.begin >= d.where.begin &&
               place.end <= d.where.end;
      });
    });
  }
  apply_allows(unit, !syntax_errors);
  const auto place = [](const grammar::Diagnostic& d) {
    return std::make_tuple(d.where.file.value, d.where.begin, d.where.end, d.id);
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
  // A base or a default may be looked at from several places.
  const auto last = std::unique(all.begin(), all.end(), [&](const auto& a, const auto& b) {
    return place(a) == place(b) && a.text == b.text;
  });
  all.erase(last, all.end());
  if (!strict) return;
  for (grammar::Diagnostic& diagnostic : all) diagnostic.severity = grammar::Severity::error;
}

}  // namespace

Compiled compile(grammar::FileId root, grammar::SourceMap& sources, ModuleResolver& resolver,
                 const Options& options) {
  Unit unit(sources, &resolver);
  unit.names = options.names;
  Module& module = load_file(unit, root);
  (void)unit.at(Span{root, 0, 0});  // the root is the first file of the IR
  load_uses(unit, module);
  const Decl* connector = find_connector(unit, module.ast);
  const bool syntax_errors = grammar::has_errors(unit.diagnostics);
  if (connector != nullptr) {
    lower_connector(unit, *connector);
  } else {
    unit.clients.emplace_back();
    lower_own_functions(unit);
    check_strategies(unit);
  }
  finish(unit, syntax_errors, options.strict);
  Compiled result;
  if (connector != nullptr && !grammar::has_errors(unit.diagnostics)) {
    result.ir = std::make_shared<const ir::Connector>(std::move(unit.out));
  }
  result.diagnostics = std::move(unit.diagnostics);
  return result;
}

CompiledExpr compile_expression(grammar::FileId text, grammar::SourceMap& sources,
                                const std::vector<std::string>& locals) {
  Unit unit(sources, nullptr);
  grammar::ParsedExpr parsed = grammar::parse_expression(sources, text);
  CompiledExpr result;
  if (!grammar::has_errors(parsed.diagnostics)) {
    Env env;
    env.place = "an expression alone";
    for (const std::string& name : locals) {
      LocalSymbol local;
      local.name = name;
      local.slot = env.take_slot();
      if (name == ".") {
        env.dot = Dot::local;
        env.dot_slot = local.slot;
      }
      env.locals.push_back(std::move(local));
    }
    result.expr = ExprLowerer(unit, env).lower(parsed.expr).expr;
    result.locals = env.frame;
  }
  result.diagnostics = std::move(parsed.diagnostics);
  result.diagnostics.insert(result.diagnostics.end(), unit.diagnostics.begin(),
                            unit.diagnostics.end());
  if (grammar::has_errors(result.diagnostics)) result.expr.reset();
  result.scope = std::make_shared<const ir::Connector>(std::move(unit.out));
  return result;
}

CompiledExpr lower_constant(const grammar::Expr& expr) {
  grammar::SourceMap none;
  Unit unit(none, nullptr);
  Env env;
  env.place = "a test";
  CompiledExpr result;
  result.expr = ExprLowerer(unit, env).lower(expr).expr;
  result.locals = env.frame;
  result.diagnostics = std::move(unit.diagnostics);
  if (grammar::has_errors(result.diagnostics)) result.expr.reset();
  return result;
}

}  // namespace fconn::compile
