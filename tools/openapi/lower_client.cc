#include <algorithm>

#include "tools/import/text.hh"
#include "tools/openapi/lower.hh"
#include "tools/openapi/names.hh"

namespace fconn::openapi {
namespace {

using importer::Block;
using importer::quoted;
using Kind = Scheme::Kind;

/// The inside of a string in double quotes, holes apart.
std::string inside(std::string_view text) {
  std::string out = quoted(text);
  if (out.front() == '\'') out = quoted(std::string(text) + "\n").replace(out.size() - 1, 3, "\"");
  return out.substr(1, out.size() - 2);
}

/// `: "a" | "b" = "a"`: a default that is no choice is left out.
std::string choice_type(const std::vector<std::string>& choices, const std::string& standard) {
  std::string out;
  bool allowed = choices.empty();
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (std::find(choices.begin(), choices.begin() + static_cast<std::ptrdiff_t>(i), choices[i]) !=
        choices.begin() + static_cast<std::ptrdiff_t>(i)) {
      continue;
    }
    out += (out.empty() ? ": " : " | ") + quoted(choices[i]);
    allowed = allowed || choices[i] == standard;
  }
  return allowed && !standard.empty() ? out + " = " + quoted(standard) : out;
}

/// Signs of a URL, and variables in braces.
bool can_be_written(const std::string& url) {
  bool inside = false;
  for (std::size_t i = 0; i < url.size(); ++i) {
    const char c = url[i];
    if (c == '{' || c == '}') {
      if (inside != (c == '}') || (c == '}' && url[i - 1] == '{')) return false;
      inside = c == '{';
      continue;
    }
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && std::string_view("-._~:/%@!$&()*+,;=").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return !inside;
}

/// Whether a scope's name says that it lets somebody change things.
bool changes(const std::string& scope) {
  for (const std::string_view word : {"write", "manage", "admin", "delete", "create", "update",
                                      "edit", "send", "modify", "full"}) {
    if (snake(scope).find(word) != std::string::npos) return true;
  }
  return false;
}

/// Those that only read, as far as names say; none where every one says more.
std::string scopes_text(const Scheme& scheme) {
  std::string all;
  for (const std::string& scope : scheme.scopes) {
    if (!changes(scope)) all += (all.empty() ? "" : " ") + scope;
  }
  return all.empty() ? "" : ", scopes: " + quoted(all);
}

/// A name for a key: what the document calls it, less what many names begin with.
std::string key_name(const Scheme& scheme) {
  std::string name = snake(scheme.name);
  if (name.starts_with("x_")) name.erase(0, 2);
  return name.empty() || name == "authorization" ? "api_key" : name;
}

/// The strategy's call for one scheme.
std::string call(const Scheme& scheme, Values& values) {
  switch (scheme.kind) {
    case Kind::basic:
    case Kind::digest: {
      const std::string user = values.own_param("username", "User name", "");
      const std::string password = values.secret("password", "Password");
      return (scheme.kind == Kind::basic ? "basic(" : "digest(") + user + ", " + password + ")";
    }
    case Kind::bearer:
      return "bearer(" + values.secret("access_token", "Access token") + ")";
    case Kind::header:
      return "header(" + quoted(scheme.name) + ", " + values.secret(key_name(scheme), "API key") +
             ")";
    case Kind::query:
      return "query(" + quoted(scheme.name) + ", " + values.secret(key_name(scheme), "API key") +
             ")";
    case Kind::cookie: {
      const std::string key = values.secret(key_name(scheme), "Session");
      return "header(\"Cookie\", \"" + inside(scheme.name) + "={" + key + "}\")";
    }
    default:
      break;
  }
  const std::string id = values.own_param("client_id", "Client ID", "");
  const std::string secret = values.secret("client_secret", "Client secret");
  if (scheme.kind == Kind::client_credentials) {
    return "oauth2_client_credentials(" + quoted(scheme.token_url) + ", " + id + ", " + secret +
           scopes_text(scheme) + ")";
  }
  if (scheme.kind == Kind::authorization_code) {
    return "oauth2_authorization_code(" + quoted(scheme.authorize_url) + ", " +
           quoted(scheme.token_url) + ", " + id + ", " + secret + scopes_text(scheme) + ")";
  }
  const std::string user = values.own_param("username", "User name", "");
  const std::string password = values.secret("password", "Password");
  return "oauth2_password(" + quoted(scheme.token_url) + ", " + id + ", " + secret + ", " + user +
         ", " + password + scopes_text(scheme) + ")";
}

/// Several keys at once are a strategy of the connector's own.
std::string several(const std::vector<Scheme>& schemes, Values& values,
                    std::vector<Block>& strategies) {
  Block auth;
  std::string arguments;
  Block headers("headers"), query("query");
  for (std::size_t i = 0; i < schemes.size(); ++i) {
    const std::string secret = values.secret(key_name(schemes[i]), "API key");
    arguments += (arguments.empty() ? "" : ", ") + secret;
    const std::string argument = "key" + std::to_string(i + 1);
    auth.head += (auth.head.empty() ? "" : ", ") + argument;
    (schemes[i].kind == Kind::header ? headers : query)
        .add(importer::object_key(schemes[i].name) + ": " + argument);
  }
  auth.head = "auth api_keys(" + auth.head + ")";
  if (!headers.items.empty()) auth.items.push_back(std::move(headers));
  if (!query.items.empty()) auth.items.push_back(std::move(query));
  strategies.push_back(std::move(auth));
  return "api_keys(" + arguments + ")";
}

}  // namespace

Clients::Clients(const Document& document, const std::vector<Candidate>& candidates, Values& values,
                 Report& report) {
  std::map<std::string, std::pair<int, const Server*>> servers;
  for (const Candidate& one : candidates) {
    auto& [count, server] = servers[one.operation->server.url];
    --count;
    server = &one.operation->server;
  }
  std::vector<std::pair<int, const Server*>> ordered;
  ordered.reserve(servers.size());
  for (const auto& [url, entry] : servers) ordered.push_back(entry);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> auths;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const Server& server = *ordered[i].second;
    const std::string name = i == 0 ? "" : "server" + std::to_string(i + 1);
    names_[server.url] = name;
    Block client("client" + (name.empty() ? "" : " " + name));
    client.add("base " + base(server, i == 0, values, report));
    if (server.plain_http) {
      report.guess({}, server.url,
                   "the document says http alone; https is written, as secrets are sent");
    }
    if (i == 0) auths = auth(document, values, report);
    signs_ = !auths.empty();
    for (const std::string& line : auths) client.add(line);
    blocks_.push_back(std::move(client));
  }
  for (Block& strategy : strategies_) blocks_.push_back(std::move(strategy));
}

std::string Clients::via(const Server& server) const {
  const auto found = names_.find(server.url);
  return found == names_.end() || found->second.empty() ? "" : " via " + found->second;
}

std::string Clients::base(const Server& server, bool first, Values& values, Report& report) {
  std::string url = server.url;
  for (const std::string_view scheme : {"https://", "http://", "//"}) {
    if (url.starts_with(scheme)) {
      url.erase(0, scheme.size());
      break;
    }
  }
  if (!can_be_written(url)) {
    report.guess({}, url, "no server's address can be written like this: the host is a parameter");
    url.clear();
  }
  const std::size_t slash = std::min(url.find('/'), url.size());
  const std::string host = url.substr(0, slash);
  const bool plain = host.find('{') == std::string::npos;
  std::string out;
  if (host.empty() || (plain && first)) {
    const std::string type = host.empty() ? ": host" : ": host = " + quoted(host);
    out = "{" + values.own_param("domain", "API host", type) + "}";
  } else {
    out = filled(host, server, values);
  }
  return "\"https://" + out + filled(url.substr(slash), server, values) + "\"";
}

std::string Clients::filled(const std::string& text, const Server& server, Values& values) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') {
      out += text[i];
      continue;
    }
    const std::size_t end = text.find('}', i);
    out += "{" + variable(text.substr(i + 1, end - i - 1), server, values) + "}";
    i = end;
  }
  return out;
}

std::string Clients::variable(const std::string& name, const Server& server, Values& values) {
  std::string type;
  for (const Server::Variable& one : server.variables) {
    if (one.name == name) type = choice_type(one.choices, one.default_value);
  }
  std::string& known = variables_[name + type];
  if (known.empty())
    known = values.own_param(snake(name).empty() ? "server" : snake(name), "", type);
  return known;
}

std::vector<std::string> Clients::auth(const Document& document, Values& values, Report& report) {
  for (const std::string& other : document.other_schemes) {
    report.say({}, "sign-in `" + other + "`", "left out: one way is enough, and another was taken");
  }
  if (document.schemes.empty()) {
    report.guess({}, "sign-in", "the document names no way that fconn knows; add an `auth`");
    return {};
  }
  for (const Scheme& scheme : document.schemes) {
    report.say(scheme.where, "sign-in `" + scheme.id + "`", "the client's `auth`");
    if (!scheme.scopes.empty()) {
      report.guess(scheme.where, "sign-in `" + scheme.id + "`",
                   "of " + std::to_string(scheme.scopes.size()) +
                       " scopes those are asked for whose names don't speak of changes; keep those "
                       "that are needed");
    }
    if (!scheme.note.empty())
      report.guess(scheme.where, "sign-in `" + scheme.id + "`", scheme.note);
  }
  if (document.schemes.size() > 1) {
    return {"auth " + several(document.schemes, values, strategies_)};
  }
  return {"auth " + call(document.schemes.front(), values)};
}

}  // namespace fconn::openapi
