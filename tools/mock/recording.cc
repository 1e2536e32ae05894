#include "tools/mock/recording.hh"

#include <algorithm>

#include "interpreter/formats/xml.hh"

namespace fconn::mock {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

namespace {

std::string text(const Value* value) {
  if (value == nullptr || value->is_null()) return {};
  return value->kind == Kind::string ? std::string(value->view()) : value::to_json(*value);
}

/// The member along the keys; null pointer when one is missing.
const Value* at(const Value& root, std::initializer_list<std::string_view> keys) {
  const Value* current = &root;
  for (const std::string_view key : keys) {
    if (current->kind != Kind::object) return nullptr;
    current = value::find_member(*current, key);
    if (current == nullptr) return nullptr;
  }
  return current;
}

bool is_form(const std::string& type) { return type == "application/x-www-form-urlencoded"; }
bool is_json(std::string_view type) { return type.ends_with("/json") || type.ends_with("+json"); }
bool is_xml(std::string_view type) { return type.ends_with("/xml") || type.ends_with("+xml"); }

/// By value; nothing where it isn't of the format that it should have.
std::optional<value::OwnedValue> meaning(const RecordedRequest& request) {
  value::Arena arena;
  if (!is_xml(request.content_type)) {
    auto parsed = value::parse_json(request.body, arena);
    return parsed ? std::optional(value::OwnedValue(*parsed)) : std::nullopt;
  }
  auto json = formats::xml_to_json(request.body);
  if (!json) return std::nullopt;
  auto parsed = value::parse_json(*json, arena);
  return parsed ? std::optional(value::OwnedValue(*parsed)) : std::nullopt;
}

http::QueryPairs sorted(http::QueryPairs pairs) {
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

RecordedReply reply_of(const Value& response, std::string body) {
  RecordedReply reply;
  if (const Value* status = at(response, {"status"}); status && status->kind == Kind::integer) {
    reply.status = static_cast<int>(status->integer);
  }
  reply.body = std::move(body);
  return reply;
}

void add_header(RecordedReply& reply, const std::string& name, const std::string& value) {
  // What belongs to the recorded connection and not to the answer.
  for (const char* skip :
       {"content-length", "transfer-encoding", "connection", "content-encoding"}) {
    http::Headers one{{name, value, false}};
    if (http::find(one, skip) != nullptr) return;
  }
  reply.headers.push_back({name, value, false});
}

RecordedExchange from_case(const Value& exchange) {
  RecordedExchange made;
  const Value* request = at(exchange, {"request"});
  const Value none = Value::object({});
  const Value& asked = request != nullptr ? *request : none;
  std::string type;
  if (const Value* headers = at(asked, {"headers"}); headers && headers->kind == Kind::object) {
    for (const value::Member& member : headers->object_view()) {
      http::Headers one{{std::string(member.key), text(&member.value), false}};
      if (const std::string* found = http::find(one, "Content-Type")) type = *found;
    }
  }
  made.request = make_request(text(at(asked, {"method"})), text(at(asked, {"target"})),
                              text(at(asked, {"body"})), type);
  if (at(asked, {"target"}) == nullptr)
    made.request.path = http::decode_percent(text(at(asked, {"path"})));
  const Value* response = at(exchange, {"response"});
  const Value& answered = response != nullptr ? *response : none;
  const Value* body = at(answered, {"body"});
  made.reply = reply_of(answered, body == nullptr ? std::string() : value::to_json(*body));
  if (made.reply.status == 204) made.reply.body.clear();
  if (const Value* headers = at(answered, {"headers"}); headers && headers->kind == Kind::object) {
    for (const value::Member& member : headers->object_view()) {
      add_header(made.reply, std::string(member.key), text(&member.value));
    }
  }
  const std::string* answer_type = http::find(made.reply.headers, "Content-Type");
  if (answer_type == nullptr) {
    made.reply.headers.push_back({"Content-Type", "application/json", false});
  } else if (body != nullptr && body->kind == Kind::string &&
             !is_json(http::parse_media_type(*answer_type).type)) {
    made.reply.body = text(body);  // XML, CSV and the like are kept as they are
  }
  return made;
}

std::string header_of(const Value* headers, std::string_view name) {
  if (headers == nullptr || headers->kind != Kind::list) return {};
  for (const Value& header : headers->list_view()) {
    http::Headers one{{text(at(header, {"name"})), text(at(header, {"value"})), false}};
    if (const std::string* found = http::find(one, name)) return *found;
  }
  return {};
}

RecordedExchange from_har(const Value& entry) {
  RecordedExchange made;
  const std::string address = text(at(entry, {"request", "url"}));
  const std::size_t scheme = address.find("://");
  const std::size_t slash = scheme == std::string::npos ? 0 : address.find('/', scheme + 3);
  const std::string target = slash == std::string::npos ? "/" : address.substr(slash);
  made.request = make_request(text(at(entry, {"request", "method"})), target,
                              text(at(entry, {"request", "postData", "text"})),
                              header_of(at(entry, {"request", "headers"}), "Content-Type"));
  const Value none = Value::object({});
  const Value* response = at(entry, {"response"});
  made.reply = reply_of(response != nullptr ? *response : none,
                        text(at(entry, {"response", "content", "text"})));
  if (const Value* headers = at(entry, {"response", "headers"});
      headers && headers->kind == Kind::list) {
    for (const Value& header : headers->list_view()) {
      add_header(made.reply, text(at(header, {"name"})), text(at(header, {"value"})));
    }
  }
  return made;
}

std::string replace_all(std::string_view json, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t begin = 0;;) {
    const std::size_t found = json.find(from, begin);
    out.append(json.substr(begin, found - begin));
    if (found == std::string_view::npos) return out;
    out.append(to);
    begin = found + from.size();
  }
}

}  // namespace

RecordedRequest make_request(std::string_view method, std::string_view target,
                             std::string_view body, std::string_view content_type) {
  RecordedRequest request;
  request.method = method;
  const std::size_t question = target.find('?');
  request.path = http::decode_percent(target.substr(0, question));
  if (question != std::string_view::npos) {
    request.query = sorted(http::parse_query(target.substr(question + 1)));
  }
  request.body = body;
  request.content_type = http::parse_media_type(content_type).type;
  return request;
}

bool same_body(const RecordedRequest& a, const RecordedRequest& b) {
  if (a.body == b.body) return true;
  if (a.body.empty() || b.body.empty()) return false;
  if (is_form(a.content_type) && is_form(b.content_type)) {
    const auto by_name = [](http::QueryPairs pairs) {
      // Only the order of pairs of one name counts.
      std::stable_sort(pairs.begin(), pairs.end(),
                       [](const auto& x, const auto& y) { return x.first < y.first; });
      return pairs;
    };
    return by_name(http::parse_query(a.body)) == by_name(http::parse_query(b.body));
  }
  if (is_xml(a.content_type) != is_xml(b.content_type)) return false;
  const auto left = meaning(a), right = meaning(b);
  value::Arena arena;
  return left && right && value::equal(left->get(), right->get(), arena);
}

void Recording::add(RecordedExchange exchange) { exchanges_.push_back(std::move(exchange)); }

Result<void> Recording::load(std::string_view json, const std::string& name,
                             const std::string& host) {
  value::Arena arena(64 * 1024);
  const std::string resolved = replace_all(json, "{{host}}", host);
  auto root = value::parse_json(resolved, arena);
  if (!root) return fail(FailureKind::configuration, name + ": " + root.error().text);
  const Value* list = at(*root, {"exchanges"});
  const Value* entries = at(*root, {"log", "entries"});
  if (list != nullptr && list->kind == Kind::list) {
    for (const Value& exchange : list->list_view()) add(from_case(exchange));
    return {};
  }
  if (entries != nullptr && entries->kind == Kind::list) {
    for (const Value& entry : entries->list_view()) add(from_har(entry));
    return {};
  }
  return fail(FailureKind::configuration,
              name + " is neither a recorded case (`exchanges`) nor a HAR file (`log.entries`)");
}

const RecordedReply* Recording::find(const RecordedRequest& request, std::size_t turn) const {
  const RecordedReply* found = nullptr;
  for (const RecordedExchange& exchange : exchanges_) {
    const RecordedRequest& recorded = exchange.request;
    if (recorded.method != request.method || recorded.path != request.path ||
        recorded.query != request.query || !same_body(recorded, request)) {
      continue;
    }
    found = &exchange.reply;
    if (turn-- == 0) break;
  }
  return found;
}

std::string Recording::explain(const RecordedRequest& request) const {
  const RecordedExchange* best = nullptr;
  int best_score = 0;
  for (const RecordedExchange& exchange : exchanges_) {
    const RecordedRequest& recorded = exchange.request;
    const int score = (recorded.path == request.path ? 4 : 0) +
                      (recorded.method == request.method ? 2 : 0) +
                      (recorded.query == request.query ? 1 : 0);
    if (score > best_score) {
      best = &exchange;
      best_score = score;
    }
  }
  if (best == nullptr || best->request.path != request.path) {
    return "no recorded request has the path " + request.path;
  }
  const RecordedRequest& recorded = best->request;
  if (recorded.method != request.method) {
    return request.path + " was recorded with " + recorded.method + ", not " + request.method;
  }
  if (recorded.query != request.query) {
    return request.method + " " + request.path + " was recorded with the query \"" +
           http::build_query(recorded.query) + "\", not \"" + http::build_query(request.query) +
           "\"";
  }
  return request.method + " " + request.path + " was recorded with another body";
}

}  // namespace fconn::mock
