// What the OAuth2 strategies of the file and of the library share: requests for tokens as Fides has
// them.
#pragma once

#include "tools/export/context.hh"

namespace fconn::exporter {

/// `client_config` of a request for tokens: none where it is the client's own.
std::optional<Yaml> own_client(const Target& target, const Client& client, Yaml authentication);
/// A URL below the client's own base, which may end in a path.
Target below(const Target& target, const Client& client);
/// Whether the connector has the parameter that a login needs; reported where not.
bool has_redirect(Context& context, Span where);
Yaml basic_authentication(const std::string& username, const std::string& password);
/// The strategy of that configuration.
Yaml oauth_strategy(bool code, Yaml configuration);

}  // namespace fconn::exporter
