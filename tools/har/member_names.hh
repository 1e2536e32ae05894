// What the name of a member, a header or a query parameter says about its value, where no connector
// says it. Names are compared without case, `_` and `-`.
#pragma once

#include <string>
#include <string_view>

namespace fconn::har {

/// "firstname" of "First-Name".
std::string plain_name(std::string_view name);

/// A token, a password, a key or a signature: never written.
bool secret_name(std::string_view name);
/// A header that carries one, or a cookie.
bool secret_header(std::string_view name);

/// The category that values of such a name most likely have, "user.contact.email"; empty where
/// the name says nothing. `name` alone says nothing: products have one.
std::string_view category_of_name(std::string_view name);

}  // namespace fconn::har
