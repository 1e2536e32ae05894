// The formats that a field's `format` may ask for.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace fconn::privacy {

/// email, url, uuid, date, datetime, time, phone, ipv4, ipv6, hostname; also uri (as url) and
/// date-time (as datetime), the names that JSON Schema has.
std::span<const std::string_view> format_names();

/// Whether a text is written so; nothing if there is no such format. Shape alone: that an address
/// exists or a day is in its month isn't looked at.
///   email     one @, a name before it, a host with a dot behind it, no space
///   url       scheme://host…, no space
///   uuid      8-4-4-4-12 hexadecimal digits
///   date      YYYY-MM-DD; time HH:MM[:SS…]; datetime both, joined by T or a space (RFC 3339)
///   phone     + and 6 to 15 digits (E.164), spaces, dots, dashes and brackets aside
std::optional<bool> meets_format(std::string_view format, std::string_view text);

}  // namespace fconn::privacy
