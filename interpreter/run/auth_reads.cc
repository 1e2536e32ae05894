#include "interpreter/run/auth_reads.hh"

#include <algorithm>
#include <functional>
#include <set>

namespace fconn::run {

using ir::Expr;
using ir::Op;
using Visit = std::function<void(const Expr&)>;

namespace {

void each(const std::optional<Expr>& expr, const Visit& visit) {
  if (expr) visit(*expr);
}

void each(const ir::Condition& condition, const Visit& visit) { each(condition.when, visit); }

void each(const ir::Request& request, const Visit& visit) {
  for (const ir::TargetPart& part : request.target) each(part.value, visit);
  for (const auto* expr : {&request.query, &request.headers, &request.body, &request.body_type}) {
    each(*expr, visit);
  }
  for (const ir::RetryRule& rule : request.retries) {
    each(rule.condition, visit);
    each(rule.every, visit);
  }
  for (const auto* judgements : {&request.skips, &request.fails}) {
    for (const ir::Judgement& judgement : *judgements) {
      each(judgement.condition, visit);
      each(judgement.reason, visit);
    }
  }
}

template <class Fetch>
void each_of_fetch(const Fetch& fetch, const Visit& visit) {
  each(fetch.request, visit);
  visit(fetch.value);
  each(fetch.expires_in, visit);
  each(fetch.expires_at, visit);
}

void each_of_token(const ir::Token& token, const Visit& visit) {
  each_of_fetch(token, visit);
  each(token.show, visit);
}

void each_of_refresh(const ir::Refresh& refresh, const Visit& visit) {
  each(refresh.when, visit);
  each_of_fetch(refresh, visit);
}

/// Collects what expressions read, and what the lets that they read read.
class Collector {
 public:
  explicit Collector(const ir::Auth& auth) : auth_(auth) {}

  void add(const Expr& expr) {
    std::set<std::int64_t> bound;
    walk(expr, bound);
  }

  AuthReads result() const {
    AuthReads reads;
    reads.lets.assign(lets_.begin(), lets_.end());
    reads.tokens.assign(tokens_.begin(), tokens_.end());
    reads.challenge = challenge_;
    return reads;
  }

 private:
  /// `bound`: slots that loops of the expression itself fill.
  void walk(const Expr& expr, std::set<std::int64_t> bound) {
    switch (expr.op) {
      case Op::list_for:
      case Op::object_for:
        bound.insert(expr.number);
        if (expr.text == "2") bound.insert(expr.number + 1);
        break;
      case Op::each:
        bound.insert(expr.number);
        break;
      case Op::token:
        tokens_.insert(static_cast<std::uint32_t>(expr.number));
        break;
      case Op::challenge:
        challenge_ = true;
        break;
      case Op::local:
        if (!bound.contains(expr.number)) let(expr.number);
        break;
      default:
        break;
    }
    for (const Expr& kid : expr.kids) walk(kid, bound);
  }

  void let(std::int64_t slot) {
    for (std::uint32_t i = 0; i < auth_.lets.size(); ++i) {
      if (auth_.lets[i].slot != slot || !lets_.insert(i).second) continue;
      add(auth_.lets[i].value);
    }
  }

  const ir::Auth& auth_;
  std::set<std::uint32_t> lets_, tokens_;
  bool challenge_ = false;
};

void params_in(const Expr& expr, const ir::Connector& connector, std::set<std::uint32_t>& params,
               std::set<std::int64_t>& functions) {
  if (expr.op == Op::param) params.insert(static_cast<std::uint32_t>(expr.number));
  if (expr.op == Op::call_fn && functions.insert(expr.number).second) {
    const auto& function = connector.functions[static_cast<std::size_t>(expr.number)];
    params_in(function.body, connector, params, functions);
  }
  for (const Expr& kid : expr.kids) params_in(kid, connector, params, functions);
}

}  // namespace

AuthReads reads_to_sign(const ir::Auth& auth) {
  Collector reads(auth);
  for (const auto* expr : {&auth.headers, &auth.query, &auth.body}) {
    each(*expr, [&](const Expr& e) { reads.add(e); });
  }
  return reads.result();
}

AuthReads reads_to_fetch(const ir::Auth& auth, const ir::Token& token) {
  Collector reads(auth);
  each_of_token(token, [&](const Expr& e) { reads.add(e); });
  return reads.result();
}

AuthReads reads_to_refresh(const ir::Auth& auth, std::uint32_t token) {
  Collector reads(auth);
  each_of_refresh(*auth.tokens[token].refresh, [&](const Expr& e) { reads.add(e); });
  AuthReads result = reads.result();
  std::erase(result.tokens, token);
  return result;
}

std::vector<std::uint32_t> params_of(const ir::Auth& auth, const ir::Connector& connector) {
  std::set<std::uint32_t> params;
  std::set<std::int64_t> functions;
  const Visit visit = [&](const Expr& e) { params_in(e, connector, params, functions); };
  for (const ir::AuthLet& let : auth.lets) visit(let.value);
  for (const ir::Token& token : auth.tokens) {
    each_of_token(token, visit);
    if (token.refresh) each_of_refresh(*token.refresh, visit);
  }
  for (const auto* expr : {&auth.headers, &auth.query, &auth.body}) each(*expr, visit);
  return {params.begin(), params.end()};
}

std::string targets_of(const ir::Auth& auth) {
  std::string text;
  for (const ir::Token& token : auth.tokens) {
    text += token.request.method + ' ';
    for (const ir::TargetPart& part : token.request.target) {
      text += part.value ? ir::dump(*part.value) : part.text;
    }
    text += '\n';
  }
  return text;
}

}  // namespace fconn::run
