#include "tools/repl/edit.hh"

#include <algorithm>
#include <vector>

#include "interpreter/http/url.hh"
#include "tools/har/member_names.hh"

namespace fconn::repl {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

constexpr std::string_view mask = "***";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool same_name(std::string_view a, std::string_view b) {
  http::Headers one{{std::string(a), ""}};
  return http::find(one, b) != nullptr;
}

bool is_credential(const http::Request& request, const std::string& name) {
  return har::secret_header(name) ||
         std::any_of(request.headers.begin(), request.headers.end(), [&](const auto& field) {
           return field.credential && same_name(field.name, name);
         });
}

tl::unexpected<value::Failure> wrong(std::string text) {
  return fail(FailureKind::configuration, std::move(text));
}

Result<void> set_header(http::Request& request, std::string_view change) {
  const std::size_t colon = change.find(':');
  const std::string name(trimmed(change.substr(0, colon)));
  if (!http::valid_name(name)) return wrong("'" + name + "' can't be a header's name");
  const std::string text(colon == std::string_view::npos ? std::string_view()
                                                         : trimmed(change.substr(colon + 1)));
  if (!http::valid_value(text)) return wrong("a header can't hold line ends");
  if (text.empty()) {
    std::erase_if(request.headers, [&](const auto& field) { return same_name(field.name, name); });
    return {};
  }
  // A credential that is replaced by hand is one still: it is never shown.
  http::set(request.headers, name, text, is_credential(request, name));
  return {};
}

Result<void> set_query(http::Request& request, std::string_view change) {
  auto url = http::parse_url(request.url);
  if (!url) return wrong("the request's URL can't be read");
  const std::size_t equals = change.find('=');
  const std::string name(trimmed(change.substr(0, equals)));
  if (name.empty())
    return wrong("`:edit query name=value` sets one, `:edit query name` takes it out");
  http::QueryPairs pairs = url->query ? http::parse_query(*url->query) : http::QueryPairs();
  const auto same = [&](const auto& pair) { return pair.first == name; };
  const auto place = std::find_if(pairs.begin(), pairs.end(), same);
  const auto index = place - pairs.begin();
  std::erase_if(pairs, same);
  if (equals != std::string_view::npos) {
    pairs.insert(pairs.begin() + std::min<std::ptrdiff_t>(index, std::ssize(pairs)),
                 {name, std::string(trimmed(change.substr(equals + 1)))});
  }
  url->query.reset();
  if (!pairs.empty()) url->query = http::build_query(pairs);
  request.url = http::to_string(*url);
  return {};
}

Result<void> set_url(http::Request& request, std::string_view text) {
  const auto base = http::parse_url(request.url);
  const auto safe = http::sanitize_target(trimmed(text));
  const auto url = base && safe ? http::resolve(*base, *safe) : std::nullopt;
  if (!url) return wrong("'" + std::string(trimmed(text)) + "' is no URL and no path");
  if (!http::same_origin(*base, *url)) std::erase_if(request.headers, http::stays_home);
  request.url = http::to_string(*url);
  return {};
}

Result<void> set_method(http::Request& request, std::string_view text) {
  const std::string method(trimmed(text));
  const bool good = !method.empty() && std::all_of(method.begin(), method.end(),
                                                   [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!good) return wrong("'" + method + "' can't be a method; it is a word in capitals");
  request.method = method;
  return {};
}

void set_body(http::Request& request, std::string_view text) {
  request.body = text;
  request.has_body = !text.empty();
  const bool typed = http::find(request.headers, "Content-Type") != nullptr;
  if (request.has_body && !typed) http::set(request.headers, "Content-Type", "application/json");
}

std::string header_line(const http::HeaderField& field, const http::Redactor& redactor) {
  return field.name + ": " + (field.credential ? std::string(mask) : redactor.redact(field.value));
}

/// The next line, without its end.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

bool sets_credential(std::string_view change, const http::Request* request) {
  change = trimmed(change);
  const std::size_t end = change.find_first_of(" \t\n");
  if (end == std::string_view::npos) return false;
  const std::string_view what = change.substr(0, end), rest = trimmed(change.substr(end));
  if (what == "header") {
    const std::string name(trimmed(rest.substr(0, rest.find(':'))));
    return is_credential(request == nullptr ? http::Request() : *request, name);
  }
  if (what == "query") return har::secret_name(trimmed(rest.substr(0, rest.find('='))));
  return false;
}

Result<void> edit(http::Request& request, std::string_view change) {
  change = trimmed(change);
  const std::size_t end = change.find_first_of(" \t\n");
  const std::string_view what = change.substr(0, end);
  const std::string_view rest =
      end == std::string_view::npos ? std::string_view() : trimmed(change.substr(end));
  if (what == "header") return set_header(request, rest);
  if (what == "query") return set_query(request, rest);
  if (what == "url") return set_url(request, rest);
  if (what == "method") return set_method(request, rest);
  if (what == "body") {
    set_body(request, rest);
    return {};
  }
  return wrong("there is no `:edit " + std::string(what) +
               "`; it is header, query, body, method or url");
}

std::string to_text(const http::Request& request, const http::Redactor& redactor) {
  std::string out = request.method + " " + redactor.url(request) + "\n";
  for (const http::HeaderField& field : request.headers) {
    out += header_line(field, redactor) + "\n";
  }
  return out + "\n" + redactor.redact(request.body);
}

Result<void> from_text(http::Request& request, const http::Redactor& redactor,
                       std::string_view text) {
  http::Request made = request;
  const std::string_view first = next_line(text);
  const std::size_t blank = first.find(' ');
  if (blank == std::string_view::npos) return wrong("the first line is METHOD URL");
  if (auto set = set_method(made, first.substr(0, blank)); !set) return set;
  const std::string_view url = trimmed(first.substr(blank));
  if (url != redactor.url(request)) {
    if (url.find(mask) != std::string_view::npos) {
      return wrong("the URL was changed and still holds ***, which stands for a secret");
    }
    if (auto set = set_url(made, url); !set) return set;
  }
  http::Headers headers;
  std::vector<bool> taken(request.headers.size());
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (line.empty()) break;
    bool same = false;
    for (std::size_t i = 0; i < request.headers.size() && !same; ++i) {
      same = !taken[i] && header_line(request.headers[i], redactor) == line;
      if (!same) continue;
      taken[i] = true;
      headers.push_back(request.headers[i]);
    }
    if (same) continue;
    if (line.find(mask) != std::string_view::npos) {
      return wrong("a changed header holds ***, which stands for a secret");
    }
    http::Request one;
    if (auto set = set_header(one, line); !set) return set;
    for (http::HeaderField& field : one.headers) {
      field.credential = is_credential(request, field.name);
      headers.push_back(std::move(field));
    }
  }
  made.headers = std::move(headers);
  // Editors end a file with a line end.
  std::string_view body = text;
  if (body.ends_with('\n') && !request.body.ends_with('\n')) body.remove_suffix(1);
  if (body != redactor.redact(request.body)) {
    if (body.find(mask) != std::string_view::npos) {
      return wrong("the body was changed and holds ***, which stands for a secret");
    }
    made.body = body;
    made.has_body = !body.empty();
  }
  request = std::move(made);
  return {};
}

}  // namespace fconn::repl
