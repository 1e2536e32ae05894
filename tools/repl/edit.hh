// Changes to a request before it is sent: one at a time, or as a text in an editor.
#pragma once

#include <string>

#include "interpreter/http/redact.hh"
#include "interpreter/http/transport.hh"

namespace fconn::repl {

/// "header X-Name: value", "query name=value", "body TEXT", "method PUT", "url /path?a=b". A header
/// or query without a value goes. A `url` that is a path stays at the request's origin. The failure
/// says what was expected.
value::Result<void> edit(http::Request& request, std::string_view change);

/// Whether such a change gives a credential: a header or query parameter that is one in the request
/// (null: there is none), or whose name says so. It is in no history.
bool sets_credential(std::string_view change, const http::Request* request);

/// The request as a text to be edited: "GET https://…", headers, a blank line, the body. What is
/// secret stands there as ***.
std::string to_text(const http::Request& request, const http::Redactor& redactor);
/// Back again. What still is as to_text() wrote it stays as it was, secrets too; a changed line or
/// body that holds *** is a failure, as nobody knows what it stands for.
value::Result<void> from_text(http::Request& request, const http::Redactor& redactor,
                              std::string_view text);

}  // namespace fconn::repl
