// OAuth2 strategies: the library's, and those of the file that have their shape.
#include <algorithm>

#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

using grammar::AuthClause;
using grammar::Clause;
using grammar::TokenClause;
using grammar::TokenKind;

constexpr std::string_view form_type = "application/x-www-form-urlencoded";

Yaml entry(std::string name, std::string value) {
  Yaml out;
  out.add("name", Yaml::text(std::move(name)));
  out.add("value", Yaml::text(std::move(value)));
  return out;
}

Yaml form_header() {
  Yaml out = Yaml::list();
  out.push(entry("Content-Type", std::string(form_type)));
  return out;
}

/// `client_config` of a request for tokens: none where it is the client's own.
std::optional<Yaml> own_client(const Target& target, const Client& client, Yaml authentication) {
  const bool same = target.protocol == client.protocol && target.host == client.host;
  if (same && authentication.members.empty()) return std::nullopt;
  Yaml out;
  out.add("protocol", Yaml::text(target.protocol));
  out.add("host", Yaml::text(target.host));
  if (!authentication.members.empty()) out.add("authentication", std::move(authentication));
  return out;
}

/// A URL below the client's own base, which may end in a path.
Target below(const Target& target, const Client& client) {
  const std::string whole = target.host + target.path;
  if (target.protocol != client.protocol || !whole.starts_with(client.host)) return target;
  const std::string path = whole.substr(client.host.size());
  if (!path.empty() && path.front() != '/') return target;
  return {target.protocol, client.host, path};
}

Yaml basic_authentication(const std::string& username, const std::string& password) {
  Yaml configuration, out;
  configuration.add("username", Yaml::text(username));
  configuration.add("password", Yaml::text(password));
  out.add("strategy", Yaml::text("basic"));
  out.add("configuration", std::move(configuration));
  return out;
}

Yaml oauth(bool code, Yaml configuration) {
  Yaml out;
  out.add("strategy",
          Yaml::text(code ? "oauth2_authorization_code" : "oauth2_client_credentials"));
  out.add("configuration", std::move(configuration));
  return out;
}

/// Seconds of a duration as it is spelt; null when it isn't whole.
std::optional<std::string> seconds_of(const Expr& expr) {
  const auto* literal = node<grammar::Literal>(expr);
  if (literal == nullptr || literal->kind != grammar::LiteralKind::duration) return std::nullopt;
  const std::string& text = literal->text;
  const std::size_t unit = text.find_first_not_of("0123456789");
  if (unit == std::string::npos || unit == 0 || unit > 9) return std::nullopt;
  const std::string name = text.substr(unit);
  const std::int64_t factor = name == "s" ? 1 : name == "m" ? 60 : name == "h" ? 3600 : name == "d" ? 86400 : 0;
  if (factor == 0) return std::nullopt;
  return std::to_string(std::stoll(text.substr(0, unit)) * factor);
}

// ---- of the file -------------------------------------------------------------------------------

class FileOauth {
 public:
  FileOauth(Context& context, const grammar::AuthDecl& decl, const AuthClause& use,
            const Client& client)
      : context_(context), decl_(decl), client_(client), scope_(context) {
    scope_.settings_only = true;
    for (std::size_t i = 0; i < decl.params.size(); ++i) {
      const grammar::FnParam& param = decl.params[i];
      const Expr* value = argument(use.arguments, i, param.name.text);
      if (value == nullptr && !param.default_value.empty()) value = &param.default_value.front();
      if (value != nullptr) scope_.arguments[param.name.text] = value;
    }
  }

  std::optional<Yaml> write() {
    for (const Clause& clause : decl_.clauses) {
      if (const auto* token = std::get_if<TokenClause>(&clause.node)) {
        add(*token, clause.span);
      } else if (const auto* headers = std::get_if<grammar::HeadersClause>(&clause.node)) {
        if (!is_bearer(headers->value.front()))
          refuse(clause.span, "Fides sends an OAuth2 token as `Authorization: Bearer`");
      } else {
        refuse(clause.span, "Fides' OAuth2 has a login, a token and its refresh, and nothing else");
      }
    }
    if (failed_) return std::nullopt;
    const bool code = !login_.empty();
    Yaml configuration;
    if (!expires_.empty()) configuration.add("expires_in", Yaml::word(expires_));
    if (code) configuration.add("authorization_request", std::move(requests_["login"]));
    configuration.add("token_request", std::move(requests_["token"]));
    if (requests_.count("refresh") != 0)
      configuration.add("refresh_request", std::move(requests_["refresh"]));
    return oauth(code, std::move(configuration));
  }

 private:
  void refuse(Span span, const std::string& text, const std::string& help = {}) {
    context_.error(span, text, help);
    failed_ = true;
  }

  bool is_bearer(const Expr& expr) const {
    const auto* object = node<grammar::ObjectExpr>(expr);
    if (object == nullptr || object->entries.size() != 1) return false;
    const grammar::ObjectEntry& one = object->entries.front();
    const auto* string = node<grammar::StringExpr>(one.value.front());
    if (one.name.text != "Authorization" || string == nullptr || string->parts.size() != 2) return false;
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
    std::string out;
    for (const grammar::PathPart& part : request.target) {
      if (part.hole.empty()) {
        out += part.text;
        continue;
      }
      const auto text = text_template(scope_, part.hole.front(), Use::strict);
      failed_ = failed_ || !text;
      out += text.value_or("");
    }
    if (out.starts_with('/')) return Target{client_.protocol, client_.host, out};
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
        return one.members.front().second.scalar == name;
      });
      if (!given) query.push(entry(name, "<" + std::string(name) + ">"));
    }
  }

  void entries(const Expr& expr, Yaml& list, Yaml* authentication) {
    const auto* object = node<grammar::ObjectExpr>(expr);
    if (object == nullptr)
      return refuse(expr.span, "Fides' headers and query parameters are written out one by one");
    for (const grammar::ObjectEntry& one : object->entries) {
      if (one.kind != grammar::EntryKind::named) {
        refuse(one.span, "Fides' headers and query parameters are written out one by one");
        continue;
      }
      if (authentication != nullptr && one.name.text == "Authorization" &&
          basic(one.value.front(), *authentication)) {
        continue;
      }
      const auto text = text_template(scope_, one.value.front(), Use::strict);
      failed_ = failed_ || !text;
      list.push(entry(one.name.text, text.value_or("")));
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
    const auto pair = text_template(scope_, call->arguments.front().value.front(), Use::strict);
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
    if (form) headers.push(entry("Content-Type", std::string(form_type)));
    const auto json = json_template(scope_, clause.value.front());
    failed_ = failed_ || !json;
    return json.value_or("");
  }

  void judge(const Clause& clause, bool login) {
    if (std::holds_alternative<grammar::FailClause>(clause.node) && !login) return;
    if (const auto* value = std::get_if<grammar::ValueClause>(&clause.node)) {
      if (!is_token(value->value.front()))
        refuse(clause.span, "Fides takes `access_token` and `refresh_token` from an answer, and nothing else");
    } else if (const auto* expires = std::get_if<grammar::ExpiresClause>(&clause.node)) {
      const auto seconds = seconds_of(expires->value.front());
      if (seconds) {
        expires_ = *seconds;
      } else if (expires->at || !from_answer(expires->value.front())) {
        refuse(clause.span, "Fides takes a token's life from `expires_in` of the answer, or a number of seconds");
      }
    } else {
      refuse(clause.span, "Fides' requests for tokens have no such clause");
    }
  }

  static bool from_answer(const Expr& expr) {
    const auto* call = call_of(expr, "seconds");
    const auto path = call == nullptr ? path_of(expr) : path_of(call->arguments.front().value.front());
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
           std::all_of(object->entries.begin(), object->entries.end(),
                       [](const grammar::ObjectEntry& one) {
                         return (one.name.text == "access_token" || one.name.text == "refresh_token") &&
                                member(one.value.front(), one.name.text);
                       });
  }

  Context& context_;
  const grammar::AuthDecl& decl_;
  const Client& client_;
  Scope scope_;
  std::string login_, token_, expires_;
  std::map<std::string, Yaml> requests_;
  bool failed_ = false;
};

// ---- of the library ----------------------------------------------------------------------------

class LibraryOauth {
 public:
  LibraryOauth(Context& context, const AuthClause& use, Span where, const Client& client)
      : context_(context), use_(use), where_(where), client_(client), scope_(context) {
    scope_.settings_only = true;
  }

  std::optional<Yaml> write() {
    const bool code = use_.strategy.text == "oauth2_authorization_code";
    const std::size_t first = code ? 1 : 0;
    const auto token_url = target(first, "token_url");
    credentials(first + 1);
    for (const char* const name : {"extra", "refresh_url", "lifetime"}) {
      if (const Expr* given = argument(use_.arguments, ~std::size_t{0}, name))
        refuse(given->span, std::string("Fides' OAuth2 has no counterpart to `") + name + "`");
    }
    const Expr* pkce = argument(use_.arguments, 5, "pkce");
    if (code && (pkce == nullptr || !is_boolean(*pkce, "false")))
      refuse(where_, "Fides' OAuth2 has no PKCE", "say `pkce: false` where the service allows it");
    Yaml configuration;
    const auto authorize = code ? target(0, "authorize_url") : std::nullopt;
    if (failed_ || !token_url) return std::nullopt;
    if (code) {
      if (!authorize) return std::nullopt;
      configuration.add("authorization_request", login(*authorize));
    }
    configuration.add("token_request", token(*token_url, code ? code_body() : plain_body()));
    if (code) {
      configuration.add("refresh_request",
                        token(*token_url, "{\"grant_type\": \"refresh_token\"" + id_and_secret() +
                                              ", \"refresh_token\": \"<refresh_token>\"}"));
    }
    if (failed_) return std::nullopt;
    return oauth(code, std::move(configuration));
  }

 private:
  void refuse(Span span, const std::string& text, const std::string& help = {}) {
    context_.error(span, text, help);
    failed_ = true;
  }

  std::optional<Target> target(std::size_t place, std::string_view name) {
    const Expr* given = argument(use_.arguments, place, name);
    const auto text = given == nullptr ? std::nullopt : text_template(scope_, *given, Use::strict);
    const auto out = text ? split_url(*text) : std::nullopt;
    if (!out) {
      failed_ = true;
      if (text || given == nullptr) refuse(where_, "`" + std::string(name) + "` is no URL");
      return std::nullopt;
    }
    return below(*out, client_);
  }

  void credentials(std::size_t place) {
    for (const std::string_view name : {"client_id", "client_secret"}) {
      const Expr* given = argument(use_.arguments, place++, name);
      if (given != nullptr && name_of(*given) == name) continue;
      refuse(given == nullptr ? where_ : given->span,
             "Fides takes the client's id and secret from parameters called client_id and client_secret");
    }
    const Expr* how = argument(use_.arguments, use_.strategy.text.ends_with("code") ? 6 : 5, "client_auth");
    in_body_ = how != nullptr && constant(*how) == "body";
    if (how != nullptr && !in_body_ && constant(*how) != "basic")
      refuse(how->span, "Fides sends the client's secret in the body or by basic authentication");
  }

  std::string id_and_secret() const {
    return in_body_ ? ", \"client_id\": \"<client_id>\", \"client_secret\": \"<client_secret>\"" : "";
  }

  /// A text, or the texts of a list with spaces between.
  std::string joined(const Expr& expr) {
    std::string out;
    const auto add = [&](const Expr& one) {
      const auto text = text_template(scope_, one, Use::strict);
      failed_ = failed_ || !text;
      out += (out.empty() ? "" : " ") + text.value_or("");
    };
    if (const auto* list = node<grammar::ListExpr>(expr)) {
      for (const grammar::ListItem& item : list->items) add(item.value.front());
    } else {
      add(expr);
    }
    return out;
  }

  std::string plain_body() {
    std::string out = "{\"grant_type\": \"client_credentials\"" + id_and_secret();
    const Expr* scopes = argument(use_.arguments, 3, "scopes");
    const Expr* audience = argument(use_.arguments, 4, "audience");
    if (scopes != nullptr) out += ", \"scope\": " + json_text(joined(*scopes));
    if (audience != nullptr) out += ", \"audience\": " + json_text(joined(*audience));
    return out + "}";
  }

  std::string code_body() {
    std::string out = "{\"grant_type\": \"authorization_code\"" + id_and_secret() +
                      ", \"code\": \"<code>\", \"redirect_uri\": \"<redirect_uri>\"";
    each(8, "token_params", [&](const std::string& name, const std::string& value) {
      out += ", " + json_text(name) + ": " + json_text(value);
    });
    return out + "}";
  }

  template <class Take>
  void each(std::size_t place, std::string_view name, Take take) {
    const Expr* given = argument(use_.arguments, place, name);
    if (given == nullptr) return;
    const auto* object = node<grammar::ObjectExpr>(*given);
    if (object == nullptr) return refuse(given->span, "Fides' parameters are written out one by one");
    for (const grammar::ObjectEntry& one : object->entries) {
      const auto text = text_template(scope_, one.value.front(), Use::strict);
      failed_ = failed_ || !text;
      take(one.name.text, text.value_or(""));
    }
  }

  Yaml login(const Target& where) {
    Yaml out;
    out.add("method", Yaml::text("GET"));
    out.add("path", Yaml::text(where.path));
    if (auto own = own_client(where, client_, {})) out.add("client_config", std::move(*own));
    Yaml query = Yaml::list();
    query.push(entry("client_id", "<client_id>"));
    query.push(entry("redirect_uri", "<redirect_uri>"));
    query.push(entry("response_type", "code"));
    if (const Expr* scopes = argument(use_.arguments, 4, "scopes"))
      query.push(entry("scope", joined(*scopes)));
    query.push(entry("state", "<state>"));
    each(7, "authorize_params", [&](const std::string& name, const std::string& value) {
      query.push(entry(name, value));
    });
    out.add("query_params", std::move(query));
    return out;
  }

  Yaml token(const Target& where, const std::string& body) {
    Yaml out;
    out.add("method", Yaml::text("POST"));
    out.add("path", Yaml::text(where.path));
    Yaml authentication;
    if (!in_body_) authentication = basic_authentication("<client_id>", "<client_secret>");
    if (auto own = own_client(where, client_, std::move(authentication)))
      out.add("client_config", std::move(*own));
    out.add("headers", form_header());
    out.add("body", Yaml::text(body));
    return out;
  }

  Context& context_;
  const AuthClause& use_;
  Span where_;
  const Client& client_;
  Scope scope_;
  bool in_body_ = false, failed_ = false;
};

}  // namespace

std::optional<Yaml> oauth_of_file(Context& context, const grammar::AuthDecl& decl,
                                  const AuthClause& use, const Client& client) {
  return FileOauth(context, decl, use, client).write();
}

std::optional<Yaml> oauth_of_library(Context& context, const AuthClause& use, Span where,
                                     const Client& client) {
  return LibraryOauth(context, use, where, client).write();
}

}  // namespace fconn::exporter
