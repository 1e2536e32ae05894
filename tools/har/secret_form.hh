// A replay needs no secrets, but what is computed from one may need its form: a private key that
// signs, a text that is base64. So a recording keeps the form of each secret, and nothing else.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/value/result.hh"

namespace fconn::har {

/// "text", "hex", "base64", "rsa" or "ec" (private keys in PEM).
std::string form_of_secret(std::string_view secret);

/// A secret of such a form that protects nothing: "secret-NAME", encoded, or a key that is made
/// now. Of an unknown form, as of "text". A `configuration` failure without libcrypto.
value::Result<std::string> secret_of_form(std::string_view form, const std::string& name);

}  // namespace fconn::har
