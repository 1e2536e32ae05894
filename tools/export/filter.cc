// Conditions on rows, as `filter` postprocessors.
#include <algorithm>

#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

using grammar::BinaryOp;
using grammar::CallExpr;

/// One comparison of a row's field.
struct Comparison {
  std::string field;
  Yaml value;
  bool exact = true, sensitive = true;
};

/// How the importer writes a filter, read backwards, and what comes close to it.
class FilterReader {
 public:
  FilterReader(Scope& scope, bool of_row) : scope_(scope), root_(of_row ? "row" : "") {}

  std::optional<Comparison> read(const Expr& condition) {
    if (const auto* equal = binary(condition, BinaryOp::equal)) return compared(*equal, true);
    if (const auto* in = binary(condition, BinaryOp::in)) return compared(*in, false);
    if (const auto* contains = call_of(condition, "contains")) return contained(*contains);
    if (const auto* some = binary(condition, BinaryOp::not_equal)) return any_of(*some);
    return std::nullopt;
  }

 private:
  /// The inside of `lower(x)`; notes that case doesn't count.
  const Expr& plain(const Expr& expr, Comparison& out) {
    const CallExpr* lower = call_of(expr, "lower");
    if (lower == nullptr || lower->arguments.size() != 1) return expr;
    out.sensitive = false;
    return lower->arguments.front().value.front();
  }

  /// `x ?? ""`
  static const Expr& or_empty(const Expr& expr) {
    const auto* either = binary(expr, BinaryOp::coalesce);
    return either != nullptr && constant(either->operands[1]) == "" ? either->operands[0] : expr;
  }

  /// A field of the row, through whatever lists there are.
  std::optional<std::string> field(const Expr& expr) const {
    const auto steps = steps_of(expr);
    if (!steps || steps->empty()) return std::nullopt;
    return fides_path(*steps);
  }

  std::optional<std::vector<Step>> steps_of(const Expr& expr) const {
    if (const auto path = path_of(expr)) {
      if (path->root != root_) return std::nullopt;
      return path->steps;
    }
    if (const CallExpr* flat = call_of(expr, "flatten");
        flat != nullptr && flat->arguments.size() == 1) {
      const Expr& inner = flat->arguments.front().value.front();
      const auto* list = node<grammar::ListExpr>(inner);
      const bool one = list != nullptr && list->items.size() == 1 && !list->items.front().spread;
      return steps_of(one ? list->items.front().value.front() : inner);
    }
    std::optional<std::vector<Step>> out;
    if (const auto* member = node<grammar::MemberExpr>(expr)) {
      out = steps_of(member->base.front());
      if (out) out->push_back({member->name.text, false, false});
    } else if (const auto* each = node<grammar::EachExpr>(expr)) {
      out = steps_of(each->base.front());
    }
    return out;
  }

  /// A constant, an identity, or all values of another collection's field.
  std::optional<Yaml> wanted(const Expr& expr, bool list) {
    Context& context = scope_.context();
    const std::string name(name_of(expr));
    const auto text = constant(expr);
    if (text && !list) return Yaml::text(*text);
    Yaml out;
    if (context.identities.count(name) != 0 && !list) {
      out.add("identity", Yaml::text(name));
      scope_.mentioned.insert(name);
      return out;
    }
    const Binding* binding = scope_.inputs() == nullptr ? nullptr : scope_.inputs()->find(name);
    if (binding == nullptr || binding->kind != Binding::Kind::batch || !list) return std::nullopt;
    std::vector<Step> path = binding->path;
    std::erase_if(path, [](const Step& one) { return one.each; });
    if (path.size() != 1) return std::nullopt;
    out.add("dataset_reference", Yaml::text(std::string(instance_key) + "." + binding->collection +
                                            "." + path.front().text));
    return out;
  }

  std::optional<Comparison> made(Comparison out, std::optional<std::string> name,
                                 std::optional<Yaml> value) const {
    if (!name || !value) return std::nullopt;
    out.field = std::move(*name);
    out.value = std::move(*value);
    return out;
  }

  /// `.a == x`, `x == .a`, `.a in xs`, `x in .a[]`, `x in [lower(found) for found in .a[]]`
  std::optional<Comparison> compared(const grammar::BinaryExpr& expr, bool equal) {
    Comparison out;
    const Expr& left = plain(expr.operands[0], out);
    const Expr* right = &plain(expr.operands[1], out);
    if (const auto* each = node<grammar::ListComprehension>(*right);
        each != nullptr && each->condition.empty()) {
      const Expr& element = plain(each->element.front(), out);
      if (each->names.size() == 1 && name_of(element) == each->names.front().text)
        right = &each->source.front();
    }
    if (auto name = field(left)) return made(out, std::move(name), wanted(*right, !equal));
    return made(out, field(*right), wanted(left, false));
  }

  /// `contains(.a ?? "", x)`
  std::optional<Comparison> contained(const CallExpr& call) {
    if (call.arguments.size() != 2) return std::nullopt;
    Comparison out;
    out.exact = false;
    const Expr& text = or_empty(plain(call.arguments[0].value.front(), out));
    const Expr& part = plain(call.arguments[1].value.front(), out);
    return made(out, field(text), wanted(part, false));
  }

  /// `[found for found in .a[] if …] != []`, `[wanted for wanted in xs if …] != []`
  std::optional<Comparison> any_of(const grammar::BinaryExpr& expr) {
    const auto* each = node<grammar::ListComprehension>(expr.operands[0]);
    const auto* none = node<grammar::ListExpr>(expr.operands[1]);
    if (each == nullptr || none == nullptr || !none->items.empty() || each->names.size() != 1 ||
        each->condition.empty()) {
      return std::nullopt;
    }
    Comparison out;
    const std::string& bound = each->names.front().text;
    const Expr& condition = each->condition.front();
    const Expr* source = &each->source.front();
    if (const auto* inner = node<grammar::ListComprehension>(*source);
        inner != nullptr && inner->condition.empty()) {
      (void)plain(inner->element.front(), out);
      source = &inner->source.front();
    }
    const CallExpr* contains = call_of(condition, "contains");
    const auto* in = binary(condition, BinaryOp::in);
    if (contains != nullptr && contains->arguments.size() == 2) {
      out.exact = false;
      const Expr& text = or_empty(plain(contains->arguments[0].value.front(), out));
      const Expr& part = plain(contains->arguments[1].value.front(), out);
      if (name_of(part) == bound) return made(out, field(text), wanted(*source, true));
      if (name_of(text) == bound) return made(out, field(*source), wanted(part, false));
    } else if (in != nullptr && name_of(plain(in->operands[0], out)) == bound) {
      return made(out, field(*source), wanted(in->operands[1], true));
    } else if (any_of_nested(condition, bound, out)) {
      return made(out, field(*source), wanted(*nested_, true));
    }
    return std::nullopt;
  }

  /// The condition of a list against a list: `[wanted for wanted in xs if contains(found, wanted)]
  /// != []`.
  bool any_of_nested(const Expr& condition, const std::string& bound, Comparison& out) {
    const auto* unequal = binary(condition, BinaryOp::not_equal);
    const auto* each =
        unequal == nullptr ? nullptr : node<grammar::ListComprehension>(unequal->operands[0]);
    if (each == nullptr || each->condition.empty()) return false;
    const CallExpr* contains = call_of(each->condition.front(), "contains");
    if (contains == nullptr || name_of(plain(contains->arguments[0].value.front(), out)) != bound)
      return false;
    out.exact = false;
    nested_ = &each->source.front();
    if (const auto* inner = node<grammar::ListComprehension>(*nested_))
      nested_ = &inner->source.front();
    return true;
  }

  Scope& scope_;
  std::string root_;
  const Expr* nested_ = nullptr;
};

/// `keep c.id != null`, which only makes a read wait for its inputs.
bool only_waits(Scope& scope, const Expr& condition) {
  const auto* unequal = binary(condition, BinaryOp::not_equal);
  if (unequal == nullptr || !is_null(unequal->operands[1]) || scope.inputs() == nullptr)
    return false;
  const auto path = path_of(unequal->operands[0]);
  const Binding* binding = path ? scope.inputs()->find(path->root) : nullptr;
  if (binding == nullptr) return false;
  // Fides compares lists with whatever the inputs are by itself.
  if (binding->kind == Binding::Kind::batch) return true;
  return scope.hole(unequal->operands[0], Use::strict).has_value();
}

}  // namespace

bool add_filters(Scope& scope, const Expr& written, bool of_row, Yaml& steps) {
  const Expr condition = scope.simple(written);
  if (const auto* both = binary(condition, BinaryOp::and_)) {
    return std::all_of(both->operands.begin(), both->operands.end(),
                       [&](const Expr& one) { return add_filters(scope, one, of_row, steps); });
  }
  if (!of_row && only_waits(scope, condition)) return true;
  const auto found = FilterReader(scope, of_row).read(condition);
  if (!found) {
    scope.context().error(condition.span,
                          "Fides' filters compare a field with a text, an identity or the fields "
                          "of another collection",
                          "`.field == identity`, `identity in .fields[]`, `contains(lower(.field "
                          "?? \"\"), lower(identity))`");
    return false;
  }
  scope.context().warn(condition.span, of_row ? "Fides picks none of the rows where one lacks `" +
                                                    found->field + "`, not the others"
                                              : "Fides drops the whole page where a row lacks `" +
                                                    found->field + "`, not that row alone");
  Yaml configuration;
  configuration.add("field", Yaml::text(found->field));
  configuration.add("value", found->value);
  if (!found->exact) configuration.add("exact", Yaml::word("false"));
  if (!found->sensitive) configuration.add("case_sensitive", Yaml::word("false"));
  steps.push(strategy("filter", std::move(configuration)));
  return true;
}

}  // namespace fconn::exporter
