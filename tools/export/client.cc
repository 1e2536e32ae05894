// Clients and what signs their requests, as `client_config`.
#include <algorithm>

#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

using grammar::AuthClause;
using grammar::Clause;
using Entries = std::vector<std::pair<std::string, std::string>>;

Yaml named_list(const Entries& entries) {
  Yaml out = Yaml::list();
  for (const auto& [name, value] : entries) out.push(named(name, Yaml::text(value)));
  return out;
}

/// A bearer token, keys in headers and query, or whatever Fides calls by a name.
class ClientWriter : Writer {
 public:
  ClientWriter(Context& context, Span where, bool followed)
      : Writer(context), where_(where), followed_(followed), scope_(context) {
    scope_.settings_only = true;
  }

  std::optional<Client> write(const grammar::ClientDecl& decl) {
    const AuthClause* auth = nullptr;
    Span auth_span{};
    for (const Clause& clause : decl.clauses) {
      if (const auto* one = std::get_if<AuthClause>(&clause.node)) {
        if (auth != nullptr || !one->when.empty()) {
          refuse(clause.span,
                 "Fides signs every request of a client in one way: no `when`, no second `auth`");
          continue;
        }
        auth = one;
        auth_span = clause.span;
      } else {
        plain(clause);
      }
    }
    if (out_.host.empty() && !failed_)
      refuse(where_, "Fides' clients need a host: this one has no `base`");
    if (!failed_ && auth != nullptr) sign(*auth, auth_span);
    if (failed_) return std::nullopt;
    finish();
    settings_of(out_.prefix);
    for (const Entries* all : {&out_.headers, &out_.query}) {
      for (const auto& [key, value] : *all) settings_of(value);
    }
    return std::move(out_);
  }

 private:
  std::string text(Scope& scope, const Expr& expr) {
    return taken(text_template(scope, expr, Use::strict));
  }

  Entries entries(Scope& scope, const Expr& expr) {
    const auto all = entries_of(scope, expr);
    failed_ = failed_ || !all;
    Entries out;
    if (!all) return out;
    for (const auto& [name, value] : *all) {
      out.emplace_back(name, taken(plain_text(scope, value, Use::strict)));
    }
    return out;
  }

  void plain(const Clause& clause) {
    if (const auto* base = std::get_if<grammar::BaseClause>(&clause.node)) {
      const std::string url = text(scope_, base->url.front());
      const auto target = split_url(url);
      if (!target && !failed_)
        refuse(clause.span, "Fides wants a protocol and a host here, each by itself",
               "`\"https://{host}\"` with a parameter for the host alone");
      if (!target) return;
      out_.protocol = target->protocol;
      out_.host = target->host + (followed_ ? "" : target->path);
      if (followed_) out_.prefix = target->path;
    } else if (const auto* headers = std::get_if<grammar::HeadersClause>(&clause.node)) {
      out_.headers = entries(scope_, headers->value.front());
    } else if (const auto* query = std::get_if<grammar::QueryClause>(&clause.node)) {
      out_.query = entries(scope_, query->value.front());
    } else if (const auto* rate = std::get_if<grammar::RateClause>(&clause.node)) {
      auto limits = rate_limits(context_, *rate);
      failed_ = failed_ || !limits;
      if (limits) out_.rates = std::move(*limits);
    } else if (!std::holds_alternative<grammar::HostsClause>(clause.node)) {
      context_.warn(clause.span, "left out: Fides has its own limits, timeouts and retries");
    }
  }

  /// A request names the parameters that stand in it.
  void settings_of(const std::string& text) {
    for (const auto& [name, decl] : context_.params) {
      if (text.find("<" + name + ">") != std::string::npos) out_.settings.insert(name);
    }
  }

  // ---- authentication ----

  void sign(const AuthClause& auth, Span span) {
    const std::string& name = auth.strategy.text;
    if (const auto own = context_.auths.find(name); own != context_.auths.end()) {
      const bool token = std::any_of(
          own->second->clauses.begin(), own->second->clauses.end(), [](const Clause& clause) {
            return std::holds_alternative<grammar::TokenClause>(clause.node);
          });
      if (token) return keep(oauth_of_file(context_, *own->second, auth, out_));
      return keys_of(*own->second, auth, span);
    }
    const auto given = [&](std::size_t place, std::string_view argument_name) {
      const Expr* found = argument(auth.arguments, place, argument_name);
      return found == nullptr ? std::string() : text(scope_, *found);
    };
    if (name == "basic") {
      Yaml configuration;
      configuration.add("username", Yaml::text(given(0, "username")));
      if (const std::string password = given(1, "password"); !password.empty())
        configuration.add("password", Yaml::text(password));
      signature_ = strategy("basic", std::move(configuration));
    } else if (name == "bearer") {
      bearer_ = given(0, "token");
    } else if (name == "header") {
      key_headers_.emplace_back(given(0, "name"), given(1, "value"));
    } else if (name == "query") {
      key_query_.emplace_back(given(0, "name"), given(1, "value"));
    } else if (name == "body") {
      // Fides merges the key into a body of JSON, as the library's strategy does.
      key_body_ = "{" + json_text(given(0, "name")) + ": " + json_text(given(1, "value")) + "}";
    } else if (name == "oauth2_client_credentials" || name == "oauth2_authorization_code") {
      keep(oauth_of_library(context_, auth, span, out_));
    } else if (name == "google_service_account") {
      google(auth, span);
    } else {
      refuse(
          span, "Fides has no strategy that does what `" + name + "` does",
          "it has basic, bearer and API keys, two kinds of OAuth2, and Google's service accounts");
    }
  }

  void keep(std::optional<Yaml> authentication) {
    failed_ = failed_ || !authentication;
    signature_ = std::move(authentication);
  }

  /// A strategy of the file that adds entries and nothing else.
  void keys_of(const grammar::AuthDecl& decl, const AuthClause& auth, Span span) {
    Scope inner(context_);
    inner.settings_only = true;
    inner.enter(decl.params, auth.arguments);
    for (const Clause& clause : decl.clauses) {
      if (const auto* headers = std::get_if<grammar::HeadersClause>(&clause.node)) {
        key_headers_ = entries(inner, headers->value.front());
      } else if (const auto* query = std::get_if<grammar::QueryClause>(&clause.node)) {
        key_query_ = entries(inner, query->value.front());
      } else if (const auto* body = std::get_if<grammar::BodyClause>(&clause.node)) {
        const auto json = json_template(inner, body->value.front());
        failed_ = failed_ || !json;
        key_body_ = json.value_or("");
      } else {
        refuse(clause.span,
               "Fides' keys are headers, query parameters and members of a body, all of them plain",
               "`" + std::string(context_.sources.slice(span)) + "` signs with more than that");
      }
    }
  }

  void google(const AuthClause& auth, Span span) {
    const Expr* key = argument(auth.arguments, 0, "key");
    const auto* json = key == nullptr ? nullptr : call_of(*key, "json");
    const auto* object = json == nullptr
                             ? nullptr
                             : node<grammar::ObjectExpr>(json->arguments.front().value.front());
    bool plain = object != nullptr && argument(auth.arguments, 2, "subject") == nullptr;
    if (object != nullptr) {
      for (const grammar::ObjectEntry& entry : object->entries) {
        plain = plain && entry.kind == grammar::EntryKind::named &&
                name_of(entry.value.front()) == entry.name.text;
      }
    }
    const Expr* url = argument(auth.arguments, 3, "token_url");
    if (url != nullptr) plain = plain && name_of(*url) == "token_uri";
    if (!plain) {
      return refuse(span,
                    "Fides takes a service account from parameters called client_email, "
                    "private_key and token_uri");
    }
    Yaml scopes = Yaml::list();
    const Expr* given = argument(auth.arguments, 1, "scopes");
    if (given != nullptr) {
      const auto* list = node<grammar::ListExpr>(*given);
      if (list == nullptr) {
        scopes.push(Yaml::text(text(scope_, *given)));
      } else {
        for (const grammar::ListItem& item : list->items)
          scopes.push(Yaml::text(text(scope_, item.value.front())));
      }
    }
    Yaml configuration;
    if (!scopes.empty()) configuration.add("scopes", std::move(scopes));
    signature_ = strategy("google_cloud_service_account", std::move(configuration));
  }

  /// Entries of the client's own go with an API key where there is one, else into each request.
  void finish() {
    out_.config.add("protocol", Yaml::text(out_.protocol));
    out_.config.add("host", Yaml::text(out_.host));
    if (signature_) {
      out_.config.add("authentication", std::move(*signature_));
      return;
    }
    const bool more = !out_.headers.empty() || !out_.query.empty();
    if (!bearer_.empty() && !more) {
      Yaml configuration;
      configuration.add("token", Yaml::text(bearer_));
      out_.config.add("authentication", strategy("bearer", std::move(configuration)));
      return;
    }
    if (!bearer_.empty()) key_headers_.emplace_back("Authorization", "Bearer " + bearer_);
    key_headers_.insert(key_headers_.end(), out_.headers.begin(), out_.headers.end());
    key_query_.insert(key_query_.end(), out_.query.begin(), out_.query.end());
    out_.headers.clear();
    out_.query.clear();
    Yaml configuration;
    if (!key_headers_.empty()) configuration.add("headers", named_list(key_headers_));
    if (!key_query_.empty()) configuration.add("query_params", named_list(key_query_));
    if (!key_body_.empty()) configuration.add("body", Yaml::text(key_body_));
    out_.key_in_body = !key_body_.empty();
    if (!configuration.members.empty())
      out_.config.add("authentication", strategy("api_key", std::move(configuration)));
  }

  Span where_;
  bool followed_;  // its pages are found by links
  Scope scope_;
  Client out_;
  std::optional<Yaml> signature_;
  std::string bearer_, key_body_;
  Entries key_headers_, key_query_;
};

}  // namespace

std::optional<Target> split_url(const std::string& url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  const std::size_t begin = colon + 3;
  const std::size_t end = std::min(url.find('/', begin), url.size());
  if (end == begin) return std::nullopt;
  return Target{url.substr(0, colon), url.substr(begin, end - begin), url.substr(end)};
}

std::optional<Yaml> rate_limits(Context& context, const grammar::RateClause& clause) {
  Yaml limits = Yaml::list();
  for (const grammar::RateLimit& limit : clause.limits) {
    const auto amount = whole_number(limit.amount.front());
    if (!amount) {
      context.error(limit.span, "Fides' rates are whole numbers");
      return std::nullopt;
    }
    const std::string& unit = limit.unit.text;
    Yaml& one = limits.push({});
    one.add("rate", Yaml::word(*amount));
    one.add("period", Yaml::text(unit == "s"   ? "second"
                                 : unit == "m" ? "minute"
                                 : unit == "h" ? "hour"
                                               : "day"));
  }
  Yaml out;
  out.add("limits", std::move(limits));
  return out;
}

const Client* client_of(Context& context, const std::string& name, Span where) {
  const auto known = context.emitted_clients.find(name);
  if (known == context.emitted_clients.end()) {
    const auto decl = context.clients.find(name);
    if (decl == context.clients.end()) {
      context.error(where, "Fides needs a client with a host for every request",
                    "write `client { base \"https://…\" }`");
      context.emitted_clients[name] = std::nullopt;
    } else {
      const bool followed = context.followed_clients.count(name) != 0;
      context.emitted_clients[name] = ClientWriter(context, where, followed).write(*decl->second);
    }
  }
  const std::optional<Client>& out = context.emitted_clients[name];
  return out ? &*out : nullptr;
}

}  // namespace fconn::exporter
