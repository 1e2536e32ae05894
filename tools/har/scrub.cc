#include "tools/har/scrub.hh"

#include <algorithm>
#include <utility>

#include "interpreter/eval/encoding.hh"
#include "interpreter/formats/csv.hh"
#include "interpreter/formats/xml.hh"
#include "interpreter/http/url.hh"
#include "interpreter/privacy/formats.hh"
#include "interpreter/value/utf8.hh"
#include "tools/har/member_names.hh"

namespace fconn::har {
namespace {

constexpr std::string_view hidden = "***";
constexpr int max_depth = 4;               // encodings in encodings
constexpr std::size_t shortest_token = 8;  // of base64 and hexadecimal
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";

bool printable(std::string_view text) {
  return value::valid_utf8(text) && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t';
         });
}

bool xml_type(std::string_view type) { return type.ends_with("/xml") || type.ends_with("+xml"); }
bool meets(std::string_view format, std::string_view text) {
  return privacy::meets_format(format, text).value_or(false);
}

bool address_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("._%+-'").find(c) != std::string_view::npos;
}

/// gzip, zip, PDF and pictures: nothing in them can be found without unpacking them.
bool packed(std::string_view body) {
  return body.starts_with("\x1F\x8B") || body.starts_with("PK\x03\x04") ||
         body.starts_with("%PDF") || (!body.empty() && !value::valid_utf8(body));
}

}  // namespace

void Scrubber::learn_json(std::string_view given) {
  learning_ = true;
  (void)json_text(given, 0);
  learning_ = false;
}

void Scrubber::learn(const Archive& archive) {
  learning_ = true;
  for (const Exchange& exchange : archive.exchanges) {
    (void)url(exchange.url);
    Message request = exchange.request;
    Message response = exchange.response;
    message(request, true);
    message(response, false);
  }
  learning_ = false;
}

void Scrubber::scrub(Archive& archive, const http::Redactor& redactor) {
  redactor_ = &redactor;
  std::size_t left_out = 0;
  for (Exchange& exchange : archive.exchanges) {
    exchange.url = url(exchange.url);
    message(exchange.request, true);
    if (packed(exchange.response.body)) {
      exchange.response.body.clear();
      exchange.body_missing = true;
      ++left_out;
    }
    if (packed(exchange.request.body)) {
      exchange.request.body = hidden;
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
  // The lengths of before would be wrong, and say how long what was taken out is.
  message.headers.erase(std::remove_if(message.headers.begin(), message.headers.end(),
                                       [](const http::HeaderField& field) {
                                         return plain_name(field.name) == "contentlength";
                                       }),
                        message.headers.end());
  for (http::HeaderField& field : message.headers) field.value = header(field);
  if (!message.body.empty() && message.body != hidden) {
    message.body = body(message.body, message.type);
  }
}

std::string Scrubber::header(const http::HeaderField& field) {
  if (field.credential || secret_header(field.name)) return std::string(hidden);
  return text(field.value, 0);
}

std::string Scrubber::body(const std::string& bytes, const std::string& type) {
  const std::string media = http::parse_media_type(type).type;
  if (media == "application/x-www-form-urlencoded") return query(bytes);
  if (auto written = json_text(bytes, 0)) return *written;
  if (learning_ && media.ends_with("/csv")) {
    // Columns say what is personal, as members do; the text itself is searched for the values.
    if (auto rows = formats::csv_to_json(bytes, {})) (void)json_text(*rows, 0);
  }
  if (learning_ && (xml_type(media) || bytes.starts_with("<?xml"))) {
    if (auto document = formats::xml_to_json(bytes)) (void)json_text(*document, 0);
  }
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {  // NDJSON is JSON line by line
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view line = std::string_view(bytes).substr(at, end - at);
    const auto written = json_text(line, 0);
    out += written ? *written : text(line, 0);
    if (end < bytes.size()) out += '\n';
    at = end + 1;
  }
  return out;
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
      out += written == value    ? std::string(raw)
             : written == hidden ? std::string(hidden)
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
  std::string out(whole.substr(0, begin));
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
  out += whole[question];
  const std::string_view rest = whole.substr(question + 1);
  const std::size_t fragment = std::min(rest.find('#'), rest.size());
  out += query(rest.substr(0, fragment));
  if (fragment < rest.size()) out += "#" + text(rest.substr(fragment + 1), 1);
  return out;
}

Scrubber::Kind Scrubber::kind_of(std::string_view name, Kind around) const {
  if (secret_name(name)) return Kind::secret;
  const std::string plain = plain_name(name);
  if (of_request_ && declared_.secret.count(plain) > 0) return Kind::secret;
  if (declared_.personal.count(plain) > 0) return Kind::personal;
  if (declared_.impersonal.count(plain) > 0) return Kind::plain;
  if (!category_of_name(name).empty()) return Kind::personal;
  return around == Kind::personal ? Kind::personal : Kind::plain;
}

/// One value that stands alone: a text or a number of JSON, a segment, a parameter.
std::string Scrubber::cell(std::string_view value, Kind kind, std::string_view name, int depth) {
  if (value.empty()) return {};
  if (kind == Kind::secret) return std::string(hidden);
  const bool document = value.front() == '{' || value.front() == '[';
  if (kind == Kind::personal && !document && !names_.keeps(value)) {
    if (learning_) {
      learn_formats(value);
      names_.add(value);
    } else if (redactor_->redact(value) == value) {
      if (Pseudonyms::telling(value)) return names_.of(value);
      // Too short to be looked for elsewhere: what other requests are made of has to stay.
      if (declared_.references.count(plain_name(name)) == 0) return names_.of(value);
    }
  }
  return text(value, depth);
}

std::string Scrubber::text(std::string_view given, int depth) {
  if (given.empty() || depth > max_depth) return std::string(given);
  if (learning_) {
    learn_formats(given);
  } else if (auto found = names_.find(given)) {
    return *found;
  }
  if (auto written = json_text(given, depth + 1)) return *written;
  std::string out = urls_in(given);
  if (!learning_) {
    out = redactor_->redact(out);
    out = names_.replace(out);
  }
  return tokens(percent_words(out, depth), depth);
}

/// Personal by their format alone.
void Scrubber::learn_formats(std::string_view given) {
  for (std::size_t at = given.find('@'); at != std::string_view::npos;
       at = given.find('@', at + 1)) {
    std::size_t begin = at;
    std::size_t end = at + 1;
    while (begin > 0 && address_char(given[begin - 1])) --begin;
    while (end < given.size() && address_char(given[end]) && given[end] != '%') ++end;
    while (end > at && given[end - 1] == '.') --end;
    while (begin < at && (given[begin] == '.' || given[begin] == '\'')) ++begin;
    if (meets("email", given.substr(begin, end - begin)))
      names_.add(given.substr(begin, end - begin));
  }
  if (meets("phone", given) && given.size() >= 8) names_.add(given);
  for (std::size_t at = given.find('+'); at != std::string_view::npos;
       at = given.find('+', at + 1)) {
    std::size_t end = at + 1;
    while (end < given.size() && given[end] >= '0' && given[end] <= '9') ++end;
    if (end - at >= 9 && end - at <= 16) names_.add(given.substr(at, end - at));
  }
}

/// Scheme://… within a text (a Link header, a message): its path and query are taken apart.
std::string Scrubber::urls_in(std::string_view given) {
  std::string out;
  while (true) {
    const std::size_t scheme = given.find("://");
    if (scheme == std::string_view::npos) break;
    std::size_t begin = scheme;
    while (begin > 0 && ((given[begin - 1] >= 'a' && given[begin - 1] <= 'z') ||
                         (given[begin - 1] >= 'A' && given[begin - 1] <= 'Z'))) {
      --begin;
    }
    const std::size_t end = std::min(given.find_first_of(" \t\r\n\"'<>", scheme), given.size());
    out += given.substr(0, begin);
    out += url(given.substr(begin, end - begin));
    given.remove_prefix(end);
  }
  return out + std::string(given);
}

/// "ada%40example.com" within a text.
std::string Scrubber::percent_words(std::string_view given, int depth) {
  if (given.find('%') == std::string_view::npos) return std::string(given);
  std::string out;
  for (std::size_t at = 0; at < given.size();) {
    const std::size_t end = std::min(given.find_first_of(" \t\r\n\"'<>&=?,;/", at), given.size());
    const std::string_view word = given.substr(at, end - at);
    const auto plain =
        word.find('%') == std::string_view::npos ? std::nullopt : eval::percent_bytes(word, false);
    const std::string written =
        plain && printable(*plain) ? text(*plain, depth + 1) : std::string();
    out += written.empty() || written == *plain ? std::string(word) : http::encode_query(written);
    if (end < given.size()) out += given[end];
    at = end + 1;
  }
  return out;
}

/// Base64 and hexadecimal within a text.
std::string Scrubber::tokens(std::string_view given, int depth) {
  std::string out;
  const auto part = [](char c) {
    return base64_digits.find(c) != std::string_view::npos || c == '=';
  };
  for (std::size_t at = 0; at < given.size();) {
    std::size_t end = at;
    while (end < given.size() && part(given[end])) ++end;
    if (end - at >= shortest_token) {
      out += token(given.substr(at, end - at), depth);
    } else {
      out += given.substr(at, end - at);
    }
    if (end < given.size()) out += given[end++];
    at = end;
  }
  return out;
}

std::string Scrubber::token(std::string_view given, int depth) {
  if (!learning_) {
    if (auto found = names_.find(given)) return *found;
  }
  const auto inner =
      [this, depth](const std::optional<std::string>& bytes) -> std::optional<std::string> {
    if (!bytes || bytes->size() < 3 || !printable(*bytes)) return std::nullopt;
    std::string written = text(*bytes, depth + 1);
    if (written == *bytes) return std::nullopt;
    return written;
  };
  if (const auto changed = inner(eval::hex_bytes(given))) return eval::hex_text(*changed);
  if (const auto changed = inner(eval::base64_bytes(given, "+/"))) {
    std::string out = eval::base64_text(*changed);
    if (given.back() != '=') out.erase(std::min(out.find('='), out.size()));
    return out;
  }
  if (const auto changed = inner(eval::base64_bytes(given, "-_"))) {
    return eval::base64url_text(*changed);
  }
  return std::string(given);
}

std::optional<std::string> Scrubber::json_text(std::string_view given, int depth) {
  const std::size_t first = given.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || depth > max_depth) return std::nullopt;
  // A text on its own is JSON only where it is a whole document.
  if (depth > 0 && given[first] != '{' && given[first] != '[') return std::nullopt;
  value::Arena arena(std::size_t{16} * 1024);
  const auto parsed = value::parse_json(given, arena);
  if (!parsed) return std::nullopt;
  std::string out;
  json(*parsed, Kind::plain, "", depth, out);
  // Spaces and line ends stay where nothing was taken out.
  if (out == value::to_json(*parsed)) return std::string(given);
  return out;
}

void Scrubber::json(const value::Value& value, Kind kind, std::string_view name, int depth,
                    std::string& out) {
  switch (value.kind) {
    case value::Kind::object: {
      out += '{';
      for (const value::Member& member : value.object_view()) {
        if (out.back() != '{') out += ',';
        value::append_json_string(text(member.key, depth + 1), out);
        out += ':';
        json(member.value, kind_of(member.key, kind), member.key, depth, out);
      }
      out += '}';
      return;
    }
    case value::Kind::list:
      out += '[';
      for (const value::Value& one : value.list_view()) {
        if (out.back() != '[') out += ',';
        json(one, kind, name, depth, out);
      }
      out += ']';
      return;
    case value::Kind::string:
      value::append_json_string(cell(value.view(), kind, name, depth + 1), out);
      return;
    case value::Kind::integer:
    case value::Kind::decimal: {
      const std::string spelling = value::to_json(value);
      // The number of a secret stays a number; nothing of JSON may become a text.
      if (kind == Kind::secret) {
        out += '0';
        return;
      }
      const std::string written = cell(spelling, kind, name, depth + 1);
      const bool still = written.find_first_not_of("0123456789+-.eE") == std::string::npos;
      out += still ? written : "0";
      return;
    }
    default:
      value::append_json(value, out);
  }
}

}  // namespace fconn::har
