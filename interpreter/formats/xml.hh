// XML 1.0 with namespaces, read by libxml2: nothing is fetched, a document type is refused (so
// there are no entities but the five of XML, and nothing to expand), nesting ends at 256.
//
// As a value, a document is an object with its root element. An element that holds text alone is
// that text; any other is an object of its attributes ("@id"), its elements by name (one that
// occurs more than once is a list), and its text ("#text"). Names keep the prefixes of the text and
// the declarations of namespaces are attributes ("@xmlns:a"). White space between elements,
// comments and processing instructions are left out. An element that xsi:nil makes null is null.
// Where that would lose something, it is kept beside: "#order" has the names of elements of several
// names that take turns, "#xml" the content of an element that mixes text and elements.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interpreter/value/value.hh"

namespace fconn::formats {

constexpr std::size_t max_xml = std::size_t{32} << 20U;       // bytes of a text
constexpr std::size_t max_xml_json = std::size_t{64} << 20U;  // bytes of what it gives as JSON
constexpr unsigned long max_xpath_operations = 10'000'000;    // libxml2's, of one path

/// The document as JSON text. `bytes` in any encoding that the text names.
value::Result<std::string> xml_to_json(std::string_view bytes);

/// Prefixes of a path and the namespaces that they stand for.
using Namespaces = std::vector<std::pair<std::string, std::string>>;

/// What an XPath 1.0 path finds, in the document's order, as the JSON text of a list. Attributes,
/// texts and elements without elements give their text; other elements their value as above; a path
/// that computes a number, a text or a truth value gives that one.
/// Without `namespaces` a name in the path matches whatever its namespace, and values have no
/// prefixes; with them the path is XPath 1.0 to the letter: a name without a prefix is in no
/// namespace.
value::Result<std::string> xpath_to_json(std::string_view bytes, std::string_view path,
                                         const std::optional<Namespaces>& namespaces);

/// The same in a value that came from XML, a whole document or an element of one: a path into an
/// element begins there, so it can't begin with a single `/`.
value::Result<std::string> xpath_to_json(const value::Value& from, std::string_view path,
                                         const std::optional<Namespaces>& namespaces,
                                         value::Arena& arena);

/// Text for between tags or quotes of an attribute, the same after reading: markup, quotes and line
/// breaks become references (XML 1.0, sections 2.4, 2.11 and 3.3.3).
void append_xml_escaped(std::string_view text, std::string& out);
/// Does an XML text that goes on behind `before` go on in a comment, a CDATA section or a
/// processing instruction? Nothing can be escaped there.
bool in_unescaped_xml(std::string_view before);
/// False for characters that XML 1.0 can't hold, not even escaped.
bool fits_xml(std::string_view text);

}  // namespace fconn::formats
