// Requests and the clauses of their blocks, of client, auth and pagination blocks. The clause under
// construction is the last one; its parts are filled in as they match.
#include <algorithm>
#include <charconv>

#include "grammar/build_ast.hh"
#include "grammar/parse_text.hh"

namespace fconn::grammar {
namespace {

template <class T>
constexpr bool is_single = true;  // may stand once in a block
template <>
constexpr bool is_single<KeepClause> = false;
template <>
constexpr bool is_single<MapClause> = false;
template <>
constexpr bool is_single<TakeClause> = false;
template <>
constexpr bool is_single<SkipClause> = false;
template <>
constexpr bool is_single<FailClause> = false;
template <>
constexpr bool is_single<LetClause> = false;
template <>
constexpr bool is_single<RetryClause> = false;
template <>
constexpr bool is_single<AuthClause> = false;
template <>
constexpr bool is_single<StopClause> = false;
template <>
constexpr bool is_single<TokenClause> = false;
template <>
constexpr bool is_single<ForEachClause> = false;

/// Two of these in a block are a mistake; `next url` and `next query` are not the same clause.
bool same_single(const Clause& a, const Clause& b) {
  if (a.node.index() != b.node.index()) return false;
  return std::visit(
      [&](const auto& node) {
        using T = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<T, NextClause>) {
          return node.part == std::get<NextClause>(b.node).part;
        }
        return is_single<T>;
      },
      a.node);
}

}  // namespace

void Builder::open_clause(Span word) { check_word(word, levels_.back().level); }

void Builder::begin_login(Span word) {
  begin_clause<TokenClause>(word);
  std::get<TokenClause>(clause().node).kind = TokenKind::login;
}

void Builder::begin_refresh(Span word) {
  begin_clause<TokenClause>(word);
  std::get<TokenClause>(clause().node).kind = TokenKind::refresh;
}

void Builder::end_clause(Span span) { clause().span = at(clause().span.begin, span.end); }

// ---- requests ----------------------------------------------------------------------------------

void Builder::method(Span span) {
  // In a chain only: elsewhere a request is part of a clause or declaration that was checked.
  requests_.emplace_back();
  requests_.back().method = name(span);
  requests_.back().span = span;
  path_bad_.reset();
}

void Builder::path_text(Span span) {
  requests_.back().target.push_back(PathPart{std::string(view(span)), {}, false, span});
}

void Builder::path_hole(Span span) {
  close_frame();
  PathPart part;
  part.hole = take_one();
  part.raw = text_[span.begin + 1] == '+';
  part.span = span;
  requests_.back().target.push_back(std::move(part));
}

void Builder::path_bad(Span span) {
  if (!path_bad_) path_bad_ = span.begin;
}

void Builder::target(Span span) {
  requests_.back().target_span = span;
  if (!path_bad_) return;
  const bool query = text_[*path_bad_] == '?';
  report(DiagnosticId::path_query, at(*path_bad_, span.end),
         std::string("a request's path can't hold `") + text_[*path_bad_] + "`",
         query ? "Write the parameters in a clause: query { name: value }."
               : "A fragment is never sent; a `#` in a segment is written {\"#\"}.");
  path_bad_.reset();
}

void Builder::via(Span span) { requests_.back().via = name(span); }

void Builder::request(Span span) { requests_.back().span = span; }

Request Builder::take_request() {
  Request request = std::move(requests_.back());
  requests_.pop_back();
  return request;
}

void Builder::request_block(Span) {
  requests_.back().clauses = take_clauses();
  requests_.back().has_block = true;
}

std::vector<Clause> Builder::take_clauses() {
  const auto from = clauses_.begin() + static_cast<std::ptrdiff_t>(closed_.base);
  std::vector<Clause> taken(std::make_move_iterator(from), std::make_move_iterator(clauses_.end()));
  clauses_.erase(from, clauses_.end());
  check_once(taken);
  return taken;
}

void Builder::check_once(const std::vector<Clause>& clauses) {
  // Each kind's first is remembered by its place in the variant: blocks may be long.
  constexpr std::size_t kKinds = std::variant_size_v<decltype(Clause::node)>;
  std::array<const Clause*, kKinds + 4> firsts{};
  for (const Clause& clause : clauses) {
    std::size_t kind = clause.node.index();
    if (const auto* next = std::get_if<NextClause>(&clause.node)) {
      kind = kKinds + static_cast<std::size_t>(next->part);
    }
    if (firsts[kind] == nullptr) {
      firsts[kind] = &clause;
    } else if (same_single(*firsts[kind], clause)) {
      repeated(view(clause.keyword), clause.keyword, firsts[kind]->keyword);
    }
  }
}

void Builder::repeated(std::string_view word, Span second, Span first) {
  report(DiagnosticId::duplicate_clause, second,
         "`" + std::string(word) + "` may stand here once only", "Remove one of the two.")
      ->notes.push_back(Note{first, "the first one is here"});
}

// ---- clauses -----------------------------------------------------------------------------------

void Builder::clause_value(Span) {
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.url; }) {
          node.url = take_one();
        } else if constexpr (requires { node.source; }) {
          node.source = take_one();
        } else if constexpr (requires { node.condition; }) {
          node.condition = take_one();
        } else if constexpr (requires { node.total; }) {
          node.total = take_one();
        } else if constexpr (requires { node.value; }) {
          node.value = take_one();
        }
      },
      clause().node);
}

void Builder::clause_name(Span span) {
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.name; }) node.name = declared(span);
      },
      clause().node);
}

void Builder::inner_request(Span) {
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.request; }) node.request.push_back(take_request());
      },
      clause().node);
}

void Builder::body_kind(Span span) {
  BodyKind kind{};
  switch (text_[span.begin]) {
    case 'j':
      kind = BodyKind::json;
      break;
    case 'f':
      kind = BodyKind::form;
      break;
    case 't':
      kind = BodyKind::text;
      break;
    case 'x':
      kind = BodyKind::xml;
      break;
    case 'm':
      kind = BodyKind::multipart;
      break;
    case 'c':
      kind = BodyKind::csv;
      break;
    default:
      kind = BodyKind::ndjson;
  }
  std::get<BodyClause>(clause().node).kind = kind;
}

void Builder::media_type(Span) { std::get<BodyClause>(clause().node).media_type = take_one(); }

void Builder::as_format(Span span) { std::get<AsClause>(clause().node).format = name(span); }

void Builder::status(Span span) {
  const std::string_view text = view(span);
  StatusRange range{0, 0, span};
  if (text[1] == 'x') {
    range.low = (text[0] - '0') * 100;
    range.high = range.low + 99;
  } else {
    std::from_chars(text.data(), text.data() + 3, range.low);
    range.high = range.low;
    if (text.size() > 3) std::from_chars(text.data() + 5, text.data() + 8, range.high);
  }
  if (range.low < 100 || range.high > 599 || range.low > range.high) {
    report(DiagnosticId::bad_literal, span, "`" + std::string(text) + "` is no range of statuses",
           "A status lies between 100 and 599, and a range begins with the lower one.");
  }
  statuses_.push_back(range);
}

void Builder::on_part(Span) {
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.on; }) {
          node.on.insert(node.on.end(), statuses_.begin(), statuses_.end());
        }
      },
      clause().node);
  statuses_.clear();
}

void Builder::when_part(Span span) {
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.when; }) {
          if (!node.when.empty())
            repeated("when", at(span.begin, span.begin + 4), node.when[0].span);
          node.when = take_one();
        }
      },
      clause().node);
}

void Builder::reason(Span) {
  if (auto* skip = std::get_if<SkipClause>(&clause().node)) skip->reason = take_one();
  if (auto* stop = std::get_if<StopClause>(&clause().node)) stop->reason = take_one();
  if (auto* fail = std::get_if<FailClause>(&clause().node)) fail->message = take_one();
}

void Builder::every_part(Span span) {
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.every; }) {
          if (!node.every.empty()) {
            repeated("every", at(span.begin, span.begin + 5), node.every[0].span);
          }
          node.every = take_one();
        }
      },
      clause().node);
}

void Builder::until_limit(Span) { std::get<UntilClause>(clause().node).limit = take_one(); }

void Builder::times_part(Span span) {
  auto& retry = std::get<RetryClause>(clause().node);
  if (!retry.times.empty()) repeated("times", at(span.begin, span.begin + 5), retry.times[0].span);
  retry.times = take_one();
}

void Builder::backoff_part(Span span) {
  auto& retry = std::get<RetryClause>(clause().node);
  if (!retry.backoff.empty()) {
    repeated("backoff", at(span.begin, span.begin + 7), retry.backoff[0].span);
  }
  Expr highest = take();
  retry.backoff = take_one();
  retry.backoff.push_back(std::move(highest));
}

void Builder::strategy_name(Span span) {
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.strategy; }) {
          node.strategy = name(span);
          node.bare = true;
        }
      },
      clause().node);
}

void Builder::strategy_arguments(Span) {
  std::vector<Argument> taken = take_arguments();
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.strategy; }) {
          node.arguments = std::move(taken);
          node.bare = false;
        }
      },
      clause().node);
}

void Builder::connect_part(Span) { std::get<TimeoutClause>(clause().node).connect = take_one(); }

void Builder::rate_unit(Span span) { names_.push_back(name(span)); }

void Builder::rate_limit(Span span) {
  RateLimit limit;
  limit.amount = take_one();
  limit.unit = std::move(names_.back());
  names_.pop_back();
  limit.span = span;
  std::get<RateClause>(clause().node).limits.push_back(std::move(limit));
}

void Builder::host(Span) { std::get<HostsClause>(clause().node).hosts.push_back(take()); }

void Builder::next_part(Span span) {
  NextPart part = NextPart::url;
  if (text_[span.begin] == 'q') part = NextPart::query;
  if (text_[span.begin] == 'h') part = NextPart::headers;
  if (text_[span.begin] == 'b') part = NextPart::body;
  std::get<NextClause>(clause().node).part = part;
}

void Builder::expires_how(Span span) {
  std::get<ExpiresClause>(clause().node).at = text_[span.begin] == 'a';
}

void Builder::margin_part(Span) { std::get<ExpiresClause>(clause().node).margin = take_one(); }

// ---- chains ------------------------------------------------------------------------------------

void Builder::chain_start(Span span) {
  chains_.emplace_back();
  chains_.back().span = span;
}

void Builder::identity_name(Span span) {
  Needs& needs = chains_.back().needs;
  if (needs.alternatives.empty()) needs.alternatives.emplace_back();
  needs.alternatives.back().push_back(name(span));
}

void Builder::needs_or(Span) { chains_.back().needs.alternatives.emplace_back(); }

void Builder::needs(Span span) {
  chains_.back().needs.present = true;
  chains_.back().needs.span = span;
}

void Builder::chain_request(Span) { chains_.back().request.push_back(take_request()); }

// A block of steps holds exactly one request of its own, and it is the last.
void Builder::chain_block(Span span) {
  Chain& chain = chains_.back();
  chain.is_block = true;
  chain.steps = take_clauses();
  for (std::size_t i = closed_.requests; i < requests_.size(); ++i) {
    const Span where = requests_[i].method.span;
    if (i + 1 < requests_.size()) {
      report(DiagnosticId::syntax, where, "only the last step of a chain is a bare request",
             "Name the earlier ones: let x = " + std::string(view(where)) + " ….");
    } else {
      for (const Clause& step : chain.steps) {
        if (step.span.begin < where.begin) continue;
        report(DiagnosticId::syntax, step.keyword,
               "`" + std::string(view(step.keyword)) + "` stands behind the chain's last request",
               "Move it before the request, or into the request's block.");
        break;
      }
    }
  }
  if (requests_.size() > closed_.requests) {
    Request last = take_request();
    requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(closed_.requests),
                    requests_.end());
    chain.request.push_back(std::move(last));
  } else if (std::none_of(diagnostics_.begin(), diagnostics_.end(), [&](const Diagnostic& found) {
               return found.severity == Severity::error && found.where.begin >= span.begin;
             })) {
    report(DiagnosticId::missing_clause, at(span.begin, span.begin + 1),
           "a chain ends with a request, and this one has none",
           "Add METHOD PATH as its last step.");
  }
}

void Builder::chain(Span span) {
  std::uint32_t begin = span.begin;
  while (begin < span.end && is_blank(text_[begin])) ++begin;
  Chain made = std::move(chains_.back());
  chains_.pop_back();
  made.span = at(begin, span.end);
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.chain; }) node.chain = std::move(made);
      },
      decl().node);
}

}  // namespace fconn::grammar
