// Rewrites the values of a body in their places, whatever else is around them: names say where a
// value stands, and everything that isn't a value stays to the byte. Lenient: what is no XML, CSV
// or multipart at some place is passed on as a text, never dropped.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fconn::har {

/// Names from the outside to the inside; the value, without its escapes; what to write.
using RewriteAt =
    std::function<std::string(const std::vector<std::string>& names, std::string_view value)>;
/// The same by one name.
using Rewrite = std::function<std::string(std::string_view name, std::string_view value)>;

/// Texts, CDATA and attributes of XML or HTML, by the local names of elements and attributes;
/// comments by no name.
std::string rewrite_markup(std::string_view text, const RewriteAt& rewrite);

/// Fields of CSV by their columns, the names of these by none.
std::string rewrite_csv(std::string_view text, char delimiter, const Rewrite& rewrite);
/// What separates the fields of the first line, where it has several: a comma, semicolon or tab.
char delimiter_of(std::string_view text);

/// Contents of parts (RFC 7578). A part that isn't a file goes to `field` by its name; of a file,
/// its name goes to `text` and its content to `file` by its media type.
struct PartRewrite {
  Rewrite field, file;
  std::function<std::string(std::string_view)> text;
};
std::string rewrite_multipart(std::string_view body, const PartRewrite& rewrite);

/// `"name": value` wherever it stands, for JSON that can't be parsed (cut off, too deep).
/// `rewrite` gets strings without escapes, and numbers.
std::string rewrite_members(std::string_view text, const Rewrite& rewrite);

}  // namespace fconn::har
