// A request as a curl command for a shell.
#pragma once

#include <map>
#include <string>

#include "interpreter/http/redact.hh"
#include "interpreter/http/transport.hh"

namespace fconn::repl {

/// `secrets`: shell variable -> the value that it stands for; where such a value stands in the
/// request as it is, the command says "$NAME". A credential that was computed from secrets is
/// $CREDENTIAL, and a comment says so. What else holds a secret is masked. `reveal`: all as sent.
/// `send_to`: the origin that it really goes to, or empty.
std::string curl_command(const http::Request& request,
                         const std::map<std::string, std::string>& secrets,
                         const http::Redactor& redactor, bool reveal, const std::string& send_to);

/// One word of a shell, inside single quotes.
std::string shell_quoted(std::string_view text);

}  // namespace fconn::repl
