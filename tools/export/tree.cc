#include "tools/export/tree.hh"

#include <algorithm>

namespace fconn::exporter {

using grammar::BinaryExpr;
using grammar::BinaryOp;
using grammar::CallExpr;
using grammar::Literal;
using grammar::LiteralKind;

const Expr& bare(const Expr& expr) {
  const Expr* at = &expr;
  while (const auto* paren = std::get_if<grammar::ParenExpr>(&at->node)) at = &paren->inner.front();
  return *at;
}

std::optional<std::string> constant(const Expr& expr) {
  const auto* string = node<grammar::StringExpr>(expr);
  if (string == nullptr || string->form == grammar::StringForm::xml ||
      string->form == grammar::StringForm::xml_block) {
    return std::nullopt;
  }
  std::string out;
  for (const grammar::StringPart& part : string->parts) {
    if (!part.hole.empty()) return std::nullopt;
    out += part.text;
  }
  return out;
}

std::optional<std::string> whole_number(const Expr& expr) {
  if (const auto* unary = node<grammar::UnaryExpr>(expr)) {
    const auto inner = whole_number(unary->operand.front());
    if (unary->op == grammar::UnaryOp::negate && inner) return "-" + *inner;
    return std::nullopt;
  }
  const auto* literal = node<Literal>(expr);
  if (literal == nullptr || literal->kind != LiteralKind::integer) return std::nullopt;
  return literal->text;
}

std::optional<std::string> seconds_of(const Expr& expr) {
  const auto* literal = node<Literal>(expr);
  if (literal == nullptr || literal->kind != LiteralKind::duration) return std::nullopt;
  const std::string& text = literal->text;
  const std::size_t unit = text.find_first_not_of("0123456789");
  if (unit == std::string::npos || unit == 0 || unit > 9) return std::nullopt;
  const std::string name = text.substr(unit);
  const std::int64_t factor = name == "s"   ? 1
                              : name == "m" ? 60
                              : name == "h" ? 3600
                              : name == "d" ? 86400
                                            : 0;
  if (factor == 0) return std::nullopt;
  return std::to_string(std::stoll(text.substr(0, unit)) * factor);
}

bool is_null(const Expr& expr) {
  const auto* literal = node<Literal>(expr);
  return literal != nullptr && literal->kind == LiteralKind::null_value;
}

bool is_boolean(const Expr& expr, std::string_view which) {
  const auto* literal = node<Literal>(expr);
  return literal != nullptr && literal->kind == LiteralKind::boolean && literal->text == which;
}

std::string_view name_of(const Expr& expr) {
  const auto* name = node<grammar::NameExpr>(expr);
  return name == nullptr ? std::string_view() : std::string_view(name->name.text);
}

std::optional<Path> path_of(const Expr& expr) {
  const Expr& at = bare(expr);
  if (std::holds_alternative<grammar::DotExpr>(at.node)) return Path{};
  if (const auto* name = std::get_if<grammar::NameExpr>(&at.node)) return Path{name->name.text, {}};
  std::optional<Path> out;
  if (const auto* member = std::get_if<grammar::MemberExpr>(&at.node)) {
    out = path_of(member->base.front());
    if (out) out->steps.push_back({member->name.text, false, false});
  } else if (const auto* each = std::get_if<grammar::EachExpr>(&at.node)) {
    out = path_of(each->base.front());
    if (out) out->steps.push_back({"", false, true});
  } else if (const auto* index = std::get_if<grammar::IndexExpr>(&at.node)) {
    out = path_of(index->base.front());
    const auto number = whole_number(index->index.front());
    const auto key = constant(index->index.front());
    if (!number && !key) return std::nullopt;
    if (out) out->steps.push_back({number ? *number : *key, number.has_value(), false});
  }
  return out;
}

std::string fides_path(const std::vector<Step>& steps, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < steps.size(); ++i) {
    if (steps[i].each) continue;
    if (!out.empty()) out += '.';
    for (const char c : steps[i].text) {
      if (c == '.' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

const CallExpr* call_of(const Expr& expr, std::string_view function) {
  const auto* call = node<CallExpr>(expr);
  return call != nullptr && call->callee.text == function ? call : nullptr;
}

const Expr* argument(const std::vector<grammar::Argument>& arguments, std::size_t place,
                     std::string_view name) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const grammar::Argument& one = arguments[i];
    if (one.name ? one.name->text == name : i == place) return &one.value.front();
  }
  return nullptr;
}

const BinaryExpr* binary(const Expr& expr, BinaryOp op) {
  const auto* found = node<BinaryExpr>(expr);
  return found != nullptr && found->op == op ? found : nullptr;
}

bool is_of_answer(const Expr& expr) {
  const auto any = [](const std::vector<Expr>& all) {
    return std::any_of(all.begin(), all.end(), is_of_answer);
  };
  const auto entry = [&](const grammar::ObjectEntry& one) {
    return any(one.key) || any(one.value);
  };
  return std::visit(
      grammar::Overloaded{
          [](const grammar::DotExpr&) { return true; },
          [](const grammar::NameExpr& one) {
            const std::string& name = one.name.text;
            return name == "status" || name == "headers" || name == "links";
          },
          [&](const grammar::StringExpr& one) {
            return std::any_of(one.parts.begin(), one.parts.end(),
                               [&](const grammar::StringPart& part) { return any(part.hole); });
          },
          [&](const grammar::MemberExpr& one) { return any(one.base); },
          [&](const grammar::IndexExpr& one) { return any(one.base) || any(one.index); },
          [&](const grammar::EachExpr& one) { return any(one.base); },
          [&](const CallExpr& one) {
            return std::any_of(one.arguments.begin(), one.arguments.end(),
                               [&](const grammar::Argument& given) { return any(given.value); });
          },
          [&](const grammar::UnaryExpr& one) { return any(one.operand); },
          [&](const BinaryExpr& one) { return any(one.operands); },
          [&](const grammar::IfExpr& one) { return any(one.parts); },
          [&](const grammar::ListExpr& one) {
            return std::any_of(one.items.begin(), one.items.end(),
                               [&](const grammar::ListItem& item) { return any(item.value); });
          },
          [&](const grammar::ObjectExpr& one) {
            return std::any_of(one.entries.begin(), one.entries.end(), entry);
          },
          [&](const grammar::ListComprehension& one) {
            return any(one.element) || any(one.source) || any(one.condition);
          },
          [&](const grammar::ObjectComprehension& one) {
            return entry(one.entry) || any(one.source) || any(one.condition);
          },
          [&](const grammar::ParenExpr& one) { return any(one.inner); },
          [](const auto&) { return false; }},
      expr.node);
}

namespace {

bool tests_null(const Expr& expr) {
  if (const BinaryExpr* either = binary(expr, BinaryOp::or_))
    return tests_null(either->operands[0]) && tests_null(either->operands[1]);
  const BinaryExpr* equal = binary(expr, BinaryOp::equal);
  return equal != nullptr && path_of(equal->operands[0]) && is_null(equal->operands[1]);
}

}  // namespace

const Expr* unless_null(const Expr& expr) {
  const auto* choice = node<grammar::IfExpr>(expr);
  const bool found = choice != nullptr && choice->parts.size() == 3 &&
                     tests_null(choice->parts[0]) && is_null(choice->parts[1]);
  return found ? &choice->parts[2] : nullptr;
}

const Expr* negated(const Expr& expr) {
  const auto* unary = node<grammar::UnaryExpr>(expr);
  const bool found = unary != nullptr && unary->op == grammar::UnaryOp::not_;
  return found ? &unary->operand.front() : nullptr;
}

const Expr* tested_for_null(const Expr& expr) {
  const auto* equal = binary(expr, grammar::BinaryOp::equal);
  return equal != nullptr && is_null(equal->operands[1]) ? &equal->operands[0] : nullptr;
}

}  // namespace fconn::exporter
