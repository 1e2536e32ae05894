#include "tools/contract/matching.hh"

#include <algorithm>

namespace fconn::contract {

using value::Kind;
using value::Value;

bool matches(const RequestPattern& pattern, const SentRequest& sent) {
  if (pattern.method != sent.request.method || pattern.path != sent.request.path) return false;
  if (pattern.query && *pattern.query != sent.request.query) return false;
  if (!pattern.origin.empty() && sent.url.rfind(pattern.origin + "/", 0) != 0) return false;
  for (const auto& [name, text] : pattern.headers) {
    const std::string* found = http::find(sent.headers, name);
    if (text ? found == nullptr || *found != *text : found != nullptr) return false;
  }
  return !pattern.body || mock::same_body(*pattern.body, sent.request);
}

std::string shortened(std::string_view text) {
  constexpr std::size_t most = 400;
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "…";
}

std::string describe(const mock::RecordedRequest& request) {
  std::string text = request.method + " " + request.path;
  if (!request.query.empty()) text += "?" + http::build_query(request.query);
  if (!request.body.empty()) text += "  body " + shortened(request.body);
  return text;
}

bool holds(const Value& wanted, const Value& row, value::Arena& arena) {
  const Value a = value::decoded(wanted, arena), b = value::decoded(row, arena);
  if (a.kind != Kind::object) return value::equal(a, b, arena);
  if (b.kind != Kind::object) return false;
  return std::all_of(a.object_view().begin(), a.object_view().end(), [&](const value::Member& m) {
    const Value* found = value::find_member(b, m.key);
    return found != nullptr && holds(m.value, *found, arena);
  });
}

SentRequest planned_request(const std::string& exact) {
  SentRequest made;
  const std::size_t line_end = exact.find('\n');
  const std::string first = exact.substr(0, line_end);
  const std::size_t space = first.find(' ');
  std::size_t at = line_end == std::string::npos ? exact.size() : line_end + 1;
  while (at < exact.size() && exact[at] != '\n') {
    const std::size_t end = std::min(exact.find('\n', at), exact.size());
    const std::string line = exact.substr(at, end - at);
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) {
      made.headers.push_back({line.substr(0, colon), line.substr(colon + 2), false});
    }
    at = std::min(end + 1, exact.size());
  }
  const std::string body = at < exact.size() ? exact.substr(at + 1) : "";
  made.url = space == std::string::npos ? "" : first.substr(space + 1);
  const auto url = http::parse_url(made.url);
  std::string target = url ? url->path : made.url;
  if (url && url->query) target += "?" + *url->query;
  const std::string* type = http::find(made.headers, "Content-Type");
  made.request = mock::make_request(first.substr(0, space), target, body, type ? *type : "");
  return made;
}

}  // namespace fconn::contract
