// One way through a chain of requests (language.md "Requests"): what its steps have bound so far
// and which request is due. Pure: it evaluates, and sends nothing. Reads, checks, erasure and
// consent walk their chains the same way; who walks brings the environment and the answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/eval/eval.hh"
#include "interpreter/ir/ir.hh"

namespace fconn::run {

class ChainWalk {
 public:
  enum class Stop : std::uint8_t {
    request,  // request() must be sent, and then bind() or again() be called
    skipped,  // a `skip` says that there is nothing to do: skip_reason(), then again()
    ended,    // nothing is left
  };

  /// The chain must outlive the walk.
  explicit ChainWalk(const ir::Chain& chain);

  /// Runs the steps up to the next request. `env` holds all that doesn't come from the chain
  /// itself. Failures name the step; one of kind `rule` is a `fail` between the requests.
  value::Result<Stop> advance(eval::Evaluator& evaluator, eval::Environment env);

  /// Number of the request that is due: `let` requests in order, then the last one.
  std::uint32_t request() const { return request_; }
  /// The step that binds its answer; null for the last request.
  const ir::Step* step() const;
  const std::string& skip_reason() const { return skip_reason_; }

  /// The answer of the `let` request that is due, as valid JSON text; copied. Call advance() next.
  void bind(std::string_view json);
  /// After the last request, or a skip: begins the next turn of the chain's `for`. False: none is
  /// left.
  bool again();

  /// Back to where the last request's answer was bound: the steps since then are done again.
  void rewind() { next_ = since_; }

  /// What the expressions of the request that is due see.
  void show(eval::Environment& env) const;
  /// Bytes that the walk keeps for its values.
  std::size_t bytes() const { return kept_.used() + turn_.used(); }

  /// The walk before the request that is due, as JSON with its secrets: what a stopped run resumes
  /// from, at that request. Empty for a chain with a `for`.
  std::string save() const;
  /// On a fresh walk; false, and nothing is changed, for a text that doesn't fit the chain.
  bool resume(std::string_view saved);
  /// The same of the turn that a chain with a `for` is in; resume() then follows turn_to().
  std::string save_turn() const;

  /// On a fresh walk of a chain with a `for`: to the beginning of turn `number`, as advance() and
  /// again() would come to it. False: there is no such turn. Without a `for` there is turn 0 alone.
  value::Result<bool> turn_to(std::uint32_t number, eval::Evaluator& evaluator,
                              eval::Environment env);
  std::uint32_t turn() const { return static_cast<std::uint32_t>(turn_number_); }

 private:
  value::Result<bool> begin_loop(const ir::Step& step, eval::Evaluator& evaluator,
                                 const eval::Environment& env);
  value::Result<bool> judge(const ir::Step& step, eval::Evaluator& evaluator,
                            const eval::Environment& env);

  const ir::Chain& chain_;
  std::size_t next_ = 0;       // step to be looked at
  std::size_t first_ = 0;      // step after the `for`
  std::size_t since_ = 0;      // step after the last request that was bound
  std::uint32_t request_ = 0;  // that is due
  std::vector<value::Value> lets_;
  std::vector<value::Value> turns_;
  std::size_t turn_number_ = 0;
  std::string skip_reason_;
  value::Arena kept_{512};  // the elements of the `for`
  value::Arena turn_{512};  // everything of one turn
};

/// How many requests a chain has; at least one.
std::uint32_t request_count(const ir::Chain& chain);

}  // namespace fconn::run
