#include "interpreter/eval/encoding.hh"
#include "interpreter/http/url.hh"
#include "interpreter/value/utf8.hh"
#include "tools/har/har.hh"

namespace fconn::har {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  value::append_json_string(text, out);
  return out;
}

/// `depth` levels of two spaces.
std::string line(int depth) { return "\n" + std::string(static_cast<std::size_t>(depth) * 2, ' '); }

std::string name_and_value(std::string_view name, std::string_view value) {
  return "{\"name\": " + quoted(name) + ", \"value\": " + quoted(value) + "}";
}

std::string list_of(const std::vector<std::string>& items, int depth) {
  if (items.empty()) return "[]";
  std::string out = "[";
  for (const std::string& item : items) {
    out += (&item == &items.front() ? "" : ",") + line(depth + 1) + item;
  }
  return out + line(depth) + "]";
}

std::string headers_json(const http::Headers& headers, int depth) {
  std::vector<std::string> items;
  for (const http::HeaderField& field : headers) {
    items.push_back(name_and_value(field.name, field.value));
  }
  return list_of(items, depth);
}

std::string query_json(const std::string& url, int depth) {
  std::vector<std::string> items;
  const std::size_t question = url.find('?');
  if (question != std::string::npos) {
    for (const auto& [name, value] : http::parse_query(url.substr(question + 1))) {
      items.push_back(name_and_value(name, value));
    }
  }
  return list_of(items, depth);
}

/// `"text": …`, and that it is base64 where it can't be written otherwise.
std::string body_members(const std::string& body) {
  if (value::valid_utf8(body)) return "\"text\": " + quoted(body);
  return "\"encoding\": \"base64\", \"text\": " + quoted(eval::base64_text(body));
}

std::string request_json(const Exchange& one) {
  std::string out = "{" + line(5) + "\"method\": " + quoted(one.method) + ",";
  out += line(5) + "\"url\": " + quoted(one.url) + ",";
  out += line(5) + "\"httpVersion\": \"HTTP/1.1\"," + line(5) + "\"cookies\": [],";
  out += line(5) + "\"headers\": " + headers_json(one.request.headers, 5) + ",";
  out += line(5) + "\"queryString\": " + query_json(one.url, 5) + ",";
  if (!one.request.body.empty()) {
    out += line(5) + "\"postData\": {\"mimeType\": " + quoted(one.request.type) + ", " +
           body_members(one.request.body) + "},";
  }
  return out + line(5) + "\"headersSize\": -1," + line(5) +
         "\"bodySize\": " + std::to_string(one.request.body.size()) + line(4) + "}";
}

std::string response_json(const Exchange& one) {
  std::string out = "{" + line(5) + "\"status\": " + std::to_string(one.status) + ",";
  out += line(5) + "\"statusText\": \"\"," + line(5) + "\"httpVersion\": \"HTTP/1.1\",";
  out += line(5) + "\"cookies\": []," + line(5) +
         "\"headers\": " + headers_json(one.response.headers, 5) + ",";
  out += line(5) + "\"content\": {\"size\": " +
         (one.body_missing ? "1" : std::to_string(one.response.body.size())) +
         ", \"mimeType\": " + quoted(one.response.type);
  out += one.body_missing ? ", \"comment\": \"the body was left out\"},"
                          : ", " + body_members(one.response.body) + "},";
  const std::string* location = http::find(one.response.headers, "Location");
  out += line(5) + "\"redirectURL\": " + quoted(location != nullptr ? *location : "") + ",";
  return out + line(5) + "\"headersSize\": -1," + line(5) + "\"bodySize\": -1" + line(4) + "}";
}

std::string entry_json(const Exchange& one) {
  const std::string time = std::to_string(one.milliseconds);
  std::string out = "{" + line(4) + "\"startedDateTime\": " + quoted(one.started) + ",";
  out += line(4) + "\"time\": " + time + ",";
  out += line(4) + "\"request\": " + request_json(one) + ",";
  out += line(4) + "\"response\": " + response_json(one) + ",";
  return out + line(4) + "\"cache\": {}," + line(4) +
         "\"timings\": {\"send\": 0, \"wait\": " + time + ", \"receive\": 0}" + line(3) + "}";
}

std::string named_json(const JsonByName& values) {
  std::string out = "{";
  for (const auto& [name, json] : values) {
    out += (out.size() > 1 ? ", " : "") + quoted(name) + ": " + json;
  }
  return out + "}";
}

std::string provenance_json(const Provenance& own) {
  std::string out = "{" + line(3) + "\"recorded\": " + quoted(own.recorded) + ",";
  out += line(3) + "\"action\": " + quoted(own.action) + ",";
  // A text, as JSON readers round numbers of 64 bits.
  out += line(3) + "\"seed\": " + quoted(std::to_string(own.seed)) + ",";
  if (!own.request_id.empty()) out += line(3) + "\"request_id\": " + quoted(own.request_id) + ",";
  const auto names_json = [](const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + quoted(name);
    return "[" + list + "]";
  };
  if (!own.consent.empty()) out += line(3) + "\"consent\": " + quoted(own.consent) + ",";
  if (!own.purposes.empty()) out += line(3) + "\"purposes\": " + names_json(own.purposes) + ",";
  if (!own.collections.empty()) {
    out += line(3) + "\"collections\": " + names_json(own.collections) + ",";
  }
  std::vector<std::string> targets;
  for (const RecordedTarget& target : own.targets) {
    targets.push_back("{" + line(5) + "\"key\": " + quoted(target.key) + "," + line(5) +
                      "\"connector\": " + quoted(target.connector) + "," + line(5) +
                      "\"version\": " + quoted(target.version) + "," + line(5) +
                      "\"digest\": " + quoted(target.digest) + "," + line(5) +
                      (target.token ? "\"token\": true," + line(5) : std::string()) +
                      "\"secrets\": " + named_json(target.secrets) + "," + line(5) +
                      "\"params\": " + named_json(target.params) + "," + line(5) +
                      "\"identities\": " + named_json(target.identities) + "," + line(5) +
                      "\"externals\": " + named_json(target.externals) + line(4) + "}");
  }
  return out + line(3) + "\"targets\": " + list_of(targets, 3) + line(2) + "}";
}

}  // namespace

std::string write_archive(const Archive& archive, std::string_view version) {
  std::string out = "{" + line(1) + "\"log\": {" + line(2) + "\"version\": \"1.2\",";
  out += line(2) + "\"creator\": {\"name\": \"fconn\", \"version\": " + quoted(version) + "},";
  if (archive.provenance) {
    out += line(2) + "\"_fconn\": " + provenance_json(*archive.provenance) + ",";
  }
  std::vector<std::string> entries;
  for (const Exchange& one : archive.exchanges) entries.push_back(entry_json(one));
  return out + line(2) + "\"entries\": " + list_of(entries, 2) + line(1) + "}\n}\n";
}

}  // namespace fconn::har
