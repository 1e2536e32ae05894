#include "tools/learn/page.hh"

#include <algorithm>
#include <charconv>

#include "tools/har/member_names.hh"
#include "tools/learn/shape.hh"

namespace fconn::learn {

using value::Kind;
using value::Value;

namespace {

constexpr int deepest = 4;
constexpr std::string_view holders_of_cursors[] = {"cursor", "paging", "pagination"};

std::string step(const std::string& path, const std::string& key) {
  const std::string written = written_name(key);
  if (!written.starts_with('"')) return path + "." + key;
  return (path.empty() ? "." : path) + "[" + written + "]";
}

void collect(const Value& value, const std::string& path, int depth, Page& out) {
  if (value.kind != Kind::object || depth > deepest) return;
  for (const value::Member& member : value.object_view()) {
    const std::string key(member.key);
    const std::string below = step(path, key);
    const Value& one = member.value;
    if (one.kind == Kind::object) {
      out.holders.push_back(below);
      collect(one, below, depth + 1, out);
    }
    if (one.kind != Kind::string && one.kind != Kind::integer && one.kind != Kind::boolean &&
        !one.is_null()) {
      continue;
    }
    out.envelope.push_back(
        {below, har::plain_name(key), key, one.kind,
         one.kind == Kind::string ? std::string(one.view()) : value::to_json(one),
         one.kind == Kind::boolean && one.integer != 0});
  }
}

void count_rows(const Value& body, const ir::KeyPath& path, Page& out) {
  value::Arena arena;
  Value at = value::decoded(body, arena);
  for (const std::string& key : path) {
    const Value* next = at.kind == Kind::object ? value::find_member(at, key) : nullptr;
    if (next == nullptr) return;
    at = value::decoded(*next, arena);
  }
  if (at.kind != Kind::list) return;
  out.rows = at.count;
  out.identified =
      at.count > 0 &&
      std::all_of(at.list_view().begin(), at.list_view().end(), [&arena](const Value& any) {
        const Value row = value::decoded(any, arena);
        return row.kind == Kind::object && value::find_member(row, "id") != nullptr;
      });
}

Page page_of(const har::Exchange& exchange, const ir::KeyPath* rows) {
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
    collect(*body, "", 0, out);
    if (rows != nullptr) count_rows(*body, *rows, out);
  }
  return out;
}

}  // namespace

std::vector<Page> pages_of(const Exchanges& exchanges, const ir::KeyPath* rows) {
  std::vector<Page> pages;
  for (const har::Exchange* exchange : exchanges) {
    if (exchange->status >= 200 && exchange->status < 300) {
      pages.push_back(page_of(*exchange, rows));
    }
  }
  return pages;
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

const Found* total_of(const Page& page) {
  return number_named(page, {"total", "totalcount", "totalresults", "totalitems", "totalrows"});
}

const Found* page_count_of(const Page& page) {
  return number_named(page, {"totalpages", "pagecount", "lastpage", "numpages", "pages"});
}

const Found* more_of(const Page& page) {
  for (const Found& one : page.envelope) {
    const bool more =
        one_of(one.plain, {"hasmore", "hasnext", "hasnextpage", "more", "moreavailable"});
    if (one.kind == Kind::boolean && more) return &one;
  }
  return nullptr;
}

std::optional<std::pair<std::string, std::int64_t>> size_asked(const Page& page) {
  for (const auto& [name, text] : page.query) {
    const std::string plain = har::plain_name(name);
    const auto size = number(&text);
    if (size && *size > 0 &&
        one_of(plain,
               {"limit", "count", "size", "perpage", "pagesize", "pagelimit", "maxresults"})) {
      return std::pair(name, *size);
    }
  }
  return std::nullopt;
}

bool counts_pages(const std::string& parameter) {
  return one_of(har::plain_name(parameter), {"page", "pagenumber", "pageno", "pagenum"});
}

bool counts_rows(const std::string& parameter) {
  return one_of(har::plain_name(parameter), {"offset", "skip"});
}

bool of_cursor(const Found& one) {
  if (!one_of(one.plain, {"url", "href"})) return false;
  return std::any_of(std::begin(holders_of_cursors), std::end(holders_of_cursors),
                     [&one](std::string_view holder) {
                       return one.path.starts_with("." + std::string(holder) + ".");
                     });
}

std::string quoted(const std::string& text) {
  std::string out;
  value::append_json_string(text, out);
  return out;
}

std::string guess_parameter(const Found& token) {
  if (one_of(token.plain, {"nextcursor", "cursor", "endcursor"})) return "cursor";
  if (token.plain == "nextpagetoken")
    return token.name == "nextPageToken" ? "pageToken" : "page_token";
  return token.name;
}

}  // namespace fconn::learn
