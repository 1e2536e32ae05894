// What of a project file isn't quoted in messages: values that are secrets, or stand where one may
// stand by mistake. Internal to tools/config.
#pragma once

#include <string>

#include "tools/config/toml_tree.hh"

namespace fconn::config {

/// Overwrites with `*`, in place, so that offsets stay: literal values of secrets, of salts and of
/// the store's key; what a secret's source holds under a key that isn't one, or under `env` if it
/// isn't written like a variable; the user info of URLs in parameters.
void hide_secrets(const Node& root, std::string& text);

/// For a text that isn't TOML: overwrites whatever isn't a key in the line at `mistake`, and what
/// `cause` quotes of it.
void hide_values(const grammar::Span& mistake, std::string& text, std::string& cause);

}  // namespace fconn::config
