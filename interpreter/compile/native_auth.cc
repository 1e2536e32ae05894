#include "interpreter/compile/native_auth.hh"

#include <algorithm>

#include "interpreter/compile/lower_expr.hh"

namespace fconn::compile {

using ir::Op;

namespace {

struct NativeAuth {
  std::string_view name;
  std::vector<std::string_view> arguments;
  std::size_t required = 0;  // the first so many
};

const std::vector<NativeAuth>& table() {
  static const std::vector<NativeAuth> strategies = {
      {"digest", {"username", "password"}, 2},
      {"oauth2_client_credentials",
       {"token_url", "client_id", "client_secret", "scopes", "audience", "client_auth"},
       3},
      {"oauth2_authorization_code",
       {"authorize_url", "token_url", "client_id", "client_secret", "scopes", "pkce", "client_auth",
        "authorize_params", "token_params"},
       4},
      {"oauth2_device_code",
       {"device_url", "token_url", "client_id", "client_secret", "scopes"},
       3},

      {"oauth2_password",
       {"token_url", "client_id", "client_secret", "username", "password", "scopes"},
       5},
      {"jwt_bearer", {"token_url", "claims", "key", "algorithm", "header"}, 3},
      {"google_service_account", {"key", "scopes", "subject"}, 2},
      {"aws_sigv4", {"access_key", "secret_key", "region", "service", "session_token"}, 4},
      {"hmac", {"secret_key", "message", "header", "algorithm"}, 2},
      {"session_token", {"token", "header"}, 1},
  };
  return strategies;
}

}  // namespace

bool lower_native_auth(Unit& unit, Env& env, const grammar::AuthClause& clause, ir::Auth& auth) {
  const auto found = std::find_if(table().begin(), table().end(), [&](const NativeAuth& native) {
    return native.name == clause.strategy.text;
  });
  if (found == table().end()) return false;
  std::vector<bool> required(found->arguments.size(), false);
  std::fill_n(required.begin(), found->required, true);
  ExprLowerer lowerer(unit, env);
  const auto arguments = lowerer.match_arguments(found->arguments, required, clause.arguments,
                                                 found->name, clause.strategy.span);
  for (const grammar::Argument* argument : arguments) {
    ir::Expr value = argument == nullptr ? make(Op::null_value, auth.span)
                                         : lowerer.lower(argument->value.front()).expr;
    auth.lets.push_back({env.take_slot(), std::move(value)});
  }
  return true;
}

void add_native_auth_names(std::vector<std::string>& names) {
  for (const NativeAuth& native : table()) names.emplace_back(native.name);
}

}  // namespace fconn::compile
