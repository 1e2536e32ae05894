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

class Paginate : Writer {
 public:
  Paginate(Scope& scope, const grammar::PaginateClause& clause, Span span,
           const grammar::Request& request, const std::string& collection)
      : Writer(scope.context()),
        scope_(scope),
        clause_(clause),
        span_(span),
        request_(request),
        collection_(collection) {
    for (grammar::Argument& one : clause_.arguments)
      one.value.front() = scope_.simple(one.value.front());
  }

  Yaml write() {
    const std::string& name = clause_.strategy.text;
    const auto own = context_.paginations.find(name);
    if (own != context_.paginations.end() && name != "fides_link") {
      of_file(*own->second);
    } else if (name == "link" || name == "fides_link") {
      link();
    } else if (name == "link_header") {
      const Expr* rel = given(0, "rel");
      configuration_.add("source", Yaml::text("headers"));
      configuration_.add("rel", Yaml::text(rel == nullptr ? "next" : constant(*rel).value_or("")));
    } else if (name == "offset") {
      none_of({"total", "has_more"});
      until_short("until_short");
      offset(given(1, "by"), given(2, "limit"));
    } else if (name == "page") {
      none_of({"pages", "total", "has_more"});
      until_short("size");
      page();
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
  const Expr* given(std::size_t place, std::string_view name) const {
    return argument(clause_.arguments, place, name);
  }

  /// Arguments that Fides' strategy has nothing for.
  void none_of(std::initializer_list<std::string_view> names) {
    const bool counted = clause_.strategy.text == "page" || clause_.strategy.text == "offset";
    for (const grammar::Argument& one : clause_.arguments) {
      if (one.name && std::find(names.begin(), names.end(), one.name->text) != names.end())
        refuse(one.span, "Fides' pages have no counterpart to `" + one.name->text + "`",
               counted ? "Fides asks until a page is empty; where the API says a link or a cursor, "
                         "page by that"
                       : "");
    }
  }

  /// The page behind a full last one is asked for, too: an API that is paged so gives empty ones.
  void until_short(std::string_view name) {
    for (const grammar::Argument& one : clause_.arguments) {
      if (one.name && one.name->text == name && !is_boolean(one.value.front(), "false"))
        context_.warn(one.span, "Fides asks until a page is empty: once more than here");
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
    if (const auto* either = binary(*at, BinaryOp::coalesce)) {
      if (is_boolean(either->operands[1], "true"))
        refuse(expr->span, "Fides ends where the answer doesn't say that there is more",
               "without `?? true` this does so, too");
      at = &either->operands[0];
    }
    // The importer's `last(…).more ?? .more`.
    if (const auto* either = binary(*at, BinaryOp::coalesce)) at = &either->operands[1];
    configuration_.add("has_next", Yaml::text(body_path(*at)));
  }

  void link() {
    const Expr* target = given(0, clause_.strategy.text == "link" ? "path" : "link");
    if (target == nullptr) return refuse(span_, "there is no link to follow");
    link_at(*target);
    has_next(argument(clause_.arguments, ~std::size_t{0}, "has_next"));
  }

  void link_at(const Expr& target) {
    const auto path = path_of(target);
    const bool header = path && path->root == "links" && path->steps.size() == 1;
    configuration_.add("source", Yaml::text(header ? "headers" : "body"));
    configuration_.add(header ? "rel" : "path",
                       Yaml::text(header ? path->steps.front().text : body_path(target)));
  }

  void page() {
    Expr one;
    one.span = span_;
    one.node = grammar::Literal{grammar::LiteralKind::integer, "1"};
    offset(&one, nullptr);
  }

  void offset(const Expr* by, const Expr* limit) {
    kind_ = "offset";
    const Expr* param = given(0, "param");
    const auto name = param == nullptr ? std::nullopt : constant(*param);
    const auto amount = by == nullptr ? std::nullopt : whole_number(*by);
    if (!name || !amount)
      return refuse(span_, "Fides counts a named parameter up by a whole number");
    const auto sent = sent_as(*name);
    if (!sent) {
      refuse(span_, "Fides counts on from the request's `" + *name + "`, which it doesn't have",
             "write it into `query`");
    } else if (!whole_number(*sent)) {
      refuse(sent->span, "Fides counts on from a number that stands in `query`, not from a value");
    }
    configuration_.add("incremental_param", Yaml::text(*name));
    configuration_.add("increment_by", Yaml::word(*amount));
    if (limit == nullptr) return;
    if (const auto number = whole_number(*limit)) {
      configuration_.add("limit", Yaml::word(*number));
      return;
    }
    const CallExpr* cast = call_of(*limit, "int");
    const Expr& setting = cast == nullptr ? *limit : cast->arguments.front().value.front();
    if (context_.params.count(std::string(name_of(setting))) == 0)
      return refuse(limit->span, "Fides takes a limit from a number or a parameter");
    Yaml from;
    from.add("connector_param", Yaml::text(std::string(name_of(setting))));
    configuration_.add("limit", std::move(from));
  }

  /// What the first request says; null when it doesn't.
  std::optional<Expr> sent_as(const std::string& name) const {
    for (const grammar::Clause& clause : request_.clauses) {
      const auto* query = std::get_if<grammar::QueryClause>(&clause.node);
      if (query == nullptr) continue;
      const Expr simple = scope_.simple(query->value.front());
      const auto* object = node<grammar::ObjectExpr>(simple);
      if (object == nullptr) continue;
      for (const grammar::ObjectEntry& one : object->entries) {
        if (one.name.text == name) return one.value.front();
      }
    }
    return std::nullopt;
  }

  // ---- strategies of the file ----

  /// One that follows a link until there is none or a page is empty.
  void of_file(const grammar::PaginationDecl& decl) {
    Scope inner(context_);
    inner.enter(decl.params, clause_.arguments);
    const std::string what = "Fides pages by links, an offset or a cursor";
    for (const grammar::Clause& clause : decl.clauses) {
      const auto* stop = std::get_if<grammar::StopClause>(&clause.node);
      const auto* next = std::get_if<grammar::NextClause>(&clause.node);
      if (stop != nullptr && at_no_rows(inner.simple(stop->when.front()))) continue;
      if (stop != nullptr) {
        refuse(clause.span, what + ", and ends where a page is empty or leads no further");
      } else if (next == nullptr || next->part != grammar::NextPart::url) {
        refuse(clause.span, what + ", not by `" + decl.name.text + "`");
      } else {
        link_at(inner.simple(next->value.front()));
      }
    }
  }

  /// `(rows | length) == 0`, `rows == []`
  static bool at_no_rows(const Expr& condition) {
    if (const auto* either = binary(condition, BinaryOp::or_))
      return at_no_rows(either->operands[0]) && at_no_rows(either->operands[1]);
    const auto* equal = binary(condition, BinaryOp::equal);
    if (equal == nullptr) return false;
    const auto* length = call_of(equal->operands[0], "length");
    if (length != nullptr)
      return name_of(length->arguments.front().value.front()) == "rows" &&
             whole_number(equal->operands[1]) == "0";
    const auto* list = node<grammar::ListExpr>(equal->operands[1]);
    return name_of(equal->operands[0]) == "rows" && list != nullptr && list->items.empty();
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
    if (path && path->root.empty() && !path->steps.empty()) in_last_row(path->steps, field.span);
    return body_path(field);
  }

  /// Fides looks for the cursor in the last row first.
  void in_last_row(const std::vector<Step>& steps, Span span) {
    const std::string where = "Fides looks for `" + fides_path(steps) + "` in the last row first";
    if (context_.field_at(collection_, steps) != nullptr)
      return refuse(span, where + ", where `fields` has one");
    for (std::size_t size = steps.size() - 1; size > 0; --size) {
      const grammar::Field* around = context_.field_at(
          collection_, {steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(size)});
      if (around == nullptr) continue;
      if (around->type.fields.empty())
        context_.warn(span, where + ", whose `" + around->name.text + "` may hold one");
      return;
    }
  }

  Scope& scope_;
  grammar::PaginateClause clause_;
  Span span_;
  const grammar::Request& request_;
  const std::string& collection_;
  std::string kind_ = "link";
  Yaml configuration_;
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

/// `keep . != {}`: an answer that is an empty object gives no row in Fides.
bool drops_nothing(const grammar::Request& request, const Expr& condition) {
  const auto* unequal = binary(condition, BinaryOp::not_equal);
  const auto* object =
      unequal == nullptr ? nullptr : node<grammar::ObjectExpr>(unequal->operands[1]);
  const auto path = object == nullptr ? std::nullopt : path_of(unequal->operands[0]);
  return path && path->root.empty() && path->steps.empty() && object->entries.empty() &&
         std::none_of(request.clauses.begin(), request.clauses.end(), [](const auto& clause) {
           return std::holds_alternative<grammar::RowsClause>(clause.node);
         });
}

/// Fills a template for each row, and once where there is none.
void add_map(Scope& scope, const grammar::MapClause& map, Span span, RowParts& out) {
  const Expr value = scope.simple(map.value.front());
  const auto path = path_of(value);
  if (path && path->root.empty() && !path->steps.empty()) return unwrap(out.steps, path->steps);
  scope.in_map = true;
  const auto json = json_template(scope, map.value.front());
  scope.in_map = false;
  if (!json) return;
  out.output = *json;
  if (json->find("<all_object_fields") == std::string::npos) {
    scope.context().error(span, "Fides makes such a row even where nothing is found",
                          "`...(.)` puts the row's own fields in");
  } else {
    scope.context().warn(span,
                         "Fides fails where nothing is found: the template has no row to take");
  }
}

}  // namespace

void add_rows(Scope& scope, const grammar::Request& request, const std::string& collection,
              RowParts& out) {
  for (const grammar::Clause& clause : request.clauses) {
    if (const auto* rows = std::get_if<grammar::RowsClause>(&clause.node)) {
      split_rows(scope, scope.simple(rows->value.front()), out);
    } else if (const auto* keep = std::get_if<grammar::KeepClause>(&clause.node)) {
      if (!drops_nothing(request, scope.simple(keep->value.front())))
        add_filters(scope, keep->value.front(), false, out.steps);
    } else if (const auto* map = std::get_if<grammar::MapClause>(&clause.node)) {
      add_map(scope, *map, clause.span, out);
    } else if (std::holds_alternative<grammar::TakeClause>(clause.node)) {
      scope.context().error(clause.span, "Fides takes every row: it has no counterpart to `take`");
    } else if (const auto* paginate = std::get_if<grammar::PaginateClause>(&clause.node)) {
      out.pagination = Paginate(scope, *paginate, clause.span, request, collection).write();
    }
  }
  const bool counts =
      !out.pagination.members.empty() && out.pagination.members.front().value.scalar == "offset";
  if (counts && !out.output.empty())
    scope.context().error(request.span,
                          "Fides repeats the last row where a page is empty: `map` and pages that "
                          "are counted don't go together");
}

}  // namespace fconn::exporter
