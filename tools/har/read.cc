#include <algorithm>
#include <charconv>

#include "interpreter/eval/encoding.hh"
#include "interpreter/http/url.hh"
#include "tools/har/har.hh"

namespace fconn::har {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

namespace {

const Value* member(const Value* object, std::string_view key) {
  if (object == nullptr || object->kind != Kind::object) return nullptr;
  return value::find_member(*object, key);
}

/// Empty when it isn't there or isn't a text.
std::string text(const Value* object, std::string_view key) {
  const Value* found = member(object, key);
  return found != nullptr && found->kind == Kind::string ? std::string(found->view())
                                                         : std::string();
}

/// Whole numbers; others are cut ("time": 12.7).
std::int64_t number(const Value* object, std::string_view key) {
  const Value* found = member(object, key);
  if (found == nullptr) return 0;
  if (found->kind == Kind::integer) return found->integer;
  std::int64_t whole = 0;
  if (found->kind == Kind::decimal) {
    const std::string_view spelling = found->view();
    std::from_chars(spelling.data(), spelling.data() + spelling.size(), whole);
  }
  return whole;
}

/// A secret of scrubbed URLs may stand where parse_url wants none; what matters is that it is one.
bool absolute_url(std::string_view url) {
  return (url.starts_with("http://") || url.starts_with("https://")) &&
         url.find_first_of(" \t\r\n") == std::string_view::npos && url.find("://") + 3 < url.size();
}

class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  Result<Archive> read(const Value& root) {
    const Value* log = member(&root, "log");
    const Value* entries = member(log, "entries");
    if (entries == nullptr || entries->kind != Kind::list) {
      return wrong("it has no `log.entries`: it is no HAR file");
    }
    const Value* creator = member(log, "creator");
    out_.creator = text(creator, "name");
    if (const std::string version = text(creator, "version"); !version.empty()) {
      out_.creator += " " + version;
    }
    for (std::size_t i = 0; i < entries->count; ++i) {
      if (auto read = read_entry(entries->list_view()[i], i); !read) return fail(read.error());
    }
    if (unanswered_ > 0) {
      out_.notes.push_back(std::to_string(unanswered_) +
                           (unanswered_ == 1 ? " entry has no answer and is left out"
                                             : " entries have no answer and are left out"));
    }
    if (others_ > 0) {
      out_.notes.push_back(std::to_string(others_) +
                           (others_ == 1 ? " entry isn't HTTP and is left out"
                                         : " entries aren't HTTP and are left out"));
    }
    if (const Value* own = member(log, "_fconn")) {
      if (auto read = read_provenance(*own); !read) return fail(read.error());
    }
    return std::move(out_);
  }

 private:
  tl::unexpected<value::Failure> wrong(const std::string& what) const {
    return fail(FailureKind::configuration, name_ + ": " + what);
  }

  Result<void> read_entry(const Value& entry, std::size_t index) {
    const std::string place = "log.entries[" + std::to_string(index) + "]";
    const Value* request = member(&entry, "request");
    const Value* response = member(&entry, "response");
    if (request == nullptr || request->kind != Kind::object) {
      return wrong("`" + place + ".request` is missing or no object");
    }
    Exchange made;
    made.started = text(&entry, "startedDateTime");
    made.milliseconds = number(&entry, "time");
    made.method = text(request, "method");
    for (char& c : made.method) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    made.url = text(request, "url");
    made.url = made.url.substr(0, made.url.find('#'));
    if (made.method.empty()) return wrong("`" + place + ".request.method` is missing or no text");
    if (!absolute_url(made.url)) {
      if (made.url.find(':') != std::string::npos) {  // data:, blob:, ws:, chrome-extension:
        ++others_;
        return {};
      }
      return wrong("`" + place + ".request.url` is no absolute URL");
    }
    made.status = static_cast<int>(std::clamp<std::int64_t>(number(response, "status"), 0, 999));
    // Browsers write 0 (Firefox: no status at all) for what was blocked, cancelled or refused.
    if (made.status < 100) {
      ++unanswered_;
      return {};
    }
    made.request.headers = read_headers(member(request, "headers"));
    made.response.headers = read_headers(member(response, "headers"));
    read_request_body(*request, made.request);
    if (auto body = read_content(*response, place, made); !body) {
      return fail(body.error());
    }
    out_.exchanges.push_back(std::move(made));
    return {};
  }

  static http::Headers read_headers(const Value* list) {
    http::Headers out;
    if (list == nullptr || list->kind != Kind::list) return out;
    for (const Value& header : list->list_view()) {
      const std::string name = text(&header, "name");
      if (name.empty() || name.front() == ':') continue;
      out.push_back({name, text(&header, "value"), false});
    }
    return out;
  }

  static void read_request_body(const Value& request, Message& out) {
    const Value* data = member(&request, "postData");
    const std::string* sent = http::find(out.headers, "Content-Type");
    out.type = sent != nullptr ? *sent : text(data, "mimeType");
    out.body = text(data, "text");
    // mitmproxy and Insomnia mark what isn't text; the standard leaves it open.
    if (text(data, "encoding") == "base64") {
      if (auto bytes = eval::base64_bytes(out.body, "+/")) out.body = *std::move(bytes);
    }
    const Value* params = member(data, "params");
    if (!out.body.empty() || params == nullptr || params->kind != Kind::list) return;
    for (const Value& param : params->list_view()) {
      // A browser writes names and values of forms decoded, Charles as they were sent.
      const auto plain = [](const std::string& written) {
        return http::encode_form(http::decode_percent(written, true));
      };
      if (!out.body.empty()) out.body += '&';
      out.body += plain(text(&param, "name")) + "=" + plain(text(&param, "value"));
    }
  }

  /// Whether an answer without a text had one all the same. Playwright says -1 and keeps the body
  /// in a file beside, some tools say nothing; nobody may take that for an empty answer.
  static bool lost_body(const Value& response, const Value* content, const Exchange& made) {
    const bool bodiless = made.status == 204 || made.status == 304 || made.method == "HEAD" ||
                          (made.status >= 300 && made.status < 400);
    if (bodiless) return false;
    const Value* size = member(content, "size");
    if (size != nullptr && size->kind == Kind::integer && size->integer == 0) return false;
    if (number(content, "size") > 0 || member(content, "_file") != nullptr) return true;
    const Value* sent = member(&response, "bodySize");
    const std::string* length = http::find(made.response.headers, "Content-Length");
    const bool empty = (sent != nullptr && sent->kind == Kind::integer && sent->integer == 0) ||
                       (length != nullptr && *length == "0");
    return !empty;
  }

  Result<void> read_content(const Value& response, const std::string& place, Exchange& made) const {
    const Value* content = member(&response, "content");
    Message& out = made.response;
    const std::string* sent = http::find(out.headers, "Content-Type");
    out.type = sent != nullptr ? *sent : text(content, "mimeType");
    if (out.type == "x-unknown") out.type.clear();  // what Chrome writes for none
    const Value* written = member(content, "text");
    if (written == nullptr || written->kind != Kind::string) {
      made.body_missing = lost_body(response, content, made);
      return {};
    }
    out.body = written->view();
    const std::string encoding = text(content, "encoding");
    if (encoding.empty() || encoding == "utf-8" || encoding == "utf8") return {};
    if (encoding != "base64") {
      return wrong("`" + place + ".response.content.encoding` is \"" + encoding +
                   "\"; HAR knows base64 alone");
    }
    auto bytes = eval::base64_bytes(out.body, "+/");
    if (!bytes) return wrong("`" + place + ".response.content.text` is no base64");
    out.body = *std::move(bytes);
    return {};
  }

  static JsonByName read_named(const Value* object) {
    JsonByName out;
    if (object == nullptr || object->kind != Kind::object) return out;
    for (const value::Member& one : object->object_view()) {
      out[std::string(one.key)] = value::to_json(one.value);
    }
    return out;
  }

  static std::vector<std::string> names_of(const Value* list) {
    std::vector<std::string> out;
    if (list == nullptr || list->kind != Kind::list) return out;
    for (const Value& name : list->list_view()) {
      if (name.kind == Kind::string) out.emplace_back(name.view());
    }
    return out;
  }

  Result<void> read_provenance(const Value& own) {
    Provenance out;
    out.recorded = text(&own, "recorded");
    out.action = text(&own, "action");
    out.request_id = text(&own, "request_id");
    out.consent = text(&own, "consent");
    out.purposes = names_of(member(&own, "purposes"));
    out.collections = names_of(member(&own, "collections"));
    const std::string seed = text(&own, "seed");
    const auto parsed = std::from_chars(seed.data(), seed.data() + seed.size(), out.seed);
    const Value* targets = member(&own, "targets");
    if (parsed.ec != std::errc() || out.recorded.empty() || targets == nullptr ||
        targets->kind != Kind::list) {
      return wrong("`log._fconn` isn't what `fconn record` writes");
    }
    for (const Value& target : targets->list_view()) {
      RecordedTarget made;
      made.key = text(&target, "key");
      made.connector = text(&target, "connector");
      made.version = text(&target, "version");
      made.digest = text(&target, "digest");
      const Value* token = member(&target, "token");
      made.token = token != nullptr && token->kind == Kind::boolean && token->integer != 0;
      made.secrets = read_named(member(&target, "secrets"));
      made.params = read_named(member(&target, "params"));
      made.identities = read_named(member(&target, "identities"));
      made.externals = read_named(member(&target, "externals"));
      out.targets.push_back(std::move(made));
    }
    out_.provenance = std::move(out);
    return {};
  }

  const std::string& name_;
  Archive out_;
  std::size_t unanswered_ = 0, others_ = 0;
};

}  // namespace

Result<Archive> read_archive(std::string_view json, const std::string& name) {
  if (json.size() > max_archive) {
    return fail(FailureKind::limit, name + " is larger than 512 MiB");
  }
  if (json.starts_with("\xEF\xBB\xBF")) json.remove_prefix(3);  // Charles and Fiddler write one
  value::Arena arena(std::size_t{64} * 1024);
  auto root = value::parse_json(json, arena);
  if (!root) return fail(FailureKind::configuration, name + ": " + root.error().text);
  return Reader(name).read(*root);
}

}  // namespace fconn::har
