// Rendering of requests: every value is encoded for the place it lands in.
#include <algorithm>

#include "interpreter/run/body.hh"
#include "interpreter/run/draft.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;
using value::Value;

namespace {

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0 ||
         (host.size() > 10 && host.compare(host.size() - 10, 10, ".localhost") == 0);
}

/// The text that goes into a target for one hole.
Result<std::string> hole_text(const ir::TargetPart& part, eval::Evaluator& evaluator,
                              eval::Environment& env, value::Arena& arena) {
  auto result = evaluator.evaluate(*part.value, env, arena);
  if (!result) return fail(result.error());
  auto text = eval::text_of(*result, arena);
  if (!text) {
    value::Failure failure = text.error();
    if (failure.where == grammar::Span{}) failure.where = part.span;
    failure.text += ", and it stands in the URL";
    return fail(std::move(failure));
  }
  if (part.kind == ir::TargetPartKind::raw) {
    auto safe = http::sanitize_target(*text);
    if (!safe) {
      return fail(FailureKind::shape, "a value that holds line breaks can't be a URL", part.span);
    }
    return *safe;
  }
  if (text->empty()) {
    return fail(FailureKind::shape,
                "this value is an empty text; as a part of a path it would name something else",
                part.span);
  }
  if (*text == "." || *text == "..") {
    return fail(FailureKind::shape, "`.` and `..` as a part of a path would name something else",
                part.span);
  }
  return http::encode_segment(*text);
}

Result<http::Url> render_target(const ir::Request& request, const ClientBase& base,
                                eval::Evaluator& evaluator, eval::Environment& env,
                                value::Arena& arena, const http::HostsGuard& guard) {
  std::string text;
  for (const ir::TargetPart& part : request.target) {
    if (part.kind == ir::TargetPartKind::literal) {
      text += http::sanitize_target(part.text).value_or("");
      continue;
    }
    auto hole = hole_text(part, evaluator, env, arena);
    if (!hole) return fail(hole.error());
    text += *hole;
  }
  std::optional<http::Url> url;
  const bool has_scheme = text.find("://") != std::string::npos && text[0] != '/';
  if (request.absolute && has_scheme) {
    url = http::parse_url(text);
    if (!url) return fail(FailureKind::shape, "this gives no absolute http(s) URL", request.span);
    *url = guard.normalize_link(*url);
  } else {
    if (!base.base) {
      return fail(FailureKind::shape, "the client has no `base`, so a path alone names no host",
                  request.span);
    }
    url = base.base;
    const std::size_t question = text.find('?');
    std::string path = text.substr(0, question);
    if (question != std::string::npos) url->query = text.substr(question + 1);
    while (!url->path.empty() && url->path.back() == '/') url->path.pop_back();
    if (path.empty() || path[0] != '/') path.insert(0, "/");
    url->path += path;
  }
  if (auto allowed = guard.permit(*url); !allowed) {
    value::Failure failure = allowed.error();
    failure.where = request.span;
    return fail(std::move(failure));
  }
  return *url;
}

/// Does the value come out of a response, of this chain or of another collection?
bool from_response(const ir::Expr& expr) {
  switch (expr.op) {
    case ir::Op::let_value:
    case ir::Op::loop_value:
    case ir::Op::bound:
    case ir::Op::erased_row:
      return true;
    default:
      return std::any_of(expr.kids.begin(), expr.kids.end(), from_response);
  }
}

/// A URL that a response gave is a credential where it leads elsewhere or brings a query.
bool is_private(const ir::Request& request, const http::Url& url, bool home) {
  if (home && !url.query) return false;
  return std::any_of(request.target.begin(), request.target.end(), [](const ir::TargetPart& part) {
    return part.kind == ir::TargetPartKind::raw && part.value && from_response(*part.value);
  });
}

}  // namespace

bool at_home(const http::Url& url, const ClientBase& client, const http::HostsGuard& guard) {
  if (!client.base || http::same_origin(url, *client.base)) return true;
  return guard.send_to() && http::same_origin(url, *guard.send_to());
}

value::Result<ClientBase> client_base(const ir::Client& client, eval::Evaluator& evaluator,
                                      eval::Environment& env, value::Arena& arena) {
  ClientBase result{&client, std::nullopt};
  if (!client.base) return result;
  std::vector<Value> locals(client.locals);
  env.locals = locals;
  auto base = evaluator.evaluate(*client.base, env, arena);
  if (!base) return fail(base.error());
  auto text = eval::text_of(*base, arena);
  if (!text) return fail(text.error());
  result.base = http::parse_url(*text);
  if (!result.base) {
    return fail(FailureKind::configuration,
                "the client's base \"" + std::string(*text) + "\" is no absolute http(s) URL",
                client.base->span);
  }
  if (result.base->query) {
    return fail(FailureKind::configuration, "the client's base may not hold a query",
                client.base->span);
  }
  if (result.base->scheme == "http" && !is_loopback(result.base->host)) {
    return fail(
        FailureKind::guard,
        "the client's base is plain http, and \"" + result.base->host + "\" isn't a loopback host",
        client.base->span);
  }
  return result;
}

value::Result<Draft> render(const ir::Request& request, const ClientBase& base,
                            eval::Evaluator& evaluator, eval::Environment& env, value::Arena& arena,
                            const http::HostsGuard& guard) {
  Draft draft;
  draft.method = request.method;
  evaluator.made(request.span, true);
  auto url = render_target(request, base, evaluator, env, arena, guard);
  if (!url) return fail(url.error());
  draft.url = *std::move(url);
  const bool home = at_home(draft.url, base, guard);
  draft.private_url = is_private(request, draft.url, home);
  if (draft.url.query) {
    draft.query = http::parse_query(*draft.url.query);
    draft.spelt_query = *std::move(draft.url.query);
    draft.url.query.reset();
  }
  // What the client adds to requests is meant for its own API.
  for (const auto* query : {&base.client->query, &request.query}) {
    if (!*query || (!home && query == &base.client->query)) continue;
    if (auto merged = merge_query(**query, evaluator, env, arena, draft.query); !merged) {
      return fail(merged.error());
    }
  }
  for (const auto* headers : {&base.client->headers, &request.headers}) {
    if (!*headers || (!home && headers == &base.client->headers)) continue;
    if (auto merged = merge_headers(**headers, evaluator, env, arena, false, draft.headers);
        !merged) {
      return fail(merged.error());
    }
    const bool of_client = headers == &base.client->headers;
    if (!of_client) continue;
    for (http::HeaderField& field : draft.headers) field.of_client = true;
  }
  if (auto body = render_body(request, evaluator, env, arena, draft); !body) {
    return fail(body.error());
  }
  return draft;
}

namespace {

/// Adds what one strategy says to the request.
Result<void> apply(const ir::Auth& auth, const std::vector<std::uint32_t>& lets, Draft& draft,
                   eval::Evaluator& evaluator, eval::Environment& env, value::Arena& arena) {
  for (const std::uint32_t index : lets) {
    const ir::AuthLet& let = auth.lets[index];
    auto result = evaluator.evaluate(let.value, env, arena);
    if (!result) return fail(result.error());
    env.locals[let.slot] = *result;
  }
  if (auth.headers) {
    if (auto merged = merge_headers(*auth.headers, evaluator, env, arena, true, draft.headers);
        !merged) {
      return fail(merged.error());
    }
  }
  if (auth.query) {
    if (auto merged = merge_query(*auth.query, evaluator, env, arena, draft.query); !merged) {
      return fail(merged.error());
    }
  }
  if (auth.body) return merge_body(*auth.body, evaluator, env, arena, draft);
  return {};
}

}  // namespace

value::Result<http::Request> authenticate(const Draft& draft, const ir::Auth* auth,
                                          const std::vector<std::uint32_t>& lets,
                                          eval::Evaluator& evaluator, eval::Environment& env,
                                          value::Arena& arena) {
  Draft signed_draft = draft;
  if (auth != nullptr) {
    const eval::RequestView view = request_view(draft, arena);
    env.request = &view;
    auto applied = apply(*auth, lets, signed_draft, evaluator, env, arena);
    env.request = nullptr;
    if (!applied) return fail(applied.error());
  }
  return to_request(signed_draft);
}

http::Request to_request(const Draft& draft) {
  http::Request request;
  request.method = draft.method;
  request.url = url_text(draft);
  request.private_url = draft.private_url;
  request.headers = draft.headers;
  request.body = draft.body;
  request.has_body = draft.has_body;
  return request;
}

}  // namespace fconn::run
