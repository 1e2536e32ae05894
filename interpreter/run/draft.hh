// From ir::Request and an environment to the request that is sent. A Draft is the request before
// authentication: pagination changes it, and it is what loop detection and sharing compare, so that
// no credential is ever part of a comparison. All functions are pure.
#pragma once

#include <string>

#include "interpreter/eval/eval.hh"
#include "interpreter/http/guard.hh"
#include "interpreter/http/headers.hh"
#include "interpreter/http/transport.hh"
#include "interpreter/http/url.hh"
#include "interpreter/ir/ir.hh"

namespace fconn::run {

struct Draft {
  std::string method;
  http::Url url;  // without query
  http::QueryPairs query;
  std::string spelt_query;  // as a URL spelt it; sent so while `query` still says the same
  http::Headers headers;
  bool has_body = false;
  ir::BodyKind body_kind = ir::BodyKind::none;
  std::string body;
  value::OwnedValue body_value;  // what the body was made of; for `next body` and `request.body`
  bool private_url = false;      // see http::Request
};

/// A client of an instance with its base URL known.
struct ClientBase {
  const ir::Client* client = nullptr;
  std::optional<http::Url> base;
};

/// Evaluates and checks `base`: an absolute URL, https unless the host is loopback.
value::Result<ClientBase> client_base(const ir::Client& client, eval::Evaluator& evaluator,
                                      eval::Environment& env, value::Arena& arena);

/// Whether a URL is at the client's own origin: only there do its credentials, headers and query
/// go. A client without a base has no origin, and signs whatever is sent through it.
bool at_home(const http::Url& url, const ClientBase& client, const http::HostsGuard& guard);

/// Renders target, query, headers and body. Failures name the expression's place: null or empty in
/// a path, `.` or `..` as a segment, CR or LF in a header, a host that isn't declared.
value::Result<Draft> render(const ir::Request& request, const ClientBase& base,
                            eval::Evaluator& evaluator, eval::Environment& env, value::Arena& arena,
                            const http::HostsGuard& guard);

/// Applies what an auth strategy (none: nothing) says, last, and makes the request to send. `env`
/// has the strategy's lets as far as they don't read the request, its tokens and its challenge;
/// `lets` are computed here.
value::Result<http::Request> authenticate(const Draft& draft, const ir::Auth* auth,
                                          const std::vector<std::uint32_t>& lets,
                                          eval::Evaluator& evaluator, eval::Environment& env,
                                          value::Arena& arena);

/// The request without any credentials.
http::Request to_request(const Draft& draft);

/// Whether there is a next page; if not, perhaps why there may be more all the same.
struct NextPage {
  bool more = false;
  std::optional<std::string> capped;
};
/// Told of each step that was carried out, and of a `stop` whether it holds.
using StepSeen = std::function<void(const ir::PageStep&, std::optional<bool>)>;
/// Runs the steps of a pagination on a response's environment and changes `draft` into the next
/// request, if there is one. The URL is resolved against the current one, or `redirected_to` where
/// a redirect led to the answer (RFC 3986, 5.1.3), and checked by the guard.
value::Result<NextPage> next_page(const ir::Pagination& pagination, Draft& draft,
                                  eval::Evaluator& evaluator, eval::Environment& env,
                                  value::Arena& arena, const http::HostsGuard& guard,
                                  std::string_view redirected_to = {}, const StepSeen& seen = {});

/// Keyed hash of method, URL, query, own headers and body.
std::uint64_t hash(const Draft& draft, std::uint64_t seed);

/// `request` as expressions see it; views into `draft` and `arena`.
eval::RequestView request_view(const Draft& draft, value::Arena& arena);

std::string url_text(const Draft& draft);

/// The target as the connector writes it, holes as expressions: for who must not see values.
std::string template_of(const ir::Request& request);

}  // namespace fconn::run
