#include "interpreter/run/chain.hh"

#include <algorithm>

#include "interpreter/run/message.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

std::uint32_t request_count(const ir::Chain& chain) {
  const auto lets = std::count_if(chain.steps.begin(), chain.steps.end(),
                                  [](const ir::Step& s) { return s.request.has_value(); });
  return static_cast<std::uint32_t>(lets) + 1;
}

ChainWalk::ChainWalk(const ir::Chain& chain) : chain_(chain), lets_(chain.lets) {}

const ir::Step* ChainWalk::step() const {
  return next_ < chain_.steps.size() ? &chain_.steps[next_] : nullptr;
}

void ChainWalk::show(eval::Environment& env) const {
  env.lets = lets_;
  if (!turns_.empty()) env.loop_value = turns_[turn_number_];
}

Result<ChainWalk::Stop> ChainWalk::advance(eval::Evaluator& evaluator, eval::Environment env) {
  for (; next_ < chain_.steps.size(); ++next_) {
    const ir::Step& step = chain_.steps[next_];
    show(env);
    switch (step.kind) {
      case ir::StepKind::let_request:
        return Stop::request;
      case ir::StepKind::let_value: {
        auto result = evaluator.evaluate(*step.value, env, turn_);
        if (!result) return fail(result.error());
        lets_[step.slot] = *result;
        break;
      }
      case ir::StepKind::for_each: {
        auto begun = begin_loop(step, evaluator, env);
        if (!begun) return fail(begun.error());
        if (!*begun) return Stop::ended;
        break;
      }
      case ir::StepKind::skip:
      case ir::StepKind::fail: {
        auto held = judge(step, evaluator, env);
        if (!held) return fail(held.error());
        if (!*held) break;
        return Stop::skipped;
      }
    }
  }
  return Stop::request;
}

/// False: there is no element, so nothing to do.
Result<bool> ChainWalk::begin_loop(const ir::Step& step, eval::Evaluator& evaluator,
                                   const eval::Environment& env) {
  auto result = evaluator.evaluate(*step.value, env, turn_);
  if (!result) return fail(result.error());
  const Value all = value::copy(value::decoded(*result, turn_), kept_);
  turns_.clear();
  if (all.kind == Kind::list) {
    for (const Value& element : all.list_view()) {
      const Value one = value::decoded(element, kept_);
      if (!one.is_null()) turns_.push_back(one);
    }
  } else if (!all.is_null()) {
    return fail(FailureKind::shape,
                "`for` needs a list, and this is " + std::string(value::name(all.kind)), step.span);
  }
  turn_number_ = 0;
  since_ = first_ = next_ + 1;
  return !turns_.empty();
}

/// Whether a `skip` holds; a `fail` that holds is the failure.
Result<bool> ChainWalk::judge(const ir::Step& step, eval::Evaluator& evaluator,
                              const eval::Environment& env) {
  const ir::Judgement& judgement = *step.judgement;
  if (!judgement.condition.when) return false;
  auto holds = evaluator.test(*judgement.condition.when, env, turn_);
  if (!holds || !*holds) return holds;
  std::string reason = step.kind == ir::StepKind::skip ? "a `skip` of the connector holds"
                                                       : "a `fail` of the connector holds";
  if (judgement.reason) {
    auto said = evaluator.evaluate(*judgement.reason, env, turn_);
    if (!said) return fail(said.error());
    auto text = message_text(*said, turn_);
    if (!text) return fail(text.error());
    reason = *std::move(text);
  }
  if (step.kind == ir::StepKind::fail) return fail(FailureKind::rule, reason, step.span);
  skip_reason_ = std::move(reason);
  return true;
}

Result<bool> ChainWalk::turn_to(std::uint32_t number, eval::Evaluator& evaluator,
                                eval::Environment env) {
  // A `for` stands at the head, or nowhere.
  if (chain_.steps.empty() || chain_.steps[0].kind != ir::StepKind::for_each) return number == 0;
  show(env);
  auto begun = begin_loop(chain_.steps[next_], evaluator, env);
  if (!begun) return fail(begun.error());
  if (number >= turns_.size()) return false;
  turn_number_ = number;
  next_ = first_;
  return true;
}

void ChainWalk::bind(std::string_view json) {
  lets_[chain_.steps[next_].slot] = value::decoded(Value::raw(turn_.copy(json)), turn_);
  since_ = ++next_;
  ++request_;
}

bool ChainWalk::again() {
  if (turn_number_ + 1 >= turns_.size()) return false;
  ++turn_number_;
  since_ = next_ = first_;
  request_ = 0;
  std::fill(lets_.begin(), lets_.end(), Value::null());
  turn_.reset();
  return true;
}

}  // namespace fconn::run
