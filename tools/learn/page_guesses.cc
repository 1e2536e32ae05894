// Guesses at pages, from names in a single answer that is whole: it says how more would be had.
#include <algorithm>

#include "tools/learn/page.hh"

namespace fconn::learn {

using value::Kind;

namespace {

bool empty(const Found& one) {
  return one.kind == Kind::null_value || (one.kind == Kind::string && one.text.empty());
}

std::string said(const Found& one) { return one.path + " of an answer is empty; that it is "; }

/// Whether its object has the page before, too: {"next": null, "previous": null}.
bool beside_previous(const Found& next, const Page& page) {
  const std::string holder = next.path.substr(0, next.path.size() - next.name.size());
  return std::any_of(page.envelope.begin(), page.envelope.end(), [&holder](const Found& one) {
    return one.path == holder + "previous" || one.path == holder + "prev";
  });
}

std::optional<Pages> by_empty_link(const Page& page) {
  for (const Found& one : page.envelope) {
    if (!empty(one)) continue;
    const bool next = one.plain.find("next") != std::string::npos;
    const bool link = one.plain.ends_with("link") || one.plain.ends_with("url") ||
                      one.plain.ends_with("href") || one.path.starts_with(".links.") ||
                      one.path.starts_with("._links.") ||
                      (one.plain == "next" && beside_previous(one, page));
    if ((next && link) || of_cursor(one)) {
      return Pages{"paginate link(" + one.path + ")", said(one) + "the next page's URL is a guess",
                   true, one.path};
    }
  }
  return std::nullopt;
}

std::optional<Pages> by_empty_token(const Page& page) {
  for (const Found& one : page.envelope) {
    const bool token = one_of(one.plain, {"nextcursor", "endcursor", "nextpagetoken", "nexttoken",
                                          "continuationtoken", "nextpagecursor", "nextstart"});
    if (!token || !empty(one)) continue;
    const std::string name = guess_parameter(one);
    return Pages{"paginate cursor(" + one.path + ", " + quoted(name) + ")",
                 said(one) + "a cursor, passed on as `" + name + "`, is a guess", true, one.path};
  }
  return std::nullopt;
}

/// What the answer says of the page that it is: its number, and how many there are or how long
/// they are.
std::optional<Pages> by_echo(const Page& page) {
  const Found* count = page_count_of(page);
  const Found* current = number_named(page, {"page", "currentpage", "pagenumber"});
  if (count != nullptr && (current != nullptr || (count->text != "0" && count->text != "1"))) {
    return Pages{"paginate page(\"page\", pages: " + count->path + ")",
                 count->path + " of an answer counts pages; that `page` asks for one is a guess",
                 true, ""};
  }
  const Found* size = number_named(page, {"perpage", "pagesize"});
  const Found* total = total_of(page);
  if (current == nullptr || size == nullptr || total == nullptr) return std::nullopt;
  return Pages{"paginate page(\"page\", size: " + size->path + ", total: " + total->path + ")",
               "an answer has " + current->path + ", " + size->path + " and " + total->path +
                   "; that `page` asks for one is a guess",
               true, ""};
}

/// {"object": "list", "has_more": false, …}: Stripe's way, and of those who took it over.
std::optional<Pages> by_last_row(const Page& page) {
  const Found* more = more_of(page);
  const bool list = std::any_of(page.envelope.begin(), page.envelope.end(), [](const Found& one) {
    return one.path == ".object" && one.text == "list";
  });
  if (more == nullptr || !list || !page.identified) return std::nullopt;
  return Pages{"paginate after_last(\"starting_after\", \"id\", has_next: " + more->path + ")",
               "an answer has .object \"list\" and " + more->path +
                   "; that `starting_after` takes the last row's id is a guess",
               true, ""};
}

/// A parameter alone: there is a page after it, or an empty one that is the end.
std::optional<Pages> by_parameter(const Page& page) {
  const Found* counted = more_of(page);
  const std::string more = counted == nullptr ? "" : ", has_more: " + counted->path;
  for (const auto& [name, value] : page.query) {
    const auto size = size_asked(page);
    if (counts_pages(name) && number(&value)) {
      return Pages{"paginate page(" + quoted(name) + more + ")",
                   "the request has `" + name +
                       "`; that it counts pages, and that the last one is "
                       "empty, is a guess",
                   true, ""};
    }
    if (counts_rows(name) && number(&value) && size) {
      const bool full = page.rows && static_cast<std::int64_t>(*page.rows) >= size->second;
      return Pages{
          "paginate offset(" + quoted(name) + ", by: " + std::to_string(size->second) + more + ")",
          "the request has `" + name + "` and `" + size->first +
              "`; that the page behind the last row is empty" +
              (full ? "" : ", and that pages may be as long as they are asked for,") +
              " is a guess",
          true, ""};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Pages> guess_pages(const Page& page) {
  for (const auto guess : {by_empty_link, by_empty_token, by_echo, by_last_row, by_parameter}) {
    if (auto found = guess(page)) return found;
  }
  return std::nullopt;
}

}  // namespace fconn::learn
