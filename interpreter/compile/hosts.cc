// Where requests may go, as far as the file's text tells: literal hosts, declared patterns, plain
// http. What is only known at run time is the hosts guard's business (http/guard.hh).
#include <algorithm>

#include "interpreter/compile/lower_request.hh"

namespace fconn::compile {

using ir::Op;

namespace {

/// Scheme and authority of a URL that may have holes; kids are texts and values.
struct Origin {
  bool absolute = false;
  bool http = false;
  std::vector<ir::Expr> authority;
  bool literal = false;  // the authority has no holes
};

constexpr std::string_view https_prefix = "https://";
constexpr std::string_view http_prefix = "http://";

void add_literal(Origin& origin, std::string_view text, Span span) {
  if (text.empty()) return;
  origin.authority.push_back(make(Op::string, span, {}, std::string(text)));
}

/// Reads pieces (texts as `string`, values as anything else) up to the end of the authority.
Origin read_origin(const std::vector<const ir::Expr*>& pieces) {
  Origin origin;
  if (pieces.empty() || pieces[0]->op != Op::string) return origin;
  std::string_view first = pieces[0]->text;
  if (first.starts_with(https_prefix)) {
    first.remove_prefix(https_prefix.size());
  } else if (first.starts_with(http_prefix)) {
    first.remove_prefix(http_prefix.size());
    origin.http = true;
  } else {
    return origin;
  }
  origin.absolute = true;
  origin.literal = true;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i]->op != Op::string) {
      origin.authority.push_back(*pieces[i]);
      origin.literal = false;
      continue;
    }
    const std::string_view text = i == 0 ? first : std::string_view(pieces[i]->text);
    const std::size_t end = text.find('/');
    add_literal(origin, text.substr(0, end), pieces[i]->span);
    if (end != std::string_view::npos) break;
  }
  return origin;
}

std::vector<const ir::Expr*> pieces_of(const ir::Expr& text) {
  std::vector<const ir::Expr*> pieces;
  if (text.op == Op::text) {
    for (const ir::Expr& kid : text.kids) pieces.push_back(&kid);
  } else {
    pieces.push_back(&text);
  }
  return pieces;
}

std::string literal_host(const Origin& origin) {
  std::string host;
  for (const ir::Expr& part : origin.authority) host += part.text;
  const std::size_t user = host.rfind('@');
  return user == std::string::npos ? host : host.substr(user + 1);
}

bool is_loopback(std::string_view host) {
  if (host.starts_with("[::1]")) return true;
  const std::string_view name = host.substr(0, host.find(':'));
  return name == "localhost" || name.ends_with(".localhost") || name.starts_with("127.");
}

bool same_authority(const Origin& a, const Origin& b) {
  return std::equal(a.authority.begin(), a.authority.end(), b.authority.begin(), b.authority.end(),
                    same);
}

/// A host with holes is declared when a client has it, `hosts` says it the same way, or its end is
/// covered by a pattern.
bool is_declared(const Unit& unit, const Origin& origin) {
  for (const ir::Client& client : unit.out.clients) {
    if (client.base && same_authority(origin, read_origin(pieces_of(*client.base)))) return true;
  }
  for (const ir::Expr& host : unit.out.dynamic_hosts) {
    Origin declared;
    for (const ir::Expr* piece : pieces_of(host)) declared.authority.push_back(*piece);
    if (same_authority(origin, declared)) return true;
  }
  const ir::Expr& last = origin.authority.back();
  if (last.op != Op::string) return false;
  return std::any_of(unit.out.hosts.begin(), unit.out.hosts.end(), [&](const std::string& host) {
    return host.starts_with("*.") && last.text.ends_with(std::string_view(host).substr(1));
  });
}

void check_plain(Unit& unit, const Origin& origin, Span where) {
  if (!origin.http || origin.authority.empty() || origin.authority[0].op != Op::string) return;
  if (origin.literal ? is_loopback(literal_host(origin)) : is_loopback(origin.authority[0].text)) {
    return;
  }
  unit.report(DiagnosticId::plain_http, where,
              "anyone on the way could read and change what plain http carries",
              "write `https://`; plain http is for loopback hosts");
}

}  // namespace

bool is_host_pattern(std::string_view text) {
  if (text.starts_with("*.")) text.remove_prefix(2);
  if (text.starts_with('[')) return text.find(']') != std::string_view::npos;
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    const bool digits = !port.empty() && std::all_of(port.begin(), port.end(),
                                                     [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return false;
    text = text.substr(0, colon);
  }
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c == '.' || c == '-' || c == '_' || c >= 0x80 || (c >= '0' && c <= '9') ||
           (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

void check_base(Unit& unit, const grammar::Expr& base) {
  const ir::Expr& value = *unit.out.clients.back().base;
  const Origin origin = read_origin(pieces_of(value));
  if (origin.absolute) {
    check_plain(unit, origin, base.span);
    if (origin.authority.empty() || (origin.literal && !is_host_pattern(literal_host(origin)))) {
      unit.report(DiagnosticId::bad_host, base.span, "this URL names no host",
                  "write `https://host/path`");
    }
    return;
  }
  // `base url` or `base "{url}/v1"` with a url parameter may hold the scheme.
  const bool text_first =
      value.op == Op::string || (value.op == Op::text && value.kids.front().op == Op::string);
  if (text_first) {
    unit.report(DiagnosticId::bad_target, base.span, "a base is a URL with its scheme",
                "write `https://` before it");
  }
}

namespace {

/// The target begins like a path or a URL.
bool begins_well(const ir::Request& request) {
  if (request.target.empty()) return false;
  const ir::TargetPart& first = request.target.front();
  return first.kind == ir::TargetPartKind::raw ||
         (first.kind == ir::TargetPartKind::literal && first.text.starts_with('/'));
}

}  // namespace

void check_target(Unit& unit, const grammar::Request& request, ir::Request& lowered) {
  std::vector<const ir::Expr*> pieces;
  std::vector<ir::Expr> literals;
  literals.reserve(lowered.target.size());
  for (const ir::TargetPart& part : lowered.target) {
    if (part.value) {
      for (const ir::Expr* piece : pieces_of(*part.value)) pieces.push_back(piece);
    } else {
      literals.push_back(make(Op::string, part.span, {}, part.text));
      pieces.push_back(&literals.back());
    }
  }
  const Origin origin = read_origin(pieces);
  const bool raw_start =
      !lowered.target.empty() && lowered.target.front().kind == ir::TargetPartKind::raw;
  lowered.absolute = origin.absolute || raw_start;
  if (!origin.absolute) {
    if (!begins_well(lowered)) {
      if (request.target.empty()) return;  // the parser has said so
      unit.report(DiagnosticId::bad_target, request.target_span,
                  "a request's target is a path that begins with `/`, or a URL",
                  "write `/` before it, or `{+…}` for a value that is a path or URL");
      return;
    }
    const bool known = lowered.client.value < unit.out.clients.size();
    if (known && !unit.out.clients[lowered.client.value].base && !raw_start) {
      unit.report(DiagnosticId::missing_base, request.target_span,
                  "this is only a path, and its client has no `base`",
                  "say `client { base \"https://…\" }`, or write the whole URL");
    }
    return;
  }
  check_plain(unit, origin, request.target_span);
  if (origin.authority.empty()) return;
  if (!origin.literal) {
    if (is_declared(unit, origin)) return;
    unit.report(DiagnosticId::undeclared_host, request.target_span,
                "the host of this URL is only known when it runs, and nothing declares it",
                "add it to the client's `hosts`");
    return;
  }
  const std::string host = literal_host(origin);
  if (!is_host_pattern(host) || host.starts_with('*')) {
    unit.report(DiagnosticId::bad_host, request.target_span, quoted(host) + " is no host");
  } else if (std::find(unit.out.hosts.begin(), unit.out.hosts.end(), host) ==
             unit.out.hosts.end()) {
    unit.out.hosts.push_back(host);
  }
}

void check_strategy_hosts(Unit& unit, const ir::Auth& auth, Span where) {
  const auto check = [&](const ir::Request& request) {
    if (request.target.empty() || request.target.front().kind != ir::TargetPartKind::raw) return;
    const Origin origin = read_origin(pieces_of(*request.target.front().value));
    if (!origin.absolute || origin.literal || origin.authority.empty()) return;
    if (is_declared(unit, origin)) return;
    unit.report(DiagnosticId::undeclared_host, where,
                "this sends to a host that is only known when it runs, and nothing declares it",
                "add it to the client's `hosts`");
  };
  for (const ir::Token& token : auth.tokens) {
    const bool in_browser = token.login && !token.show;
    if (!in_browser) check(token.request);
    if (token.refresh) check(token.refresh->request);
  }
}

}  // namespace fconn::compile
