#include "tools/har/scrub.hh"

#include <algorithm>
#include <utility>

#include "interpreter/http/url.hh"
#include "interpreter/value/utf8.hh"
#include "tools/har/member_names.hh"

namespace fconn::har {
namespace {

constexpr std::string_view hidden = "***";

/// gzip, zip, PDF and pictures: nothing in them can be found without unpacking them; and texts of
/// two bytes a character.
bool packed(std::string_view body) {
  return file_start(body) || !value::valid_utf8(body) || body.find('\0') != std::string_view::npos;
}

/// Host and port as URLs write them.
std::string origin_of(std::string_view url) {
  const std::size_t begin = url.find("://") + 3;
  std::string_view host =
      url.substr(begin, std::min(url.find_first_of("/?#", begin), url.size()) - begin);
  host.remove_prefix(std::min(host.rfind('@') + 1, host.size()));
  return folded(host);
}

}  // namespace

bool file_start(std::string_view bytes) {
  constexpr std::string_view starts[] = {"\x1F\x8B", "PK\x03\x04",   "%PDF",
                                         "\x89PNG",  "\xFF\xD8\xFF", "GIF8"};
  return std::any_of(std::begin(starts), std::end(starts),
                     [bytes](std::string_view start) { return bytes.starts_with(start); });
}

void Scrubber::learn_json(std::string_view given) {
  learning_ = true;
  (void)json_text(given, 0);
  learning_ = false;
}

void Scrubber::learn(const Archive& archive) {
  learning_ = true;
  for (const Exchange& exchange : archive.exchanges) {
    if (const auto parsed = http::parse_url(exchange.url)) {
      hosts_.insert(origin_of(exchange.url));
    }
  }
  for (const Exchange& exchange : archive.exchanges) {
    sent_ = true;
    (void)url(exchange.url);
    Message request = exchange.request;
    message(request, true);
    sent_ = false;
    Message response = exchange.response;
    message(response, false);
  }
  learning_ = false;
}

void Scrubber::scrub(Archive& archive, const http::Redactor& redactor) {
  redactor_ = &redactor;
  std::size_t left_out = 0;
  for (Exchange& exchange : archive.exchanges) {
    if (packed(exchange.request.body)) {
      exchange.request.body = hidden;
      ++left_out;
    }
    sent_ = true;
    exchange.url = url(exchange.url);
    message(exchange.request, true);
    sent_ = false;
    if (packed(exchange.response.body)) {
      exchange.response.body.clear();
      exchange.body_missing = true;
      ++left_out;
    }
    message(exchange.response, false);
  }
  if (left_out > 0) {
    archive.notes.push_back(
        std::to_string(left_out) +
        (left_out == 1 ? " packed or binary body is" : " packed or binary bodies are") +
        " left out, as nothing can be scrubbed in them");
  }
}

std::string Scrubber::scrub_json(std::string_view given, const http::Redactor& redactor) {
  redactor_ = &redactor;
  auto out = json_text(given, 0);
  return out ? *out : "null";
}

void Scrubber::message(Message& message, bool request) {
  of_request_ = request;
  // The lengths and digests of before would be wrong, and say something of what was taken out.
  message.headers.erase(std::remove_if(message.headers.begin(), message.headers.end(),
                                       [](const http::HeaderField& field) {
                                         const std::string name = plain_name(field.name);
                                         return name == "contentlength" || name == "contentmd5";
                                       }),
                        message.headers.end());
  for (http::HeaderField& field : message.headers) field.value = header(field);
  if (!message.body.empty() && message.body != hidden) {
    message.body = body(message.body, message.type);
  }
}

std::string Scrubber::header(const http::HeaderField& field) {
  if (field.credential || secret_header(field.name)) return cell(field.value, Kind::secret, "", 0);
  if (of_request_ && declared_.secret.count(plain_name(field.name)) > 0) {
    return std::string(hidden);
  }
  // What a connector calls `location` or `date` has nothing to do with headers of these names.
  Kind kind = Kind::plain;
  if (field.name.starts_with("X-") || field.name.starts_with("x-")) {
    kind = std::max(kind_of(field.name, kind), kind_of(field.name.substr(2), kind));
  }
  return cell(field.value, kind, field.name, 0);
}

std::string Scrubber::query(std::string_view pairs) {
  std::string out;
  while (!pairs.empty()) {
    const std::size_t end = std::min(pairs.find('&'), pairs.size());
    const std::string_view pair = pairs.substr(0, end);
    const std::size_t equals = pair.find('=');
    const std::string name = http::decode_percent(pair.substr(0, equals), true);
    const std::string written_name = text(name, 1);
    out += written_name == name ? std::string(pair.substr(0, equals))
                                : http::encode_query(written_name);
    if (equals != std::string_view::npos) {
      const std::string_view raw = pair.substr(equals + 1);
      const std::string value = http::decode_percent(raw, true);
      const std::string written = cell(value, kind_of(name, Kind::plain), name, 1);
      out += '=';
      out += written == value ? std::string(raw)
             : written.starts_with(hidden)
                 ? std::string(hidden) + http::encode_query(written.substr(hidden.size()))
                 : http::encode_query(written);
    }
    if (end < pairs.size()) out += '&';
    pairs.remove_prefix(std::min(end + 1, pairs.size()));
  }
  return out;
}

std::string Scrubber::url(std::string_view whole) {
  // A link of an answer is the URL of the next request.
  const bool before = std::exchange(of_request_, true);
  std::string out = url_parts(whole);
  of_request_ = before;
  return out;
}

std::string Scrubber::url_parts(std::string_view whole) {
  const std::size_t scheme = whole.find("://");
  if (scheme == std::string_view::npos) return std::string(whole);
  const std::size_t begin = std::min(whole.find_first_of("/?#", scheme + 3), whole.size());
  const std::size_t question = std::min(whole.find_first_of("?#", begin), whole.size());
  std::string out = authority(whole.substr(0, begin), scheme + 3);
  std::string_view path = whole.substr(begin, question - begin);
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string segment = http::decode_percent(path.substr(0, slash));
    const std::string written = cell(segment, Kind::plain, "", 1);
    out += written == segment ? std::string(path.substr(0, slash)) : http::encode_segment(written);
    if (slash < path.size()) out += '/';
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  if (question == whole.size()) return out;
  if (whole[question] == '#') return out + "#" + query(whole.substr(question + 1));
  out += '?';
  const std::string_view rest = whole.substr(question + 1);
  const std::size_t fragment = std::min(rest.find('#'), rest.size());
  out += query(rest.substr(0, fragment));
  if (fragment < rest.size()) out += "#" + query(rest.substr(fragment + 1));
  return out;
}

/// Scheme, credentials and host of a URL; `begin` is behind "://". A host that was asked stays, as
/// a replay asks it again.
std::string Scrubber::authority(std::string_view head, std::size_t begin) {
  const std::size_t at = head.rfind('@');
  const bool credentials = at != std::string_view::npos && at >= begin;
  const std::string_view user = credentials ? head.substr(begin, at - begin) : std::string_view();
  if (learning_ && user.find(':') != std::string_view::npos) {
    learn_secret(http::decode_percent(user.substr(user.find(':') + 1)));
  }
  const std::string_view host = head.substr(credentials ? at + 1 : begin);
  std::string out(head.substr(0, begin));
  if (credentials) out += std::string(hidden) + "@";
  if (learning_ || hosts_.count(folded(host)) > 0) return out + std::string(host);
  return out + names_.replace(redactor_->redact(host));
}

}  // namespace fconn::har
