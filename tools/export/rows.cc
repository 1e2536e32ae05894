// What becomes of an answer: rows, filters, templates of rows, the next page.
#include <algorithm>

#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

using grammar::BinaryOp;
using grammar::CallExpr;

void unwrap(Yaml& steps, const std::vector<Step>& path) {
  Yaml configuration;
  configuration.add("data_path", Yaml::text(fides_path(path)));
  steps.push(strategy("unwrap", std::move(configuration)));
}

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
    return strategy(kind_, std::move(configuration_));
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
    const auto* string =
        lower == nullptr ? nullptr : node<grammar::StringExpr>(lower->arguments[0].value.front());
    if (string != nullptr && string->parts.size() == 1 && !string->parts[0].hole.empty() &&
        constant(equal->operands[1]) == "true") {
      at = &string->parts[0].hole.front();
    }
    if (const auto* either = binary(*at, BinaryOp::coalesce)) at = &either->operands[0];
    // The importer's `last(…).more ?? .more`.
    if (const auto* either = binary(*at, BinaryOp::coalesce)) at = &either->operands[1];
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
    if (!name || !amount)
      return refuse(span_, "Fides counts a named parameter up by a whole number");
    if (!sent(*name))
      refuse(span_, "Fides counts on from the request's `" + *name + "`, which it doesn't have",
             "write it into `query`");
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
      const auto* object =
          query == nullptr ? nullptr : node<grammar::ObjectExpr>(query->value.front());
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
    if (!name || field == nullptr)
      return refuse(span_, "Fides passes a cursor on in a query parameter");
    configuration_.add("cursor_param", Yaml::text(*name));
    configuration_.add("field", Yaml::text(cursor_field(*field)));
    has_next(given(2, more));
  }

  /// `"id"`, `.next`, or the importer's `last(.data ?? []).id ?? .id`.
  std::string cursor_field(const Expr& field) {
    if (const auto name = constant(field)) return fides_path({{*name, false, false}});
    if (const auto* either = binary(field, BinaryOp::coalesce))
      return body_path(either->operands[1]);
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

/// The steps of a path of the answer, through what the importer wraps around a list that may be one
/// object.
std::optional<Path> rows_path(const Expr& expr) {
  for (const std::string_view around : {"flatten", "without_nulls"}) {
    const CallExpr* call = call_of(expr, around);
    if (call == nullptr || call->arguments.size() != 1) continue;
    const Expr& inner = call->arguments.front().value.front();
    const auto* list = node<grammar::ListExpr>(inner);
    const bool one = list != nullptr && list->items.size() == 1 && !list->items.front().spread;
    return rows_path(one ? list->items.front().value.front() : inner);
  }
  std::optional<Path> out;
  if (const auto* member = node<grammar::MemberExpr>(expr)) {
    out = rows_path(member->base.front());
    if (out) out->steps.push_back({member->name.text, false, false});
    return out;
  }
  if (const auto* each = node<grammar::EachExpr>(expr)) {
    out = rows_path(each->base.front());
    if (out) out->steps.push_back({"", false, true});
    return out;
  }
  return path_of(expr);
}

/// `.a.b[].c`: a data_path, and an `unwrap` for each list on the way.
bool split_rows(Scope& scope, const Expr& expr, RowParts& out) {
  const auto path = rows_path(expr);
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
