#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {
namespace {

/// A key of `api_key`: where it goes, as an expression.
struct Key {
  std::string name, value;
  bool secret = false;
};

class AuthLowerer {
 public:
  AuthLowerer(Context& context, const Strategy& strategy)
      : context_(context), strategy_(strategy), lookup_(tracking()) {}

  std::optional<std::string> lower() {
    const std::string& name = strategy_.name.text;
    if (name == "basic") return basic();
    if (name == "bearer") return call("bearer", {value("token")});
    if (name == "api_key") return api_key();
    if (name == "google_cloud_service_account") return google();
    const std::string help = bundled_help(context_, "", "auth");
    context_.error(DiagnosticId::unknown_import_strategy, strategy_.name.span,
                   "the authentication strategy `" + name + "` is code of its own in Fides",
                   help.empty() ? "write it as an `auth` of the connector" : help);
    return std::nullopt;
  }

 private:
  /// Notes which parameters an expression uses, and whether one is secret.
  Lookup tracking() {
    return [this](const std::string& name) -> std::optional<Value> {
      auto found = secrets(context_)(name);
      if (!found) return found;
      if (std::find(seen_.begin(), seen_.end(), found->expr) == seen_.end()) {
        seen_.push_back(found->expr);
      }
      secret_ = secret_ || found->secret;
      return found;
    };
  }

  std::string text_of(const Node& node) {
    std::vector<std::string> missing;
    auto out = text_expr(split_template(node.text), lookup_, false, missing);
    context_.unresolved(missing, node.span, nullptr);
    return out.value_or("\"\"");
  }

  std::string value(std::string_view key) {
    const Node* node = strategy_.configuration.find(key);
    if (node != nullptr && node->kind == Node::Kind::scalar) return text_of(*node);
    context_.error(DiagnosticId::not_fides, strategy_.name.span,
                   "`" + strategy_.name.text + "` needs `" + std::string(key) + "`");
    return "\"\"";
  }

  static std::string call(const std::string& name, const std::vector<std::string>& arguments) {
    std::string out = "auth " + name + "(";
    for (std::size_t i = 0; i < arguments.size(); ++i) out += (i == 0 ? "" : ", ") + arguments[i];
    return out + ")";
  }

  std::string basic() {
    const Node* password = strategy_.configuration.find("password");
    std::vector<std::string> arguments = {value("username")};
    if (password != nullptr && password->kind == Node::Kind::scalar && !password->text.empty()) {
      arguments.push_back(text_of(*password));
    }
    return call("basic", arguments);
  }

  std::vector<Key> keys(std::string_view list) {
    std::vector<Key> out;
    const Node* node = strategy_.configuration.find(list);
    if (node == nullptr) return out;
    for (const Node& item : node->items) {
      const Node* name = item.find("name");
      const Node* text = item.find("value");
      if (name == nullptr || text == nullptr) {
        context_.error(DiagnosticId::not_fides, item.span, "a key needs a `name` and a `value`");
        continue;
      }
      secret_ = false;
      Key key{name->text, "", false};
      key.value = as_int(*text) && text->plain ? text->text : text_of(*text);
      key.secret = has_holes(split_template(text->text));
      out.push_back(std::move(key));
    }
    return out;
  }

  static std::string object(const std::vector<Key>& keys) {
    std::string out = "{ ";
    for (const Key& key : keys) {
      out += (out.size() > 2 ? ", " : "") + object_key(key.name) + ": " + key.value;
    }
    return out + " }";
  }

  /// Entries that say no parameter go beside the key, as the client's own.
  static std::vector<Key> split_plain(std::vector<Key>& keys) {
    std::vector<Key> plain;
    for (const Key& key : keys) {
      if (!key.secret) plain.push_back(key);
    }
    std::erase_if(keys, [](const Key& key) { return !key.secret; });
    return plain;
  }

  std::optional<std::string> api_key() {
    std::vector<Key> headers = keys("headers");
    std::vector<Key> query = keys("query_params");
    const Node* body = strategy_.configuration.find("body");
    std::string more;
    const bool given = !headers.empty() || !query.empty() || body != nullptr;
    if (!given) {
      context_.error(DiagnosticId::not_fides, strategy_.name.span,
                     "`api_key` needs headers, query_params or a body");
      return std::nullopt;
    }
    if (const auto plain = split_plain(headers); !plain.empty())
      more += "\x1fheaders " + object(plain);
    if (const auto plain = split_plain(query); !plain.empty()) more += "\x1fquery " + object(plain);
    if (body == nullptr && headers.size() == 1 && query.empty()) {
      return one_header(headers.front()) + more;
    }
    if (body == nullptr && headers.empty() && query.size() == 1) {
      return call("query", {quoted(query.front().name), query.front().value}) + more;
    }
    if (headers.empty() && query.empty() && body == nullptr) return more.substr(1);
    return strategy_of(headers, query, body) + more;
  }

  static std::string one_header(const Key& key) {
    constexpr std::string_view bearer = "\"Bearer {";
    const bool whole = key.value.starts_with(bearer) && key.value.ends_with("}\"") &&
                       key.value.find('{', bearer.size()) == std::string::npos;
    if (key.name == "Authorization" && whole) {
      return call("bearer",
                  {key.value.substr(bearer.size(), key.value.size() - bearer.size() - 2)});
    }
    return call("header", {quoted(key.name), key.value});
  }

  /// Several keys at once: a strategy of the file.
  std::string strategy_of(const std::vector<Key>& headers, const std::vector<Key>& query,
                          const Node* body) {
    std::optional<Body> fields;
    if (body != nullptr) {
      fields = body_expr(body->text, lookup_);
      if (!fields) {
        context_.error(DiagnosticId::not_fides, body->span, "the body of `api_key` is no JSON");
        return "";
      }
      context_.unresolved(fields->missing, body->span, nullptr);
    }
    const std::string name = context_.helper("keys");
    std::string arguments;
    for (const std::string& param : seen_) arguments += (arguments.empty() ? "" : ", ") + param;
    Block block("auth " + name + "(" + arguments + ")");
    block.gap = true;
    if (!headers.empty()) block.add("headers " + object(headers));
    if (!query.empty()) block.add("query " + object(query));
    if (fields) block.add("body json " + fields->expr);
    context_.helpers.push_back(std::move(block));
    return "auth " + name + "(" + arguments + ")";
  }

  std::optional<std::string> google() {
    std::string scopes = quoted("https://www.googleapis.com/auth/cloud-platform");
    if (const Node* list = strategy_.configuration.find("scopes")) {
      scopes = "[";
      for (const Node& item : list->items)
        scopes += (scopes.size() > 1 ? ", " : "") + quoted(item.text);
      scopes += "]";
    }
    std::vector<std::string> missing;
    const auto email = lookup_("client_email");
    const auto key = lookup_("private_key");
    if (!email) missing.emplace_back("client_email");
    if (!key) missing.emplace_back("private_key");
    context_.unresolved(missing, strategy_.name.span, nullptr);
    if (!missing.empty()) return std::nullopt;
    const auto token = lookup_("token_uri");
    return "auth google_service_account(json({ client_email: " + email->expr +
           ", private_key: " + key->expr + " }), " + scopes +
           (token ? ", token_url: " + token->expr : "") + ")";
  }

  Context& context_;
  const Strategy& strategy_;
  std::vector<std::string> seen_;
  bool secret_ = false;
  Lookup lookup_;
};

}  // namespace

std::optional<std::string> auth_clause(Context& context, const ClientConfig& client) {
  if (!client.authentication) return std::nullopt;
  const std::string& name = client.authentication->name.text;
  if (name == "oauth2_authorization_code" || name == "oauth2_client_credentials") {
    return oauth_clause(context, client);
  }
  return AuthLowerer(context, *client.authentication).lower();
}

bool signs_query(const Context& context, const Request& request) {
  const ClientConfig& client = request.client ? *request.client : context.config.client;
  if (!client.authentication || client.authentication->name.text != "api_key") return false;
  const Node* query = client.authentication->configuration.find("query_params");
  return query != nullptr && !query->items.empty();
}

}  // namespace fconn::importer
