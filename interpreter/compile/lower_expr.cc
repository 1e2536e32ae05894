#include "interpreter/compile/lower_expr.hh"

#include <algorithm>

namespace fconn::compile {

using grammar::Overloaded;
using ir::Op;

const grammar::Expr& strip(const grammar::Expr& expr) {
  const grammar::Expr* inner = &expr;
  while (const auto* paren = std::get_if<grammar::ParenExpr>(&inner->node)) {
    inner = &paren->inner.front();
  }
  return *inner;
}

Typed ExprLowerer::lower(const grammar::Expr& expr) {
  Typed result = lower_node(expr);
  if (result.secret) env_.secret_seen = true;
  return result;
}

Typed ExprLowerer::lower_node(const grammar::Expr& expr) {
  const Span span = expr.span;
  return std::visit(
      Overloaded{
          [&](const grammar::ErrorExpr&) { return poison(span); },
          [&](const grammar::Literal& node) { return literal(node, at(span)); },
          [&](const grammar::StringExpr& node) { return string(node, span); },
          [&](const grammar::NameExpr&) { return path(expr); },
          [&](const grammar::DotExpr&) { return path(expr); },
          [&](const grammar::MemberExpr&) { return path(expr); },
          [&](const grammar::IndexExpr&) { return path(expr); },
          [&](const grammar::EachExpr&) { return path(expr); },
          [&](const grammar::CallExpr& node) { return call(node, span); },
          [&](const grammar::UnaryExpr& node) { return unary(node, span); },
          [&](const grammar::BinaryExpr& node) { return binary(node, span); },
          [&](const grammar::IfExpr& node) { return if_else(node, span); },
          [&](const grammar::ListExpr& node) { return list(node, span); },
          [&](const grammar::ObjectExpr& node) { return object(node, span); },
          [&](const grammar::ListComprehension& node) { return comprehension(node, span); },
          [&](const grammar::ObjectComprehension& node) { return comprehension(node, span); },
          [&](const grammar::ParenExpr& node) { return lower(node.inner.front()); },
      },
      expr.node);
}

ir::Expr ExprLowerer::condition(const grammar::Expr& expr) {
  Typed result = lower(expr);
  if (!may_be_condition(result.type)) {
    unit_.report(DiagnosticId::condition_type, expr.span,
                 "a condition is true or false, and this is " + eval::describe(result.type),
                 "compare it with something");
  }
  return std::move(result.expr);
}

Typed ExprLowerer::value(const grammar::Expr& expr, Type allowed, std::string_view what) {
  Typed result = lower(expr);
  if (!eval::overlap(result.type, allowed)) {
    unit_.report(DiagnosticId::clause_value, expr.span,
                 std::string(what) + " takes " +
                     eval::describe(without(allowed, Type::null_value)) + ", and this is " +
                     eval::describe(result.type));
  }
  return result;
}

Typed ExprLowerer::text(const grammar::Expr& expr) {
  Typed result = lower(expr);
  if (!eval::overlap(result.type, text_types)) {
    unit_.report(DiagnosticId::text_type, expr.span,
                 "this is " + eval::describe(result.type) + ", which has no text of its own",
                 result.type == Type::null_value
                     ? "say what else to use with `??`"
                     : "join its parts with `join`, or write it as JSON with `json`");
  }
  return result;
}

// `"name = '{x}'"`: a value with a quote in it would end the quotes. XML escapes for itself.
void ExprLowerer::check_quoted_hole(const grammar::StringExpr& string, std::size_t part) {
  if (part == 0 || part + 1 >= string.parts.size()) return;
  const std::string& before = string.parts[part - 1].text;
  const std::string& after = string.parts[part + 1].text;
  if (before.empty() || after.empty() || before.back() != after.front()) return;
  if (before.back() != '"' && before.back() != '\'') return;
  const grammar::Expr& hole = string.parts[part].hole.front();
  unit_.report(DiagnosticId::quoted_hole, hole.span,
               "a quote in this value would end the text that it stands in",
               "leave the quotes out and write `| quote` in the hole");
}

Typed ExprLowerer::string(const grammar::StringExpr& string, Span span) {
  const bool xml =
      string.form == grammar::StringForm::xml || string.form == grammar::StringForm::xml_block;
  const bool holes = std::any_of(string.parts.begin(), string.parts.end(),
                                 [](const grammar::StringPart& p) { return !p.hole.empty(); });
  if (!holes && !xml) {
    std::string all;
    for (const grammar::StringPart& part : string.parts) all += part.text;
    return {make(Op::string, at(span), {}, std::move(all)), Type::string};
  }
  Typed result{make(xml ? Op::xml_text : Op::text, at(span)), xml ? Type::xml : Type::string};
  for (std::size_t i = 0; i < string.parts.size(); ++i) {
    const grammar::StringPart& part = string.parts[i];
    if (part.hole.empty()) {
      // In XML the text between the holes is markup, not to be escaped.
      result.expr.kids.push_back(xml ? make(Op::xml_text, at(part.span), {}, part.text)
                                     : make(Op::string, at(part.span), {}, part.text));
      continue;
    }
    if (!xml) check_quoted_hole(string, i);
    Typed hole = text(part.hole.front());
    result.secret = result.secret || hole.secret;
    result.expr.kids.push_back(std::move(hole.expr));
  }
  return result;
}

Typed ExprLowerer::list(const grammar::ListExpr& list, Span span) {
  Typed result{make(Op::list, at(span)), Type::list};
  result.expr.kids.reserve(list.items.size());
  for (const grammar::ListItem& item : list.items) {
    Typed element =
        item.spread ? value(item.value.front(), Type::list | Type::null_value, "`...` in a list")
                    : lower(item.value.front());
    result.secret = result.secret || element.secret;
    if (item.spread) {
      element.expr = make(Op::spread, at(item.span), kids(std::move(element.expr)));
    }
    result.expr.kids.push_back(std::move(element.expr));
  }
  return result;
}

Typed ExprLowerer::object(const grammar::ObjectExpr& object, Span span) {
  Typed result{make(Op::object, at(span)), Type::object};
  result.expr.kids.reserve(object.entries.size());
  for (const grammar::ObjectEntry& entry : object.entries) {
    const Span where = at(entry.span);
    if (entry.kind == grammar::EntryKind::spread) {
      Typed spread =
          value(entry.value.front(), Type::object | Type::null_value, "`...` in an object");
      result.secret = result.secret || spread.secret;
      result.expr.kids.push_back(make(Op::spread, where, kids(std::move(spread.expr))));
      continue;
    }
    std::optional<Typed> key;
    if (entry.kind == grammar::EntryKind::computed) key = text(entry.key.front());
    Typed content = lower(entry.value.front());
    result.secret = result.secret || content.secret;
    if (key && key->expr.op == Op::string) {
      result.expr.kids.push_back(
          make(Op::entry, where, kids(std::move(content.expr)), std::move(key->expr.text)));
    } else if (key) {
      result.expr.kids.push_back(
          make(Op::computed_entry, where, kids(std::move(key->expr), std::move(content.expr))));
    } else {
      result.expr.kids.push_back(
          make(Op::entry, where, kids(std::move(content.expr)), entry.name.text));
    }
  }
  return result;
}

// Binds the names of a comprehension around `body`, which lowers what is inside.
template <class Body>
void ExprLowerer::in_loop(const std::vector<grammar::Name>& names, ir::Expr& loop,
                          const Typed& source, Body body) {
  const std::size_t outer_locals = env_.locals.size();
  const std::uint32_t outer_slot = env_.next_slot;
  loop.number = env_.next_slot;
  loop.text = names.size() == 2 ? "2" : "1";
  for (const grammar::Name& name : names) bind(name).secret = source.secret;
  body();
  env_.locals.resize(outer_locals);
  env_.next_slot = outer_slot;
}

Typed ExprLowerer::comprehension(const grammar::ListComprehension& list, Span span) {
  Typed result{make(Op::list_for, at(span)), Type::list};
  Typed source = value(list.source.front(), Type::list | Type::null_value, "`for … in`");
  result.secret = source.secret;
  ir::Expr from = std::move(source.expr);
  in_loop(list.names, result.expr, source, [&] {
    Typed element = lower(list.element.front());
    result.secret = result.secret || element.secret;
    result.expr.kids = kids(std::move(element.expr), std::move(from));
    if (!list.condition.empty()) result.expr.kids.push_back(condition(list.condition.front()));
  });
  return result;
}

Typed ExprLowerer::comprehension(const grammar::ObjectComprehension& object, Span span) {
  Typed result{make(Op::object_for, at(span)), Type::object};
  Typed source = value(object.source.front(), Type::list | Type::null_value, "`for … in`");
  result.secret = source.secret;
  ir::Expr from = std::move(source.expr);
  const bool computed = object.entry.kind == grammar::EntryKind::computed;
  if (!computed) {
    for (const grammar::Name& name : object.names) {
      if (name.text != object.entry.name.text) continue;
      unit_.report(DiagnosticId::comprehension_key, object.entry.name.span,
                   "every turn gives the same key, the text " + quoted(name.text),
                   "write `[" + name.text + "]` for the variable's value");
    }
  }
  in_loop(object.names, result.expr, source, [&] {
    Typed key =
        computed ? text(object.entry.key.front())
                 : Typed{make(Op::string, at(object.entry.name.span), {}, object.entry.name.text),
                         Type::string};
    Typed content = lower(object.entry.value.front());
    result.secret = result.secret || content.secret;
    result.expr.kids = kids(std::move(key.expr), std::move(content.expr), std::move(from));
    if (!object.condition.empty()) result.expr.kids.push_back(condition(object.condition.front()));
  });
  return result;
}

Typed ExprLowerer::if_else(const grammar::IfExpr& choice, Span span) {
  ir::Expr when = condition(choice.parts[0]);
  Typed yes = lower(choice.parts[1]);
  Typed no = lower(choice.parts[2]);
  return {
      make(Op::if_else, at(span), kids(std::move(when), std::move(yes.expr), std::move(no.expr))),
      yes.type | no.type, yes.secret || no.secret};
}

LocalSymbol& ExprLowerer::bind(const grammar::Name& name) {
  check_hiding(name);
  unit_.note_declared(name, NameKind::local);
  LocalSymbol local;
  local.name = name.text;
  local.span = name.span;
  local.slot = env_.take_slot();
  env_.locals.push_back(std::move(local));
  return env_.locals.back();
}

void ExprLowerer::check_hiding(const grammar::Name& name) {
  const auto report = [&](Span declared, std::string_view what) {
    unit_.report(DiagnosticId::shadowed_name, name.span,
                 quoted(name.text) + " hides " + std::string(what) + " of the same name",
                 "choose another name here", declared, "this one");
  };
  for (const LocalSymbol& local : env_.locals) {
    if (local.name == name.text) return report(local.span, "a variable");
  }
  if (env_.chain != nullptr && has(env_.see, See::lets)) {
    for (const LetSymbol& let : env_.chain->lets) {
      if (let.name == name.text) return report(let.span, "a `let`");
    }
  }
  if (env_.collection != nullptr && has(env_.see, See::bindings)) {
    for (const BindingSymbol& binding : env_.collection->bindings) {
      if (binding.name == name.text) return report(binding.span, "a binding");
    }
  }
  const auto value = unit_.values.find(name.text);
  if (value == unit_.values.end()) return;
  switch (value->second.kind) {
    case ValueSymbol::Kind::param:
      if (has(env_.see, See::params)) report(value->second.span, "a parameter");
      return;
    case ValueSymbol::Kind::identity:
      if (has(env_.see, See::identities)) report(value->second.span, "an identity");
      return;
    case ValueSymbol::Kind::external:
      if (has(env_.see, See::externals)) report(value->second.span, "an external");
      return;
  }
}

}  // namespace fconn::compile
