// A small way to write expressions of the IR, and a fixed world to evaluate them in.
#pragma once

#include <string>
#include <vector>

#include "interpreter/eval/eval.hh"

namespace eval_test {

using fconn::ir::Expr;
using fconn::ir::Op;
using fconn::value::Value;

inline Expr node(Op op, std::vector<Expr> kids = {}, std::string text = {},
                 std::int64_t number = 0) {
  Expr expr;
  expr.op = op;
  expr.kids = std::move(kids);
  expr.text = std::move(text);
  expr.number = number;
  return expr;
}
inline Expr num(std::int64_t number) { return node(Op::integer, {}, {}, number); }
inline Expr dec(std::string text) { return node(Op::decimal, {}, std::move(text)); }
inline Expr str(std::string text) { return node(Op::string, {}, std::move(text)); }
inline Expr null() { return node(Op::null_value); }
inline Expr yes(bool b = true) { return node(Op::boolean, {}, {}, b ? 1 : 0); }
inline Expr time_span(std::int64_t ms) { return node(Op::duration, {}, {}, ms); }
inline Expr cell(std::int64_t i) { return node(Op::row_cell, {}, {}, i); }
inline Expr local(std::int64_t i) { return node(Op::local, {}, {}, i); }
inline Expr param(std::int64_t i) { return node(Op::param, {}, {}, i); }
inline Expr member(Expr base, std::string key) {
  return node(Op::member, {std::move(base)}, std::move(key));
}
inline Expr entry(std::string key, Expr value) {
  return node(Op::entry, {std::move(value)}, std::move(key));
}
inline Expr call(std::string name, std::vector<Expr> arguments) {
  return node(Op::call, std::move(arguments), std::move(name));
}

class FixedClock final : public fconn::value::Clock {
 public:
  fconn::value::TimePoint now() override { return {}; }
  fconn::value::WallTime wall() override {
    return fconn::value::WallTime(std::chrono::milliseconds(1714979289000 + extra_ms));
  }
  std::int64_t extra_ms = 0;
};

class CountingRandom final : public fconn::value::Random {
 public:
  std::uint64_t next() override {
    return state_ = state_ * 6364136223846793005U + 1442695040888963407U;
  }

 private:
  std::uint64_t state_ = 1;
};

/// A connector and an environment with room for ten locals.
struct World {
  fconn::ir::Connector connector;
  FixedClock clock;
  CountingRandom random;
  fconn::eval::Limits limits;
  fconn::value::Arena arena;
  std::vector<Value> params, locals = std::vector<Value>(10);
  std::vector<std::string_view> cells;
  fconn::eval::Environment env;

  fconn::value::Result<Value> evaluate(const Expr& expr) {
    fconn::eval::Evaluator evaluator(connector, clock, random, limits);
    return evaluator.evaluate(expr, environment(), arena);
  }
  fconn::value::Result<std::string> written(const Expr& expr) {
    fconn::eval::Evaluator evaluator(connector, clock, random, limits);
    std::string out = "<";
    auto done = evaluator.write_json(expr, environment(), arena, out);
    if (!done) return fconn::value::fail(out == "<" ? done.error() : fconn::value::Failure{});
    return out.substr(1);
  }
  /// JSON of the result, or "! " and the failure's text.
  std::string shown(const Expr& expr) {
    auto value = evaluate(expr);
    return value ? fconn::value::to_json(*value) : "! " + value.error().text;
  }
  const fconn::eval::Environment& environment() {
    env.params = params;
    env.locals = locals;
    env.row_cells = cells;
    return env;
  }
};

}  // namespace eval_test
