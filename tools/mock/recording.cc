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

constexpr std::string_view hidden = "***";  // what recordings have in the place of a secret

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

/// Equal, but for what a recording hides.
bool alike(const Value& recorded, const Value& asked, value::Arena& arena) {
  if (recorded.kind != asked.kind) return value::equal(recorded, asked, arena);
  switch (recorded.kind) {
    case Kind::string:
      return same_text(recorded.view(), asked.view());
    case Kind::list:
      return std::equal(recorded.list_view().begin(), recorded.list_view().end(),
                        asked.list_view().begin(), asked.list_view().end(),
                        [&arena](const Value& a, const Value& b) { return alike(a, b, arena); });
    case Kind::object:
      return recorded.count == asked.count &&
             std::all_of(recorded.object_view().begin(), recorded.object_view().end(),
                         [&](const value::Member& member) {
                           const Value* other = value::find_member(asked, member.key);
                           return other != nullptr && alike(member.value, *other, arena);
                         });
    default:
      return value::equal(recorded, asked, arena);
  }
}

/// As multisets; a hidden value stands for any of its name.
bool same_pairs(const http::QueryPairs& recorded, http::QueryPairs asked) {
  if (recorded.size() != asked.size()) return false;
  if (recorded == asked) return true;
  std::vector<const std::pair<std::string, std::string>*> with_hidden;
  for (const auto& pair : recorded) {
    const auto found = std::find(asked.begin(), asked.end(), pair);
    if (found == asked.end()) {
      with_hidden.push_back(&pair);
    } else {
      asked.erase(found);
    }
  }
  return std::all_of(with_hidden.begin(), with_hidden.end(), [&asked](const auto* pair) {
    const auto found = std::find_if(asked.begin(), asked.end(), [pair](const auto& other) {
      return other.first == pair->first && same_text(pair->second, other.second);
    });
    if (found == asked.end()) return false;
    asked.erase(found);
    return true;
  });
}

http::QueryPairs sorted(http::QueryPairs pairs) {
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

RecordedReply case_reply(const Value& response, std::string body) {
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
  made.reply = case_reply(answered, body == nullptr ? std::string() : value::to_json(*body));
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

RecordedExchange from_har(har::Exchange exchange) {
  RecordedExchange made;
  const std::string& address = exchange.url;
  const std::size_t slash = address.find_first_of("/?", address.find("://") + 3);
  std::string target = slash == std::string::npos ? "/" : address.substr(slash);
  if (!target.starts_with('/')) target.insert(0, "/");
  made.request =
      make_request(exchange.method, target, exchange.request.body, exchange.request.type);
  const bool missing = exchange.body_missing;
  made.reply = reply_of(std::move(exchange));
  if (missing) {
    made.reply = {500, {{"Content-Type", "application/json", false}}, ""};
    made.reply.body = "{\"error\":\"fconn mock: the recording hasn't the body of this answer\"}";
  }
  return made;
}

bool same_letters(const RecordedRequest& recorded, const RecordedRequest& asked) {
  return recorded.path == asked.path && recorded.query == asked.query &&
         recorded.body.find(hidden) == std::string::npos;
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

RecordedReply reply_of(har::Exchange exchange) {
  RecordedReply reply;
  reply.status = exchange.status;
  reply.body = std::move(exchange.response.body);
  for (const http::HeaderField& field : exchange.response.headers) {
    add_header(reply, field.name, field.value);
  }
  // Archives of some tools have no headers, but a type.
  if (!exchange.response.type.empty() && http::find(reply.headers, "Content-Type") == nullptr) {
    reply.headers.push_back({"Content-Type", exchange.response.type, false});
  }
  return reply;
}

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

bool same_text(std::string_view recorded, std::string_view asked) {
  const std::size_t first = recorded.find(hidden);
  if (first == std::string_view::npos) return recorded == asked;
  if (!asked.starts_with(recorded.substr(0, first))) return false;
  std::string_view rest = asked.substr(first);
  std::string_view pattern = recorded.substr(first + hidden.size());
  while (true) {
    const std::size_t next = pattern.find(hidden);
    const std::string_view piece = pattern.substr(0, next);
    if (next == std::string_view::npos) return rest.ends_with(piece);
    const std::size_t at = rest.find(piece);
    if (at == std::string_view::npos) return false;
    rest.remove_prefix(at + piece.size());
    pattern.remove_prefix(next + hidden.size());
  }
}

bool matches(const RecordedRequest& recorded, const RecordedRequest& asked) {
  return recorded.method == asked.method && same_text(recorded.path, asked.path) &&
         same_pairs(recorded.query, asked.query) && same_body(recorded, asked);
}

bool same_body(const RecordedRequest& recorded, const RecordedRequest& asked) {
  const RecordedRequest& a = recorded;
  const RecordedRequest& b = asked;
  if (a.body == b.body || a.body == hidden) return true;
  if (a.body.empty() || b.body.empty()) return false;
  if (is_form(a.content_type) && is_form(b.content_type)) {
    const auto by_name = [](http::QueryPairs pairs) {
      // Only the order of pairs of one name counts.
      std::stable_sort(pairs.begin(), pairs.end(),
                       [](const auto& x, const auto& y) { return x.first < y.first; });
      return pairs;
    };
    const http::QueryPairs left = by_name(http::parse_query(a.body));
    const http::QueryPairs right = by_name(http::parse_query(b.body));
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const auto& x, const auto& y) {
                        return x.first == y.first && same_text(x.second, y.second);
                      });
  }
  if (is_xml(a.content_type) != is_xml(b.content_type)) return false;
  const auto left = meaning(a), right = meaning(b);
  value::Arena arena;
  if (!left || !right) return !left && !right && same_text(a.body, b.body);
  return alike(left->get(), right->get(), arena);
}

void Recording::add(RecordedExchange exchange) { exchanges_.push_back(std::move(exchange)); }

Result<void> Recording::load(std::string_view json, const std::string& name,
                             const std::string& host) {
  value::Arena arena(64 * 1024);
  if (json.starts_with("\xEF\xBB\xBF")) json.remove_prefix(3);  // a byte order mark, as some write
  const std::string resolved = replace_all(json, "{{host}}", host);
  auto root = value::parse_json(resolved, arena);
  if (!root) return fail(FailureKind::configuration, name + ": " + root.error().text);
  const Value* list = at(*root, {"exchanges"});
  if (list != nullptr && list->kind == Kind::list) {
    for (const Value& exchange : list->list_view()) add(from_case(exchange));
    return {};
  }
  if (at(*root, {"log", "entries"}) != nullptr) {
    auto archive = har::read_archive(resolved, name);
    if (!archive) return fail(archive.error());
    for (har::Exchange& exchange : archive->exchanges) add(from_har(std::move(exchange)));
    return {};
  }
  return fail(FailureKind::configuration,
              name + " is neither a recorded case (`exchanges`) nor a HAR file (`log.entries`)");
}

const RecordedReply* Recording::find(const RecordedRequest& request, std::size_t turn) const {
  // What was recorded to the letter answers before what `***` would let through as well.
  for (const bool exact : {true, false}) {
    const RecordedReply* found = nullptr;
    std::size_t left = turn;
    for (const RecordedExchange& exchange : exchanges_) {
      if (!matches(exchange.request, request)) continue;
      if (exact && !same_letters(exchange.request, request)) continue;
      found = &exchange.reply;
      if (left-- == 0) break;
    }
    if (found != nullptr) return found;
  }
  return nullptr;
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
