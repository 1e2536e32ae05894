// What becomes of an answer: rows, filters, templates of rows, the next page.
#include <algorithm>

#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

using grammar::BinaryOp;
using grammar::CallExpr;

Yaml step(std::string strategy, Yaml configuration) {
  Yaml out;
  out.add("strategy", Yaml::text(std::move(strategy)));
  out.add("configuration", std::move(configuration));
  return out;
}

void unwrap(Yaml& steps, const std::vector<Step>& path) {
  Yaml configuration;
  configuration.add("data_path", Yaml::text(fides_path(path)));
  steps.push(step("unwrap", std::move(configuration)));
}

// ---- filters -----------------------------------------------------------------------------------

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
    if (const CallExpr* flat = call_of(expr, "flatten"); flat != nullptr && flat->arguments.size() == 1) {
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
    if (const auto* each = node<grammar::ListComprehension>(*right); each != nullptr && each->condition.empty()) {
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
    if (const auto* inner = node<grammar::ListComprehension>(*source); inner != nullptr && inner->condition.empty()) {
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

  /// The condition of a list against a list: `[wanted for wanted in xs if contains(found, wanted)] != []`.
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
    if (const auto* inner = node<grammar::ListComprehension>(*nested_)) nested_ = &inner->source.front();
    return true;
  }

  Scope& scope_;
  std::string root_;
  const Expr* nested_ = nullptr;
};

/// `keep c.id != null`, which only makes a read wait for its inputs.
bool only_waits(Scope& scope, const Expr& condition) {
  const auto* unequal = binary(condition, BinaryOp::not_equal);
  if (unequal == nullptr || !is_null(unequal->operands[1]) || scope.inputs() == nullptr) return false;
  const auto path = path_of(unequal->operands[0]);
  if (!path || scope.inputs()->find(path->root) == nullptr) return false;
  return scope.hole(unequal->operands[0], Use::strict).has_value();
}

// ---- pages -------------------------------------------------------------------------------------

class Paginate {
 public:
  Paginate(Scope& scope, const grammar::PaginateClause& clause, Span span,
           const grammar::Request& request, const std::string& collection)
      : scope_(scope), clause_(clause), span_(span), request_(request), collection_(collection) {}

  Yaml write() {
    const std::string& name = clause_.strategy.text;
    if (name == "link" || name == "fides_link") {
      link();
    } else if (name == "link_header") {
      const Expr* rel = given(0, "rel");
      configuration_.add("source", Yaml::text("headers"));
      configuration_.add("rel", Yaml::text(rel == nullptr ? "next" : constant(*rel).value_or("")));
    } else if (name == "offset") {
      offset();
    } else if (name == "after_last") {
      cursor(0, 1, "field", "has_next");
    } else if (name == "cursor") {
      cursor(1, 0, "token", "has_more");
    } else {
      refuse(span_, "Fides pages by links, an offset or a cursor, not by `" + name + "`");
    }
    if (failed_) return {};
    return step(kind_, std::move(configuration_));
  }

 private:
  void refuse(Span span, const std::string& text, const std::string& help = {}) {
    scope_.context().error(span, text, help);
    failed_ = true;
  }
  const Expr* given(std::size_t place, std::string_view name) const {
    return argument(clause_.arguments, place, name);
  }

  /// Arguments that Fides' strategy has nothing for.
  void none_of(std::initializer_list<std::string_view> names) {
    for (const grammar::Argument& one : clause_.arguments) {
      if (one.name && std::find(names.begin(), names.end(), one.name->text) != names.end())
        refuse(one.span, "Fides' pages have no counterpart to `" + one.name->text + "`");
    }
  }

  std::string body_path(const Expr& expr) {
    const auto path = path_of(expr);
    if (path && path->root.empty() && !path->steps.empty()) return fides_path(path->steps);
    refuse(expr.span, "Fides looks for the next page at a path of the answer");
    return "";
  }

  /// `.meta.more`, or the importer's `lower("{.meta.more ?? false}") == "true"`.
  void has_next(const Expr* expr) {
    if (expr == nullptr) return;
    const Expr* at = expr;
    const auto* equal = binary(*expr, BinaryOp::equal);
    const CallExpr* lower = equal == nullptr ? nullptr : call_of(equal->operands[0], "lower");
    const auto* string = lower == nullptr ? nullptr : node<grammar::StringExpr>(lower->arguments[0].value.front());
    if (string != nullptr && string->parts.size() == 1 && !string->parts[0].hole.empty() &&
        constant(equal->operands[1]) == "true") {
      at = &string->parts[0].hole.front();
    }
    if (const auto* either = binary(*at, BinaryOp::coalesce)) at = &either->operands[0];
    configuration_.add("has_next", Yaml::text(body_path(*at)));
  }

  void link() {
    const Expr* target = given(0, clause_.strategy.text == "link" ? "path" : "link");
    if (target == nullptr) return refuse(span_, "there is no link to follow");
    const auto path = path_of(*target);
    const bool header = path && path->root == "links" && path->steps.size() == 1;
    configuration_.add("source", Yaml::text(header ? "headers" : "body"));
    configuration_.add(header ? "rel" : "path",
                       Yaml::text(header ? path->steps.front().text : body_path(*target)));
    has_next(argument(clause_.arguments, ~std::size_t{0}, "has_next"));
  }

  void offset() {
    kind_ = "offset";
    none_of({"total", "has_more", "until_short", "first"});
    const Expr* param = given(0, "param");
    const Expr* by = given(1, "by");
    const auto name = param == nullptr ? std::nullopt : constant(*param);
    const auto amount = by == nullptr ? std::nullopt : whole_number(*by);
    if (!name || !amount) return refuse(span_, "Fides counts a named parameter up by a whole number");
    if (!sent(*name)) refuse(span_, "Fides counts on from the request's `" + *name + "`, which it doesn't have", "write it into `query`");
    configuration_.add("incremental_param", Yaml::text(*name));
    configuration_.add("increment_by", Yaml::word(*amount));
    const Expr* limit = given(2, "limit");
    if (limit == nullptr) return;
    if (const auto number = whole_number(*limit)) {
      configuration_.add("limit", Yaml::word(*number));
      return;
    }
    const CallExpr* cast = call_of(*limit, "int");
    const Expr& setting = cast == nullptr ? *limit : cast->arguments.front().value.front();
    if (scope_.context().params.count(std::string(name_of(setting))) == 0)
      return refuse(limit->span, "Fides takes a limit from a number or a parameter");
    Yaml from;
    from.add("connector_param", Yaml::text(std::string(name_of(setting))));
    configuration_.add("limit", std::move(from));
  }

  bool sent(const std::string& name) const {
    for (const grammar::Clause& clause : request_.clauses) {
      const auto* query = std::get_if<grammar::QueryClause>(&clause.node);
      const auto* object = query == nullptr ? nullptr : node<grammar::ObjectExpr>(query->value.front());
      if (object == nullptr) continue;
      for (const grammar::ObjectEntry& one : object->entries) {
        if (one.name.text == name) return true;
      }
    }
    return false;
  }

  void cursor(std::size_t param_place, std::size_t field_place, const char* field_name,
              const char* more) {
    kind_ = "cursor";
    none_of({"to_header", "to_body"});
    const Expr* param = given(param_place, "param");
    const Expr* field = given(field_place, field_name);
    const auto name = param == nullptr ? std::nullopt : constant(*param);
    if (!name || field == nullptr) return refuse(span_, "Fides passes a cursor on in a query parameter");
    configuration_.add("cursor_param", Yaml::text(*name));
    configuration_.add("field", Yaml::text(cursor_field(*field)));
    has_next(given(2, more));
  }

  /// `"id"`, `.next`, or the importer's `last(.data ?? []).id ?? .id`.
  std::string cursor_field(const Expr& field) {
    if (const auto name = constant(field)) return fides_path({{*name, false, false}});
    if (const auto* either = binary(field, BinaryOp::coalesce)) return body_path(either->operands[1]);
    const auto path = path_of(field);
    const bool of_row = path && path->root.empty() && !path->steps.empty() &&
                        scope_.context().field_at(collection_, {path->steps.front()}) != nullptr;
    if (of_row) {
      refuse(field.span, "Fides looks for `" + path->steps.front().text +
                             "` in the last row first, where `fields` has one");
    }
    return body_path(field);
  }

  Scope& scope_;
  const grammar::PaginateClause& clause_;
  Span span_;
  const grammar::Request& request_;
  const std::string& collection_;
  std::string kind_ = "link";
  Yaml configuration_;
  bool failed_ = false;
};

/// `.a.b[].c`: a data_path, and an `unwrap` for each list on the way.
bool split_rows(Scope& scope, const Expr& expr, RowParts& out) {
  const auto path = path_of(expr);
  if (!path || !path->root.empty()) {
    scope.context().error(expr.span, "Fides finds rows at a path of the answer alone");
    return false;
  }
  std::vector<Step> part;
  bool first = true;
  const auto flush = [&] {
    if (first) out.data_path = fides_path(part);
    if (!first) unwrap(out.steps, part);
    first = false;
    part.clear();
  };
  for (const Step& one : path->steps) {
    if (one.each) {
      flush();
    } else {
      part.push_back(one);
    }
  }
  if (first || !part.empty()) flush();
  return true;
}

}  // namespace

bool add_filters(Scope& scope, const Expr& condition, bool of_row, Yaml& steps) {
  if (const auto* both = binary(condition, BinaryOp::and_)) {
    return std::all_of(both->operands.begin(), both->operands.end(), [&](const Expr& one) {
      return add_filters(scope, one, of_row, steps);
    });
  }
  if (!of_row && only_waits(scope, condition)) return true;
  const auto found = FilterReader(scope, of_row).read(condition);
  if (!found) {
    scope.context().error(condition.span,
                          "Fides' filters compare a field with a text, an identity or the fields of another collection",
                          "`.field == identity`, `identity in .fields[]`, `contains(lower(.field ?? \"\"), lower(identity))`");
    return false;
  }
  Yaml configuration;
  configuration.add("field", Yaml::text(found->field));
  configuration.add("value", found->value);
  if (!found->exact) configuration.add("exact", Yaml::word("false"));
  if (!found->sensitive) configuration.add("case_sensitive", Yaml::word("false"));
  steps.push(step("filter", std::move(configuration)));
  return true;
}

void add_rows(Scope& scope, const grammar::Request& request, const std::string& collection,
              RowParts& out) {
  for (const grammar::Clause& clause : request.clauses) {
    if (const auto* rows = std::get_if<grammar::RowsClause>(&clause.node)) {
      split_rows(scope, rows->value.front(), out);
    } else if (const auto* keep = std::get_if<grammar::KeepClause>(&clause.node)) {
      add_filters(scope, keep->value.front(), false, out.steps);
    } else if (const auto* map = std::get_if<grammar::MapClause>(&clause.node)) {
      const auto path = path_of(map->value.front());
      if (path && path->root.empty() && !path->steps.empty()) {
        unwrap(out.steps, path->steps);
        continue;
      }
      scope.in_map = true;
      if (auto json = json_template(scope, map->value.front())) out.output = std::move(*json);
      scope.in_map = false;
    } else if (std::holds_alternative<grammar::TakeClause>(clause.node)) {
      scope.context().error(clause.span, "Fides takes every row: it has no counterpart to `take`");
    } else if (const auto* paginate = std::get_if<grammar::PaginateClause>(&clause.node)) {
      out.pagination = Paginate(scope, *paginate, clause.span, request, collection).write();
    }
  }
}

}  // namespace fconn::exporter
