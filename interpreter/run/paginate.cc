// The next request of a chain, from a strategy's steps (language.md "Pagination, in the language").
#include <algorithm>

#include "interpreter/http/redirect.hh"
#include "interpreter/run/body.hh"
#include "interpreter/run/draft.hh"
#include "interpreter/run/message.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

namespace {

/// `next url E`: false when E is null.
Result<bool> next_url(const ir::PageStep& step, Draft& draft, eval::Evaluator& evaluator,
                      eval::Environment& env, value::Arena& arena, const http::HostsGuard& guard,
                      std::string_view redirected_to) {
  auto result = evaluator.evaluate(step.value, env, arena);
  if (!result) return fail(result.error());
  const Value target = value::decoded(*result, arena);
  if (target.is_null()) return false;
  if (target.kind != Kind::string) {
    return fail(FailureKind::shape,
                "the next page's URL must be a string, and this is " +
                    std::string(value::name(target.kind)),
                step.span);
  }
  if (target.view().empty()) return false;
  const auto safe = http::sanitize_target(target.view());
  http::Url current = draft.url;
  if (!draft.query.empty()) current.query = http::build_query(draft.query);
  const auto base = http::parse_url(redirected_to);
  auto url = safe ? http::resolve(base ? *base : current, *safe) : std::nullopt;
  if (!url) {
    return fail(FailureKind::shape, "the next page's URL can't be read as an http(s) URL",
                step.span);
  }
  *url = guard.normalize_link(*url);
  if (auto allowed = guard.permit(*url); !allowed) {
    value::Failure failure = allowed.error();
    failure.where = step.span;
    return fail(std::move(failure));
  }
  if (!http::stays_at_origin(current, *url, guard)) {
    std::erase_if(draft.headers, http::stays_home);
  }
  draft.query.clear();
  draft.spelt_query = url->query.value_or("");
  if (url->query) {
    // A pair that is there twice says nothing new; links that an API builds from the request as
    // it came grow by one of them with every page.
    for (auto& pair : http::parse_query(*url->query)) {
      if (std::find(draft.query.begin(), draft.query.end(), pair) == draft.query.end()) {
        draft.query.push_back(std::move(pair));
      }
    }
  }
  url->query.reset();
  draft.url = *std::move(url);
  return true;
}

}  // namespace

value::Result<NextPage> next_page(const ir::Pagination& pagination, Draft& draft,
                                  eval::Evaluator& evaluator, eval::Environment& env,
                                  value::Arena& arena, const http::HostsGuard& guard,
                                  std::string_view redirected_to, const StepSeen& seen) {
  NextPage result;
  for (const ir::PageStep& step : pagination.steps) {
    if (seen && step.kind != ir::PageStepKind::stop && step.kind != ir::PageStepKind::let) {
      seen(step, std::nullopt);
    }
    switch (step.kind) {
      case ir::PageStepKind::stop: {
        auto stop = evaluator.test(step.value, env, arena);
        if (!stop) return fail(stop.error());
        if (seen) seen(step, *stop);
        if (!*stop) break;
        if (!step.reason) return NextPage{};
        auto said = evaluator.evaluate(*step.reason, env, arena);
        if (!said) return fail(said.error());
        auto reason = message_text(*said, arena);
        if (!reason) return fail(reason.error());
        return NextPage{false, *std::move(reason)};
      }
      case ir::PageStepKind::let: {
        auto computed = evaluator.evaluate(step.value, env, arena);
        if (!computed) return fail(computed.error());
        env.locals[step.slot] = *computed;
        if (seen) seen(step, std::nullopt);
        break;
      }
      case ir::PageStepKind::next_url: {
        auto next = next_url(step, draft, evaluator, env, arena, guard, redirected_to);
        if (!next) return fail(next.error());
        if (!*next) return NextPage{};
        result.more = true;
        break;
      }
      case ir::PageStepKind::next_query: {
        auto merged = merge_query(step.value, evaluator, env, arena, draft.query);
        if (!merged) return fail(merged.error());
        result.more = true;
        break;
      }
      case ir::PageStepKind::next_headers: {
        auto merged = merge_headers(step.value, evaluator, env, arena, false, draft.headers);
        if (!merged) return fail(merged.error());
        result.more = true;
        break;
      }
      case ir::PageStepKind::next_body: {
        auto merged = merge_body(step.value, evaluator, env, arena, draft);
        if (!merged) return fail(merged.error());
        result.more = true;
        break;
      }
    }
  }
  return result;
}

}  // namespace fconn::run
