#include "tools/openapi/security.hh"

#include <algorithm>
#include <map>

namespace fconn::openapi {
namespace {

using Kind = Scheme::Kind;

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void http(const Node& node, Scheme& out) {
  const std::string scheme = lower(text_of(&node, "scheme"));
  if (scheme == "basic") out.kind = Kind::basic;
  if (scheme == "bearer") out.kind = Kind::bearer;
  if (scheme == "digest") out.kind = Kind::digest;
  if (out.kind == Kind::unsupported) out.note = "HTTP scheme `" + scheme + "`";
}

void api_key(const Node& node, Scheme& out) {
  const std::string in = text_of(&node, "in");
  out.name = text_of(&node, "name");
  if (in == "header") out.kind = Kind::header;
  if (in == "query") out.kind = Kind::query;
  if (in == "cookie") out.kind = Kind::cookie;
  if (out.name.empty()) out.kind = Kind::unsupported;
  if (lower(out.name) == "authorization") {
    out.note =
        "the key is sent as it is; where the API wants a word before it (Bearer), use `bearer`";
  }
}

void oauth_flow(Refs& refs, const Node* flow, Kind kind, Scheme& out) {
  if (flow == nullptr || out.kind != Kind::unsupported) return;
  out.kind = kind;
  out.token_url = text_of(flow, "tokenUrl");
  out.authorize_url = text_of(flow, "authorizationUrl");
  if (const Node* scopes = refs.member(flow, "scopes")) {
    for (const importer::Entry& scope : scopes->entries) out.scopes.push_back(scope.key);
  }
  const bool whole =
      out.token_url.starts_with("https://") &&
      (kind != Kind::authorization_code || out.authorize_url.starts_with("https://"));
  if (!whole) {
    out.kind = Kind::bearer;
    out.note = "OAuth2 without the https URLs that it needs: a token of your own is sent";
  }
}

void oauth(Refs& refs, const Node& node, Scheme& out) {
  if (const Node* flows = refs.member(&node, "flows")) {
    oauth_flow(refs, flows->find("clientCredentials"), Kind::client_credentials, out);
    oauth_flow(refs, flows->find("authorizationCode"), Kind::authorization_code, out);
    oauth_flow(refs, flows->find("password"), Kind::password, out);
  } else {  // Swagger 2.0
    const std::string flow = text_of(&node, "flow");
    if (flow == "application") oauth_flow(refs, &node, Kind::client_credentials, out);
    if (flow == "accessCode") oauth_flow(refs, &node, Kind::authorization_code, out);
    if (flow == "password") oauth_flow(refs, &node, Kind::password, out);
  }
  if (out.kind != Kind::unsupported) return;
  out.kind = Kind::bearer;
  out.note = "OAuth2 in a way that a program can't go through: a token of your own is sent";
}

Scheme scheme(Refs& refs, const std::string& id, const Node& node) {
  Scheme out;
  out.id = id;
  out.where = node.span;
  const std::string type = text_of(&node, "type");
  if (type == "http") {
    http(node, out);
  } else if (type == "basic") {
    out.kind = Kind::basic;
  } else if (type == "apiKey") {
    api_key(node, out);
  } else if (type == "oauth2") {
    oauth(refs, node, out);
  } else if (type == "openIdConnect") {
    out.kind = Kind::bearer;
    out.note = "OpenID Connect: a token of your own is sent";
  } else {
    out.note = "type `" + type + "`";
  }
  return out;
}

/// The names that stand together in one requirement.
using Together = std::vector<std::string>;

std::vector<Together> requirements(const Node* security) {
  std::vector<Together> out;
  if (security == nullptr) return out;
  for (const Node& one : security->items) {
    Together names;
    for (const importer::Entry& entry : one.entries) names.push_back(entry.key);
    if (!names.empty()) out.push_back(std::move(names));
  }
  return out;
}

/// What the document says for all; else what most of its requests say; else its first scheme.
std::vector<Together> wanted(const Node& root, Refs& refs, const Node* schemes) {
  std::vector<Together> out = requirements(root.find("security"));
  if (!out.empty()) return out;
  std::map<Together, int> counts;
  for (const importer::Entry& path : root.find("paths")->entries) {
    const Node* item = refs.follow(&path.value);
    const Node* get = item == nullptr ? nullptr : item->find("get");
    if (get == nullptr) continue;
    for (const Together& one : requirements(get->find("security"))) ++counts[one];
  }
  std::vector<std::pair<int, Together>> ordered;
  ordered.reserve(counts.size());
  for (const auto& [names, count] : counts) ordered.emplace_back(-count, names);
  std::sort(ordered.begin(), ordered.end());
  for (auto& [count, names] : ordered) out.push_back(std::move(names));
  if (out.empty() && schemes != nullptr) {
    for (const importer::Entry& one : schemes->entries) out.push_back({one.key});
  }
  return out;
}

}  // namespace

void read_security(const Node& root, Refs& refs, Document& out) {
  const Node* schemes = refs.member(refs.member(&root, "components"), "securitySchemes");
  if (schemes == nullptr) schemes = refs.member(&root, "securityDefinitions");
  for (const Together& names : wanted(root, refs, schemes)) {
    std::vector<Scheme> together;
    for (const std::string& name : names) {
      const Node* node = refs.member(schemes, name);
      together.push_back(node == nullptr ? Scheme{} : scheme(refs, name, *node));
    }
    const bool possible = std::none_of(together.begin(), together.end(), [](const Scheme& one) {
      return one.kind == Kind::unsupported;
    });
    const bool several_keys = together.size() == 1 ||
                              std::all_of(together.begin(), together.end(), [](const Scheme& one) {
                                return one.kind == Kind::header || one.kind == Kind::query;
                              });
    if (out.schemes.empty() && possible && several_keys) {
      out.schemes = std::move(together);
      continue;
    }
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " and ") + name;
    out.other_schemes.push_back(std::move(text));
  }
}

}  // namespace fconn::openapi
