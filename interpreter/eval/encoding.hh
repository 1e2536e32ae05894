// Base64, hexadecimal and percent-encoding of bytes. For eval/ and privacy/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fconn::eval {

/// RFC 4648, section 4: with padding.
std::string base64_text(std::string_view bytes);
/// RFC 4648, section 5: for URLs, without padding.
std::string base64url_text(std::string_view bytes);
/// Padding may be missing, but what is there must be right; line ends are passed over. `last`: the
/// two digits that the alphabets differ in. Nothing if it isn't base64.
std::optional<std::string> base64_bytes(std::string_view text, std::string_view last);

std::string hex_text(std::string_view bytes);
std::optional<std::string> hex_bytes(std::string_view text);

/// Percent-encodes all but the unreserved characters of RFC 3986, section 2.3, and those in `keep`.
void append_percent(std::string_view text, std::string_view keep, std::string& out);
/// The same for application/x-www-form-urlencoded: a space is `+`.
void append_form(std::string_view text, std::string& out);
/// Nothing if a `%` isn't followed by two hexadecimal digits.
std::optional<std::string> percent_bytes(std::string_view text, bool plus_is_space);

}  // namespace fconn::eval
