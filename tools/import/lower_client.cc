#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {
namespace {

/// The parameter that is a host's whole authority: `<domain>`, `<domain>/v1`.
const ConnectorParam* whole_host(const Context& context, const Template& host) {
  if (host.empty() || !host[0].hole) return nullptr;
  if (host.size() > 1 && (host[1].hole || !host[1].text.starts_with('/'))) return nullptr;
  const ConnectorParam* param = context.param(host[0].text);
  if (param == nullptr || param->sensitive || param->multiselect || !param->options.empty()) {
    return nullptr;
  }
  return param->default_value.text.find('/') == std::string::npos ? param : nullptr;
}

std::string rates_clause(const std::vector<RateLimit>& rates) {
  return rates.empty() ? "" : "rate " + rate_text(rates);
}

void client_clauses(Context& context, const ClientConfig& client, Block& block) {
  block.add("base \"" + base_text(context, client) + "\"");
  // Parts of a key that are no secret are plain headers and query entries.
  if (auto auth = auth_clause(context, client)) {
    std::string rest = std::move(*auth);
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\x1f'), rest.size());
      block.add(rest.substr(0, end));
      rest.erase(0, end + 1);
    }
  }
}

/// Says the same: what tells two client configs apart.
std::string fingerprint(const ClientConfig& client) {
  std::string out = client.protocol.text + "://" + client.host.text;
  if (!client.authentication) return out;
  out += "\n" + client.authentication->name.text;
  const std::function<void(const Node&)> add = [&](const Node& node) {
    out += "\n" + node.text;
    for (const Node& item : node.items) add(item);
    for (const Entry& entry : node.entries) {
      out += "\n" + entry.key + ":";
      add(entry.value);
    }
  };
  add(client.authentication->configuration);
  return out;
}

}  // namespace

std::string rate_text(const std::vector<RateLimit>& rates) {
  std::string out;
  for (const RateLimit& rate : rates) {
    out += (out.empty() ? "" : ", ") + std::to_string(rate.rate) + "/" + rate.unit;
  }
  return out;
}

std::string base_text(Context& context, const ClientConfig& client) {
  const Template host = split_template(client.host.text);
  std::vector<std::string> missing;
  if (const ConnectorParam* param = whole_host(context, host))
    context.hosts.insert(param->name.text);
  if (client.protocol.text != "https" && client.protocol.text != "http") {
    context.error(DiagnosticId::not_fides, client.protocol.span,
                  "`" + client.protocol.text + "` is no protocol of a web API", "write https");
  }
  auto text = hole_text(host, secrets(context), missing);
  context.unresolved(missing, client.host.span, nullptr);
  std::string out = client.protocol.text + "://" + text.value_or("");
  while (out.ends_with('/')) out.pop_back();
  return out;
}

Block default_client(Context& context) {
  Block block("client");
  client_clauses(context, context.config.client, block);
  if (const std::string rate = rates_clause(context.config.rates); !rate.empty()) block.add(rate);
  return block;
}

std::string via(Context& context, const Request& request, const std::string& hint) {
  if (!request.client) return "";
  const std::string print = fingerprint(*request.client);
  if (print == fingerprint(context.config.client)) {
    return "";
  }
  const auto known = context.client_names.find(print);
  if (known != context.client_names.end()) return known->second;
  std::string name = identifier(hint);
  const Template host = split_template(request.client->host.text);
  if (!host.empty() && host[0].hole && host[0].text != "domain" &&
      request.client->host.text != context.config.client.host.text) {
    name = identifier(host[0].text);
    if (name.ends_with("_domain")) name.resize(name.size() - 7);
    if (name.starts_with("domain_")) name.erase(0, 7);
  }
  std::string unique = name;
  const auto used = [&](const std::string& one) {
    return std::any_of(context.client_names.begin(), context.client_names.end(),
                       [&](const auto& entry) { return entry.second == one; });
  };
  for (int i = 2; used(unique); ++i) unique = name + "_" + std::to_string(i);
  context.client_names[print] = unique;
  Block block("client " + unique);
  client_clauses(context, *request.client, block);
  context.clients.push_back(std::move(block));
  return unique;
}

}  // namespace fconn::importer
