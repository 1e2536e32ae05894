#include "tools/export/simplify.hh"

#include <algorithm>

#include "interpreter/compile/compile.hh"
#include "interpreter/eval/eval.hh"

namespace fconn::exporter {
namespace {

using grammar::BinaryExpr;
using grammar::BinaryOp;
using grammar::CallExpr;
using grammar::EntryKind;
using grammar::ListExpr;
using grammar::ListItem;
using grammar::Literal;
using grammar::LiteralKind;
using grammar::ObjectEntry;
using grammar::ObjectExpr;
using grammar::StringExpr;
using grammar::StringPart;

constexpr int deepest = 40;  // functions that call each other; one that calls itself is no constant

template <class Node>
Expr made(Span span, Node node) {
  Expr out;
  out.span = span;
  out.node = std::move(node);
  return out;
}

bool is_literal(const Expr& expr) {
  if (std::holds_alternative<Literal>(bare(expr).node) || constant(expr)) return true;
  if (const auto* list = node<ListExpr>(expr)) {
    return std::all_of(list->items.begin(), list->items.end(), [](const ListItem& one) {
      return !one.spread && is_literal(one.value.front());
    });
  }
  const auto* object = node<ObjectExpr>(expr);
  return object != nullptr &&
         std::all_of(object->entries.begin(), object->entries.end(), [](const ObjectEntry& one) {
           return one.kind == EntryKind::named && is_literal(one.value.front());
         });
}

bool is_true(const Expr& expr) { return is_boolean(expr, "true"); }
bool is_false(const Expr& expr) { return is_boolean(expr, "false"); }

Expr text_of(Span span, std::string text) {
  StringExpr out;
  out.parts.push_back({std::move(text), {}, span});
  return made(span, std::move(out));
}

/// A value as it would be written; null when it can't be.
std::optional<Expr> written(const value::Value& value, Span span, value::Arena& arena) {
  using value::Kind;
  const value::Value plain = value::decoded(value, arena);
  switch (plain.kind) {
    case Kind::null_value:
      return made(span, Literal{LiteralKind::null_value, "null"});
    case Kind::boolean:
      return made(span, Literal{LiteralKind::boolean, plain.integer != 0 ? "true" : "false"});
    case Kind::integer:
      return made(span, Literal{LiteralKind::integer, std::to_string(plain.integer)});
    case Kind::decimal:
      return made(span, Literal{LiteralKind::decimal, std::string(plain.view())});
    case Kind::string:
      return text_of(span, std::string(plain.view()));
    case Kind::list: {
      ListExpr list;
      for (const value::Value& one : plain.list_view()) {
        auto element = written(one, span, arena);
        if (!element) return std::nullopt;
        list.items.push_back({{std::move(*element)}, false, span});
      }
      return made(span, std::move(list));
    }
    case Kind::object: {
      ObjectExpr object;
      for (const value::Member& one : plain.object_view()) {
        auto member = written(one.value, span, arena);
        if (!member) return std::nullopt;
        ObjectEntry entry;
        entry.name = {std::string(one.key), span};
        entry.kind = EntryKind::named;
        entry.span = span;
        entry.value.push_back(std::move(*member));
        object.entries.push_back(std::move(entry));
      }
      return made(span, std::move(object));
    }
    default:
      return std::nullopt;
  }
}

/// What an expression of literals and functions of the library comes to; as it is, if that isn't
/// known before a run.
Expr evaluated(Expr expr) {
  const compile::CompiledExpr lowered = compile::lower_constant(expr);
  if (!lowered.expr) return expr;
  value::Arena arena(16 * 1024);
  const auto value = eval::constant(*lowered.expr, arena);
  auto out = value ? written(*value, expr.span, arena) : std::nullopt;
  return out ? std::move(*out) : expr;
}

class Simplifier {
 public:
  Simplifier(const Frame& names, const FunctionOf& function_of)
      : names_(names), function_of_(function_of) {}

  Expr one(const Expr& expr) {
    const Expr& at = bare(expr);
    return std::visit(
        grammar::Overloaded{
            [&](const grammar::NameExpr& name) { return named(name, at); },
            [&](const StringExpr& string) { return text(string, at.span); },
            [&](const ListExpr& list) { return elements(list, at.span); },
            [&](const ObjectExpr& object) { return members(object, at.span); },
            [&](const CallExpr& call) { return called(call, at.span); },
            [&](const BinaryExpr& binary) { return connected(binary, at.span); },
            [&](const grammar::UnaryExpr& unary) {
              grammar::UnaryExpr out = unary;
              out.operand.front() = one(unary.operand.front());
              const bool literal = is_literal(out.operand.front());
              Expr all = made(at.span, std::move(out));
              const bool number = literal && whole_number(all).has_value();
              return literal && !number ? evaluated(std::move(all)) : all;
            },
            [&](const grammar::IfExpr& choice) { return chosen(choice, at.span); },
            [&](const grammar::ListComprehension& each) { return each_of(each, at.span); },
            [&](const grammar::ObjectComprehension& each) { return each_of(each, at.span); },
            [&](const grammar::MemberExpr& member) {
              grammar::MemberExpr out = member;
              out.base.front() = one(member.base.front());
              return member_of(std::move(out), at.span);
            },
            [&](const grammar::IndexExpr& index) {
              grammar::IndexExpr out = index;
              out.base.front() = one(index.base.front());
              out.index.front() = one(index.index.front());
              const bool literal = is_literal(out.base.front()) && is_literal(out.index.front());
              Expr all = made(at.span, std::move(out));
              return literal ? evaluated(std::move(all)) : all;
            },
            [&](const grammar::EachExpr& each) {
              return made(at.span, grammar::EachExpr{{one(each.base.front())}});
            },
            [&](const auto&) { return at; }},
        at.node);
  }

 private:
  Expr named(const grammar::NameExpr& name, const Expr& at) const {
    const auto found = names_.find(name.name.text);
    return found == names_.end() ? at : found->second;
  }

  // ---- texts ----

  static bool is_xml(const StringExpr& string) {
    return string.form == grammar::StringForm::xml || string.form == grammar::StringForm::xml_block;
  }

  /// Puts a part behind a text: what is known becomes part of its text.
  static void append(StringExpr& out, const Expr& expr, Span span) {
    const auto plain = [&](const std::string& more) {
      if (out.parts.empty() || !out.parts.back().hole.empty()) out.parts.push_back({"", {}, span});
      out.parts.back().text += more;
    };
    const auto* inner = node<StringExpr>(expr);
    if (inner != nullptr && !is_xml(*inner)) {
      for (const StringPart& part : inner->parts) {
        if (part.hole.empty()) {
          plain(part.text);
        } else {
          out.parts.push_back(part);
        }
      }
    } else if (const auto number = whole_number(expr)) {
      plain(*number);
    } else if (is_true(expr) || is_false(expr)) {
      plain(is_true(expr) ? "true" : "false");
    } else {
      out.parts.push_back({"", {expr}, span});
    }
  }

  Expr text(const StringExpr& string, Span span) {
    StringExpr out;
    out.form = string.form;
    if (is_xml(string)) return made(span, string);
    for (const StringPart& part : string.parts) {
      if (part.hole.empty()) {
        append(out, text_of(part.span, part.text), part.span);
      } else {
        append(out, one(part.hole.front()), part.span);
      }
    }
    return made(span, std::move(out));
  }

  // ---- lists and objects ----

  Expr elements(const ListExpr& list, Span span) {
    ListExpr out;
    for (const ListItem& item : list.items) {
      Expr value = one(item.value.front());
      const auto* inner = item.spread ? node<ListExpr>(value) : nullptr;
      if (inner != nullptr) {
        out.items.insert(out.items.end(), inner->items.begin(), inner->items.end());
      } else {
        out.items.push_back({{std::move(value)}, item.spread, item.span});
      }
    }
    return made(span, std::move(out));
  }

  /// A later member of one name replaces an earlier one in its place, unless something of unknown
  /// names stands between.
  static void put(ObjectExpr& out, ObjectEntry entry) {
    if (entry.kind == EntryKind::named) {
      for (auto at = out.entries.rbegin(); at != out.entries.rend(); ++at) {
        if (at->kind != EntryKind::named) break;
        if (at->name.text != entry.name.text) continue;
        *at = std::move(entry);
        return;
      }
    }
    out.entries.push_back(std::move(entry));
  }

  void add(ObjectExpr& out, const ObjectEntry& entry) {
    ObjectEntry more = entry;
    more.value.front() = one(entry.value.front());
    if (entry.kind == EntryKind::computed) {
      more.key.front() = one(entry.key.front());
      if (const auto name = constant(more.key.front())) {
        more.kind = EntryKind::named;
        more.name = {*name, more.key.front().span};
        more.key.clear();
      }
    }
    const auto* inner =
        more.kind == EntryKind::spread ? node<ObjectExpr>(more.value.front()) : nullptr;
    if (inner == nullptr) return put(out, std::move(more));
    for (const ObjectEntry& each : inner->entries) put(out, each);
  }

  Expr members(const ObjectExpr& object, Span span) {
    ObjectExpr out;
    for (const ObjectEntry& entry : object.entries) add(out, entry);
    return made(span, std::move(out));
  }

  /// `{ a: x }.a`
  static Expr member_of(grammar::MemberExpr member, Span span) {
    if (const auto* object = node<ObjectExpr>(member.base.front())) {
      const bool known =
          std::all_of(object->entries.begin(), object->entries.end(),
                      [](const ObjectEntry& entry) { return entry.kind == EntryKind::named; });
      for (const ObjectEntry& entry : object->entries) {
        if (known && entry.name.text == member.name.text) return entry.value.front();
      }
    }
    return made(span, std::move(member));
  }

  /// Runs `take` for each element of a list that is written out; false when it isn't.
  template <class Each, class Take>
  bool each_element(const Each& each, Take take) {
    const Expr source = one(each.source.front());
    const auto* list = node<ListExpr>(source);
    if (list == nullptr || each.names.size() != 1) return false;
    if (std::any_of(list->items.begin(), list->items.end(),
                    [](const ListItem& item) { return item.spread; })) {
      return false;
    }
    for (const ListItem& item : list->items) {
      Frame inner = names_;
      inner[each.names.front().text] = item.value.front();
      Simplifier within = nested(inner);
      const Expr kept = each.condition.empty()
                            ? made(each.source.front().span, Literal{LiteralKind::boolean, "true"})
                            : within.one(each.condition.front());
      if (is_false(kept)) continue;
      if (!is_true(kept)) return false;
      take(within);
    }
    return true;
  }

  Expr each_of(const grammar::ListComprehension& each, Span span) {
    ListExpr list;
    if (each_element(each, [&](Simplifier& within) {
          list.items.push_back({{within.one(each.element.front())}, false, span});
        })) {
      return made(span, std::move(list));
    }
    grammar::ListComprehension out = each;
    Frame inner = renamed(out.names);
    Simplifier within = nested(inner);
    out.source.front() = one(each.source.front());
    out.element.front() = within.one(each.element.front());
    for (Expr& condition : out.condition) condition = within.one(condition);
    return made(span, std::move(out));
  }

  Expr each_of(const grammar::ObjectComprehension& each, Span span) {
    ObjectExpr object;
    if (each_element(each, [&](Simplifier& within) { within.add(object, each.entry); }))
      return made(span, std::move(object));
    grammar::ObjectComprehension out = each;
    Frame inner = renamed(out.names);
    Simplifier within = nested(inner);
    out.source.front() = one(each.source.front());
    for (Expr& key : out.entry.key) key = within.one(key);
    out.entry.value.front() = within.one(each.entry.value.front());
    for (Expr& condition : out.condition) condition = within.one(condition);
    return made(span, std::move(out));
  }

  /// Inside of a function a name that it binds itself must not catch one that a caller wrote.
  Frame renamed(std::vector<grammar::Name>& bound) const {
    Frame inner = names_;
    for (grammar::Name& name : bound) {
      if (names_.empty()) continue;
      const std::string before = name.text;
      name.text += "'" + std::to_string(depth_);
      inner[before] = made(name.span, grammar::NameExpr{name});
    }
    return inner;
  }

  // ---- calls, choices ----

  Expr called(const CallExpr& call, Span span) {
    CallExpr out = call;
    for (grammar::Argument& argument : out.arguments)
      argument.value.front() = one(argument.value.front());
    const grammar::FnDecl* function = depth_ < deepest ? function_of_(call) : nullptr;
    if (function != nullptr && !function->body.empty()) {
      const Frame inner = frame_of(function->params, out.arguments);
      return nested(inner).one(function->body.front());
    }
    const bool literal = std::all_of(
        out.arguments.begin(), out.arguments.end(),
        [](const grammar::Argument& argument) { return is_literal(argument.value.front()); });
    if (auto text = literal ? std::nullopt : joined(out, span)) return std::move(*text);
    Expr all = made(span, std::move(out));
    return literal ? evaluated(std::move(all)) : all;
  }

  /// `join(["a={x}", "b"], " ")`
  static std::optional<Expr> joined(const CallExpr& call, Span span) {
    if (call.callee.text != "join" || call.arguments.empty()) return std::nullopt;
    const auto* list = node<ListExpr>(call.arguments.front().value.front());
    const Expr* given = argument(call.arguments, 1, "separator");
    const auto between = given == nullptr ? std::optional<std::string>("") : constant(*given);
    if (list == nullptr || !between) return std::nullopt;
    StringExpr out;
    for (const ListItem& item : list->items) {
      const bool text = node<StringExpr>(item.value.front()) != nullptr;
      if (item.spread || !text) return std::nullopt;
      if (&item != list->items.data()) append(out, text_of(span, *between), span);
      append(out, item.value.front(), span);
    }
    return made(span, std::move(out));
  }

  Expr connected(const BinaryExpr& binary, Span span) {
    BinaryExpr out = binary;
    for (Expr& operand : out.operands) operand = one(operand);
    const Expr& left = out.operands[0];
    const Expr& right = out.operands[1];
    const bool known = is_literal(left);
    if (out.op == BinaryOp::coalesce && known) return is_null(left) ? right : left;
    if (out.op == BinaryOp::and_ && known) return is_true(left) ? right : left;
    if (out.op == BinaryOp::or_ && known) return is_false(left) ? right : left;
    if (known && is_literal(right)) return evaluated(made(span, std::move(out)));
    const bool texts = node<StringExpr>(left) != nullptr || node<StringExpr>(right) != nullptr;
    if (out.op != BinaryOp::add || !texts) return made(span, std::move(out));
    StringExpr text;
    append(text, left, span);
    append(text, right, span);
    return made(span, std::move(text));
  }

  Expr chosen(const grammar::IfExpr& choice, Span span) {
    const Expr condition = one(choice.parts[0]);
    if (is_true(condition)) return one(choice.parts[1]);
    if (is_false(condition)) return one(choice.parts[2]);
    grammar::IfExpr out;
    out.parts = {condition, one(choice.parts[1]), one(choice.parts[2])};
    return made(span, std::move(out));
  }

  Simplifier nested(const Frame& names) const {
    Simplifier out(names, function_of_);
    out.depth_ = depth_ + 1;
    return out;
  }

  const Frame& names_;
  const FunctionOf& function_of_;
  int depth_ = 0;
};

}  // namespace

Frame frame_of(const std::vector<grammar::FnParam>& params,
               const std::vector<grammar::Argument>& arguments) {
  Frame out;
  for (std::size_t i = 0; i < params.size(); ++i) {
    const grammar::FnParam& param = params[i];
    const Expr* value = argument(arguments, i, param.name.text);
    if (value == nullptr && !param.default_value.empty()) value = &param.default_value.front();
    if (value != nullptr) out[param.name.text] = *value;
  }
  return out;
}

Expr simplified(const Expr& expr, const Frame& names, const FunctionOf& function_of) {
  return Simplifier(names, function_of).one(expr);
}

}  // namespace fconn::exporter
