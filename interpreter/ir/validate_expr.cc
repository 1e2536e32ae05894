#include "interpreter/ir/validate_expr.hh"

#include <algorithm>
#include <array>

#include "interpreter/ir/names.hh"
#include "interpreter/value/number.hh"

namespace fconn::ir {
namespace {

bool is_request_part(std::string_view text) {
  constexpr std::array<std::string_view, 9> parts = {"method", "url",     "target", "host", "path",
                                                     "query",  "headers", "body",   "text"};
  return std::find(parts.begin(), parts.end(), text) != parts.end();
}

bool is_member_of_literal(Op op) {
  return op == Op::spread || op == Op::entry || op == Op::computed_entry;
}

}  // namespace

bool ExprCheck::refuse(std::string text) {
  failure_.kind = value::FailureKind::shape;
  failure_.text = place_.text() + ": " + std::move(text);
  return false;
}

bool ExprCheck::span(const Span& span) {
  if (span == Span{}) return true;
  const bool inside = span.file.value < connector_.files.size() && span.begin <= span.end &&
                      span.end <= connector_.files[span.file.value].text.size();
  return inside || refuse("`at` is outside the text of its file");
}

bool ExprCheck::check(const Expr& expr, const Scope& scope) {
  if (depth_ == max_nesting) {
    return refuse("nested deeper than " + std::to_string(max_nesting));
  }
  ++depth_;
  const bool good = span(expr.span) && shape(expr) && payload(expr, scope) && kids(expr, scope);
  --depth_;
  return good;
}

bool ExprCheck::kids(const Expr& expr, const Scope& scope) {
  const Place::Step key(place_, "kids");
  for (std::size_t i = 0; i < expr.kids.size(); ++i) {
    const Expr& kid = expr.kids[i];
    const Place::Step step(place_, i);
    const bool list = expr.op == Op::list && kid.op == Op::spread;
    const bool object = expr.op == Op::object && is_member_of_literal(kid.op);
    if (is_member_of_literal(kid.op) && !list && !object) {
      return refuse("op `" + std::string(name(kid.op)) + "` can't stand in `" +
                    std::string(name(expr.op)) + "`");
    }
    if (expr.op == Op::object && !object) {
      return refuse("an object holds only `entry`, `computed_entry` and `spread`");
    }
    if (!check(kid, scope)) return false;
  }
  return true;
}

// How many kids.
bool ExprCheck::shape(const Expr& expr) {
  const std::string op = "op `" + std::string(name(expr.op)) + '`';
  const std::size_t count = expr.kids.size();
  if (expr.op == Op::list_for || expr.op == Op::object_for) {
    const std::size_t least = expr.op == Op::list_for ? 2 : 3;
    if (count < least || count > least + 1) {
      return refuse(op + " takes " + std::to_string(least) + " or " + std::to_string(least + 1) +
                    " kids, not " + std::to_string(count));
    }
    return true;
  }
  const auto takes = arity(expr.op);
  if (takes && *takes != count) {
    return refuse(op + " takes " + std::to_string(*takes) + " kids, not " + std::to_string(count));
  }
  if (depth_ == 1 && is_member_of_literal(expr.op)) return refuse(op + " can't stand alone");
  return true;
}

bool ExprCheck::below(const Expr& expr, std::size_t bound, std::string_view what) {
  if (expr.number >= 0 && static_cast<std::uint64_t>(expr.number) < bound) return true;
  return refuse(std::string(what) + ' ' + std::to_string(expr.number) + " isn't there (op `" +
                std::string(name(expr.op)) + "`, " + std::to_string(bound) + " in reach)");
}

bool ExprCheck::payload(const Expr& expr, const Scope& scope) {
  switch (expr.op) {
    case Op::boolean:
      return expr.number == 0 || expr.number == 1 || refuse("a boolean's number is 0 or 1");
    case Op::decimal:
      return value::is_number_spelling(expr.text) || refuse("a decimal's text is a JSON number");
    case Op::cast:
      return below(expr, names_of(ScalarType{}).size(), "type");
    case Op::matches:
      if (!below(expr, connector_.patterns.size(), "pattern")) return false;
      return connector_.patterns[static_cast<std::size_t>(expr.number)].text == expr.text ||
             refuse("the text isn't that of its pattern");
    case Op::request_part:
      if (!is_request_part(expr.text)) return refuse("a request has no part of this name");
      return scope.request || refuse("a request isn't in reach here");
    case Op::list_for:
    case Op::object_for:
    case Op::each:
    case Op::local:
      return locals(expr, scope);
    case Op::call_fn:
      return call(expr, scope);
    default:
      return reference(expr, scope) && place_of(expr, scope);
  }
}

bool ExprCheck::locals(const Expr& expr, const Scope& scope) {
  if (expr.op == Op::each || expr.op == Op::local) return below(expr, scope.locals, "local");
  if (expr.text != "1" && expr.text != "2") {
    return refuse("a comprehension's text says how many names it binds, \"1\" or \"2\"");
  }
  const std::size_t more = expr.text == "2" ? 1 : 0;
  return below(expr, scope.locals > more ? scope.locals - more : 0, "local");
}

bool ExprCheck::call(const Expr& expr, const Scope& scope) {
  if (!below(expr, scope.functions, "function")) return false;
  const Function& function = connector_.functions[static_cast<std::size_t>(expr.number)];
  return function.params == expr.kids.size() ||
         refuse("function `" + function.name + "` takes " + std::to_string(function.params) +
                " arguments, not " + std::to_string(expr.kids.size()));
}

// What is read by number.
bool ExprCheck::reference(const Expr& expr, const Scope& scope) {
  switch (expr.op) {
    case Op::param:
      return below(expr, scope.params ? connector_.params.size() : 0, "parameter");
    case Op::identity:
      return below(expr, scope.identities ? connector_.identities.size() : 0, "identity");
    case Op::external:
      return below(expr, scope.externals ? connector_.externals.size() : 0, "external");
    case Op::bound: {
      if (!below(expr, scope.slots, "binding")) return false;
      if (scope.uses == nullptr) return true;
      const bool used = std::find(scope.uses->begin(), scope.uses->end(),
                                  static_cast<std::uint32_t>(expr.number)) != scope.uses->end();
      return used || refuse("binding " + std::to_string(expr.number) + " isn't listed as used");
    }
    case Op::let_value: {
      if (!below(expr, scope.lets == nullptr ? 0 : scope.lets->size(), "let")) return false;
      return (*scope.lets)[static_cast<std::size_t>(expr.number)] ||
             refuse("let " + std::to_string(expr.number) + " has no value yet");
    }
    case Op::body_cell:
      return below(expr, scope.body_cells, "body cell");
    case Op::row_cell:
      return below(expr, scope.row_cells, "row cell");
    case Op::token:
      return below(expr, scope.tokens, "token");
    default:
      return true;
  }
}

// What is only there in certain places.
bool ExprCheck::place_of(const Expr& expr, const Scope& scope) {
  bool there = true;
  switch (expr.op) {
    case Op::status:
    case Op::header:
    case Op::headers:
    case Op::links:
      there = scope.response;
      break;
    case Op::request:
      there = scope.request;
      break;
    case Op::rows_count:
    case Op::rows_first:
    case Op::rows_last:
    case Op::rows_all:
      there = scope.rows;
      break;
    case Op::current_row:
      there = scope.row;
      break;
    case Op::loop_value:
      there = scope.loop;
      break;
    case Op::erased_row:
    case Op::masked:
    case Op::masked_row:
      there = scope.erased;
      break;
    case Op::old_value:
      there = scope.old_value;
      break;
    case Op::auth_token:
      there = scope.auth_token;
      break;
    default:
      break;
  }
  return there || refuse("op `" + std::string(name(expr.op)) + "` has nothing to read here");
}

}  // namespace fconn::ir
