#include <algorithm>
#include <array>
#include <iterator>

#include "interpreter/compile/lower_expr.hh"

namespace fconn::compile {

using ir::Op;
using Kind = PathStep::Kind;

namespace {

/// Names that the language itself gives, and where they can be seen.
struct Builtin {
  std::string_view name;
  See see;
  std::string_view where;
};
constexpr std::array<Builtin, 10> builtins{{
    {"status", See::response, "in what judges or reads an answer"},
    {"headers", See::response, "in what judges or reads an answer"},
    {"links", See::response, "in what judges or reads an answer"},
    {"request", See::request, "in what judges or reads an answer, and in auth strategies"},
    {"rows", See::paging, "in pagination strategies"},
    {"row", See::erased, "in `update` and `delete`"},
    {"masked", See::erased, "in `update` and `delete`"},
    {"masked_row", See::erased, "in `update` and `delete`"},
    {"auth", See::token, "in requests, as `auth.token`"},
    {"request_id", See::request_id, "inside a connector"},
}};

const Builtin* find_builtin(std::string_view name) {
  const auto* found = std::find_if(builtins.begin(), builtins.end(),
                                   [&](const Builtin& b) { return b.name == name; });
  return found == builtins.end() ? nullptr : found;
}

/// Words that begin a clause or an item of a collection: as an operand they most likely mean that
/// the operand before the next line is missing.
bool is_clause_word(std::string_view name) {
  static constexpr std::array<std::string_view, 40> words = {
      "query",    "body",        "as",     "skip",   "fail",     "until",    "keep",
      "map",      "take",        "let",    "retry",  "paginate", "timeout",  "rate",
      "read",     "update",      "delete", "fields", "emit",     "base",     "hosts",
      "parallel", "stop",        "next",   "token",  "value",    "expires",  "client",
      "check",    "collection",  "param",  "secret", "identity", "external", "fn",
      "consent",  "erase_after", "prefer", "rows",   "headers"};
  return std::find(words.begin(), words.end(), name) != words.end();
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

template <class T>
void add_once(std::vector<T>& list, T value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

}  // namespace

Typed ExprLowerer::named(const grammar::Name& name, PathSteps steps, Span span,
                         std::size_t& consumed) {
  if (auto found = local_name(name, span)) return std::move(*found);
  if (auto found = let_name(name, span)) return std::move(*found);
  if (env_.collection != nullptr && has(env_.see, See::bindings)) {
    for (BindingSymbol& binding : env_.collection->bindings) {
      if (binding.name != name.text) continue;
      unit_.note(name.span, binding.span, NameKind::binding);
      return binding_value(binding, steps, span, consumed);
    }
  }
  if (auto found = declared_name(name, span)) return std::move(*found);
  if (auto found = builtin_name(name, steps, span, consumed)) return std::move(*found);
  return unknown_name(name);
}

std::optional<Typed> ExprLowerer::local_name(const grammar::Name& name, Span span) {
  for (auto local = env_.locals.rbegin(); local != env_.locals.rend(); ++local) {
    if (local->name != name.text) continue;
    local->used = true;
    unit_.note(name.span, local->span, local->kind);
    if (local->substitute) return Typed{*local->substitute, local->type, local->secret};
    return Typed{make(Op::local, at(span), {}, {}, local->slot), local->type, local->secret};
  }
  return std::nullopt;
}

std::optional<Typed> ExprLowerer::let_name(const grammar::Name& name, Span span) {
  if (env_.chain == nullptr || !has(env_.see, See::lets)) return std::nullopt;
  for (LetSymbol& let : env_.chain->lets) {
    if (let.name != name.text) continue;
    let.used = true;
    unit_.note(name.span, let.span, NameKind::let);
    return Typed{make(Op::let_value, at(span), {}, {}, let.slot), let.type, let.secret};
  }
  if (env_.chain->loop && env_.chain->loop->name == name.text) {
    env_.chain->loop->used = true;
    unit_.note(name.span, env_.chain->loop->span, NameKind::let);
    return Typed{make(Op::loop_value, at(span)), Type::any};
  }
  return std::nullopt;
}

std::optional<Typed> ExprLowerer::declared_name(const grammar::Name& name, Span span) {
  const auto found = unit_.values.find(name.text);
  if (found == unit_.values.end()) return std::nullopt;
  ValueSymbol& value = found->second;
  value.used = true;
  unit_.note(name.span, value.span, name_kind(value.kind, value.secret));
  switch (value.kind) {
    case ValueSymbol::Kind::param:
      if (!has(env_.see, See::params)) return not_here(name, "inside its connector");
      return Typed{make(Op::param, at(span), {}, {}, value.id), value.type, value.secret};
    case ValueSymbol::Kind::identity:
      if (!has(env_.see, See::identities)) {
        return not_here(name,
                        "in the requests and rows of reads and actions; pass it as an argument");
      }
      note_identity(ir::IdentityId{value.id});
      return Typed{make(Op::identity, at(span), {}, {}, value.id), value.type};
    case ValueSymbol::Kind::external:
      if (!has(env_.see, See::externals)) return not_here(name, "in `for`");
      return Typed{make(Op::external, at(span), {}, {}, value.id), value.type};
  }
  return std::nullopt;
}

void ExprLowerer::note_identity(ir::IdentityId id) {
  if (env_.chain == nullptr) return;
  ir::Chain& chain = *env_.chain->ir;
  add_once(env_.phase == Phase::keep ? chain.keep_identities : chain.request_identities, id);
  if (env_.phase == Phase::sent) add_once(env_.chain->sent_identities, id);
}

void ExprLowerer::note_slot(std::uint32_t slot) {
  if (env_.emit_uses != nullptr) add_once(*env_.emit_uses, slot);
  if (env_.chain == nullptr) return;
  add_once(env_.chain->ir->uses, slot);
  if (env_.phase == Phase::sent) add_once(env_.chain->sent_uses, slot);
}

std::optional<Typed> ExprLowerer::builtin_name(const grammar::Name& name, PathSteps steps,
                                               Span span, std::size_t& consumed) {
  const Builtin* builtin = find_builtin(name.text);
  if (builtin == nullptr) return std::nullopt;
  if (!has(env_.see, builtin->see)) {
    // `keep .a ==` with `rows …` on the next line.
    if (steps.empty() && is_clause_word(name.text)) return std::nullopt;
    return not_here(name, builtin->where);
  }
  unit_.note_declared(name, NameKind::builtin);
  if (name.text == "status") return Typed{make(Op::status, at(span)), Type::integer};
  if (name.text == "headers") return headers_name(steps, span, consumed);
  if (name.text == "links") return Typed{make(Op::links, at(span)), Type::object};
  if (name.text == "request") return request_name(steps, span, consumed);
  if (name.text == "rows") return rows_name(span);
  if (name.text == "row") return erased_row(steps, span);
  if (name.text == "auth") return auth_name(name, steps, span, consumed);
  if (name.text == "request_id") return Typed{make(Op::request_id, at(span)), Type::string};
  if (env_.chain != nullptr) {
    env_.chain->ir->uses_masked = true;
    if (!env_.chain->masked_at) env_.chain->masked_at = span;
  }
  if (env_.collection != nullptr) note_fields(*env_.collection->symbol, steps);
  const Op op = name.text == "masked" ? Op::masked : Op::masked_row;
  return Typed{make(op, at(span)), Type::object};
}

Typed ExprLowerer::erased_row(PathSteps steps, Span span) {
  if (env_.collection != nullptr) check_field(*env_.collection->symbol, steps, "row");
  return {make(Op::erased_row, at(span)), Type::any};
}

Typed ExprLowerer::rows_name(Span span) { return {make(Op::rows_all, at(span)), Type::list}; }

// Names of headers don't depend on case: `headers.Link`, `headers["X-Next"]`.
Typed ExprLowerer::headers_name(PathSteps steps, Span span, std::size_t& consumed) {
  constexpr Type type = Type::string | Type::null_value;
  if (steps.empty() || steps[0].kind == Kind::each) {
    return {make(Op::headers, at(span)), Type::object};
  }
  consumed = 1;
  const Span whole = at(steps[0].span);
  if (steps[0].kind == Kind::member) {
    return {make(Op::header, whole, {}, lower_case(steps[0].name->text)), type};
  }
  Typed index = value(*steps[0].index, Type::string, "`headers[…]`");
  if (index.expr.op == Op::string) {
    return {make(Op::header, whole, {}, lower_case(index.expr.text)), type};
  }
  ir::Expr key = make(Op::call, index.expr.span, kids(std::move(index.expr)), "lower");
  return {make(Op::index, whole, kids(make(Op::headers, at(span)), std::move(key))), type};
}

Typed ExprLowerer::request_name(PathSteps steps, Span span, std::size_t& consumed) {
  if (steps.empty() || steps[0].kind != Kind::member) {
    return {make(Op::request, at(span)), Type::object};
  }
  consumed = 1;
  static const std::vector<std::string> parts = {"method", "url",     "target", "host", "path",
                                                 "query",  "headers", "body",   "text"};
  const grammar::Name& part = *steps[0].name;
  if (unit_.wanted(part.text)) {
    for (const std::string& one : parts) unit_.offer(one, NameKind::builtin);
  }
  if (std::find(parts.begin(), parts.end(), part.text) == parts.end()) {
    unit_.report(
        DiagnosticId::unknown_name, part.span, "a request has no part " + quoted(part.text),
        suggestion(part.text, parts,
                   "it has method, url, target, host, path, query, headers, body and text"));
    return poison(span);
  }
  const bool object = part.text == "query" || part.text == "headers";
  const Type type = part.text == "body" ? Type::any : object ? Type::object : Type::string;
  return {make(Op::request_part, at(steps[0].span), {}, part.text), type};
}

Typed ExprLowerer::auth_name(const grammar::Name& name, PathSteps steps, Span span,
                             std::size_t& consumed) {
  if (!steps.empty() && steps[0].name != nullptr && unit_.wanted(steps[0].name->text)) {
    unit_.offer("token", NameKind::builtin);
  }
  if (steps.empty() || steps[0].kind != Kind::member || steps[0].name->text != "token") {
    unit_.report(DiagnosticId::unknown_name, name.span, "`auth` alone is no value",
                 "the token that the client holds is `auth.token`");
    consumed = steps.size();
    return poison(span);
  }
  consumed = 1;
  return {make(Op::auth_token, at(steps[0].span)), Type::string, true};
}

Typed ExprLowerer::not_here(const grammar::Name& name, std::string_view where_then) {
  unit_.report(DiagnosticId::name_not_here, name.span,
               quoted(name.text) + " can't be used in " + std::string(env_.place),
               "it can be used " + std::string(where_then));
  return poison(name.span);
}

std::vector<Offer> ExprLowerer::visible_names() const {
  std::vector<Offer> names;
  const auto add = [&](std::string_view name, NameKind kind, Span declared = {}) {
    names.push_back({std::string(name), kind, declared});
  };
  for (const LocalSymbol& local : env_.locals) add(local.name, local.kind, local.span);
  if (env_.chain != nullptr && has(env_.see, See::lets)) {
    for (const LetSymbol& let : env_.chain->lets) add(let.name, NameKind::let, let.span);
    if (env_.chain->loop) add(env_.chain->loop->name, NameKind::let, env_.chain->loop->span);
  }
  if (env_.collection != nullptr && has(env_.see, See::bindings)) {
    for (const BindingSymbol& binding : env_.collection->bindings) {
      add(binding.name, NameKind::binding, binding.span);
    }
  }
  for (const auto& [name, value] : unit_.values) {
    const See see = value.kind == ValueSymbol::Kind::param      ? See::params
                    : value.kind == ValueSymbol::Kind::identity ? See::identities
                                                                : See::externals;
    if (has(env_.see, see)) add(name, name_kind(value.kind, value.secret), value.span);
  }
  for (const Builtin& builtin : builtins) {
    if (has(env_.see, builtin.see)) add(builtin.name, NameKind::builtin);
  }
  std::sort(names.begin(), names.end(),
            [](const Offer& a, const Offer& b) { return a.name < b.name; });
  return names;
}

Typed ExprLowerer::unknown_name(const grammar::Name& name) {
  std::vector<Offer> offers = visible_names();
  if (unit_.wanted(name.text)) {
    std::move(offers.begin(), offers.end(), std::back_inserter(unit_.names->offers));
    unit_.offer_functions(name.span, env_.in_connector);
    return poison(name.span);
  }
  if (is_clause_word(name.text)) {
    unit_.report(DiagnosticId::operand_word, name.span,
                 quoted(name.text) + " begins a clause, and stands here as a value",
                 "is an operand missing before it?");
    return poison(name.span);
  }
  std::vector<std::string> visible;
  visible.reserve(offers.size());
  for (Offer& offer : offers) visible.push_back(std::move(offer.name));
  std::string help = suggestion(name.text, visible);
  if (help.empty()) {
    if (unit_.find_collection(name.text) != nullptr) {
      help = "bind a row of that collection first: `for x in " + name.text + "`";
    } else if (unit_.find_function(name.text, name.span, env_.in_connector) != nullptr ||
               eval::find_intrinsic(name.text) != nullptr) {
      help = "a function is called with parentheses: " + quoted(name.text + "(…)");
    } else if (env_.dot == Dot::body || env_.dot == Dot::row) {
      help = "a field of the answer is written with a dot: " + quoted("." + name.text);
    } else if (env_.in_connector) {
      help = "declare it as a param, identity or external, or bind it with `for`";
    }
  }
  unit_.report(DiagnosticId::unknown_name, name.span, "there is no value " + quoted(name.text),
               std::move(help));
  return poison(name.span);
}

}  // namespace fconn::compile
