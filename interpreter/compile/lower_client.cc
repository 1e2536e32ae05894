#include <algorithm>

#include "interpreter/compile/lower_client.hh"

namespace fconn::compile {

using grammar::Clause;
using grammar::Overloaded;
using ir::Op;

namespace {

class ClientLowerer {
 public:
  ClientLowerer(Unit& unit, const ClientSymbol& symbol)
      : unit_(unit), symbol_(symbol), lowerer_(unit, env_) {
    env_.in_connector = true;
    env_.see = See::params | See::request_id;
    env_.place = "a client";
  }

  void lower() {
    ir::Client& out = unit_.out.clients.emplace_back();
    index_ = unit_.out.clients.size() - 1;
    if (symbol_.decl == nullptr) return;
    if (symbol_.decl->name) out.name = symbol_.decl->name->text;
    out.span = unit_.at(symbol_.whole->span);
    // Hosts and base first: the others' checks look at them.
    for (const Clause& clause : symbol_.decl->clauses) {
      if (const auto* hosts = std::get_if<grammar::HostsClause>(&clause.node)) lower_hosts(*hosts);
      if (const auto* base = std::get_if<grammar::BaseClause>(&clause.node)) lower_base(*base);
    }
    for (const Clause& clause : symbol_.decl->clauses) lower_clause(clause);
    client().locals = std::max(client().locals, env_.frame);
  }

 private:
  ir::Client& client() { return unit_.out.clients[index_]; }

  void lower_hosts(const grammar::HostsClause& clause) {
    for (const grammar::Expr& host : clause.hosts) {
      Typed value = lowerer_.text(host);
      if (value.expr.op != Op::string) {
        unit_.out.dynamic_hosts.push_back(std::move(value.expr));
        continue;
      }
      if (!is_host_pattern(value.expr.text)) {
        unit_.report(DiagnosticId::bad_host, host.span,
                     quoted(value.expr.text) + " is no host or host pattern",
                     "write `api.example.com` or `*.example.com`, without scheme and path");
      }
      unit_.out.hosts.push_back(std::move(value.expr.text));
    }
  }

  void lower_base(const grammar::BaseClause& clause) {
    const grammar::Expr& url = clause.url.front();
    Typed value = lowerer_.text(url);
    if (value.secret) {
      unit_.report(DiagnosticId::secret_in_path, url.span,
                   "a secret in a URL ends up in logs on the way", "send it in a header");
    }
    client().base = std::move(value.expr);
    check_base(unit_, url);
  }

  void lower_clause(const Clause& clause) {
    constexpr Type object_or_null = Type::object | Type::null_value;
    std::visit(
        Overloaded{
            [&](const grammar::BaseClause&) {},
            [&](const grammar::HostsClause&) {},
            [&](const grammar::AuthClause& c) { auth(c, clause); },
            [&](const grammar::HeadersClause& c) {
              client().headers = lowerer_.value(c.value.front(), object_or_null, "`headers`").expr;
            },
            [&](const grammar::QueryClause& c) {
              client().query = lowerer_.value(c.value.front(), object_or_null, "`query`").expr;
            },
            [&](const grammar::RateClause& c) {
              std::vector<ir::RateWindow> windows = rate_windows(unit_, c);
              client().rates.insert(client().rates.end(), windows.begin(), windows.end());
            },
            [&](const grammar::ParallelClause& c) {
              client().parallel = static_cast<std::uint32_t>(
                  integer_constant(unit_, c.value.front(), "`parallel`", 1, 1));
            },
            [&](const grammar::TimeoutClause& c) {
              client().timeout_ms =
                  duration_constant(unit_, c.total.front(), "`timeout`", 60000, 1);
              if (!c.connect.empty()) {
                client().connect_timeout_ms =
                    duration_constant(unit_, c.connect.front(), "`connect`", 5000, 1);
              }
            },
            [&](const grammar::RetryClause& c) { check_retry(c, clause.span); },
            [&](const auto&) {
              unit_.report(DiagnosticId::clause_not_here, clause.keyword,
                           quoted(unit_.sources.slice(clause.keyword)) + " can't stand in a client",
                           "it belongs to a request's block");
            },
        },
        clause.node);
  }

  void auth(const grammar::AuthClause& clause, const Clause& whole) {
    if (unconditional_) {
      unit_.report(DiagnosticId::auth_order, whole.keyword,
                   "this `auth` is never reached: an earlier one holds always",
                   "put the one without `when` last", *unconditional_, "the one that holds always");
    }
    if (clause.when.empty()) unconditional_ = whole.keyword;
    ir::Auth lowered = lower_auth(unit_, env_, clause, whole.span);
    client().auths.push_back(std::move(lowered));
  }

  /// The rule itself goes into each request, where its paths become cells.
  void check_retry(const grammar::RetryClause& clause, Span span) {
    ir::Request scratch;
    Env env = env_;
    env.see = env.see | See::response | See::request;
    env.dot = Dot::body;
    env.request = &scratch;
    ExprLowerer lowerer(unit_, env);
    (void)retry_rule(unit_, lowerer, clause, span);
  }

  Unit& unit_;
  const ClientSymbol& symbol_;
  Env env_;
  ExprLowerer lowerer_;
  std::size_t index_ = 0;
  std::optional<Span> unconditional_;
};

}  // namespace

void lower_clients(Unit& unit) {
  for (const ClientSymbol& symbol : unit.clients) ClientLowerer(unit, symbol).lower();
  for (std::size_t i = 0; i < unit.clients.size(); ++i) {
    if (unit.clients[i].decl == nullptr) continue;
    auto lowered = unit.out.clients[i].auths.begin();
    for (const Clause& clause : unit.clients[i].decl->clauses) {
      const auto* auth = std::get_if<grammar::AuthClause>(&clause.node);
      if (auth != nullptr) check_strategy_hosts(unit, *lowered++, auth->strategy.span);
    }
  }
}

}  // namespace fconn::compile
