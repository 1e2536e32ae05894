// OAuth2 strategies: the library's where the requests are of its shape, else one of the file that
// sends exactly what the config says.
#include <algorithm>

#include "tools/import/lower.hh"
#include "tools/import/read.hh"

namespace fconn::importer {
namespace {

const Node* named(const Node& list, std::string_view name) {
  for (const Node& item : list.items) {
    const Node* key = item.find("name");
    if (key != nullptr && key->text == name) return item.find("value");
  }
  return nullptr;
}

std::string text_at(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found == nullptr ? "" : found->text;
}

class OauthLowerer {
 public:
  OauthLowerer(Context& context, const ClientConfig& client)
      : context_(context),
        client_(client),
        configuration_(client.authentication->configuration),
        lookup_(tracking({})) {}

  std::optional<std::string> lower() {
    const Node* token = configuration_.find("token_request");
    const bool code = client_.authentication->name.text == "oauth2_authorization_code";
    const Node* authorize = configuration_.find("authorization_request");
    if (token == nullptr || (code && authorize == nullptr)) {
      context_.error(DiagnosticId::not_fides, client_.authentication->name.span,
                     "`" + client_.authentication->name.text + "` needs `" +
                         (token == nullptr ? "token_request" : "authorization_request") + "`");
      return std::nullopt;
    }
    if (!code) {
      if (const Node* refresh = configuration_.find("refresh_request")) {
        context_.report.say(refresh->span,
                            "left out: Fides never sends it, and asks for a new token");
      }
    }
    auto library = code ? from_library(*authorize, *token) : from_library(*token);
    std::string clauses = library ? *library : of_the_file(code ? authorize : nullptr, *token);
    return clauses + hosts_clause();
  }

 private:
  /// Names that only the flow knows, with the expression for each.
  using Flow = std::map<std::string, std::string>;

  Lookup tracking(Flow flow) {
    return [this, flow = std::move(flow)](const std::string& name) -> std::optional<Value> {
      const auto special = flow.find(name);
      if (special != flow.end()) return Value{special->second, true, false, true};
      auto found = secrets(context_)(name);
      if (found && std::find(seen_.begin(), seen_.end(), found->expr) == seen_.end()) {
        seen_.push_back(found->expr);
      }
      return found;
    };
  }

  ClientConfig target(const Node& request) const {
    ClientConfig out = client_;
    out.authentication.reset();
    const Node* own = request.find("client_config");
    if (own == nullptr) return out;
    if (const Node* protocol = own->find("protocol"))
      out.protocol = {protocol->text, protocol->span, true, false};
    if (const Node* host = own->find("host")) out.host = {host->text, host->span, true, false};
    return out;
  }

  std::string url(const Node& request) {
    const ClientConfig where = target(request);
    std::vector<std::string> missing;
    std::string out = base_text(context_, where);
    if (out.find('{') != std::string::npos && out != base_text(context_, client_)) {
      const std::size_t begin = out.find("://") + 3;
      const std::string host = "\"" + out.substr(begin, out.find('/', begin) - begin) + "\"";
      if (std::find(hosts_.begin(), hosts_.end(), host) == hosts_.end()) hosts_.push_back(host);
    }
    const auto path =
        hole_text(split_template(text_at(request, "path")), secrets(context_), missing);
    context_.unresolved(missing, request.span, nullptr);
    return out + path.value_or("");
  }

  /// A host of its own for tokens that only the parameters tell has to be declared.
  std::string hosts_clause() const {
    std::string out;
    for (const std::string& host : hosts_) out += (out.empty() ? "\x1fhosts " : ", ") + host;
    return out;
  }

  /// `name` is `<name>` in the JSON text of the body.
  static bool is_placeholder(const Node& members, std::string_view key, std::string_view name) {
    const Node* value = members.find(key);
    return value != nullptr && value->text == "<" + std::string(name) + ">";
  }

  /// The body's members, when it is a flat JSON object of texts.
  std::optional<Node> members(const Node& request) const {
    const Node* body = request.find("body");
    if (body == nullptr) return std::nullopt;
    grammar::SourceMap sources;
    grammar::Diagnostics ignored;
    auto parsed = read_yaml(sources, sources.add("body", body->text), ignored);
    if (!parsed || parsed->root.kind != Node::Kind::map) return std::nullopt;
    for (const Entry& entry : parsed->root.entries) {
      if (entry.value.kind != Node::Kind::scalar) return std::nullopt;
    }
    return parsed->root;
  }

  static bool is_form(const Node& request) {
    const Node* headers = request.find("headers");
    return headers != nullptr && headers->items.size() == 1 &&
           text_at(headers->items[0], "name") == "Content-Type" &&
           text_at(headers->items[0], "value") == "application/x-www-form-urlencoded" &&
           text_at(request, "method") == "POST" && request.find("query_params") == nullptr;
  }

  /// Basic authentication of the token request with the client's own id and secret.
  static bool basic_client(const Node& request) {
    const Node* own = request.find("client_config");
    const Node* auth = own == nullptr ? nullptr : own->find("authentication");
    const Node* configuration = auth == nullptr ? nullptr : auth->find("configuration");
    return configuration != nullptr && text_at(*auth, "strategy") == "basic" &&
           text_at(*configuration, "username") == "<client_id>" &&
           text_at(*configuration, "password") == "<client_secret>";
  }

  static bool unsigned_request(const Node& request) {
    const Node* own = request.find("client_config");
    return own == nullptr || own->find("authentication") == nullptr;
  }

  std::string param(const std::string& name) {
    const auto value = lookup_(name);
    return value ? value->expr : "\"\"";
  }

  bool has_client() const {
    return context_.param("client_id") != nullptr && context_.param("client_secret") != nullptr;
  }

  std::optional<std::string> from_library(const Node& token) {
    const auto body = members(token);
    if (!is_form(token) || !body || !has_client() || configuration_.find("expires_in") != nullptr) {
      return std::nullopt;
    }
    const bool in_body = is_placeholder(*body, "client_id", "client_id") &&
                         is_placeholder(*body, "client_secret", "client_secret");
    if (in_body ? !unsigned_request(token) : !basic_client(token)) return std::nullopt;
    if (text_at(*body, "grant_type") != "client_credentials") return std::nullopt;
    std::string more = in_body ? ", client_auth: \"body\"" : "";
    for (const Entry& entry : body->entries) {
      if (entry.key == "grant_type" || (in_body && entry.key.starts_with("client_"))) continue;
      if (entry.key != "scope" && entry.key != "audience") return std::nullopt;
      std::vector<std::string> missing;
      const auto value = text_expr(split_template(entry.value.text), lookup_, true, missing);
      if (!value) return std::nullopt;
      more += ", " + std::string(entry.key == "scope" ? "scopes" : "audience") + ": " + *value;
    }
    return "auth oauth2_client_credentials(\"" + url(token) + "\", " + param("client_id") + ", " +
           param("client_secret") + more + ")";
  }

  std::optional<std::string> from_library(const Node& authorize, const Node& token) {
    const Node* refresh = configuration_.find("refresh_request");
    const auto body = members(token);
    if (refresh == nullptr || !is_form(token) || !is_form(*refresh) || !body || !has_client() ||
        configuration_.find("expires_in") != nullptr || !unsigned_request(token) ||
        context_.param("redirect_uri") == nullptr) {
      return std::nullopt;
    }
    const auto again = members(*refresh);
    if (!again || url(token) != url(*refresh) || again->entries.size() != 4 ||
        text_at(*again, "grant_type") != "refresh_token") {
      return std::nullopt;
    }
    for (const std::string_view name : {"client_id", "client_secret", "refresh_token"}) {
      if (!is_placeholder(*again, name, name)) return std::nullopt;
    }
    if (text_at(*body, "grant_type") != "authorization_code") return std::nullopt;
    std::string more;
    for (const Entry& entry : body->entries) {
      if (entry.key == "grant_type") continue;
      const bool known = entry.key == "client_id" || entry.key == "client_secret" ||
                         entry.key == "code" || entry.key == "redirect_uri";
      if (known && is_placeholder(*body, entry.key, entry.key)) continue;
      if (known || has_holes(split_template(entry.value.text))) return std::nullopt;
      more += (more.empty() ? "" : ", ") + object_key(entry.key) + ": " + quoted(entry.value.text);
    }
    return library_call(authorize, token, more);
  }

  std::optional<std::string> library_call(const Node& authorize, const Node& token,
                                          const std::string& token_params) {
    const Node* query = authorize.find("query_params");
    if (query == nullptr) return std::nullopt;
    std::string more, scopes;
    for (const Node& item : query->items) {
      const std::string name = text_at(item, "name"), value = text_at(item, "value");
      if (name == "response_type" && value == "code") continue;
      if ((name == "client_id" || name == "redirect_uri" || name == "state") &&
          value == "<" + name + ">") {
        continue;
      }
      if (has_holes(split_template(value))) return std::nullopt;
      if (name == "scope") {
        scopes = value;
      } else {
        more += (more.empty() ? "" : ", ") + object_key(name) + ": " + quoted(value);
      }
    }
    std::string out = "auth oauth2_authorization_code(\n\"" + url(authorize) + "\",\n\"" +
                      url(token) + "\",\n" + param("client_id") + ",\n" + param("client_secret") +
                      ",\n";
    if (!scopes.empty()) out += "scopes: " + quoted(scopes) + ",\n";
    out += "pkce: false,\nclient_auth: \"body\",\n";
    if (!more.empty()) out += "authorize_params: { " + more + " },\n";
    if (!token_params.empty()) out += "token_params: { " + token_params + " },\n";
    return out + "redirect_uri: " + param("redirect_uri") + ")";
  }

  /// The name of the argument that holds a request's URL.
  std::string url_argument(const std::string& name, const Node& request) {
    const std::string text = "\"" + url(request) + "\"";
    for (const auto& [known, value] : urls_) {
      if (value == text) return known;
    }
    urls_.emplace_back(name, text);
    return name;
  }

  /// The request below a `token`, `refresh` or `login`, as a block.
  Block message(const std::string& head, const std::string& url_name, const Node& request,
                const Flow& flow) {
    const Lookup lookup = tracking(flow);
    Block block(head + " = " + text_at(request, "method") + " {+" +
                url_argument(url_name, request) + "}");
    std::vector<std::string> missing;
    const auto object_of = [&](const char* list, bool authorization) {
      std::string out;
      const Node* node = request.find(list);
      if (node == nullptr) return out;
      for (const Node& item : node->items) {
        const std::string name = text_at(item, "name"), value = text_at(item, "value");
        if (authorization &&
            (name == "state" || (name == "redirect_uri" && value == "<redirect_uri>" &&
                                 context_.param("redirect_uri") == nullptr))) {
          continue;  // the library of the engine adds both
        }
        if (std::string_view(list) == "headers" && name == "Content-Type") continue;
        const auto expr = text_expr(split_template(value), lookup, false, missing);
        out += (out.empty() ? "" : "\n") + object_key(name) + ": " + expr.value_or("null");
      }
      return out;
    };
    const bool login = head.starts_with("login");
    if (const std::string query = object_of("query_params", login); !query.empty()) {
      block.add("query {\n" + query + "\n}");
    }
    std::string headers = object_of("headers", login);
    headers += basic_header(request, lookup);
    if (!headers.empty()) block.add("headers { " + headers + " }");
    if (const Node* body = request.find("body")) {
      const auto expr = body_expr(body->text, lookup);
      if (!expr) {
        context_.error(DiagnosticId::not_fides, body->span, "the body of this request is no JSON");
      } else {
        missing.insert(missing.end(), expr->missing.begin(), expr->missing.end());
        block.add(std::string("body ") + (form_body(request) ? "form " : "json ") + expr->expr);
      }
    }
    context_.unresolved(missing, request.span, nullptr);
    return block;
  }

  static bool form_body(const Node& request) {
    const Node* headers = request.find("headers");
    const Node* type = headers == nullptr ? nullptr : named(*headers, "Content-Type");
    return type != nullptr && type->text == "application/x-www-form-urlencoded";
  }

  std::string basic_header(const Node& request, const Lookup& lookup) {
    const Node* own = request.find("client_config");
    const Node* auth = own == nullptr ? nullptr : own->find("authentication");
    if (auth == nullptr) return "";
    const Node* configuration = auth->find("configuration");
    if (text_at(*auth, "strategy") != "basic" || configuration == nullptr) {
      context_.error(DiagnosticId::unknown_import_strategy, auth->span,
                     "a token request can be signed with `basic` only");
      return "";
    }
    std::vector<std::string> missing;
    const std::string pair =
        text_at(*configuration, "username") + ":" + text_at(*configuration, "password");
    const auto text = hole_text(split_template(pair), lookup, missing);
    context_.unresolved(missing, auth->span, nullptr);
    return "Authorization: \"Basic {base64(\"" + text.value_or("") + "\")}\"";
  }

  void finish(Block& block, const std::string& value) {
    block.add(
        "fail when .access_token == null \"no access token: {.error_description ?? .error ?? "
        "\"the answer has none\"}\"");
    block.add("value " + value);
    const Node* expires = configuration_.find("expires_in");
    const auto seconds = expires == nullptr ? std::nullopt : as_int(*expires);
    if (expires != nullptr && !seconds) {
      context_.error(DiagnosticId::not_fides, expires->span,
                     "`expires_in` takes a number of seconds");
    }
    block.add(seconds ? "expires in " + std::to_string(*seconds) + "s"
                      : "expires in seconds(.expires_in)");
    if (expires == nullptr) return;
    context_.report.say(expires->span, "the token's life, instead of what the answer says");
  }

  std::string of_the_file(const Node* authorize, const Node& token) {
    const Node* refresh = authorize == nullptr ? nullptr : configuration_.find("refresh_request");
    std::vector<Block> steps;
    if (authorize != nullptr)
      steps.push_back(message("login grant", "authorize_url", *authorize, {}));
    Flow flow;
    if (authorize != nullptr) flow["code"] = "grant.code";
    steps.push_back(message("token t", "token_url", token, flow));
    finish(steps.back(), refresh == nullptr
                             ? ".access_token"
                             : "{ access_token: .access_token, refresh_token: .refresh_token }");
    if (refresh != nullptr) {
      steps.push_back(
          message("refresh t when t.refresh_token != null", "refresh_url", *refresh,
                  {{"refresh_token", "t.refresh_token"}, {"access_token", "t.access_token"}}));
      finish(steps.back(),
             "{ access_token: .access_token, refresh_token: .refresh_token ?? t.refresh_token }");
    }
    steps.emplace_back(std::string("headers { Authorization: \"Bearer {") +
                       (refresh == nullptr ? "t" : "t.access_token") + "}\" }");
    const std::string name = context_.helper("oauth");
    std::string names, values;
    for (const auto& [argument, value] : urls_) {
      names += (names.empty() ? "" : ", ") + argument;
      values += (values.empty() ? "" : ", ") + value;
    }
    for (const std::string& one : seen_) {
      names += ", " + one;
      values += ", " + one;
    }
    Block block("auth " + name + "(" + names + ")");
    block.gap = true;
    block.items = std::move(steps);
    context_.helpers.push_back(std::move(block));
    return "auth " + name + "(" + values + ")";
  }

  Context& context_;
  const ClientConfig& client_;
  const Node& configuration_;
  std::vector<std::string> seen_;
  std::vector<std::string> hosts_;                         // quoted, of requests for tokens
  std::vector<std::pair<std::string, std::string>> urls_;  // argument and value
  Lookup lookup_;
};

}  // namespace

std::optional<std::string> oauth_clause(Context& context, const ClientConfig& client) {
  return OauthLowerer(context, client).lower();
}

}  // namespace fconn::importer
