#include "interpreter/run/judge_alone.hh"

#include <algorithm>

#include "interpreter/run/answer.hh"
#include "interpreter/run/draft.hh"
#include "interpreter/run/row_pipeline.hh"

namespace fconn::run {

using value::Result;
using value::Value;

namespace {

/// The request as `request` of an expression sees it; credentials are none of it.
Draft draft_of(const http::Request& sent, const ir::Request& declared) {
  Draft draft;
  draft.method = sent.method;
  if (auto url = http::parse_url(sent.url)) {
    if (url->query) draft.query = http::parse_query(*url->query);
    url->query.reset();
    draft.url = *std::move(url);
  }
  for (const http::HeaderField& field : sent.headers) {
    if (!field.credential) draft.headers.push_back(field);
  }
  draft.has_body = sent.has_body;
  draft.body_kind = declared.body_kind;
  draft.body = sent.body;
  value::Arena arena;
  if (const auto body = value::parse_json(sent.body, arena))
    draft.body_value = value::OwnedValue(*body);
  draft.private_url = sent.private_url;
  return draft;
}

class Judge {
 public:
  Judge(const LoneAnswer& lone, Observer& observer, const http::HostsGuard& guard,
        const http::Redactor& redactor, value::Clock& clock, value::Random& random)
      : lone_(lone),
        request_(*lone.seen.declared),
        observer_(observer),
        guard_(guard),
        redactor_(redactor),
        evaluator_(*lone.seen.connector, clock, random),
        locals_(std::max(lone.seen.chain->locals, request_.locals)),
        draft_(draft_of(*lone.sent, request_)),
        view_(request_view(draft_, arena_)),
        pipeline_({&request_, nullptr, nullptr, false, true}, evaluator_, rows::RowHasher(0)) {
    env_.params = lone.params;
    env_.identities = lone.identities;
    env_.bound = lone.bound;
    env_.lets = lone.lets;
    env_.loop_value = lone.loop_value;
    env_.request_id = lone.request_id;
    env_.locals = locals_;
    env_.request = &view_;
    env_.status = lone.arrived.status;
    env_.headers = headers_value(lone.arrived.headers, arena_);
    env_.links = links_value(lone.arrived.headers, arena_);
    answer_.status = lone.arrived.status;
    answer_.headers = &lone.arrived.headers;
    answer_.body = lone.arrived.body;
  }

  void run() {
    auto body = json_body(request_, answer_, storage_);
    Arrived arrived = lone_.arrived;
    if (body) arrived.json = *body;
    observer_.arrived(lone_.seen, arrived, nullptr);
    read(std::move(body));
    if (auto judged = judge(); !judged) event(Event::failed, judged.error().text);
    observer_.judged(lone_.seen.request);
  }

 private:
  void event(Event what, std::string_view text) {
    observer_.event(lone_.seen, what, redactor_.redact(text));
  }

  void clause(const Clause& what) { observer_.clause(lone_.seen, what, {evaluator_, env_}); }

  void clause(Clause::Kind kind, grammar::Span where, const ir::Expr* expr, bool holds,
              std::string_view said = {}) {
    Clause what{kind, where, expr, holds};
    what.said = said;
    clause(what);
  }

  static const ir::Expr* expr_of(const ir::Condition& condition) {
    return condition.when ? &*condition.when : nullptr;
  }

  Result<bool> holds(const ir::Condition& condition, grammar::Span where) {
    return condition_holds(condition, where, answer_.status, evaluator_, env_, arena_);
  }

  Result<void> judge() {
    for (const ir::RetryRule& rule : request_.retries) {
      auto again = holds(rule.condition, rule.span);
      if (!again) return value::fail(again.error());
      clause(Clause::Kind::retry, rule.span, expr_of(rule.condition), *again);
    }
    auto skipped = skip();
    if (!skipped) return value::fail(skipped.error());
    if (*skipped) return {};
    if (answer_.status < 200 || answer_.status >= 300) {
      return value::fail(value::FailureKind::status,
                         "the server answered " + std::to_string(answer_.status));
    }
    for (const ir::Judgement& rule : request_.fails) {
      auto fails = holds(rule.condition, rule.span);
      if (!fails) return value::fail(fails.error());
      clause(Clause::Kind::fail, rule.span, expr_of(rule.condition), *fails);
      if (!*fails) continue;
      auto reason =
          judgement_text(rule, "a `fail` clause of the connector holds", evaluator_, env_, arena_);
      return value::fail(value::FailureKind::rule, reason ? *reason : reason.error().text);
    }
    if (request_.until) {
      const ir::Until& until = *request_.until;
      auto done = evaluator_.test(until.condition, env_, arena_);
      if (!done) return value::fail(done.error());
      clause(Clause::Kind::until, until.span, &until.condition, *done);
      if (!*done) {
        event(Event::waits, "");
        return {};
      }
    }
    return accept();
  }

  Result<bool> skip() {
    for (const ir::Judgement& skip : request_.skips) {
      auto skipped = holds(skip.condition, skip.span);
      if (!skipped) return value::fail(skipped.error());
      if (!*skipped) {
        clause(Clause::Kind::skip, skip.span, expr_of(skip.condition), false);
        continue;
      }
      const bool good = answer_.status >= 200 && answer_.status < 300;
      if (good && blind(skip.condition, answer_)) return value::fail(*answer_.unreadable);
      auto reason = judgement_text(skip, "status " + std::to_string(answer_.status), evaluator_,
                                   env_, arena_);
      if (!reason) return value::fail(reason.error());
      clause(Clause::Kind::skip, skip.span, expr_of(skip.condition), true, *reason);
      event(Event::skipped, *reason);
      return true;
    }
    return false;
  }

  /// Rows and cells; a body that can't be read is one without cells.
  void read(Result<std::string_view> body) {
    rows::Projection projection;
    projection.body_cells = request_.body_cells;
    rows_cell_ = projection.body_cells.size();
    projection.body_cells.push_back(request_.rows_path.value_or(rows::KeyPath()));
    const rows::CompiledProjection cells(projection);
    projection.rows = request_.rows_path;
    projection.row_cells = request_.row_cells;
    const bool good = answer_.status >= 200 && answer_.status < 300;
    if (!body) {
      answer_.unreadable = body.error();
    } else if (good && request_.rows_path) {
      begin_rows();
      auto read = reader_.read(*body, rows::CompiledProjection(projection), pipeline_);
      if (read) return take(*std::move(read));
      answer_.unreadable = read.error();
    }
    NoRows none;
    auto read =
        body ? reader_.read(*body, cells, none) : Result<rows::Envelope>(value::fail(body.error()));
    if (read) return take(*std::move(read));
    if (!answer_.unreadable) answer_.unreadable = read.error();
    answer_.envelope.body_cells.assign(projection.body_cells.size(), {});
    env_.body_cells = answer_.envelope.body_cells;
  }

  void take(rows::Envelope envelope) {
    answer_.envelope = std::move(envelope);
    env_.body_cells = answer_.envelope.body_cells;
  }

  void begin_rows() {
    page_.clear();
    pipeline_.watch([this](const SeenRow& row, const eval::Environment& env) {
      // Of a `let` any value is one.
      const bool object = !row.result.empty() && row.result.front() == '{';
      odd_row_ = odd_row_ || (lone_.seen.step.empty() && !row.dropped_by && !object);
      observer_.row(lone_.seen, row, {evaluator_, env});
    });
    pipeline_.begin(env_, lone_.keep_identities, taken_, page_);
  }

  Result<void> accept() {
    if (answer_.unreadable) return value::fail(*answer_.unreadable);
    const std::string_view whole = answer_.envelope.body_cells[rows_cell_];
    if (!request_.rows_path && !request_.rows) {
      event(Event::bound, whole.data() == nullptr ? "null" : whole);
      return {};
    }
    if (request_.rows_path) {
      if (whole.data() != nullptr) env_.rows_all = Value::raw(whole);
    } else if (auto computed = compute_rows(); !computed) {
      return computed;
    }
    env_.rows_count = answer_.envelope.rows;
    env_.rows_first = answer_.envelope.first_row;
    env_.rows_last = answer_.envelope.last_row;
    Clause rows{Clause::Kind::rows, request_.rows ? request_.rows->span : grammar::Span{}};
    rows.rows = env_.rows_count;
    clause(rows);
    if (odd_row_) {
      return value::fail(value::FailureKind::shape,
                         "a row must be an object, and not all are; use `map` to make one");
    }
    event(Event::accepted, "");
    return request_.pagination && !pipeline_.cut() ? next() : Result<void>();
  }

  Result<void> compute_rows() {
    auto computed = evaluator_.evaluate(*request_.rows, env_, arena_);
    if (!computed) return value::fail(computed.error());
    value::append_json(*computed, elements_);
    const std::size_t size = elements_.size();
    elements_.append(rows::padding, ' ');
    rows::Projection projection;
    projection.rows = rows::KeyPath{};
    projection.row_cells = request_.row_cells;
    begin_rows();
    auto cells = std::move(answer_.envelope.body_cells);
    auto read = reader_.read(std::string_view(elements_).substr(0, size),
                             rows::CompiledProjection(std::move(projection)), pipeline_);
    if (!read) return value::fail(read.error());
    answer_.envelope = *std::move(read);
    answer_.envelope.body_cells = std::move(cells);
    env_.body_cells = answer_.envelope.body_cells;
    env_.rows_all = *computed;
    return {};
  }

  Result<void> next() {
    const StepSeen told = [this](const ir::PageStep& step, std::optional<bool> stops) {
      Clause what;
      what.kind = step.kind == ir::PageStepKind::stop  ? Clause::Kind::stop
                  : step.kind == ir::PageStepKind::let ? Clause::Kind::let
                                                       : Clause::Kind::next;
      what.where = step.span;
      what.expr = &step.value;
      what.holds = stops;
      clause(what);
    };
    auto page = next_page(*request_.pagination, draft_, evaluator_, env_, arena_, guard_, {}, told);
    if (!page) return value::fail(page.error());
    if (page->capped) {
      event(Event::capped, *page->capped);
    } else {
      event(page->more ? Event::more : Event::last, "");
    }
    return {};
  }

  const LoneAnswer& lone_;
  const ir::Request& request_;
  Observer& observer_;
  const http::HostsGuard& guard_;
  const http::Redactor& redactor_;
  eval::Evaluator evaluator_;
  value::Arena arena_{16 * 1024};
  std::vector<Value> locals_;
  Draft draft_;
  eval::RequestView view_;
  eval::Environment env_;
  RowPipeline pipeline_;
  rows::JsonReader reader_;
  Answer answer_;
  Page page_;
  std::string storage_, elements_;
  std::size_t rows_cell_ = 0;
  std::uint64_t taken_ = 0;
  bool odd_row_ = false;  // one that is no object
};

}  // namespace

void judge_alone(const LoneAnswer& answer, Observer& observer, const http::HostsGuard& guard,
                 const http::Redactor& redactor, value::Clock& clock, value::Random& random) {
  // The reader wants room behind the body.
  std::string body(answer.arrived.body);
  body.append(rows::padding, ' ');
  LoneAnswer padded = answer;
  padded.arrived.body = std::string_view(body).substr(0, answer.arrived.body.size());
  Judge(padded, observer, guard, redactor, clock, random).run();
}

}  // namespace fconn::run
