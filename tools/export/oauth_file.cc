// OAuth2 strategies of the file that have the shape of Fides'.
#include <algorithm>

#include "tools/export/oauth.hh"

namespace fconn::exporter {
namespace {

using grammar::AuthClause;
using grammar::Clause;
using grammar::TokenClause;
using grammar::TokenKind;

class FileOauth : Writer {
 public:
  FileOauth(Context& context, const grammar::AuthDecl& decl, const AuthClause& use,
            const Client& client)
      : Writer(context), decl_(decl), client_(client), scope_(context) {
    scope_.settings_only = true;
    scope_.enter(decl.params, use.arguments);
  }

  std::optional<Yaml> write() {
    for (const Clause& clause : decl_.clauses) {
      if (const auto* token = std::get_if<TokenClause>(&clause.node)) {
        add(*token, clause.span);
      } else if (const auto* headers = std::get_if<grammar::HeadersClause>(&clause.node)) {
        if (!is_bearer(scope_.simple(headers->value.front())))
          refuse(clause.span, "Fides sends an OAuth2 token as `Authorization: Bearer`");
      } else {
        refuse(clause.span, "Fides' OAuth2 has a login, a token and its refresh, and nothing else");
      }
    }
    if (failed_) return std::nullopt;
    const bool code = !login_.empty();
    if (code && !has_redirect(context_, decl_.name.span)) return std::nullopt;
    Yaml configuration;
    if (!expires_.empty()) configuration.add("expires_in", Yaml::word(expires_));
    if (code) configuration.add("authorization_request", std::move(requests_["login"]));
    configuration.add("token_request", std::move(requests_["token"]));
    if (requests_.count("refresh") != 0)
      configuration.add("refresh_request", std::move(requests_["refresh"]));
    return oauth_strategy(code, std::move(configuration));
  }

 private:
  bool is_bearer(const Expr& expr) const {
    const auto* object = node<grammar::ObjectExpr>(expr);
    if (object == nullptr || object->entries.size() != 1) return false;
    const grammar::ObjectEntry& one = object->entries.front();
    const auto* string = node<grammar::StringExpr>(one.value.front());
    if (one.name.text != "Authorization" || string == nullptr || string->parts.size() != 2)
      return false;
    if (string->parts[0].text != "Bearer " || string->parts[1].hole.empty()) return false;
    const auto path = path_of(string->parts[1].hole.front());
    return path && path->root == token_ && path->steps.size() <= 1;
  }

  void add(const TokenClause& clause, Span span) {
    const char* const kind = clause.kind == TokenKind::login   ? "login"
                             : clause.kind == TokenKind::token ? "token"
                                                               : "refresh";
    if (requests_.count(kind) != 0)
      return refuse(span, std::string("Fides' OAuth2 has one ") + kind + " request");
    if (clause.kind == TokenKind::login) {
      login_ = clause.name.text;
    } else if (clause.kind == TokenKind::token) {
      token_ = clause.name.text;
      scope_.flow[login_ + ".code"] = "code";
      scope_.flow[login_ + ".redirect_uri"] = "redirect_uri";
    } else {
      scope_.flow[token_ + ".refresh_token"] = "refresh_token";
      scope_.flow[token_ + ".access_token"] = "access_token";
    }
    requests_[kind] = request(clause.request.front(), clause.kind == TokenKind::login, span);
  }

  std::optional<Target> url(const grammar::Request& request) {
    const auto text = target_text(scope_, request);
    failed_ = failed_ || !text;
    if (!text) return std::nullopt;
    const std::string& out = *text;
    if (out.starts_with('/')) return Target{client_.protocol, client_.host, client_.prefix + out};
    const auto target = split_url(out);
    if (!target && !failed_) refuse(request.target_span, "this is no URL");
    if (!target) return std::nullopt;
    return below(*target, client_);
  }

  Yaml request(const grammar::Request& request, bool login, Span span) {
    Yaml out, authentication;
    Yaml headers = Yaml::list(), query = Yaml::list();
    std::string body;
    const auto target = url(request);
    for (const Clause& clause : request.clauses) {
      if (const auto* one = std::get_if<grammar::HeadersClause>(&clause.node)) {
        entries(one->value.front(), headers, &authentication);
      } else if (const auto* two = std::get_if<grammar::QueryClause>(&clause.node)) {
        entries(two->value.front(), query, nullptr);
      } else if (const auto* three = std::get_if<grammar::BodyClause>(&clause.node)) {
        body = body_of(*three, headers, clause.span);
      } else {
        judge(clause, login);
      }
    }
    if (login) finish_login(query);
    if (!target) return out;
    out.add("method", Yaml::text(request.method.text));
    out.add("path", Yaml::text(target->path));
    if (auto own = own_client(*target, client_, std::move(authentication)))
      out.add("client_config", std::move(*own));
    if (!headers.empty()) out.add("headers", std::move(headers));
    if (!query.empty()) out.add("query_params", std::move(query));
    if (!body.empty()) out.add("body", Yaml::text(body));
    if (target->path.empty()) refuse(span, "Fides' requests need a path");
    return out;
  }

  /// What the engine adds to a login by itself, Fides wants to see.
  static void finish_login(Yaml& query) {
    for (const char* const name : {"redirect_uri", "state"}) {
      const bool given = std::any_of(query.items.begin(), query.items.end(), [&](const Yaml& one) {
        return one.members.front().value.scalar == name;
      });
      if (!given) query.push(named(name, Yaml::text("<" + std::string(name) + ">")));
    }
  }

  void entries(const Expr& expr, Yaml& list, Yaml* authentication) {
    const auto all = entries_of(scope_, expr);
    failed_ = failed_ || !all;
    if (!all) return;
    for (const auto& [name, value] : *all) {
      if (authentication != nullptr && name == "Authorization" && basic(value, *authentication))
        continue;
      list.push(named(name, Yaml::text(taken(plain_text(scope_, value, Use::strict)))));
    }
  }

  /// `"Basic {base64("{id}:{secret}")}"`
  bool basic(const Expr& expr, Yaml& authentication) {
    const auto* string = node<grammar::StringExpr>(expr);
    if (string == nullptr || string->parts.size() != 2 || string->parts[0].text != "Basic " ||
        string->parts[1].hole.empty()) {
      return false;
    }
    const auto* call = call_of(string->parts[1].hole.front(), "base64");
    if (call == nullptr || call->arguments.size() != 1) return false;
    const auto pair = plain_text(scope_, call->arguments.front().value.front(), Use::strict);
    if (!pair) return false;
    const std::size_t colon = pair->find(':');
    if (colon == std::string::npos) return false;
    authentication = basic_authentication(pair->substr(0, colon), pair->substr(colon + 1));
    return true;
  }

  std::string body_of(const grammar::BodyClause& clause, Yaml& headers, Span span) {
    const bool form = clause.kind == grammar::BodyKind::form;
    if (!form && clause.kind != grammar::BodyKind::json) {
      refuse(span, "Fides asks for tokens with a form or with JSON");
      return "";
    }
    if (form) headers.push(named("Content-Type", Yaml::text(std::string(form_type))));
    return taken(json_template(scope_, clause.value.front()));
  }

  void judge(const Clause& clause, bool login) {
    if (std::holds_alternative<grammar::FailClause>(clause.node) && !login) return;
    if (const auto* value = std::get_if<grammar::ValueClause>(&clause.node)) {
      if (!is_token(value->value.front()))
        refuse(clause.span,
               "Fides takes `access_token` and `refresh_token` from an answer, and nothing else");
    } else if (const auto* expires = std::get_if<grammar::ExpiresClause>(&clause.node)) {
      const auto seconds = seconds_of(scope_.simple(expires->value.front()));
      if (seconds) {
        expires_ = *seconds;
      } else if (expires->at || !from_answer(expires->value.front())) {
        refuse(
            clause.span,
            "Fides takes a token's life from `expires_in` of the answer, or a number of seconds");
      }
    } else {
      refuse(clause.span, "Fides' requests for tokens have no such clause");
    }
  }

  static bool from_answer(const Expr& expr) {
    const auto* call = call_of(expr, "seconds");
    const auto path =
        call == nullptr ? path_of(expr) : path_of(call->arguments.front().value.front());
    return path && path->root.empty() && fides_path(path->steps) == "expires_in";
  }

  static bool member(const Expr& expr, std::string_view name) {
    const auto* either = binary(expr, grammar::BinaryOp::coalesce);
    const auto path = path_of(either == nullptr ? expr : either->operands.front());
    return path && path->root.empty() && fides_path(path->steps) == name;
  }

  static bool is_token(const Expr& expr) {
    if (member(expr, "access_token")) return true;
    const auto* object = node<grammar::ObjectExpr>(expr);
    return object != nullptr &&
           std::all_of(
               object->entries.begin(), object->entries.end(), [](const grammar::ObjectEntry& one) {
                 return (one.name.text == "access_token" || one.name.text == "refresh_token") &&
                        member(one.value.front(), one.name.text);
               });
  }

  const grammar::AuthDecl& decl_;
  const Client& client_;
  Scope scope_;
  std::string login_, token_, expires_;
  std::map<std::string, Yaml> requests_;
};

}  // namespace

std::optional<Yaml> oauth_of_file(Context& context, const grammar::AuthDecl& decl,
                                  const AuthClause& use, const Client& client) {
  return FileOauth(context, decl, use, client).write();
}

}  // namespace fconn::exporter
