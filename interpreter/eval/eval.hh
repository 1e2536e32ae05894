// Evaluates ir::Expr under step and size budgets. Total: no expression can loop for ever (the
// budget ends what grows too fast). Errors are Failures that name the expression's place; null in a
// text, a URL or arithmetic is one. Secrecy spreads: what is computed from a secret is one.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/eval/intrinsics.hh"
#include "interpreter/ir/ir.hh"
#include "interpreter/value/ports.hh"
#include "interpreter/value/value.hh"

namespace fconn::eval {

struct Limits {
  std::uint64_t max_steps = 2'000'000;             // operations of one evaluation
  std::size_t max_bytes = std::size_t{64} << 20U;  // arena bytes of one evaluation
};

/// The request as sent, for `request.…`.
struct RequestView {
  std::string_view method, url, path;
  std::string_view target;  // path and query as they are sent
  std::string_view host;    // with a port that isn't the scheme's own
  std::string_view text;    // the body's bytes; empty without one
  value::Value query;       // object: name -> string, or list of strings when repeated
  value::Value headers;     // object, lower-case names
  value::Value body;        // as the body expression gave it; null without
};

/// What an expression may see; what a place doesn't offer stays empty. All views and values must
/// outlive the evaluation.
struct Environment {
  std::span<const value::Value> params, identities, externals, bound, lets, tokens;
  std::span<const std::string_view> body_cells, row_cells;  // raw JSON; data() null: missing
  value::Value current_row, erased_row, masked, masked_row, loop_value, old_value, auth_token;
  value::Value challenge;
  value::Value headers, links, rows_all;
  const RequestView* request = nullptr;
  int status = 0;
  std::uint64_t rows_count = 0;
  std::string_view rows_first, rows_last;
  std::string_view request_id;
  std::span<value::Value> locals;  // at least as many as the unit's `locals`; scratch
};

/// Is told which way things went, for the coverage of tests. `where` is the place of a condition,
/// of the branch that an `if` takes, of a request that is made.
class Decisions {
 public:
  virtual ~Decisions() = default;
  virtual void made(grammar::Span where, bool holds) = 0;
};

class Evaluator {
 public:
  /// The connector must outlive it; its patterns are compiled here.
  Evaluator(const ir::Connector& connector, value::Clock& clock, value::Random& random,
            Limits limits = {});
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  /// The value lives in `arena` or in what the environment points to.
  value::Result<value::Value> evaluate(const ir::Expr& expr, const Environment& env,
                                       value::Arena& arena);
  /// A condition: bool; null is false; anything else a `shape` failure.
  value::Result<bool> test(const ir::Expr& expr, const Environment& env, value::Arena& arena);
  /// Evaluates and appends the JSON text. Object and list literals are written without building
  /// values, and cells are copied as they are: the fast way for `map`.
  value::Result<void> write_json(const ir::Expr& expr, const Environment& env, value::Arena& arena,
                                 std::string& out);

  /// From now on `decisions`, which must outlive this, is told of each; null: nobody.
  void watch(Decisions* decisions);
  /// Tells of one that was made elsewhere.
  void made(grammar::Span where, bool holds);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The text of a value where a text is built (string holes, paths, query values, headers): strings
/// as they are, numbers as spelt, true/false; null, lists, objects: a `shape` failure.
value::Result<std::string_view> text_of(const value::Value& from, value::Arena& arena);

/// Casts as language.md "fields": only what loses nothing ("12" <-> 12, 0/1 and "true" to bool…);
/// `ok` false when it can't.
value::Value cast(const value::Value& value, ir::ScalarType type, value::Arena& arena, bool& ok);

/// Folds an expression without any reference to a constant; null when it has one or fails.
std::optional<value::Value> constant(const ir::Expr& expr, value::Arena& arena);

}  // namespace fconn::eval
