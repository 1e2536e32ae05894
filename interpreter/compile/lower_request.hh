// Requests and chains to IR. Private to compile/.
#pragma once

#include <string_view>

#include "interpreter/compile/lower_expr.hh"

namespace fconn::compile {

/// What a request is for: decides which clauses may stand in its block.
enum class Role : std::uint8_t { read, step, erase, check, consent, token };

/// What a token's request holds besides the request.
struct TokenParts {
  std::optional<ir::Expr> value, expires_in, expires_at, show;
  std::optional<std::int64_t> margin_ms;
};

/// Lowers one request. `env.see` is what the place offers before an answer is there. For
/// Role::token, `token` receives value and expires.
ir::Request lower_request(Unit& unit, Env& env, const grammar::Request& request, Role role,
                          TokenParts* token = nullptr);

/// Lowers a chain into `env.ir`, with needs, uses and frames.
void lower_chain(Unit& unit, ChainEnv& env, const grammar::Chain& chain, Role role);

// clause_values.cc: constants of clauses, and what client and request blocks share.

/// A duration constant in milliseconds; reported and `otherwise` when it is none.
std::int64_t duration_constant(Unit& unit, const grammar::Expr& expr, std::string_view what,
                               std::int64_t otherwise, std::int64_t least = 0);
/// An integer constant within bounds.
std::int64_t integer_constant(Unit& unit, const grammar::Expr& expr, std::string_view what,
                              std::int64_t least, std::int64_t otherwise);
/// The text of a constant string; nothing (and reported) when it is none.
std::string string_constant(Unit& unit, const std::vector<grammar::Expr>& value,
                            std::string_view what);
std::vector<ir::RateWindow> rate_windows(Unit& unit, const grammar::RateClause& clause);
std::vector<ir::StatusRange> status_ranges(const std::vector<grammar::StatusRange>& ranges);
/// Of a `skip`: `4xx` leaves out 401, 403 and 429, which say that this client wasn't let in, not
/// that nothing is there.
std::vector<ir::StatusRange> skipped_ranges(const std::vector<grammar::StatusRange>& ranges);
/// `lowerer` stands where an answer can be seen.
ir::RetryRule retry_rule(Unit& unit, ExprLowerer& lowerer, const grammar::RetryClause& clause,
                         Span span);
/// language.md: on 429, 502..504 times 3 backoff 1s..60s
ir::RetryRule default_retry();

// strategies.cc

/// Inlines a strategy where `env` stands at a response; none when it is unknown.
std::optional<ir::Pagination> lower_pagination(Unit& unit, Env& env,
                                               const grammar::PaginateClause& clause, Span span);
ir::Auth lower_auth(Unit& unit, Env& env, const grammar::AuthClause& clause, Span span);
/// Checks the strategies of the file itself, used or not.
void check_strategies(Unit& unit);

// hosts.cc

/// Says whether the target is absolute, notes literal hosts, and reports plain http, hosts that
/// aren't declared, and targets that are neither path nor URL.
void check_target(Unit& unit, const grammar::Request& request, ir::Request& lowered);
/// Reports hosts that a strategy sends to, that its arguments choose, and that nothing declares;
/// `where` is where a client names the strategy. All clients must be lowered.
void check_strategy_hosts(Unit& unit, const ir::Auth& auth, Span where);
/// Checks a client's `base`.
void check_base(Unit& unit, const grammar::Expr& base);
/// Whether `text` can be a host pattern: "api.example.com", "*.example.com", with a port or not.
bool is_host_pattern(std::string_view text);

}  // namespace fconn::compile
