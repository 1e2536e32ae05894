#include <algorithm>
#include <utility>

#include "interpreter/eval/encoding.hh"
#include "interpreter/http/url.hh"
#include "interpreter/privacy/formats.hh"
#include "interpreter/value/utf8.hh"
#include "tools/har/member_names.hh"
#include "tools/har/scrub.hh"

namespace fconn::har {
namespace {

constexpr std::string_view hidden = "***";
constexpr int max_depth = 4;                // encodings in encodings
constexpr std::size_t shortest_token = 8;   // of base64 and hexadecimal
constexpr std::size_t shortest_secret = 8;  // that is looked for elsewhere
constexpr std::size_t shortest_file = 32;   // of base64
constexpr std::size_t longest_line = 76;    // of base64 in lines (RFC 2045)
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";

bool printable(std::string_view text) {
  return value::valid_utf8(text) && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t';
         });
}

bool meets(std::string_view format, std::string_view text) {
  return privacy::meets_format(format, text).value_or(false);
}

bool address_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("._%+-'").find(c) != std::string_view::npos;
}

/// Base64 in lines, without their ends.
std::optional<std::string> wrapped_base64(std::string_view given) {
  if (given.size() <= longest_line || given.find('\n') > longest_line + 1) return std::nullopt;
  if (given.find_first_not_of(std::string(base64_digits) + "=\r\n") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string out(given);
  out.erase(std::remove_if(out.begin(), out.end(), [](char c) { return c == '\r' || c == '\n'; }),
            out.end());
  return out;
}

}  // namespace

/// One value that stands alone: a text or a number of JSON, a segment, a parameter.
std::string Scrubber::cell(std::string_view value, Kind kind, std::string_view name, int depth) {
  if (value.empty()) return {};
  if (kind == Kind::secret) {
    if (learning_) learn_secret(value);
    const auto shared = shared_.find(std::string(value));
    const bool known = !learning_ && redactor_->redact(value) != value;
    return shared == shared_.end() || known ? std::string(hidden) : shared->second;
  }
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

/// A secret that only its name, or its form, gives away. Where an answer brought one and a request
/// takes it along (a cursor that is called `token`), which one it is has to stay known: the pages
/// of a replay would be one page otherwise.
void Scrubber::learn_secret(std::string_view value) {
  if (sent_) {
    if (answered_.count(std::string(value)) > 0)
      share(value);
    else
      asked_.insert(std::string(value));
    return;
  }
  if (asked_.count(std::string(value)) > 0) return;
  if (answered_.insert(std::string(value)).second && value.size() >= shortest_secret) {
    names_.hide(value, std::string(hidden));
  }
}

void Scrubber::share(std::string_view value) {
  const auto [place, fresh] =
      shared_.emplace(value, std::string(hidden) + "#" + std::to_string(shared_.size() + 1));
  if (fresh && value.size() >= shortest_secret) names_.hide(value, place->second);
}

std::string Scrubber::text(std::string_view given, int depth) {
  if (given.empty() || depth > max_depth) return std::string(given);
  if (learning_) {
    learn_formats(given);
    if (sent_ && answered_.count(std::string(given)) > 0) share(given);
  } else if (const auto shared = shared_.find(std::string(given)); shared != shared_.end()) {
    return shared->second;
  } else if (auto found = names_.find(given)) {
    return *found;
  }
  if (auto written = json_text(given, depth + 1)) return *written;
  if (!learning_ && hosts_.count(folded(given)) > 0) return std::string(given);
  std::string out = urls_in(given);
  if (!learning_) out = known_in(out);
  return tokens(percent_words(out, depth), depth);
}

/// Known values, but for the hosts that were asked.
std::string Scrubber::known_in(std::string_view given) {
  const std::string out = redactor_->redact(given);
  Pseudonyms::Ranges fixed;
  for (std::size_t at = out.find("://"); at != std::string::npos; at = out.find("://", at + 3)) {
    const std::size_t end = std::min(out.find_first_of("/?# \t\r\n\"'<>", at + 3), out.size());
    if (hosts_.count(folded(std::string_view(out).substr(at + 3, end - at - 3))) > 0) {
      fixed.emplace_back(at + 3, end);
    }
  }
  return names_.replace(out, fixed);
}

/// Personal or secret by their format alone.
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
  for (std::size_t at = given.find("eyJ"); at != std::string_view::npos;
       at = given.find("eyJ", at + 1)) {
    const std::size_t end =
        std::min(given.find_first_not_of(std::string(base64_digits) + ".", at), given.size());
    const std::string_view token = given.substr(at, end - at);
    if (std::count(token.begin(), token.end(), '.') == 2 && token.size() > 30) learn_secret(token);
    at = end - 1;
  }
  for (std::size_t at = given.find("-----BEGIN "); at != std::string_view::npos;
       at = given.find("-----BEGIN ", at + 1)) {
    const std::size_t end = given.find("-----END ", at);
    if (given.substr(at, end - at).find("PRIVATE KEY") != std::string_view::npos) {
      learn_secret(given.substr(at, given.find("-----", std::min(end, given.size() - 1) + 9) - at));
    }
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
    out += pairs_in(given.substr(0, begin));
    out += url(given.substr(begin, end - begin));
    given.remove_prefix(end);
  }
  return out + pairs_in(given);
}

/// "/next?token=…&who=…": URLs without a host.
std::string Scrubber::pairs_in(std::string_view given) {
  std::string out;
  while (true) {
    const std::size_t mark = given.find_first_of("?#");
    if (mark == std::string_view::npos) return out + std::string(given);
    const std::size_t end = std::min(given.find_first_of(" \t\r\n\"'<>()", mark), given.size());
    const std::string_view pairs = given.substr(mark + 1, end - mark - 1);
    out += given.substr(0, mark + 1);
    out += pairs.find('=') != std::string_view::npos ? query(pairs) : std::string(pairs);
    given.remove_prefix(end);
  }
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
  if (const auto joined = wrapped_base64(given)) {
    std::string written = token(*joined, depth);
    return written == *joined ? std::string(given) : written;
  }
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
    // A file within a text: nothing can be found in it either.
    if (given.size() >= shortest_file) {
      const auto bytes = eval::base64_bytes(given, "+/");
      if (bytes && file_start(*bytes)) return std::string(hidden);
    }
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

}  // namespace fconn::har
