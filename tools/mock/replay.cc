#include "tools/mock/replay.hh"

#include <algorithm>

#include "interpreter/http/url.hh"
#include "tools/har/member_names.hh"
#include "tools/har/stand_in.hh"

namespace fconn::mock {

using value::Kind;
using value::Value;

namespace {

constexpr std::size_t shown_lines = 12;
constexpr std::size_t shown_text = 120;
constexpr std::size_t explained = 20;  // requests without an answer

/// Scheme aside: links of an answer may name the other one, and --send-to takes both.
struct Split {
  std::string host, target;
};

Split split(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin =
      scheme == std::string::npos ? 0 : std::min(url.find_first_of("/?", scheme + 3), url.size());
  Split out{url.substr(0, begin), url.substr(begin)};
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  // An archive may name the port that the scheme has anyway.
  if (const auto parsed = http::parse_url(url)) out.host = http::origin(*parsed);
  out.host.erase(0, out.host.find("://") == std::string::npos ? 0 : out.host.find("://") + 3);
  return out;
}

std::string shortened(std::string text) {
  if (text.size() <= shown_text) return text;
  std::size_t end = shown_text;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

/// "body .customer.id = 17", one for each value.
void flatten(const Value& value, const std::string& path, std::vector<std::string>& out) {
  if (value.kind == Kind::object && value.count > 0) {
    for (const value::Member& member : value.object_view()) {
      flatten(member.value, path + "." + std::string(member.key), out);
    }
  } else if (value.kind == Kind::list && value.count > 0) {
    for (std::size_t i = 0; i < value.count; ++i) {
      flatten(value.list_view()[i], path + "[" + std::to_string(i) + "]", out);
    }
  } else {
    out.push_back("body " + (path.empty() ? "" : path + " = ") + value::to_json(value));
  }
}

std::vector<std::string> lines_of(const std::string& host, const RecordedRequest& request) {
  std::vector<std::string> out = {request.method, host, request.path};
  for (const auto& [name, value] : request.query) out.push_back("query " + name + "=" + value);
  if (request.body.empty()) return out;
  value::Arena arena;
  if (request.content_type == "application/x-www-form-urlencoded") {
    for (const auto& [name, value] : http::parse_query(request.body)) {
      out.push_back("form " + name + "=" + value);
    }
  } else if (const auto parsed = value::parse_json(request.body, arena)) {
    flatten(*parsed, "", out);
  } else {
    std::string_view rest = request.body;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      out.push_back("body " + std::string(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return out;
}

/// Lines of `a` that `b` hasn't, as often as it hasn't.
std::vector<std::string> only_in(const std::vector<std::string>& a, std::vector<std::string> b,
                                 bool a_recorded) {
  std::vector<std::string> out;
  for (const std::string& line : a) {
    const auto found = std::find_if(b.begin(), b.end(), [&](const std::string& other) {
      return a_recorded ? same_text(line, other) : same_text(other, line);
    });
    if (found == b.end()) {
      out.push_back(line);
    } else {
      b.erase(found);
    }
  }
  return out;
}

/// Headers that a connector sets: what belongs to the connection, the body and credentials aside.
http::Headers that_count(const http::Headers& headers) {
  constexpr std::string_view others[] = {
      "host",          "useragent",    "acceptencoding", "acceptlanguage",
      "contentlength", "contenttype",  "connection",     "origin",
      "referer",       "cachecontrol", "pragma",         "dnt",
      "priority",      "te",           "expect",         "transferencoding"};
  http::Headers out;
  for (const http::HeaderField& field : headers) {
    const std::string name = har::plain_name(field.name);
    const bool other = std::find(std::begin(others), std::end(others), name) != std::end(others) ||
                       name.starts_with("sec");
    if (!other && !field.credential && !har::secret_header(field.name) && field.value != "***") {
      out.push_back(field);
    }
  }
  return out;
}

bool has_header(const http::Headers& headers, const http::HeaderField& field, bool recorded) {
  const std::string name = har::folded(field.name);
  return std::any_of(headers.begin(), headers.end(), [&](const http::HeaderField& other) {
    return har::folded(other.name) == name &&
           (recorded ? same_text(field.value, other.value) : same_text(other.value, field.value));
  });
}

void append_headers(const http::Headers& headers, std::vector<std::string>& out) {
  for (const http::HeaderField& field : headers) {
    out.push_back("header " + har::folded(field.name) + ": " + field.value);
  }
}

/// Equal for two requests that are equal to the byte.
std::string letters(const std::string& host, const RecordedRequest& request) {
  std::string out = request.method + '\n' + host + '\n' + request.path + '\n';
  for (const auto& [name, value] : request.query) out += name + '=' + value + '\n';
  return out + '\n' + request.body;
}

std::size_t common_segments(std::string_view a, std::string_view b) {
  std::size_t count = 0;
  while (!a.empty() && !b.empty()) {
    const std::size_t end_a = std::min(a.find('/', 1), a.size());
    const std::size_t end_b = std::min(b.find('/', 1), b.size());
    if (a.substr(0, end_a) != b.substr(0, end_b)) break;
    ++count;
    a.remove_prefix(end_a);
    b.remove_prefix(end_b);
  }
  return count;
}

/// A HAR of another tool holds what the browser knew: what is named as a secret isn't shown.
std::string shown_line(const std::string& line) {
  const std::size_t begin = line.starts_with("body ") ? line.find('.') : line.find(' ');
  const std::size_t equals = line.find('=');
  if (begin == std::string::npos || equals == std::string::npos || equals < begin) return line;
  std::string name = line.substr(begin + 1, equals - begin - 1);
  while (name.ends_with(' ')) name.pop_back();
  name.erase(0, name.rfind('.') == std::string::npos ? 0 : name.rfind('.') + 1);
  name = name.substr(0, name.find('['));
  if (!har::secret_name(name)) return line;
  return line.substr(0, equals + 1) + (line[equals + 1] == ' ' ? " ***" : "***");
}

std::string shown_url(const std::string& url) {
  const std::size_t question = url.find('?');
  if (question == std::string::npos) return url;
  std::string out = url.substr(0, question);
  for (std::size_t at = question; at < url.size();) {
    const std::size_t end = std::min(url.find('&', at + 1), url.size());
    const std::string pair = url.substr(at + 1, end - at - 1);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const bool secret = har::secret_name(http::decode_percent(pair.substr(0, equals), true));
    out += url[at] + (secret ? pair.substr(0, equals) + "=***" : pair);
    at = end;
  }
  return out;
}

void append_lines(const std::vector<std::string>& lines, char sign, std::string& out) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i == shown_lines) {
      out += "\n  " + std::string(1, sign) + " and " + std::to_string(lines.size() - i) + " more";
      return;
    }
    out += "\n  " + std::string(1, sign) + " " + shortened(shown_line(lines[i]));
  }
}

}  // namespace

Replay::Replay(har::Archive archive) : own_(archive.provenance.has_value()) {
  for (har::Exchange& exchange : archive.exchanges) {
    Entry entry;
    entry.title = exchange.method + " " + shown_url(exchange.url);
    const Split at = split(exchange.url);
    entry.host = at.host;
    entry.request =
        make_request(exchange.method, at.target, exchange.request.body, exchange.request.type);
    entry.headers = that_count(exchange.request.headers);
    entry.body_missing = exchange.body_missing;
    entry.reply = reply_of(std::move(exchange));
    entry.lines = lines_of(entry.host, entry.request);
    if (own_) append_headers(entry.headers, entry.lines);
    by_letters_[letters(entry.host, entry.request)].push_back(entries_.size());
    entries_.push_back(std::move(entry));
  }
}

const RecordedReply* Replay::answer(const AskedRequest& asked) {
  const Split at = split(asked.url);
  const RecordedRequest request =
      make_request(asked.method, at.target, asked.body, asked.content_type);
  const http::Headers headers = that_count(asked.headers);
  // What was recorded to the letter answers before what `***` would let through as well.
  Entry* found = nullptr;
  if (const auto same = by_letters_.find(letters(at.host, request)); same != by_letters_.end()) {
    found = choose(same->second, headers);
  }
  if (found == nullptr) {
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].host == at.host && matches(entries_[i].request, request)) {
        candidates.push_back(i);
      }
    }
    found = choose(candidates, headers);
  }
  if (found == nullptr) {
    std::vector<std::string> lines = lines_of(at.host, request);
    if (own_) append_headers(headers, lines);
    refuse(asked, lines);
    return nullptr;
  }
  if (const std::string other = header_difference(*found, headers); !other.empty()) {
    other_headers_.push_back(asked.method + " " + shortened(shown_url(asked.url)) + other);
  }
  if (found->asked) ++repeated_;
  found->asked = true;
  if (found->body_missing) {
    unanswered_.push_back(asked.method + " " + shortened(shown_url(asked.url)) +
                          "\n  was recorded without the answer's body");
    return nullptr;
  }
  return &found->reply;
}

Replay::Entry* Replay::choose(const std::vector<std::size_t>& candidates,
                              const http::Headers& asked) {
  // The first that wasn't asked for, or else the last; among those with these headers, if any are.
  for (const bool same : {true, false}) {
    if (!same && own_) return nullptr;
    Entry* found = nullptr;
    for (const std::size_t i : candidates) {
      if (same && !header_difference(entries_[i], asked).empty()) continue;
      found = &entries_[i];
      if (!found->asked) break;
    }
    if (found != nullptr) return found;
  }
  return nullptr;
}

std::string Replay::header_difference(const Entry& entry, const http::Headers& asked) const {
  std::string out;
  for (const http::HeaderField& field : entry.headers) {
    const bool there = has_header(asked, field, true);
    const bool named = http::find(asked, field.name) != nullptr;
    if (!there && (own_ || named)) {
      out += "\n  - header " + field.name + ": " + shortened(field.value);
    }
  }
  for (const http::HeaderField& field : asked) {
    if (!has_header(entry.headers, field, false)) {
      out += "\n  + header " + field.name + ": " + shortened(field.value);
    }
  }
  return out;
}

void Replay::refuse(const AskedRequest& asked, const std::vector<std::string>& lines) {
  // Finding the nearest one takes a while where thousands were recorded; nobody reads thousands.
  if (unanswered_.size() < explained) {
    unanswered_.push_back(difference(asked, lines));
  } else {
    unanswered_.push_back(asked.method + " " + shortened(shown_url(asked.url)));
  }
}

std::string Replay::difference(const AskedRequest& asked,
                               const std::vector<std::string>& lines) const {
  std::string out = asked.method + " " + shortened(shown_url(asked.url));
  const Entry* nearest = nullptr;
  std::size_t best = 0;
  std::vector<std::string> gone;
  std::vector<std::string> added;
  for (const Entry& entry : entries_) {
    std::vector<std::string> recorded_only = only_in(entry.lines, lines, true);
    std::vector<std::string> asked_only = only_in(lines, entry.lines, false);
    // A request of the same path is nearer than any other, whatever else differs.
    const std::size_t segments = common_segments(entry.request.path, lines[2]);
    const std::size_t distance =
        (entry.request.path == lines[2] ? 0 : 1000 - 10 * std::min<std::size_t>(segments, 50)) +
        recorded_only.size() + asked_only.size();
    if (nearest != nullptr && distance >= best) continue;
    nearest = &entry;
    best = distance;
    gone = std::move(recorded_only);
    added = std::move(asked_only);
  }
  if (nearest == nullptr) return out + "\n  the recording is empty";
  out += "\n  nearest: entry " + std::to_string(nearest - entries_.data() + 1) + ", " +
         shortened(nearest->title);
  append_lines(gone, '-', out);
  append_lines(added, '+', out);
  return out;
}

std::vector<std::string> Replay::never_asked() const {
  std::vector<std::string> out;
  for (const Entry& entry : entries_) {
    if (!entry.asked) out.push_back(shortened(entry.title));
  }
  return out;
}

}  // namespace fconn::mock
