// The fixed parts of the HTML report and escaping. Internal to html.cc.
#pragma once

#include <string>
#include <string_view>

namespace fconn::sink {

/// Text for an element's content or a quoted attribute; control characters become U+FFFD.
void append_escaped(std::string& out, std::string_view text);

/// Doctype to the opened <body>; no script, no external resource, prints well, follows the
/// reader's light or dark preference.
std::string page_head(std::string_view title);
std::string_view page_end();

}  // namespace fconn::sink
