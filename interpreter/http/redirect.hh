// What a redirect may lead to (RFC 9110 15.4), as a pure function.
#pragma once

#include "interpreter/http/guard.hh"
#include "interpreter/http/transport.hh"

namespace fconn::http {

constexpr int max_redirects = 10;

/// Whether an answer leads to another place: 301, 302, 303, 307 or 308 with a Location.
bool is_redirect(int status, const Headers& headers);

/// Whether a step from one URL to another stays at its origin. The send-to origin stands in for the
/// connector's own, so a step between them isn't a departure.
bool stays_at_origin(const Url& from, const Url& to, const HostsGuard& guard);

/// The request that follows `request` after `status` with `location`. GET and HEAD follow 301,
/// 302, 303, 307, 308; other methods follow 307 and 308 unchanged, and are refused otherwise (a
/// POST turned into a GET would read something else and look right). Refused (guard): a host that
/// isn't declared; https to http. To another origin that is declared, credential headers and the
/// body's credentials are left out: such a redirect is followed only for GET and HEAD.
value::Result<Request> follow_redirect(const Request& request, int status,
                                       std::string_view location, const HostsGuard& guard);

}  // namespace fconn::http
