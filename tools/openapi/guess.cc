#include "tools/openapi/guess.hh"

#include <algorithm>
#include <array>

#include "tools/import/text.hh"
#include "tools/openapi/names.hh"

namespace fconn::openapi {
namespace {

using Kind = Shape::Kind;
using Path = std::vector<std::string>;

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// The last part of a path that isn't a parameter: "messages" of "/v1/{a}/Messages.json".
std::string last_word(const std::string& path) {
  std::string out;
  std::size_t begin = 0;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find('/', begin + 1), path.size());
    const std::string part = path.substr(begin + 1, end - begin - 1);
    if (!part.empty() && part.find('{') == std::string::npos) out = part;
    begin = end;
  }
  if (out.ends_with(".json")) out.resize(out.size() - 5);
  return bare(out);
}

struct ListPlace {
  Path path;
  const Shape* element = nullptr;
  int score = 0;
};

constexpr std::array<std::string_view, 14> envelope_names = {
    "data",    "items", "results", "records", "entries",    "value",     "values",
    "content", "list",  "rows",    "objects", "collection", "resources", "elements"};

void add_lists(const Shape& object, const Path& prefix, const std::string& word,
               std::vector<ListPlace>& out) {
  for (const ShapeMember& member : object.members) {
    Path path = prefix;
    path.push_back(member.name);
    const std::string name = bare(member.name);
    if (member.shape.is(Kind::list)) {
      ListPlace one{path, member.shape.element.empty() ? nullptr : &member.shape.element.front(),
                    0};
      const bool object_rows = one.element != nullptr && one.element->is(Kind::object);
      if (object_rows) one.score += 2;
      if (one_of(name, envelope_names)) one.score += 3;
      if (!word.empty() && (name == word || name == singular(word) || singular(name) == word)) {
        one.score += 4;
      } else if (word.size() > 3 &&
                 (name.find(word) != std::string::npos || word.find(name) != std::string::npos)) {
        one.score += 3;
      }
      if (prefix.empty()) one.score += 1;
      out.push_back(std::move(one));
    } else if (member.shape.is(Kind::object) && prefix.empty() &&
               (one_of(name, envelope_names) || name == word || name == "embedded" ||
                name == "response" || name == "result")) {
      add_lists(member.shape, path, word, out);
    }
  }
}

bool ends_in_parameter(const std::string& path) { return path.ends_with('}'); }

/// A string member at a path of names, any of them spelt in any way; its path as it is spelt.
std::optional<Path> find_text(const Shape& shape, std::initializer_list<std::string_view> names) {
  const Shape* at = &shape;
  Path out;
  for (const std::string_view name : names) {
    const auto found =
        std::find_if(at->members.begin(), at->members.end(),
                     [name](const ShapeMember& member) { return bare(member.name) == name; });
    if (found == at->members.end()) return std::nullopt;
    out.push_back(found->name);
    at = &found->shape;
  }
  const bool scalar = !at->is(Kind::list) && !(at->is(Kind::object) && !at->members.empty());
  return scalar ? std::optional(out) : std::nullopt;
}

class PagingGuesser {
 public:
  PagingGuesser(const Operation& operation, const Shape& answer, const std::string& key, Refs& refs)
      : operation_(operation), answer_(answer), key_(key), refs_(refs) {}

  std::optional<PagingGuess> guess() {
    size();
    for (const auto step :
         {&PagingGuesser::by_last_row, &PagingGuesser::by_token, &PagingGuesser::by_link,
          &PagingGuesser::by_offset, &PagingGuesser::by_number}) {
      if ((this->*step)()) return std::move(out_);
    }
    return std::nullopt;
  }

 private:
  const Parameter* query(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      for (const Parameter& one : operation_.parameters) {
        if (one.place == Place::query && bare(one.name) == name) return &one;
      }
    }
    return nullptr;
  }

  static std::string literal(std::string_view text) { return importer::quoted(text); }

  /// How many rows a page holds: the most that the document allows, else what it says is usual.
  void size() {
    size_ = query({"limit", "pagesize", "perpage", "maxresults", "count", "maxitems", "size", "top",
                   "first", "resultsperpage"});
    if (size_ == nullptr) return;
    const Node* schema = refs_.follow(size_->schema);
    for (const std::string_view word : {"maximum", "default"}) {
      const Node* node = schema == nullptr ? nullptr : schema->find(word);
      const auto number = node == nullptr ? std::nullopt : importer::as_int(*node);
      if (number && *number > 0 && *number <= 10'000) {
        rows_ = *number;
        break;
      }
    }
    if (rows_ != 0) out_.query.emplace_back(size_->name, std::to_string(rows_));
  }

  bool by_last_row() {
    const Parameter* after = query({"startingafter", "sinceid", "afterid"});
    const auto more = find_text(answer_, {"hasmore"});
    if (after == nullptr || key_.empty() || !more) return false;
    out_.clause = "paginate after_last(" + literal(after->name) + ", " + literal(key_) +
                  ", has_next: " + steps_of(*more) + ")";
    out_.why = "`" + after->name + "` and `" + more->back() + "`";
    return true;
  }

  std::optional<Path> token_path() const {
    for (const std::string_view around : {"", "meta", "metadata", "paging", "pagination",
                                          "responsemetadata", "pages", "page", "links"}) {
      for (const std::string_view name :
           {"nextcursor", "nextpagetoken", "nexttoken", "nextmarker", "cursor", "endcursor",
            "continuationtoken", "nextpageid", "pagetoken", "marker", "aftercursor"}) {
        auto found =
            around.empty() ? find_text(answer_, {name}) : find_text(answer_, {around, name});
        if (found) return found;
      }
    }
    for (const std::string_view around : {"pages", "paging", "pagination"}) {
      for (const std::string_view name : {"startingafter", "after", "cursor"}) {
        if (auto found = find_text(answer_, {around, "next", name})) return found;
      }
      if (auto found = find_text(answer_, {around, "cursors", "after"})) return found;
    }
    return std::nullopt;
  }

  bool by_token() {
    const Parameter* parameter =
        query({"cursor", "pagetoken", "nextpagetoken", "nexttoken", "marker", "startingafter",
               "after", "continuationtoken", "pagecursor", "nextcursor", "continuation"});
    if (parameter == nullptr) return false;
    const auto token = token_path();
    if (!token) return false;
    out_.clause = "paginate cursor(" + steps_of(*token) + ", " + literal(parameter->name) + ")";
    out_.why = "`" + parameter->name + "` and `" + token->back() + "`";
    return true;
  }

  bool by_link() {
    for (const std::string_view around :
         {"", "links", "meta", "paging", "pagination", "pages", "page"}) {
      for (const std::string_view name :
           {"next", "nextpage", "nexturl", "nextpageurl", "nextpageuri", "nextlink", "nexturi",
            "odatanextlink", "nexthref"}) {
        const auto found =
            around.empty() ? find_text(answer_, {name}) : find_text(answer_, {around, name});
        if (!found || !is_address(*found)) continue;
        out_.clause = "paginate link(" + steps_of(*found) + ")";
        out_.why = "`" + found->back() + "`";
        return true;
      }
    }
    for (const std::string_view around : {"links", "paging"}) {
      if (const auto found = find_text(answer_, {around, "next", "href"})) {
        out_.clause = "paginate link(" + steps_of(*found) + ")";
        out_.why = "`" + around_text(*found) + "`";
        return true;
      }
    }
    if (!operation_.link_header) return false;
    out_.clause = "paginate link_header";
    out_.why = "the answer's Link header";
    return true;
  }

  static std::string around_text(const Path& path) {
    std::string out;
    for (const std::string& name : path) out += (out.empty() ? "" : ".") + name;
    return out;
  }

  /// A page's number is no link, nor is a truth value.
  bool is_address(const Path& path) const {
    const Shape* at = &answer_;
    for (const std::string& name : path) at = at->find(name);
    return at->is(Kind::string) || at->is(Kind::any);
  }

  bool by_offset() {
    const Parameter* offset = query({"offset", "skip", "start", "startposition", "startat"});
    if (offset == nullptr || rows_ == 0) return false;
    out_.clause =
        "paginate offset(" + literal(offset->name) + ", by: " + std::to_string(rows_) + ")";
    out_.query.emplace_back(offset->name, "0");
    out_.why = "`" + offset->name + "` and `" + size_->name + "`";
    return true;
  }

  bool by_number() {
    const Parameter* page = query({"page", "pagenumber", "pageno", "pageindex", "pagenum"});
    if (page == nullptr) return false;
    out_.clause = "paginate page(" + literal(page->name);
    out_.why = "`" + page->name + "`";
    for (const std::string_view around : {"", "meta", "pagination", "paging", "pages"}) {
      for (const std::string_view name : {"totalpages", "pagecount", "pages", "pagestotal"}) {
        const auto found =
            around.empty() ? find_text(answer_, {name}) : find_text(answer_, {around, name});
        if (!found) continue;
        out_.clause += ", pages: " + steps_of(*found) + ")";
        return true;
      }
    }
    // A size that nobody asked for may not be the page's: then it ends with an empty page.
    if (const Node* schema = refs_.follow(page->schema)) {
      if (text_of(schema, "default") == "0" || text_of(schema, "minimum") == "0") {
        out_.clause += ", first: 0";
      }
    }
    out_.clause += ")";
    return true;
  }

  const Operation& operation_;
  const Shape& answer_;
  const std::string& key_;
  Refs& refs_;
  const Parameter* size_ = nullptr;
  std::int64_t rows_ = 0;
  PagingGuess out_;
};

}  // namespace

std::string steps_of(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& name : path) {
    out += importer::is_identifier(name) ? "." + name : ".[" + importer::quoted(name) + "]";
  }
  return out.empty() ? "." : out;
}

RowsGuess guess_rows(const Shape& answer, const std::string& path) {
  RowsGuess out;
  if (answer.is(Kind::list)) {
    out.list = true;
    out.row = answer.element.empty() ? &answer : &answer.element.front();
    return out;
  }
  out.row = &answer;
  if (!answer.is(Kind::object)) return out;
  std::vector<ListPlace> lists;
  const std::string word = last_word(path);
  add_lists(answer, {}, word, lists);
  const auto best =
      std::max_element(lists.begin(), lists.end(),
                       [](const ListPlace& a, const ListPlace& b) { return a.score < b.score; });
  const bool own_row = !guess_key(answer).empty();
  const int needed = own_row ? 5 : lists.size() == 1 ? 3 : 4;
  const bool good = best != lists.end() && best->element != nullptr && !ends_in_parameter(path) &&
                    best->score >= needed;
  if (good) {
    out.path = best->path;
    out.row = best->element;
    out.list = true;
    const auto twins = std::count_if(lists.begin(), lists.end(), [&best](const ListPlace& one) {
      return one.score == best->score;
    });
    out.sure = twins == 1 && (best->score >= 5 || lists.size() == 1);
    return out;
  }
  // A single object may lie in an envelope, too.
  for (const ShapeMember& member : answer.members) {
    const bool envelope = member.shape.is(Kind::object) && !member.shape.members.empty() &&
                          (bare(member.name) == "data" || bare(member.name) == singular(word));
    if (own_row || !envelope) continue;
    out.path = {member.name};
    out.row = &member.shape;
    out.sure = false;
    return out;
  }
  return out;
}

std::string guess_key(const Shape& row) {
  for (const std::string_view name : {"id", "uuid", "sid", "gid", "guid", "uid", "key"}) {
    for (const ShapeMember& member : row.members) {
      const bool scalar = member.shape.is(Kind::string) || member.shape.is(Kind::integer) ||
                          member.shape.is(Kind::any);
      if (scalar && bare(member.name) == name) return member.name;
    }
  }
  return "";
}

std::optional<PagingGuess> guess_paging(const Operation& operation, const Shape& answer,
                                        const std::string& key, Refs& refs) {
  return PagingGuesser(operation, answer, key, refs).guess();
}

}  // namespace fconn::openapi
