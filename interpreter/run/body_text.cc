// Bodies of other kinds as JSON text, and header values for expressions.
#include <algorithm>
#include <cctype>

#include "interpreter/run/answer.hh"
#include "interpreter/value/value.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;
using value::Value;

namespace {

std::string_view pad(std::string& storage) {
  const std::size_t size = storage.size();
  storage.append(rows::padding, ' ');
  return std::string_view(storage).substr(0, size);
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

ir::Accept kind_of(const ir::Request& request, const Answer& answer) {
  if (request.accept != ir::Accept::automatic) return request.accept;
  const std::string* field = http::find(*answer.headers, "Content-Type");
  if (field == nullptr) return ir::Accept::json;
  const std::string type = http::parse_media_type(*field).type;
  if (ends_with(type, "/x-ndjson") || ends_with(type, "/ndjson") || ends_with(type, "/jsonl") ||
      ends_with(type, "/x-jsonlines")) {
    return ir::Accept::ndjson;
  }
  if (ends_with(type, "/csv")) return ir::Accept::csv;
  if (ends_with(type, "/xml") || ends_with(type, "+xml")) return ir::Accept::xml;
  return ir::Accept::json;  // many servers send JSON under another name
}

}  // namespace

Result<std::string_view> json_body(const ir::Request& request, const Answer& answer,
                                   std::string& storage) {
  const bool empty = answer.status == 204 || answer.status == 205 || request.method == "HEAD";
  if (empty) {
    storage = "null";
    return pad(storage);
  }
  const auto unsupported = [&](const char* what) {
    value::Failure failure;
    failure.kind = FailureKind::unsupported;
    failure.code = "F0901";
    failure.text = std::string("a ") + what + " response is checked but not read by this version";
    failure.where = request.span;
    return fail(std::move(failure));
  };
  storage.clear();
  switch (kind_of(request, answer)) {
    case ir::Accept::csv:
      return unsupported("CSV");
    case ir::Accept::xml:
      return unsupported("XML");
    case ir::Accept::bytes:
      return unsupported("binary");
    case ir::Accept::text:
      value::append_json_string(answer.body, storage);
      return pad(storage);
    case ir::Accept::ndjson: {
      storage = "[";
      std::string_view rest = answer.body;
      while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        if (storage.size() > 1) storage += ',';
        storage.append(line);
      }
      storage += ']';
      return pad(storage);
    }
    case ir::Accept::automatic:
    case ir::Accept::json:
      break;
  }
  return answer.body;
}

Value headers_value(const http::Headers& headers, value::Arena& arena) {
  std::vector<value::Member> members;
  for (const http::HeaderField& field : headers) {
    std::string name = field.name;
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto same = [&name](const value::Member& m) { return m.key == name; };
    if (std::any_of(members.begin(), members.end(), same)) continue;
    members.push_back({arena.copy(name), Value::string(arena.copy(http::all(headers, name)))});
  }
  auto span = arena.make<value::Member>(members.size());
  std::copy(members.begin(), members.end(), span.begin());
  return Value::object(span);
}

Value links_value(const http::Headers& headers, value::Arena& arena) {
  std::vector<value::Member> members;
  for (const http::Link& link : http::parse_links(http::all(headers, "Link"))) {
    const auto same = [&link](const value::Member& m) { return m.key == link.rel; };
    if (std::any_of(members.begin(), members.end(), same)) continue;
    members.push_back({arena.copy(link.rel), Value::string(arena.copy(link.target))});
  }
  auto span = arena.make<value::Member>(members.size());
  std::copy(members.begin(), members.end(), span.begin());
  return Value::object(span);
}

}  // namespace fconn::run
