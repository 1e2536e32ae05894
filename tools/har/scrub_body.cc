#include <algorithm>

#include "interpreter/formats/csv.hh"
#include "interpreter/http/url.hh"
#include "tools/har/body_walk.hh"
#include "tools/har/member_names.hh"
#include "tools/har/scrub.hh"

namespace fconn::har {
namespace {

constexpr std::string_view hidden = "***";
constexpr int max_depth = 4;               // JSON in JSON
constexpr std::size_t longest_guard = 32;  // ")]}'" and the like before a document
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_label(std::string_view key) {
  return key == "name" || key == "key" || key == "field" || key == "label" || key == "property" ||
         key == "id" || key == "code" || key == "title";
}
bool is_value(std::string_view key) {
  return key == "value" || key == "values" || key == "text" || key == "data" || key == "answer";
}

bool is_csv(std::string_view bytes, std::string_view media) {
  if (media.ends_with("/csv")) return true;
  const char delimiter = delimiter_of(bytes);
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  return line.size() < bytes.size() && line.find(delimiter) != std::string_view::npos &&
         formats::csv_to_json(bytes, {delimiter, true}).has_value();
}

/// "a=1&b=2" and nothing else.
bool is_form(std::string_view bytes) {
  return bytes.find('=') != std::string_view::npos &&
         bytes.find_first_of(" \t\r\n\"<>{}") == std::string_view::npos;
}

}  // namespace

std::string Scrubber::body(std::string_view bytes, const std::string& type) {
  if (bytes.starts_with(byte_order_mark)) {
    bytes.remove_prefix(byte_order_mark.size());
    return std::string(byte_order_mark) + body(bytes, type);
  }
  const std::string media = http::parse_media_type(type).type;
  if (media == "application/x-www-form-urlencoded") return query(bytes);
  if (auto written = json_text(bytes, 0)) return *written;
  if (auto written = guarded_json(bytes)) return *written;
  if (media.starts_with("multipart/")) return parts(bytes);
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && bytes[first] == '<') return markup(bytes);
  if (is_lines(bytes)) return lines(bytes);
  if (is_csv(bytes, media)) {
    return rewrite_csv(bytes, delimiter_of(bytes),
                       [this](std::string_view name, std::string_view value) {
                         return cell(value, kind_of(name, Kind::plain), name, 1);
                       });
  }
  if (is_form(bytes)) return query(bytes);
  if (bytes.find("\":") != std::string_view::npos || bytes.find("\" :") != std::string_view::npos) {
    const std::string out =
        rewrite_members(bytes, [this](std::string_view name, std::string_view value) {
          return cell(value, kind_of(name, Kind::plain), name, 1);
        });
    return learning_ ? out : known_in(out);
  }
  return text(bytes, 0);
}

/// JSON behind what keeps a script from running it, or within a call.
std::optional<std::string> Scrubber::guarded_json(std::string_view bytes) {
  const std::size_t begin = bytes.find_first_of("{[");
  const std::size_t end = bytes.find_last_of("}]");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin ||
      begin > longest_guard || bytes.size() - end > longest_guard) {
    return std::nullopt;
  }
  const auto written = json_text(bytes.substr(begin, end + 1 - begin), 0);
  if (!written) return std::nullopt;
  return std::string(bytes.substr(0, begin)) + *written + std::string(bytes.substr(end + 1));
}

/// NDJSON: its first line is a document.
bool Scrubber::is_lines(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  value::Arena arena;
  return line.size() < bytes.size() && (line.starts_with('{') || line.starts_with('[')) &&
         value::parse_json(line, arena).has_value();
}

std::string Scrubber::lines(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view line = bytes.substr(at, end - at);
    const auto written = json_text(line, 0);
    out += written ? *written : text(line, 0);
    if (end < bytes.size()) out += '\n';
    at = end + 1;
  }
  return out;
}

std::string Scrubber::markup(std::string_view bytes) {
  return rewrite_markup(
      bytes, [this](const std::vector<std::string>& names, std::string_view value) {
        Kind kind = Kind::plain;
        for (const std::string& name : names) kind = kind_of(name, kind);
        return cell(value, kind, names.empty() ? std::string_view() : names.back(), 1);
      });
}

std::string Scrubber::parts(std::string_view bytes) {
  PartRewrite rewrite;
  rewrite.field = [this](std::string_view name, std::string_view value) {
    return cell(value, kind_of(name, Kind::plain), name, 1);
  };
  rewrite.file = [this](std::string_view type, std::string_view content) {
    return body(content, std::string(type));
  };
  rewrite.text = [this](std::string_view given) { return text(given, 1); };
  return rewrite_multipart(bytes, rewrite);
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

/// `{"name": "first_name", "value": …}`: what stands beside the value says what it is.
Scrubber::Kind Scrubber::kind_by_label(const value::Value& object, Kind around) const {
  for (const value::Member& member : object.object_view()) {
    if (member.value.kind != value::Kind::string || !is_label(member.key)) continue;
    const Kind kind = kind_of(member.value.view(), Kind::plain);
    if (kind != Kind::plain) return kind;
  }
  return around == Kind::secret ? around : Kind::plain;
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
      const Kind valued = kind_by_label(value, kind);
      for (const value::Member& member : value.object_view()) {
        if (out.back() != '{') out += ',';
        value::append_json_string(text(member.key, depth + 1), out);
        out += ':';
        const bool labelled = valued != Kind::plain && is_value(member.key);
        json(member.value, labelled ? valued : kind_of(member.key, kind), member.key, depth, out);
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
        const bool shared = cell(spelling, kind, name, depth + 1) != hidden;
        out += shared ? names_.of(spelling) : "0";
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
