#include "tools/learn/pages.hh"

#include <algorithm>

#include "tools/har/member_names.hh"
#include "tools/learn/page.hh"

namespace fconn::learn {

using value::Kind;

namespace {

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

std::optional<Pages> by_link(const Page& page) {
  if (page.next_link) {
    return Pages{"paginate link_header", "the Link header of an answer has rel=next", false, ""};
  }
  for (const Found& one : page.envelope) {
    const bool named = one.path.find("next") != std::string::npos ||
                       one.plain.find("next") != std::string::npos || of_cursor(one);
    const bool link = one.text.starts_with("http://") || one.text.starts_with("https://") ||
                      (one.text.starts_with('/') && one.text.size() > 1);
    if (one.kind == Kind::string && named && link) {
      return Pages{"paginate link(" + one.path + ")",
                   one.path + " of an answer is the next page's URL", false, one.path};
    }
  }
  return std::nullopt;
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
    std::string clause = "paginate cursor(" + one.path + ", " + quoted(name);
    if (more != nullptr) clause += ", has_more: " + more->path;
    return Pages{clause + ")",
                 one.path + " of an answer is " +
                     (parameter ? "`" + name + "` of a later request"
                                : "a cursor; that it is passed on as `" + name + "` is a guess"),
                 !parameter, one.path};
  }
  return std::nullopt;
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

/// `step` of `name` from one request to the next.
Pages by_steps(const Page& page, const std::string& name, std::int64_t step) {
  const bool counts = step == 1;
  const Found* total = total_of(page);
  const Found* page_count = page_count_of(page);
  std::string clause = counts ? "paginate page(" + quoted(name)
                              : "paginate offset(" + quoted(name) + ", by: " + std::to_string(step);
  if (counts && page_count != nullptr) clause += ", pages: " + page_count->path;
  if (!counts && total != nullptr) clause += ", total: " + total->path;
  return Pages{clause + ")",
               "`" + name + "` grows by " + std::to_string(step) + " from one request to the next",
               false, ""};
}

std::optional<Pages> by_number(const std::vector<Page>& pages) {
  const Page& page = pages.front();
  if (const auto step = growing(pages)) return by_steps(page, step->first, step->second);
  const Found* total = total_of(page);
  const Found* page_count = page_count_of(page);
  for (const auto& [name, value] : page.query) {
    if (page_count != nullptr && counts_pages(name) && number(&value)) {
      return Pages{"paginate page(" + quoted(name) + ", pages: " + page_count->path + ")",
                   page_count->path + " of an answer counts the pages of `" + name + "`", false,
                   ""};
    }
    const auto size = size_asked(page);
    if (total == nullptr || !size || !counts_rows(name)) continue;
    // An API that gives fewer rows than it is asked for is gone on with by what it gives.
    const auto all = number(&total->text);
    const auto came = static_cast<std::int64_t>(page.rows.value_or(0));
    const bool fewer = page.rows && came > 0 && came < std::min(size->second, all.value_or(0));
    return Pages{
        "paginate offset(" + quoted(name) + ", by: " + std::to_string(fewer ? came : size->second) +
            ", total: " + total->path + ")",
        "the request has `" + name + "` and `" + size->first + "`, and the answer " + total->path +
            (fewer ? "; that each page has as many rows as this one is a guess" : ""),
        fewer, ""};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Pages> learn_pages(const Exchanges& exchanges, const ir::KeyPath* rows) {
  const std::vector<Page> pages = pages_of(exchanges, rows);
  if (pages.empty()) return std::nullopt;
  for (const Page& page : pages) {
    if (auto found = by_link(page)) return found;
  }
  for (const Page& page : pages) {
    if (auto found = by_token(page, pages)) return found;
  }
  if (auto found = by_number(pages)) return found;
  return guess_pages(pages.front());
}

std::string unread_rows(const Exchanges& exchanges, const ir::KeyPath* rows) {
  const std::vector<Page> pages = pages_of(exchanges, rows);
  std::uint64_t came = 0;
  for (const Page& page : pages) {
    if (const Found* more = more_of(page); more != nullptr && more->truth && pages.size() == 1) {
      return more->path + " of an answer is true";
    }
    if (!page.rows) return {};
    came += *page.rows;
  }
  for (const Page& page : pages) {
    const Found* total = total_of(page);
    const auto all = total == nullptr ? std::nullopt : number(&total->text);
    if (all && *all > 0 && static_cast<std::uint64_t>(*all) > came) {
      return total->path + " of an answer is " + total->text + ", and " + std::to_string(came) +
             " came";
    }
  }
  return {};
}

bool alike(const Exchanges& exchanges, const Pages& other) {
  const std::string holder =
      other.path.substr(0, std::min(other.path.find_last_of(".["), other.path.size()));
  const std::vector<Page> pages = pages_of(exchanges, nullptr);
  return !holder.empty() && !pages.empty() &&
         std::all_of(pages.begin(), pages.end(), [&holder](const Page& page) {
           return std::find(page.holders.begin(), page.holders.end(), holder) != page.holders.end();
         });
}

}  // namespace fconn::learn
