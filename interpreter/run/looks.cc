#include "interpreter/run/looks.hh"

#include <algorithm>

#include "interpreter/eval/intrinsics.hh"

namespace fconn::run {
namespace {

constexpr std::size_t most = 8;
constexpr std::size_t longest = 80;  // of a text that stands for a value

/// Names something of the run.
bool is_leaf(ir::Op op) {
  switch (op) {
    case ir::Op::param:
    case ir::Op::identity:
    case ir::Op::external:
    case ir::Op::bound:
    case ir::Op::let_value:
    case ir::Op::loop_value:
    case ir::Op::body_cell:
    case ir::Op::row_cell:
    case ir::Op::current_row:
    case ir::Op::rows_count:
    case ir::Op::rows_first:
    case ir::Op::rows_last:
    case ir::Op::status:
    case ir::Op::header:
    case ir::Op::links:
    case ir::Op::request_part:
      return true;
    default:
      return false;
  }
}

/// A leaf, or a path through one: `.a.b`, `row["x"]`.
bool is_path(const ir::Expr& expr) {
  if (is_leaf(expr.op)) return true;
  if (expr.op == ir::Op::member || expr.op == ir::Op::cast) return is_path(expr.kids[0]);
  if (expr.op == ir::Op::index) return is_path(expr.kids[0]) && expr.kids[1].kids.empty();
  return false;
}

bool has_local(const ir::Expr& expr) {
  return expr.op == ir::Op::local || std::any_of(expr.kids.begin(), expr.kids.end(), has_local);
}

bool draws(const ir::Expr& expr) {
  if (expr.op == ir::Op::call) {
    const eval::Intrinsic* function = eval::find_intrinsic(expr.text);
    if (function == nullptr || !function->pure) return true;
  }
  // A function's body isn't looked through.
  if (expr.op == ir::Op::call_fn) return true;
  return std::any_of(expr.kids.begin(), expr.kids.end(), draws);
}

void collect(const ir::Expr& expr, const ir::Connector& connector, const Sight& sight,
             value::Arena& arena, std::vector<Look>& out) {
  if (out.size() >= most) return;
  if (!is_path(expr) || has_local(expr)) {
    for (const ir::Expr& kid : expr.kids) collect(kid, connector, sight, arena, out);
    return;
  }
  std::string text = source_text(connector, expr.span);
  const bool known =
      std::any_of(out.begin(), out.end(), [&](const Look& look) { return look.text == text; });
  if (text.empty() || text.size() > longest || known) return;
  auto found = sight.evaluator.evaluate(expr, sight.env, arena);
  if (found) out.push_back({std::move(text), value::OwnedValue(*found), &expr});
}

}  // namespace

std::string source_text(const ir::Connector& connector, grammar::Span span) {
  const std::size_t file = span.file.value;
  if (file >= connector.files.size() || span.end <= span.begin) return {};
  const std::string& text = connector.files[file].text;
  if (span.end > text.size()) return {};
  return text.substr(span.begin, span.end - span.begin);
}

std::vector<Look> looks_of(const ir::Expr& expr, const ir::Connector& connector,
                           const Sight& sight) {
  std::vector<Look> out;
  value::Arena arena(1024);
  collect(expr, connector, sight, arena, out);
  return out;
}

std::optional<value::OwnedValue> value_again(const ir::Expr& expr, const Sight& sight) {
  if (draws(expr)) return std::nullopt;
  value::Arena arena(1024);
  auto found = sight.evaluator.evaluate(expr, sight.env, arena);
  if (!found) return std::nullopt;
  return value::OwnedValue(*found);
}

}  // namespace fconn::run
