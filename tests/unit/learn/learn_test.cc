#include <doctest/doctest.h>

#include "tools/learn/pages.hh"
#include "tools/learn/shape.hh"

using namespace fconn;

namespace {

learn::Shape shape_of(std::initializer_list<const char*> rows) {
  learn::Shape out;
  for (const char* row : rows) {
    value::Arena arena;
    const auto parsed = value::parse_json(row, arena);
    REQUIRE(parsed.has_value());
    out.add(*parsed);
  }
  return out;
}

std::string fields(std::initializer_list<const char*> rows) {
  const learn::Shape shape = shape_of(rows);
  std::string out;
  for (const std::string& line : learn::field_lines(shape, {}, learn::key_of(shape), "")) {
    out += (out.empty() ? "" : "; ") + line;
  }
  return out;
}

har::Exchange seen(const std::string& url, const std::string& body, const std::string& link = "") {
  har::Exchange out;
  out.method = "GET";
  out.url = url;
  out.status = 200;
  out.response.body = body;
  if (!link.empty()) out.response.headers.push_back({"link", link, false});
  return out;
}

const ir::KeyPath rows_of{"data"};

learn::Exchanges pointers(const std::vector<har::Exchange>& exchanges) {
  learn::Exchanges out;
  for (const har::Exchange& one : exchanges) out.push_back(&one);
  return out;
}

std::string unread(const std::vector<har::Exchange>& exchanges) {
  return learn::unread_rows(pointers(exchanges), &rows_of);
}

std::string pages(const std::vector<har::Exchange>& exchanges) {
  const auto found = learn::learn_pages(pointers(exchanges), &rows_of);
  if (!found) return "none";
  return found->clause.substr(std::string("paginate ").size()) + (found->guessed ? " guessed" : "");
}

}  // namespace

TEST_CASE("types of members, as rows agree on them") {
  struct Row {
    std::initializer_list<const char*> rows;
    const char* fields;
  };
  const Row table[] = {
      {{R"({"a":1})", R"({"a":2})"}, "a: int"},
      {{R"({"":1})", R"({"":2})"}, "\"\": int"},
      {{R"({"a":1})", R"({"a":2.5})"}, "a: number"},
      {{R"({"a":true})", R"({"a":null})"}, "a: bool"},
      {{R"({"a":"x"})", R"({"a":""})"}, "a: string"},
      {{R"({"a":"2024-05-06T07:08:09Z"})", R"({"a":""})"}, "a: datetime"},
      {{R"({"a":"2024-05-06"})"}, "a: string"},
      {{R"({"a":1})", R"({"a":"1"})"}, "a: any"},
      {{R"({"a":null})"}, "a: any"},
      {{R"({"a":[]})"}, "a: [any]"},
      {{R"({"a":["x","y"]})"}, "a: [string]"},
      {{R"({"a":{}})"}, "a: object"},
      {{R"({"a":[{"b":1},{"c":"x"}]})"}, "a: [{ b: int, c: string }]"},
      {{R"({"a-b":1,"{x}":2})"}, R"("a-b": int; "\{x\}": int)"},
  };
  for (const Row& row : table) {
    CAPTURE(row.fields);
    CHECK(fields(row.rows) == row.fields);
  }
}

TEST_CASE("categories by format and by name") {
  CHECK(fields({R"({"contact":"a@example.com"})"}) == "contact: string @user.contact.email");
  CHECK(fields({R"({"call":"+447700900123"})"}) == "call: string @user.contact.phone_number");
  CHECK(fields({R"({"from":"192.0.2.1"})"}) == "from: string @user.device.ip_address");
  CHECK(fields({R"({"First-Name":"x"})"}) == R"("First-Name": string @user.name)");
  CHECK(fields({R"({"phone":true})"}) == "phone: bool");
  // A name is somebody's only beside what says that somebody is meant.
  CHECK(fields({R"({"id":1,"name":"Lamp"})"}) == "id: int key; name: string");
  CHECK(fields({R"({"id":1,"name":"Ada","email":"a@example.com"})"}) ==
        "id: int key @user.unique_id; name: string @user.name; email: string @user.contact.email");
  CHECK(fields({R"({"id":1,"requester_email":"a@example.com"})"}) ==
        "id: int key; requester_email: string @user.contact.email");
}

TEST_CASE("a key is in every row and never twice") {
  CHECK(learn::key_of(shape_of({R"({"id":1})", R"({"id":2})"})) == "id");
  CHECK(learn::key_of(shape_of({R"({"id":1})", R"({"id":1,"x":1})"})).empty());
  CHECK(learn::key_of(shape_of({R"({"id":1})", R"({"x":1})"})).empty());
  CHECK(learn::key_of(shape_of({R"({"id":null,"order_id":"a"})", R"({"id":2,"order_id":"b"})"})) ==
        "order_id");
  CHECK(learn::key_of(shape_of({R"({"total":1})", R"({"total":2})"})).empty());
}

TEST_CASE("pagination") {
  const std::string url = "https://a.example/x";
  CHECK(pages({seen(url, "[]", "<https://a.example/x?page=2>; rel=\"next\"")}) == "link_header");
  CHECK(pages({seen(url, "[]", "<https://a.example/x?page=1>; rel=\"first\"")}) == "none");
  CHECK(pages({seen(url, R"({"links":{"next":"/x?page=2"}})")}) == "link(.links.next)");
  CHECK(pages({seen(url, R"({"@odata.nextLink":"https://a.example/x?s=2"})")}) ==
        R"(link(.["@odata.nextLink"]))");
  CHECK(pages({seen(url, R"({"links":{"next":null}})")}) == "link(.links.next) guessed");
  CHECK(pages({seen(url, R"({"meta":{"next_cursor":"c2"}})")}) ==
        R"(cursor(.meta.next_cursor, "cursor") guessed)");
  CHECK(pages({seen(url, R"({"nextPageToken":"c2","has_more":true})"),
               seen(url + "?start=c2", "{}")}) ==
        R"(cursor(.nextPageToken, "start", has_more: .has_more))");
  CHECK(pages({seen(url + "?page=1", R"({"total_pages":3})")}) ==
        R"(page("page", pages: .total_pages))");
  CHECK(pages({seen(url + "?p=1", "[1]"), seen(url + "?p=2", "[]")}) == R"(page("p"))");
  CHECK(pages({seen(url + "?o=0", R"({"total":120})"), seen(url + "?o=50", "{}")}) ==
        R"(offset("o", by: 50, total: .total))");
  CHECK(pages({seen(url + "?offset=0&limit=20", R"({"total":120})")}) ==
        R"(offset("offset", by: 20, total: .total))");
  CHECK(pages({seen(url, R"({"data":[{"next_cursor":"c2"}],"total":3})")}) == "none");
  CHECK(pages({seen(url, "<html>")}) == "none");
  CHECK(pages({}) == "none");
}

TEST_CASE("pagination, guessed from one answer") {
  struct Row {
    const char* query;
    const char* body;
    const char* clause;  // without " guessed"
  };
  const Row table[] = {
      {"", R"({"next":null,"previous":null,"data":[]})", "link(.next)"},
      {"", R"({"next":null,"data":[]})", "none"},
      {"", R"({"cursor":{"url":"","has_more":false},"data":[]})", "link(.cursor.url)"},
      {"", R"({"meta":{"next_cursor":null},"data":[]})", R"(cursor(.meta.next_cursor, "cursor"))"},
      {"", R"({"nextPageToken":"","data":[]})", R"(cursor(.nextPageToken, "pageToken"))"},
      {"", R"({"page":1,"total_pages":1,"data":[]})", R"(page("page", pages: .total_pages))"},
      {"", R"({"total_pages":1,"data":[]})", "none"},
      {"", R"({"page":1,"per_page":50,"total":1,"data":[]})",
       R"(page("page", size: .per_page, total: .total))"},
      {"", R"({"object":"list","has_more":false,"data":[{"id":"a"}]})",
       R"(after_last("starting_after", "id", has_next: .has_more))"},
      {"", R"({"object":"list","has_more":false,"data":[{"name":"a"}]})", "none"},
      {"", R"({"object":"list","has_more":false,"data":[]})", "none"},
      {"?page=1", R"({"data":[]})", R"(page("page"))"},
      {"?page=1", R"({"more":true,"data":[]})", R"(page("page", has_more: .more))"},
      {"?page=home", R"({"data":[]})", "none"},
      {"?limit=20&offset=0", R"({"data":[]})", R"(offset("offset", by: 20))"},
      {"?offset=0", R"({"data":[]})", "none"},
      // Fewer rows than were asked for: the next page begins behind them.
      {"?count=100&offset=0", R"({"total":9,"data":[1,2,3]})",
       R"(offset("offset", by: 3, total: .total))"},
  };
  for (const Row& row : table) {
    CAPTURE(row.body);
    const std::string found =
        pages({seen("https://a.example/x" + std::string(row.query), row.body)});
    CHECK(found ==
          (std::string(row.clause) == "none" ? "none" : std::string(row.clause) + " guessed"));
  }
  CHECK(pages({seen("https://a.example/x?count=100&offset=0", R"({"total":2,"data":[1,2]})")}) ==
        R"(offset("offset", by: 100, total: .total))");
}

TEST_CASE("rows that an answer speaks of and doesn't bring") {
  const std::string url = "https://a.example/x";
  CHECK(unread({seen(url, R"({"total":3,"data":[1,2]})")}) ==
        ".total of an answer is 3, and 2 came");
  CHECK(unread({seen(url, R"({"total":2,"data":[1,2]})")}).empty());
  CHECK(unread({seen(url, R"({"total":3,"data":[1]})"), seen(url, R"({"total":3,"data":[2,3]})")})
            .empty());
  CHECK(unread({seen(url, R"({"has_more":true,"data":[1]})")}) == ".has_more of an answer is true");
  CHECK(unread({seen(url, R"({"has_more":false,"data":[1]})")}).empty());
  CHECK(unread({seen(url, R"({"total":3})")}).empty());
}

TEST_CASE("answers that look like another read's") {
  const auto like = [](const char* body, const char* path) {
    const har::Exchange one = seen("https://a.example/x", body);
    return learn::alike({&one}, {"", "", false, path});
  };
  CHECK(like(R"({"page":{},"data":[]})", ".page.nextCursor"));
  CHECK_FALSE(like(R"({"data":[]})", ".page.nextCursor"));
  CHECK_FALSE(like(R"({"data":[]})", ".next"));
  CHECK_FALSE(like(R"({"data":[]})", ""));
}
