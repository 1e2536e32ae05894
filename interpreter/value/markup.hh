// What XML and HTML have in common: how characters that mean something in both are spelt. Line
// ends, apostrophes and control characters are each format's own matter.
#pragma once

#include <string_view>

namespace fconn::value {

/// The reference that stands for `c` in a text and in an attribute between double quotes: "&amp;".
/// Empty: it stands for itself.
constexpr std::string_view markup_reference(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return {};
  }
}

}  // namespace fconn::value
