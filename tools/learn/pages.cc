#include "tools/learn/pages.hh"

#include <algorithm>
#include <charconv>

#include "interpreter/http/url.hh"
#include "tools/har/member_names.hh"
#include "tools/learn/shape.hh"

namespace fconn::learn {

using value::Kind;
using value::Value;

namespace {

constexpr int deepest = 4;

/// A scalar of an answer's envelope (not of its rows), with the path that reads it.
struct Found {
  std::string path;   // ".meta.next_cursor"
  std::string plain;  // "nextcursor"
  std::string name;   // "next_cursor"
  Kind kind{};
  std::string text;
  bool truth = false;
};

std::string step(const std::string& path, const std::string& key) {
  const std::string written = written_name(key);
  if (!written.starts_with('"')) return path + "." + key;
  return (path.empty() ? "." : path) + "[" + written + "]";
}

void collect(const Value& value, const std::string& path, int depth, std::vector<Found>& out) {
  if (value.kind != Kind::object || depth > deepest) return;
  for (const value::Member& member : value.object_view()) {
    const std::string key(member.key);
    const std::string below = step(path, key);
    const Value& one = member.value;
    if (one.kind == Kind::object) collect(one, below, depth + 1, out);
    if (one.kind != Kind::string && one.kind != Kind::integer && one.kind != Kind::boolean &&
        !one.is_null()) {
      continue;
    }
    out.push_back({below, har::plain_name(key), key, one.kind,
                   one.kind == Kind::string ? std::string(one.view()) : value::to_json(one),
                   one.kind == Kind::boolean && one.integer != 0});
  }
}

struct Page {
  std::vector<Found> envelope;
  http::QueryPairs query;
  bool next_link = false;  // of a Link header
};

Page page_of(const har::Exchange& exchange) {
  Page out;
  const std::size_t question = exchange.url.find('?');
  if (question != std::string::npos) {
    out.query = http::parse_query(exchange.url.substr(question + 1));
  }
  for (const http::Link& link : http::parse_links(http::all(exchange.response.headers, "Link"))) {
    out.next_link = out.next_link || link.rel == "next";
  }
  value::Arena arena;
  if (const auto body = value::parse_json(exchange.response.body, arena)) {
    collect(*body, "", 0, out.envelope);
  }
  return out;
}

const std::string* find(const http::QueryPairs& query, std::string_view name) {
  for (const auto& [key, value] : query) {
    if (key == name) return &value;
  }
  return nullptr;
}

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The parameter that a later page gives this value in.
std::optional<std::string> parameter_with(const std::vector<Page>& pages,
                                          const std::string& value) {
  for (const Page& page : pages) {
    for (const auto& [name, text] : page.query) {
      if (text == value) return name;
    }
  }
  return std::nullopt;
}

std::string guess_parameter(const Found& token) {
  if (one_of(token.plain, {"nextcursor", "cursor", "endcursor"})) return "cursor";
  if (token.plain == "nextpagetoken")
    return token.name == "nextPageToken" ? "pageToken" : "page_token";
  return token.name;
}

std::optional<Pages> by_link(const Page& page) {
  if (page.next_link) {
    return Pages{"paginate link_header", "the Link header of an answer has rel=next", false};
  }
  for (const Found& one : page.envelope) {
    const bool named =
        one.plain.find("next") != std::string::npos || one.path.find("next") != std::string::npos;
    const bool link = one.text.starts_with("http://") || one.text.starts_with("https://") ||
                      (one.text.starts_with('/') && one.text.size() > 1);
    if (one.kind == Kind::string && named && link) {
      return Pages{"paginate link(" + one.path + ")",
                   one.path + " of an answer is the next page's URL", false};
    }
  }
  return std::nullopt;
}

/// A link that was null each time: there was one page, and the name says what a second would have.
std::optional<Pages> by_empty_link(const Page& page) {
  for (const Found& one : page.envelope) {
    if (one.kind != Kind::null_value) continue;
    const bool next = one.plain.find("next") != std::string::npos;
    const bool link = one.plain.ends_with("link") || one.plain.ends_with("url") ||
                      one.plain.ends_with("href") || one.path.starts_with(".links.") ||
                      one.path.starts_with("._links.");
    if (next && link) {
      return Pages{"paginate link(" + one.path + ")",
                   one.path + " of an answer is null; that it is the next page's URL is a guess",
                   true};
    }
  }
  return std::nullopt;
}

const Found* more_of(const Page& page) {
  for (const Found& one : page.envelope) {
    const bool more =
        one_of(one.plain, {"hasmore", "hasnext", "hasnextpage", "more", "moreavailable"});
    if (one.kind == Kind::boolean && more) return &one;
  }
  return nullptr;
}

std::optional<Pages> by_token(const Page& page, const std::vector<Page>& pages) {
  for (const Found& one : page.envelope) {
    const bool token = one_of(one.plain, {"nextcursor", "cursor", "endcursor", "nextpagetoken",
                                          "nexttoken", "continuationtoken", "nextpagecursor",
                                          "after", "scrollid", "nextstart", "pagetoken"});
    if (!token || one.text.empty() || one.kind == Kind::boolean || one.kind == Kind::null_value) {
      continue;
    }
    const auto parameter = parameter_with(pages, one.text);
    const Found* more = more_of(page);
    const std::string name = parameter ? *parameter : guess_parameter(one);
    std::string clause = "paginate cursor(" + one.path + ", ";
    value::append_json_string(name, clause);
    if (more != nullptr) clause += ", has_more: " + more->path;
    return Pages{clause + ")",
                 one.path + " of an answer is " +
                     (parameter ? "`" + name + "` of a later request"
                                : "a cursor; that it is passed on as `" + name + "` is a guess"),
                 !parameter};
  }
  return std::nullopt;
}

std::optional<std::int64_t> number(const std::string* text) {
  std::int64_t out = 0;
  if (text == nullptr || text->empty()) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return out;
}

const Found* number_named(const Page& page, std::initializer_list<std::string_view> names) {
  for (const Found& one : page.envelope) {
    if (one.kind == Kind::integer && one_of(one.plain, names)) return &one;
  }
  return nullptr;
}

/// A parameter that grows from one page to the next, and by how much.
std::optional<std::pair<std::string, std::int64_t>> growing(const std::vector<Page>& pages) {
  for (std::size_t i = 0; i + 1 < pages.size(); ++i) {
    for (const auto& [name, value] : pages[i].query) {
      const auto before = number(&value);
      const auto after = number(find(pages[i + 1].query, name));
      if (before && after && *after > *before) return std::pair(name, *after - *before);
    }
  }
  return std::nullopt;
}

std::optional<Pages> by_number(const std::vector<Page>& pages) {
  const Page& page = pages.front();
  const Found* total =
      number_named(page, {"total", "totalcount", "totalresults", "totalitems", "totalrows"});
  const Found* page_count =
      number_named(page, {"totalpages", "pagecount", "lastpage", "numpages", "pages"});
  const auto quoted = [](const std::string& name) {
    std::string out;
    value::append_json_string(name, out);
    return out;
  };
  if (const auto step = growing(pages)) {
    const bool counts = step->second == 1;
    std::string clause =
        counts ? "paginate page(" + quoted(step->first)
               : "paginate offset(" + quoted(step->first) + ", by: " + std::to_string(step->second);
    if (counts && page_count != nullptr) clause += ", pages: " + page_count->path;
    if (!counts && total != nullptr) clause += ", total: " + total->path;
    return Pages{clause + ")",
                 "`" + step->first + "` grows by " + std::to_string(step->second) +
                     " from one request to the next",
                 false};
  }
  for (const auto& [name, value] : page.query) {
    const std::string plain = har::plain_name(name);
    const bool counts = one_of(plain, {"page", "pagenumber", "pageno", "pagenum"});
    if (counts && page_count != nullptr && number(&value)) {
      return Pages{"paginate page(" + quoted(name) + ", pages: " + page_count->path + ")",
                   page_count->path + " of an answer counts the pages of `" + name + "`", false};
    }
    const auto size = number(find(page.query, "limit"));
    if (one_of(plain, {"offset", "skip"}) && total != nullptr && size && *size > 0) {
      return Pages{"paginate offset(" + quoted(name) + ", by: " + std::to_string(*size) +
                       ", total: " + total->path + ")",
                   "the request has `" + name + "` and `limit`, and the answer " + total->path,
                   false};
    }
  }
  if (page_count != nullptr && page_count->text != "0" && page_count->text != "1") {
    return Pages{
        "paginate page(\"page\", pages: " + page_count->path + ")",
        page_count->path + " of an answer counts pages; that `page` asks for one is a guess", true};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Pages> learn_pages(const std::vector<const har::Exchange*>& exchanges) {
  std::vector<Page> pages;
  for (const har::Exchange* exchange : exchanges) {
    if (exchange->status >= 200 && exchange->status < 300) pages.push_back(page_of(*exchange));
  }
  if (pages.empty()) return std::nullopt;
  for (const Page& page : pages) {
    if (auto found = by_link(page)) return found;
  }
  for (const Page& page : pages) {
    if (auto found = by_token(page, pages)) return found;
  }
  if (auto found = by_number(pages)) return found;
  return by_empty_link(pages.front());
}

}  // namespace fconn::learn
