// OAuth2 strategies of the library.
#include "tools/export/oauth.hh"

namespace fconn::exporter {

std::optional<Yaml> own_client(const Target& target, const Client& client, Yaml authentication) {
  const bool same = target.protocol == client.protocol && target.host == client.host;
  if (same && authentication.members.empty()) return std::nullopt;
  Yaml out;
  out.add("protocol", Yaml::text(target.protocol));
  out.add("host", Yaml::text(target.host));
  if (!authentication.members.empty()) out.add("authentication", std::move(authentication));
  return out;
}

Target below(const Target& target, const Client& client) {
  const std::string whole = target.host + target.path;
  if (target.protocol != client.protocol || !whole.starts_with(client.host)) return target;
  const std::string path = whole.substr(client.host.size());
  if (!path.empty() && path.front() != '/') return target;
  return {target.protocol, client.host, path};
}

Yaml basic_authentication(const std::string& username, const std::string& password) {
  Yaml configuration;
  configuration.add("username", Yaml::text(username));
  configuration.add("password", Yaml::text(password));
  return strategy("basic", std::move(configuration));
}

Yaml oauth_strategy(bool code, Yaml configuration) {
  return strategy(code ? "oauth2_authorization_code" : "oauth2_client_credentials",
                  std::move(configuration));
}

bool has_redirect(Context& context, Span where) {
  if (context.params.count("redirect_uri") != 0) return true;
  context.error(where, "Fides takes the address of a login from a parameter called redirect_uri",
                "`param redirect_uri`");
  return false;
}

namespace {

using grammar::AuthClause;

class LibraryOauth : Writer {
 public:
  LibraryOauth(Context& context, const AuthClause& use, Span where, const Client& client)
      : Writer(context), use_(use), where_(where), client_(client), scope_(context) {
    scope_.settings_only = true;
  }

  std::optional<Yaml> write() {
    const bool code = use_.strategy.text == "oauth2_authorization_code";
    const std::size_t first = code ? 1 : 0;
    const auto token_url = target(first, "token_url");
    credentials(first + 1);
    const Expr* pkce = argument(use_.arguments, 5, "pkce");
    if (code && (pkce == nullptr || !is_boolean(*pkce, "false"))) {
      context_.warn(where_, "left out: Fides' logins have no PKCE",
                    "a service that insists on it refuses the login; `pkce: false` is for one that "
                    "doesn't know it");
    }
    Yaml configuration;
    if (code) lifetime(configuration);
    if (code && !has_redirect(context_, where_)) return std::nullopt;
    const auto authorize = code ? target(0, "authorize_url") : std::nullopt;
    if (failed_ || !token_url) return std::nullopt;
    if (code) {
      if (!authorize) return std::nullopt;
      configuration.add("authorization_request", login(*authorize));
    }
    configuration.add("token_request", token(*token_url, code ? code_body() : plain_body()));
    if (code) {
      const bool elsewhere = argument(use_.arguments, 10, "refresh_url") != nullptr;
      const auto refresh_url = elsewhere ? target(10, "refresh_url") : token_url;
      if (!refresh_url) return std::nullopt;
      configuration.add("refresh_request", token(*refresh_url, refresh_body()));
    }
    if (failed_) return std::nullopt;
    return oauth_strategy(code, std::move(configuration));
  }

 private:
  void lifetime(Yaml& configuration) {
    const Expr* given = argument(use_.arguments, 11, "lifetime");
    if (given == nullptr) return;
    const auto seconds = seconds_of(scope_.simple(*given));
    if (!seconds) return refuse(given->span, "Fides takes a token's life in seconds");
    configuration.add("expires_in", Yaml::word(*seconds));
    context_.warn(given->span,
                  "Fides takes every token for good that long, whatever the answer says");
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
             "Fides takes the client's id and secret from parameters called client_id and "
             "client_secret");
    }
    const Expr* how =
        argument(use_.arguments, use_.strategy.text.ends_with("code") ? 6 : 5, "client_auth");
    in_body_ = how != nullptr && constant(*how) == "body";
    if (how != nullptr && !in_body_ && constant(*how) != "basic")
      refuse(how->span, "Fides sends the client's secret in the body or by basic authentication");
  }

  std::string id_and_secret() const {
    return in_body_ ? ", \"client_id\": \"<client_id>\", \"client_secret\": \"<client_secret>\""
                    : "";
  }

  /// A text, or the texts of a list with spaces between.
  std::string joined(const Expr& expr) {
    std::string out;
    const auto add = [&](const Expr& one) {
      out += (out.empty() ? "" : " ") + taken(plain_text(scope_, one, Use::strict));
    };
    const Expr simple = scope_.simple(expr);
    if (const auto* list = node<grammar::ListExpr>(simple)) {
      for (const grammar::ListItem& item : list->items) add(item.value.front());
    } else {
      add(simple);
    }
    return out;
  }

  std::string plain_body() {
    std::string out = "{\"grant_type\": \"client_credentials\"" + id_and_secret();
    const Expr* scopes = argument(use_.arguments, 3, "scopes");
    const Expr* audience = argument(use_.arguments, 4, "audience");
    if (scopes != nullptr) out += ", \"scope\": " + json_text(joined(*scopes));
    if (audience != nullptr) out += ", \"audience\": " + json_text(joined(*audience));
    return out + more(6, "extra") + "}";
  }

  std::string refresh_body() const {
    return "{\"grant_type\": \"refresh_token\"" + id_and_secret() +
           ", \"refresh_token\": \"<refresh_token>\"}";
  }

  /// Further members of a body.
  std::string more(std::size_t place, std::string_view name) {
    std::string out;
    each(place, name, [&](const std::string& key, const std::string& value) {
      out += ", " + json_text(key) + ": " + json_text(value);
    });
    return out;
  }

  std::string code_body() {
    std::string out = "{\"grant_type\": \"authorization_code\"" + id_and_secret() +
                      ", \"code\": \"<code>\", \"redirect_uri\": \"<redirect_uri>\"";
    return out + more(8, "token_params") + "}";
  }

  template <class Take>
  void each(std::size_t place, std::string_view name, Take take) {
    const Expr* given = argument(use_.arguments, place, name);
    if (given == nullptr) return;
    const auto all = entries_of(scope_, *given);
    failed_ = failed_ || !all;
    if (!all) return;
    for (const auto& [key, value] : *all) {
      take(key, taken(plain_text(scope_, value, Use::strict)));
    }
  }

  Yaml login(const Target& where) {
    Yaml out;
    out.add("method", Yaml::text("GET"));
    out.add("path", Yaml::text(where.path));
    if (auto own = own_client(where, client_, {})) out.add("client_config", std::move(*own));
    Yaml query = Yaml::list();
    query.push(named("client_id", Yaml::text("<client_id>")));
    query.push(named("redirect_uri", Yaml::text("<redirect_uri>")));
    query.push(named("response_type", Yaml::text("code")));
    if (const Expr* scopes = argument(use_.arguments, 4, "scopes"))
      query.push(named("scope", Yaml::text(joined(*scopes))));
    query.push(named("state", Yaml::text("<state>")));
    each(7, "authorize_params", [&](const std::string& name, const std::string& value) {
      query.push(named(name, Yaml::text(value)));
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
    Yaml& headers = out.add("headers", Yaml::list());
    headers.push(named("Content-Type", Yaml::text(std::string(form_type))));
    out.add("body", Yaml::text(body));
    return out;
  }

  const AuthClause& use_;
  Span where_;
  const Client& client_;
  Scope scope_;
  bool in_body_ = false;
};

}  // namespace

std::optional<Yaml> oauth_of_library(Context& context, const AuthClause& use, Span where,
                                     const Client& client) {
  return LibraryOauth(context, use, where, client).write();
}

}  // namespace fconn::exporter
