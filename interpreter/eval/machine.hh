// One evaluation: walks an expression with an environment and keeps count of its budgets. Internal
// to eval/; its members are spread over eval*.cc by what they deal with. A failing step stores its
// Failure here and returns false, so the way that doesn't fail moves nothing but small values.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/eval/eval.hh"

namespace re2 {
class RE2;
}

namespace fconn::eval {

/// What evaluations of one connector share.
struct Shared {
  Shared(const ir::Connector& c, value::Clock& k, value::Random& r, Limits l);
  ~Shared();
  const ir::Connector& connector;
  value::Clock& clock;
  value::Random& random;
  Crypto crypto;
  Limits limits;
  Decisions* decisions = nullptr;
  std::vector<std::unique_ptr<re2::RE2>> patterns;  // as Connector::patterns
  std::string dynamic_text;                         // the last pattern computed at run time
  std::unique_ptr<re2::RE2> dynamic_pattern;
  std::vector<value::Value> values;    // stack of elements and
  std::vector<value::Member> members;  // members of the literals that are being built
};

class Machine {
 public:
  Machine(Shared& shared, const Environment& env, value::Arena& arena)
      : shared_(shared), env_(env), arena_(arena), locals_(env.locals), start_(arena.used()) {
    shared_.values.clear();
    shared_.members.clear();
  }

  bool eval(const ir::Expr& expr, value::Value& out);
  bool test(const ir::Expr& expr, bool& out);
  /// The same, with whether the answer was computed from a secret.
  bool test(const ir::Expr& expr, bool& out, bool& secret);
  bool write(const ir::Expr& expr, std::string& out);
  value::Failure& failure() { return *failure_; }

 private:
  using Value = value::Value;

  // eval.cc
  bool refuse(value::FailureKind kind, const ir::Expr& expr, std::string text);
  bool refuse_null(const ir::Expr& expr);
  bool refuse_value(const ir::Expr& expr, const Value& value, std::string_view wanted);
  bool step(const ir::Expr& expr) {
    const bool within =
        ++steps_ <= shared_.limits.max_steps && arena_.used() - start_ <= shared_.limits.max_bytes;
    return within || over_budget(expr);
  }
  bool over_budget(const ir::Expr& expr);
  bool charge(const ir::Expr& expr, std::uint64_t steps);
  bool constant(const ir::Expr& expr, Value& out);
  bool reference(const ir::Expr& expr, Value& out);
  bool response(const ir::Expr& expr, Value& out);
  bool call(const ir::Expr& expr, Value& out);
  bool call_fn(const ir::Expr& expr, Value& out);
  /// The branch that an `if` takes.
  const ir::Expr& branch(const ir::Expr& expr, bool holds) {
    const ir::Expr& taken = expr.kids[holds ? 1 : 2];
    if (shared_.decisions != nullptr) shared_.decisions->made(taken.span, true);
    return taken;
  }
  bool check_argument(const ir::Expr& expr, const Intrinsic& function, std::size_t index,
                      const Value& argument);
  Value request_object();
  /// What to call an expression in a message: its source text if known, else what it is.
  std::string called(const ir::Expr& expr) const;

  // eval_ops.cc
  bool operate(const ir::Expr& expr, Value& out);
  bool logic(const ir::Expr& expr, Value& out);
  bool equality(const ir::Expr& expr, Value& out);
  bool order(const ir::Expr& expr, Value& out);
  bool in_list(const ir::Expr& expr, Value& out);
  bool match(const ir::Expr& expr, Value& out);
  bool arithmetic(const ir::Expr& expr, Value& out);
  bool add_others(const ir::Expr& expr, const Value& a, const Value& b, Value& out, bool& done);
  bool durations(const ir::Expr& expr, const Value& a, const Value& b, Value& out, bool& done);
  bool modulo(const ir::Expr& expr, const Value& a, const Value& b, Value& out);
  bool negate(const ir::Expr& expr, Value& out);
  bool operands(const ir::Expr& expr, Value& a, Value& b);

  // eval_path.cc
  bool member(const ir::Expr& expr, Value& out);
  bool index(const ir::Expr& expr, Value& out);
  bool each(const ir::Expr& expr, Value& out);

  // eval_literals.cc
  bool text(const ir::Expr& expr, Value& out);
  bool xml_text(const ir::Expr& expr, Value& out);
  bool list(const ir::Expr& expr, Value& out);
  bool object(const ir::Expr& expr, Value& out);
  bool add_entry(const ir::Expr& kid, bool& secret);
  bool list_for(const ir::Expr& expr, Value& out);
  bool object_for(const ir::Expr& expr, Value& out);
  bool bind(const ir::Expr& expr, const Value& element);
  bool source(const ir::Expr& expr, const ir::Expr& from, Value& out);
  bool key_text(const ir::Expr& expr, std::string_view& key, bool& secret);
  Value take_list(std::size_t base, bool secret);
  Value take_object(std::size_t base, bool secret);

  // write_json.cc
  bool write_object(const ir::Expr& expr, std::string& out);
  bool write_list(const ir::Expr& expr, std::string& out);
  bool write_value(const ir::Expr& expr, std::string& out);
  bool write_cell(std::span<const std::string_view> cells, const ir::Expr& expr, std::string& out);

  Shared& shared_;
  const Environment& env_;
  value::Arena& arena_;
  std::span<Value> locals_;
  std::uint64_t steps_ = 0;
  std::size_t start_;
  std::size_t depth_ = 0;
  std::optional<value::Failure> failure_;  // made only when it's needed: most never fail
};

/// Elements and members below a value, counting up to `bound`; raw text counts as one.
std::uint64_t weight(const value::Value& value, std::uint64_t bound);

/// Type of a value, as the table of functions says it.
Type type_of(const value::Value& value);

}  // namespace fconn::eval
