// Expressions: literals, strings, paths, calls, collections, and operators by precedence.
#include <algorithm>
#include <charconv>
#include <limits>

#include "grammar/build_ast.hh"
#include "grammar/parse_text.hh"

namespace fconn::grammar {
namespace {

// Loosest first, as in language.md ("Precedence"); `if` is looser than all.
constexpr int kOr = 1;
constexpr int kAnd = 2;
constexpr int kNot = 3;
constexpr int kComparison = 4;
constexpr int kPipe = 5;
constexpr int kCoalesce = 6;
constexpr int kSum = 7;
constexpr int kProduct = 8;
constexpr int kNegate = 9;

int precedence(BinaryOp op) {
  switch (op) {
    case BinaryOp::or_:
      return kOr;
    case BinaryOp::and_:
      return kAnd;
    case BinaryOp::equal:
    case BinaryOp::not_equal:
    case BinaryOp::less:
    case BinaryOp::less_equal:
    case BinaryOp::greater:
    case BinaryOp::greater_equal:
    case BinaryOp::in:
    case BinaryOp::matches:
      return kComparison;
    case BinaryOp::coalesce:
      return kCoalesce;
    case BinaryOp::add:
    case BinaryOp::subtract:
      return kSum;
    case BinaryOp::multiply:
    case BinaryOp::divide:
    case BinaryOp::modulo:
      return kProduct;
  }
  return kProduct;
}

BinaryOp binary_op(std::string_view text) {
  switch (text[0]) {
    case 'o':
      return BinaryOp::or_;
    case 'a':
      return BinaryOp::and_;
    case 'i':
      return BinaryOp::in;
    case 'm':
      return BinaryOp::matches;
    case '=':
      return BinaryOp::equal;
    case '!':
      return BinaryOp::not_equal;
    case '<':
      return text.size() == 2 ? BinaryOp::less_equal : BinaryOp::less;
    case '>':
      return text.size() == 2 ? BinaryOp::greater_equal : BinaryOp::greater;
    case '?':
      return BinaryOp::coalesce;
    case '+':
      return BinaryOp::add;
    case '-':
      return BinaryOp::subtract;
    case '*':
      return BinaryOp::multiply;
    case '/':
      return BinaryOp::divide;
    default:
      return BinaryOp::modulo;
  }
}

LiteralKind number_kind(std::string_view text) {
  const char last = text.back();
  if (last == 'B') return LiteralKind::size;
  if (!is_digit(last)) return LiteralKind::duration;
  return text.find_first_of(".eE") == std::string_view::npos ? LiteralKind::integer
                                                             : LiteralKind::decimal;
}

/// How many milliseconds or bytes the unit behind a number's digits is.
std::uint64_t unit_factor(const char* digits_end, std::string_view number) {
  const std::string_view unit = number.substr(static_cast<std::size_t>(digits_end - number.data()));
  if (unit == "s") return 1000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  if (unit == "d") return 86'400'000;
  if (unit == "KiB") return 1ULL << 10U;
  if (unit == "MiB") return 1ULL << 20U;
  if (unit == "GiB") return 1ULL << 30U;
  return 1;
}

template <class T>
std::vector<T> take_from(std::vector<T>& stack, std::size_t base) {
  std::vector<T> taken(std::make_move_iterator(stack.begin() + static_cast<std::ptrdiff_t>(base)),
                       std::make_move_iterator(stack.end()));
  stack.erase(stack.begin() + static_cast<std::ptrdiff_t>(base), stack.end());
  return taken;
}

std::vector<Expr> one(Expr expr) {
  std::vector<Expr> result;
  result.push_back(std::move(expr));
  return result;
}

}  // namespace

// ---- stacks ------------------------------------------------------------------------------------

Builder::Item Builder::take_item() {
  Item item = std::move(exprs_.back());
  exprs_.pop_back();
  return item;
}

Expr Builder::take() {
  Item item = take_item();
  if (!frames_.empty()) {
    frames_.back().height = std::max(frames_.back().height, item.height + 1);
  }
  return std::move(item.expr);
}

std::vector<Expr> Builder::take_one() { return one(take()); }

void Builder::open(Span span) {
  Frame frame;
  frame.open = span.begin;
  frame.names = names_.size();
  // Which stack collects depends on what closes; each remembers its own base in a call.
  switch (text_[span.begin]) {
    case '"':
    case '\'':
      frame.base = parts_.size();
      break;
    case '(':
      frame.base = arguments_.size();
      frame.requests = fn_params_.size();
      break;
    case '{':
      frame.base = entries_.size();
      break;
    default:
      frame.base = items_.size();
  }
  frames_.push_back(frame);
}

Builder::Frame Builder::close_frame() {
  const Frame frame = frames_.back();
  frames_.pop_back();
  return frame;
}

void Builder::too_tall(Span span) {
  report(DiagnosticId::too_nested, span,
         "this expression is a tree of more than " + std::to_string(max_height_) + " levels",
         "Name a part of it in a `let` or a `fn`.");
  stop_at(span.end);
}

// ---- literals and names ------------------------------------------------------------------------

void Builder::number(Span span) {
  const std::string_view text = view(span);
  const LiteralKind kind = number_kind(text);
  if (kind != LiteralKind::decimal) {
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const bool negated = span.begin > 0 && text_[span.begin - 1] == '-';
    const std::uint64_t most = (kMax + (negated ? 1 : 0)) / unit_factor(read.ptr, text);
    if (read.ec != std::errc() || value > most) {
      report(DiagnosticId::bad_literal, span, "`" + std::string(text) + "` doesn't fit in 64 bits",
             kind == LiteralKind::integer ? "Write it as a string if it is an identifier." : "");
    }
  }
  push(span, Literal{kind, std::string(text)});
}

bool Builder::word_operand(Span span) {
  const std::string_view text = view(span);
  if (text == "true" || text == "false") {
    push(span, Literal{LiteralKind::boolean, std::string(text)});
  } else if (text == "null") {
    push(span, Literal{LiteralKind::null_value, std::string(text)});
  } else if (is_reserved(text) || next_item(span)) {
    return false;
  } else {
    push(span, NameExpr{name(span)});
  }
  return true;
}

// ---- paths -------------------------------------------------------------------------------------

void Builder::dot(Span span) { push(at(span.begin, span.begin + 1), DotExpr{}); }

void Builder::member_named(Name name, std::uint32_t end) {
  Item base = take_item();
  const Span span = at(base.expr.span.begin, end);
  push(span, MemberExpr{one(std::move(base.expr)), std::move(name)}, base.height + 1);
}

void Builder::member_word(Span span) { member_named(name(span), span.end); }

void Builder::member_odd(Span span) {
  member_named(quoted_name(at(span.begin + 1, span.end - 1)), span.end);
}

void Builder::each(Span span) {
  Item base = take_item();
  push(at(base.expr.span.begin, span.end), EachExpr{one(std::move(base.expr))}, base.height + 1);
}

void Builder::index(Span span) {
  close_frame();
  Item index = take_item();
  Item base = take_item();
  const std::uint32_t height = std::max(base.height, index.height) + 1;
  push(at(base.expr.span.begin, span.end),
       IndexExpr{one(std::move(base.expr)), one(std::move(index.expr))}, height);
}

// ---- calls -------------------------------------------------------------------------------------

void Builder::argument_name(Span span) {
  const std::string_view word = word_at(text_, span.begin);
  names_.push_back(name(at(span.begin, span.begin + static_cast<std::uint32_t>(word.size()))));
}

void Builder::argument(Span span) {
  Argument argument;
  if (names_.size() > frames_.back().names) {
    argument.name = std::move(names_.back());
    names_.pop_back();
  }
  argument.value = take_one();
  argument.span = span;
  arguments_.push_back(std::move(argument));
}

void Builder::call_tail(Span span) {
  Item callee = take_item();
  const Span whole = at(callee.expr.span.begin, span.end);
  auto* named = std::get_if<NameExpr>(&callee.expr.node);
  if (named == nullptr) {
    report(DiagnosticId::syntax, callee.expr.span,
           "`" + std::string(view(callee.expr.span)) + "` can't be called",
           "Only a function's name can be called.");
    stop_at(span.end);
  }
  CallExpr call;
  call.callee = std::move(named->name);
  const std::uint32_t height = frames_.back().height + 1;
  call.arguments = take_arguments();
  push(whole, std::move(call), height);
}

std::vector<Argument> Builder::take_arguments() {
  return take_from(arguments_, close_frame().base);
}

// ---- lists and objects -------------------------------------------------------------------------

void Builder::list_item(Span span) { items_.push_back(ListItem{take_one(), false, span}); }
void Builder::list_spread(Span span) { items_.push_back(ListItem{take_one(), true, span}); }

void Builder::comprehension_name(Span span) { names_.push_back(declared(span)); }
void Builder::comprehension_condition(Span) { frames_.back().condition = true; }
void Builder::comprehension(Span) { frames_.back().comprehension = true; }

void Builder::list(Span span) {
  if (!frames_.back().comprehension) {
    const Frame frame = close_frame();
    push(span, ListExpr{take_from(items_, frame.base)}, frame.height + 1);
    return;
  }
  ListComprehension made;
  if (frames_.back().condition) made.condition = take_one();
  made.source = take_one();
  const Frame frame = close_frame();
  ListItem item = std::move(items_.back());
  items_.pop_back();
  if (item.spread) {
    report(DiagnosticId::syntax, item.span, "a comprehension can't spread its element",
           "Spread inside a path with [], or use flatten.");
  }
  made.element = std::move(item.value);
  made.names = take_from(names_, frame.names);
  push(span, std::move(made), frame.height + 1);
}

void Builder::key_word(Span span) { names_.push_back(name(span)); }
void Builder::key_quoted(Span span) { names_.push_back(quoted_name(span)); }

void Builder::named_entry(Span span) {
  ObjectEntry entry;
  entry.kind = EntryKind::named;
  entry.value = take_one();
  entry.name = std::move(names_.back());
  names_.pop_back();
  entry.span = span;
  entries_.push_back(std::move(entry));
}

void Builder::computed_entry(Span span) {
  ObjectEntry entry;
  entry.kind = EntryKind::computed;
  close_frame();
  entry.value = take_one();
  entry.key = take_one();
  entry.span = span;
  entries_.push_back(std::move(entry));
}

void Builder::spread_entry(Span span) {
  ObjectEntry entry;
  entry.kind = EntryKind::spread;
  entry.value = take_one();
  entry.span = span;
  entries_.push_back(std::move(entry));
}

void Builder::object(Span span) {
  if (!frames_.back().comprehension) {
    const Frame frame = close_frame();
    push(span, ObjectExpr{take_from(entries_, frame.base)}, frame.height + 1);
    return;
  }
  ObjectComprehension made;
  if (frames_.back().condition) made.condition = take_one();
  made.source = take_one();
  const Frame frame = close_frame();
  made.entry = std::move(entries_.back());
  entries_.pop_back();
  if (made.entry.kind == EntryKind::spread) {
    report(DiagnosticId::syntax, made.entry.span, "a comprehension can't spread its entry",
           "Write { [key]: value for … }, or use merge.");
  }
  made.names = take_from(names_, frame.names);
  push(span, std::move(made), frame.height + 1);
}

void Builder::paren(Span span) {
  close_frame();
  Item inner = take_item();
  push(span, ParenExpr{one(std::move(inner.expr))}, inner.height + 1);
}

void Builder::if_expr(Span span) {
  Item otherwise = take_item();
  Item then = take_item();
  Item condition = take_item();
  const std::uint32_t height = std::max({condition.height, then.height, otherwise.height}) + 1;
  IfExpr made;
  made.parts.reserve(3);
  made.parts.push_back(std::move(condition.expr));
  made.parts.push_back(std::move(then.expr));
  made.parts.push_back(std::move(otherwise.expr));
  push(span, std::move(made), height);
}

// ---- operators ---------------------------------------------------------------------------------
// Operands lie on exprs_, operators that still wait for their right side on operators_; a new one
// first reduces what binds at least as tightly.

Builder::OperatorBase Builder::begin_operators() {
  const OperatorBase outer = operator_base_;
  operator_base_ = {operators_.size(), false};
  return outer;
}

void Builder::end_operators(OperatorBase outer, bool matched) {
  if (matched) reduce_above(0);
  operators_.resize(operator_base_.base);
  operator_base_ = outer;
}

void Builder::reduce_one() {
  const Operator op = operators_.back();
  operators_.pop_back();
  Item right = take_item();
  if (op.unary) {
    const Span span = at(op.span.begin, right.expr.span.end);
    push(span, UnaryExpr{op.unary_op, one(std::move(right.expr))}, right.height + 1);
    return;
  }
  Item left = take_item();
  const Span span = at(left.expr.span.begin, right.expr.span.end);
  const std::uint32_t height = std::max(left.height, right.height) + 1;
  BinaryExpr made;
  made.op = op.binary_op;
  made.op_span = op.span;
  made.operands.reserve(2);
  made.operands.push_back(std::move(left.expr));
  made.operands.push_back(std::move(right.expr));
  push(span, std::move(made), height);
}

void Builder::reduce_above(int limit) {
  while (operators_.size() > operator_base_.base) {
    const Operator& top = operators_.back();
    const int binds = !top.unary                        ? precedence(top.binary_op)
                      : top.unary_op == UnaryOp::negate ? kNegate
                                                        : kNot;
    if (binds < limit) return;
    reduce_one();
  }
}

void Builder::prefix(Span span) {
  const bool negate = text_[span.begin] == '-';
  const Span sign = negate ? span : at(span.begin, span.begin + 3);
  if (!negate && operators_.size() > operator_base_.base) {
    const Operator& left = operators_.back();
    const bool looser =
        left.unary ? left.unary_op == UnaryOp::not_ : precedence(left.binary_op) < kNot;
    if (!looser) {
      report(DiagnosticId::syntax, sign, "`not` binds more loosely than the operator left of it",
             "Put the `not` and its operand in parentheses.");
    }
  }
  if (operators_.size() - operator_base_.base > max_height_) too_tall(sign);
  operators_.push_back(Operator{true, negate ? UnaryOp::negate : UnaryOp::not_, {}, sign});
}

void Builder::binary_operator(Span span) {
  const std::string_view text = view(span);
  const BinaryOp op = binary_op(text);
  const int binds = precedence(op);
  if (operator_base_.after_pipe && binds > kPipe) {
    report(DiagnosticId::mixed_pipe, span,
           "`" + std::string(text) + "` stands beside `|` without parentheses",
           "Put one of the two in parentheses.");
  }
  operator_base_.after_pipe = false;
  reduce_above(binds == kComparison ? kComparison + 1 : binds);
  if (binds == kComparison && operators_.size() > operator_base_.base && !operators_.back().unary &&
      precedence(operators_.back().binary_op) == kComparison) {
    report(DiagnosticId::chained_comparison, span,
           "comparisons can't be chained, and `" + std::string(text) + "` compares a comparison",
           "Join two comparisons with `and`, or use parentheses.");
    reduce_above(kComparison);
  }
  operators_.push_back(Operator{false, {}, op, span});
}

void Builder::pipe_sign(Span span) {
  for (std::size_t i = operators_.size(); i > operator_base_.base; --i) {
    const Operator& left = operators_[i - 1];
    if (left.unary) continue;
    report(DiagnosticId::mixed_pipe, left.span,
           "`" + std::string(view(left.span)) + "` stands left of `|` without parentheses",
           "Put either the operation or the pipe in parentheses.")
        ->notes.push_back(Note{at(span.begin, span.begin + 1), "the pipe"});
    break;
  }
  reduce_above(kPipe + 1);
}

bool Builder::pipe_name(Span span) {
  if (is_reserved(view(span))) return false;
  push(span, NameExpr{name(span)});
  return true;
}

// Left of it on the stack lies what was piped; the name or the call is on top.
void Builder::pipe_call(Span span) {
  Item right = take_item();
  Item left = take_item();
  CallExpr call;
  if (auto* named = std::get_if<NameExpr>(&right.expr.node)) {
    call.callee = std::move(named->name);
    call.bare = true;
  } else {
    call = std::move(std::get<CallExpr>(right.expr.node));
  }
  call.piped = true;
  const Span left_span = left.expr.span;
  call.arguments.insert(call.arguments.begin(),
                        Argument{std::nullopt, one(std::move(left.expr)), left_span});
  push(at(left_span.begin, span.end), std::move(call), std::max(left.height, right.height) + 1);
  operator_base_.after_pipe = true;
}

}  // namespace fconn::grammar
