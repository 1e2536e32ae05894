#include "interpreter/http/redirect.hh"

#include <algorithm>

#include "interpreter/http/text.hh"

namespace fconn::http {
namespace {

using value::FailureKind;

tl::unexpected<value::Failure> refuse(FailureKind kind, int status, std::string text) {
  value::Failure failure;
  failure.kind = kind;
  failure.status = status;
  failure.text = std::move(text);
  return value::fail(std::move(failure));
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

bool is_redirect(int status, const Headers& headers) {
  return is_redirect(status) && find(headers, "Location") != nullptr;
}

bool stays_at_origin(const Url& from, const Url& to, const HostsGuard& guard) {
  const auto& send_to = guard.send_to();
  return same_origin(from, to) || (send_to && same_origin(*send_to, to));
}

value::Result<Request> follow_redirect(const Request& request, int status,
                                       std::string_view location, const HostsGuard& guard) {
  const std::string answer = "The answer " + std::to_string(status);
  if (!is_redirect(status)) return refuse(FailureKind::status, status, answer + " is no redirect.");
  const std::optional<Url> from = parse_url(request.url);
  location = trim(location);
  if (location.empty()) {
    return refuse(FailureKind::protocol, status,
                  answer + " is a redirect but names no place to go to.");
  }
  const std::optional<std::string> clean = sanitize_target(location);
  std::optional<Url> to = from && clean ? resolve(*from, *clean) : std::nullopt;
  if (!to) {
    return refuse(FailureKind::protocol, status,
                  answer + " redirects to something that is no http or https address.");
  }
  *to = guard.normalize_link(*to);

  const bool safe = request.method == "GET" || request.method == "HEAD";
  if (!safe && status != 307 && status != 308) {
    return refuse(FailureKind::status, status,
                  answer + " would turn this " + request.method + " into a GET at " + origin(*to) +
                      ", which isn't what was asked for; give the request its final address.");
  }
  if (auto allowed = guard.permit(*to); !allowed) {
    return refuse(allowed.error().kind, status,
                  "The redirect wasn't followed. " + allowed.error().text);
  }
  const bool home = stays_at_origin(*from, *to, guard);
  if (!home && from->scheme == "https" && to->scheme == "http") {
    return refuse(FailureKind::guard, status,
                  answer + " redirects from https to plain http at " + origin(*to) +
                      ", which isn't followed.");
  }
  Request next = request;
  next.url = to_string(*to);
  if (home) return next;
  if (!safe || request.has_body) {
    return refuse(FailureKind::guard, status,
                  answer + " would send the body of this " + request.method +
                      " to another origin, " + origin(*to) + ", which isn't done.");
  }
  next.headers.erase(std::remove_if(next.headers.begin(), next.headers.end(), stays_home),
                     next.headers.end());
  return next;
}

}  // namespace fconn::http
