#include "interpreter/eval/eval.hh"

#include <re2/re2.h>

#include <algorithm>

#include "interpreter/eval/machine.hh"

namespace fconn::eval {

using ir::Expr;
using ir::Op;
using value::Arena;
using value::FailureKind;
using value::Kind;
using value::Member;
using value::Result;
using value::Value;

namespace {

// An expression from a file of IR is bounded there; functions called by functions add up.
constexpr std::size_t nesting_bound = 1000;

// A quotation longer than this helps nobody.
constexpr std::size_t longest_quotation = 60;

Value at(std::span<const Value> values, std::int64_t number) {
  const auto i = static_cast<std::size_t>(number);
  return number >= 0 && i < values.size() ? values[i] : Value::null();
}

Value cell_at(std::span<const std::string_view> cells, std::int64_t number) {
  const auto i = static_cast<std::size_t>(number);
  if (number < 0 || i >= cells.size() || cells[i].data() == nullptr) return {};
  return Value::raw(cells[i]);
}

template <class T>
std::string named(const std::vector<T>& items, std::int64_t number) {
  const auto i = static_cast<std::size_t>(number);
  return i < items.size() ? '`' + items[i].name + '`' : "this value";
}

std::string described(const ir::Connector& connector, const Expr& expr) {
  switch (expr.op) {
    case Op::member:
      return "`." + expr.text + '`';
    case Op::param:
      return named(connector.params, expr.number);
    case Op::identity:
      return named(connector.identities, expr.number);
    case Op::external:
      return named(connector.externals, expr.number);
    case Op::call:
      return '`' + expr.text + "(…)`";
    case Op::call_fn:
      return named(connector.functions, expr.number);
    case Op::header:
      return "the header `" + expr.text + '`';
    case Op::cast:
      return described(connector, expr.kids.front());
    case Op::body_cell:
      return "this part of the answer";
    case Op::row_cell:
      return "this part of the row";
    default:
      return "this value";
  }
}

}  // namespace

std::string Machine::called(const Expr& expr) const {
  const std::vector<ir::SourceFile>& files = shared_.connector.files;
  const grammar::Span& span = expr.span;
  if (span.end > span.begin && span.file.value < files.size() &&
      span.end <= files[span.file.value].text.size() && span.end - span.begin < longest_quotation) {
    const std::string text = files[span.file.value].text.substr(span.begin, span.end - span.begin);
    if (text.find_first_of("\n`") == std::string::npos) return '`' + text + '`';
  }
  return described(shared_.connector, expr);
}

bool Machine::refuse(FailureKind kind, const Expr& expr, std::string text) {
  failure_.emplace();
  failure_->kind = kind;
  failure_->text = std::move(text);
  failure_->where = expr.span;
  return false;
}

bool Machine::refuse_null(const Expr& expr) {
  return refuse(FailureKind::shape, expr,
                called(expr) + " is null here; write `?? …` to say what else to use");
}

bool Machine::refuse_value(const Expr& expr, const Value& value, std::string_view wanted) {
  return refuse(FailureKind::shape, expr,
                called(expr) + " is " + describe(type_of(value)) + " here, and " +
                    std::string(wanted) + " is needed");
}

bool Machine::charge(const Expr& expr, std::uint64_t steps) {
  steps_ += steps;
  if (steps_ <= shared_.limits.max_steps) return true;
  return refuse(FailureKind::limit, expr,
                "this expression took more than " + std::to_string(shared_.limits.max_steps) +
                    " steps; let it look at fewer elements");
}

bool Machine::over_budget(const Expr& expr) {
  if (steps_ > shared_.limits.max_steps) return charge(expr, 0);
  return refuse(FailureKind::limit, expr,
                "this expression needs more than " + std::to_string(shared_.limits.max_bytes) +
                    " bytes; let it build less");
}

bool Machine::eval(const Expr& expr, Value& out) {
  if (!step(expr)) return false;
  if (++depth_ > nesting_bound) {
    return refuse(FailureKind::limit, expr, "this expression is nested too deeply");
  }
  const bool good = [&] {
    switch (expr.op) {
      case Op::null_value:
      case Op::boolean:
      case Op::integer:
      case Op::decimal:
      case Op::string:
      case Op::duration:
        return constant(expr, out);
      case Op::text:
        return text(expr, out);
      case Op::xml_text:
        return xml_text(expr, out);
      case Op::list:
        return list(expr, out);
      case Op::object:
        return object(expr, out);
      case Op::list_for:
        return list_for(expr, out);
      case Op::object_for:
        return object_for(expr, out);
      case Op::member:
        return member(expr, out);
      case Op::index:
        return index(expr, out);
      case Op::each:
        return each(expr, out);
      case Op::call:
        return call(expr, out);
      case Op::call_fn:
        return call_fn(expr, out);
      case Op::spread:
      case Op::entry:
      case Op::computed_entry:
        return refuse(FailureKind::shape, expr, "this stands only inside a list or an object");
      default:
        return expr.kids.empty() ? reference(expr, out) : operate(expr, out);
    }
  }();
  --depth_;
  return good;
}

bool Machine::constant(const Expr& expr, Value& out) {
  switch (expr.op) {
    case Op::boolean:
      out = Value::boolean(expr.number != 0);
      break;
    case Op::integer:
      out = Value::of(expr.number);
      break;
    case Op::decimal:
      out = Value::decimal(expr.text);
      break;
    case Op::string:
      out = Value::string(expr.text);
      break;
    case Op::duration:
      out = Value::duration(expr.number);
      break;
    default:
      out = Value::null();
  }
  return true;
}

bool Machine::reference(const Expr& expr, Value& out) {
  switch (expr.op) {
    case Op::local:
      out = at(locals_, expr.number);
      return true;
    case Op::param:
      out = at(env_.params, expr.number);
      return true;
    case Op::identity:
      out = at(env_.identities, expr.number);
      return true;
    case Op::external:
      out = at(env_.externals, expr.number);
      return true;
    case Op::bound:
      out = at(env_.bound, expr.number);
      return true;
    case Op::let_value:
      out = at(env_.lets, expr.number);
      return true;
    case Op::token:
      out = at(env_.tokens, expr.number);
      return true;
    case Op::body_cell:
      out = cell_at(env_.body_cells, expr.number);
      return true;
    case Op::row_cell:
      out = cell_at(env_.row_cells, expr.number);
      return true;
    case Op::loop_value:
      out = env_.loop_value;
      return true;
    case Op::current_row:
      out = env_.current_row;
      return true;
    case Op::erased_row:
      out = env_.erased_row;
      return true;
    case Op::masked:
      out = env_.masked;
      return true;
    case Op::masked_row:
      out = env_.masked_row;
      return true;
    case Op::auth_token:
      if (env_.auth_token.is_null()) {
        return refuse(FailureKind::shape, expr, "the client holds no token here");
      }
      out = env_.auth_token.as_secret();
      return true;
    case Op::challenge:
      out = env_.challenge;
      return true;
    case Op::old_value:
      out = env_.old_value;
      return true;
    default:
      return response(expr, out);
  }
}

namespace {

Value part_of(const RequestView& request, std::string_view name) {
  if (name == "method") return Value::string(request.method);
  if (name == "url") return Value::string(request.url);
  if (name == "path") return Value::string(request.path);
  if (name == "target") return Value::string(request.target);
  if (name == "host") return Value::string(request.host);
  if (name == "text") return Value::string(request.text);
  if (name == "query") return request.query;
  if (name == "headers") return request.headers;
  return name == "body" ? request.body : Value::null();
}

Value row_text(std::string_view row) {
  return row.data() == nullptr ? Value::null() : Value::raw(row);
}

}  // namespace

Value Machine::request_object() {
  if (env_.request == nullptr) return {};
  constexpr std::string_view parts[] = {"method", "url",     "target", "host", "path",
                                        "query",  "headers", "body",   "text"};
  std::span<Member> members = arena_.make<Member>(std::size(parts));
  bool secret = false;
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i] = {parts[i], part_of(*env_.request, parts[i])};
    secret = secret || members[i].value.secret;
  }
  return Value::object(members).as_secret(secret);
}

bool Machine::response(const Expr& expr, Value& out) {
  out = Value::null();
  switch (expr.op) {
    case Op::rows_count:
      out = Value::of(static_cast<std::int64_t>(env_.rows_count));
      break;
    case Op::rows_first:
      out = row_text(env_.rows_first);
      break;
    case Op::rows_last:
      out = row_text(env_.rows_last);
      break;
    case Op::rows_all:
      out = env_.rows_all;
      break;
    case Op::status:
      out = Value::of(env_.status);
      break;
    case Op::header: {
      const Value* found = value::find_member(env_.headers, expr.text);
      if (found != nullptr) out = *found;
      break;
    }
    case Op::headers:
      out = env_.headers;
      break;
    case Op::links:
      out = env_.links;
      break;
    case Op::request:
      out = request_object();
      break;
    case Op::request_part:
      if (env_.request != nullptr) out = part_of(*env_.request, expr.text);
      break;
    case Op::request_id:
      if (env_.request_id.data() != nullptr) out = Value::string(env_.request_id);
      break;
    default:
      return refuse(FailureKind::shape, expr, "this operation lacks its operands");
  }
  return true;
}

bool Machine::test(const Expr& expr, bool& out) {
  bool secret = false;
  return test(expr, out, secret);
}

bool Machine::test(const Expr& expr, bool& out, bool& secret) {
  Value value;
  if (!eval(expr, value)) return false;
  secret = secret || value.secret;
  if (value.kind == Kind::raw) value = value::decoded(value, arena_);
  if (value.kind != Kind::boolean && !value.is_null()) {
    return refuse_value(expr, value, "true or false");
  }
  out = value.kind == Kind::boolean && value.integer != 0;
  return true;
}

std::uint64_t weight(const Value& value, std::uint64_t bound) {
  std::uint64_t total = value.count;
  if (value.kind == Kind::list) {
    for (const Value& element : value.list_view()) {
      if (total > bound) break;
      if (element.count != 0) total += weight(element, bound - total);
    }
  } else if (value.kind == Kind::object) {
    for (const Member& member : value.object_view()) {
      if (total > bound) break;
      if (member.value.count != 0) total += weight(member.value, bound - total);
    }
  }
  return total;
}

Shared::Shared(const ir::Connector& c, value::Clock& k, value::Random& r, Limits l)
    : connector(c), clock(k), random(r), limits(l) {
  RE2::Options options;
  options.set_log_errors(false);
  for (const ir::Pattern& pattern : connector.patterns) {
    patterns.push_back(std::make_unique<RE2>(pattern.text, options));
  }
}

Shared::~Shared() = default;

struct Evaluator::State : Shared {
  using Shared::Shared;
};

Evaluator::Evaluator(const ir::Connector& connector, value::Clock& clock, value::Random& random,
                     Limits limits)
    : state_(std::make_unique<State>(connector, clock, random, limits)) {}

Evaluator::~Evaluator() = default;

Result<Value> Evaluator::evaluate(const Expr& expr, const Environment& env, Arena& arena) {
  Machine machine(*state_, env, arena);
  Value out;
  if (!machine.eval(expr, out)) return value::fail(std::move(machine.failure()));
  return out;
}

Result<bool> Evaluator::test(const Expr& expr, const Environment& env, Arena& arena) {
  Machine machine(*state_, env, arena);
  bool out = false;
  if (!machine.test(expr, out)) return value::fail(std::move(machine.failure()));
  made(expr.span, out);
  return out;
}

Result<void> Evaluator::write_json(const Expr& expr, const Environment& env, Arena& arena,
                                   std::string& out) {
  Machine machine(*state_, env, arena);
  const std::size_t before = out.size();
  if (machine.write(expr, out)) return {};
  out.resize(before);
  return value::fail(std::move(machine.failure()));
}

void Evaluator::watch(Decisions* decisions) { state_->decisions = decisions; }

void Evaluator::made(grammar::Span where, bool holds) {
  if (state_->decisions != nullptr) state_->decisions->made(where, holds);
}

}  // namespace fconn::eval
