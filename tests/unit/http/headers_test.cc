#include "interpreter/http/headers.hh"

#include <doctest/doctest.h>

#include "interpreter/http/response_head.hh"

using namespace fconn::http;
using fconn::value::Milliseconds;
using fconn::value::WallTime;

namespace {

std::string shown(std::string_view header) {
  std::string out;
  for (const Link& link : parse_links(header)) out += link.rel + "=" + link.target + "|";
  return out;
}

}  // namespace

TEST_CASE("fields are found in any case, joined and replaced") {
  Headers headers = {{"X-A", "1"}, {"Link", "<a>"}, {"link", "<b>"}};
  REQUIRE(find(headers, "x-a") != nullptr);
  CHECK(*find(headers, "x-a") == "1");
  CHECK(find(headers, "x-b") == nullptr);
  CHECK(all(headers, "LINK") == "<a>, <b>");
  CHECK(all(headers, "none").empty());
  set(headers, "LINK", "<c>", true);
  CHECK(all(headers, "link") == "<c>");
  CHECK(headers.size() == 2);
  CHECK(headers.back().credential);
}

TEST_CASE("the head of a response, line by line") {
  ResponseHead head;
  CHECK_FALSE(head.add("HTTP/1.1 100 Continue\r\n"));
  CHECK_FALSE(head.add("\r\n"));
  CHECK_FALSE(head.add("HTTP/1.1 200 OK\r\n"));
  for (const char* line :
       {"A: 1\r\n", " and more\r\n", "not a field\r\n", " of it\r\n", "B: x\ry\n"}) {
    CHECK_FALSE(head.add(line));
  }
  CHECK(head.add("\r\n"));
  CHECK(head.status() == 200);
  REQUIRE(head.fields().size() == 2);
  CHECK(head.fields()[0].value == "1 and more");
  CHECK(head.fields()[1].value == "x y");
}

TEST_CASE("what a field may hold") {
  CHECK(valid_name("X-Api_Key.1"));
  for (const char* name : {"", "a b", "a:", "a\r", "\xC3\xA9", "(a)"})
    CHECK_FALSE(valid_name(name));
  CHECK(valid_value(""));
  CHECK(valid_value("a b\t\xC3\xA9"));
  CHECK_FALSE(valid_value("a\rb"));
  CHECK_FALSE(valid_value("a\nb"));
  CHECK_FALSE(valid_value(std::string_view("a\0b", 3)));
}

TEST_CASE("Link headers") {
  struct Case {
    const char* header;
    const char* links;
  };
  const Case cases[] = {
      // As RFC 8288 section 3.5 and common servers write them.
      {"<http://example.com/TheBook/chapter2>; rel=\"previous\"; title=\"previous chapter\"",
       "previous=http://example.com/TheBook/chapter2|"},
      {"</>; rel=\"http://example.net/foo\"", "http://example.net/foo=/|"},
      {"</terms>; rel=\"copyright\"; anchor=\"#foo\"", ""},
      {"</TheBook/chapter2>; rel=\"previous\"; title*=UTF-8'de'letztes%20Kapitel, "
       "</TheBook/chapter4>; rel=\"next\"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel",
       "previous=/TheBook/chapter2|next=/TheBook/chapter4|"},
      {"<http://example.org/>; rel=\"start http://example.net/relation/other\"",
       "start=http://example.org/|http://example.net/relation/other=http://example.org/|"},
      {"<https://api.example.com/x?page=2>; rel=\"next\", <https://api.example.com/x?page=9>; "
       "rel=\"last\"",
       "next=https://api.example.com/x?page=2|last=https://api.example.com/x?page=9|"},
      // Dirty ones.
      {"</a>;rel=next", "next=/a|"},
      {"  </a> ;  REL = NeXT  ,,  ", "next=/a|"},
      {"</a>; rel=\"next\"; rel=\"prev\"", "next=/a|"},
      {"</a?ids=1,2,3>; rel=\"next\",</b>;rel=prev", "next=/a?ids=1,2,3|prev=/b|"},
      {"</a>; title=\"x, </evil>; rel=next\"; rel=\"prev\"", "prev=/a|"},
      {"</a>; title=\"x\\\"; y\"; rel=next", "next=/a|"},
      {"</a>", ""},
      {"</a>; rel", ""},
      {"</a>; rel=\"\"", ""},
      {"</a>;;; rel=next;", "next=/a|"},
      {"/a; rel=next, </b>; rel=next", "next=/b|"},
      {"</a>; rel=\"next", "next=/a|"},
      {"</a; rel=next", ""},
      {"</a> junk; rel=next, </b>; rel=prev", "prev=/b|"},
      {"<>; rel=next", "next=|"},
      {"< /a >; rel=next", "next=/a|"},
      {"", ""},
      {",,,", ""},
      {"\"", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.header);
    CHECK(shown(c.header) == c.links);
  }
}

TEST_CASE("HTTP dates in three forms") {
  const auto expected = WallTime(Milliseconds(784111777000));  // RFC 9110 5.6.7's example
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == expected);
  CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == expected);
  CHECK(parse_http_date("Sun Nov  6 08:49:37 1994") == expected);
  CHECK(parse_http_date(" Sun, 06 nov 1994 08:49:37 UTC ") == expected);
  CHECK(parse_http_date("Sun Nov 16 08:49:37 1994") == expected + std::chrono::hours(240));
  CHECK(parse_http_date("Tue, 01-Jan-30 00:00:00 GMT") == WallTime(Milliseconds(1893456000000)));
  CHECK(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == WallTime(Milliseconds(1483228800000)));
  for (const char* bad :
       {"", "Sun", "Sun, ", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 PST",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37 GMT x", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun Nov"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_http_date(bad));
  }
}

TEST_CASE("Retry-After") {
  const auto now = WallTime(Milliseconds(784111777000));
  CHECK(parse_retry_after("120", now) == Milliseconds(120'000));
  CHECK(parse_retry_after(" 0 ", now) == Milliseconds(0));
  CHECK(parse_retry_after("1.5", now) == Milliseconds(1500));
  CHECK(parse_retry_after("0.0001", now) == Milliseconds(1));
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now) == Milliseconds(60'000));
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now) == Milliseconds(0));
  CHECK(parse_retry_after("99999999999999999999999999", now) == Milliseconds(1'000'000'000'000));
  for (const char* bad : {"", "soon", "-1", "1.2.3", ".", "1e3", "12 s", "inf"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_retry_after(bad, now));
  }
}

TEST_CASE("media types") {
  const MediaType plain = parse_media_type(" Application/JSON ");
  CHECK(plain.type == "application/json");
  CHECK(plain.charset.empty());
  const MediaType full = parse_media_type("text/csv; header=present; Charset=\"UTF-8\"");
  CHECK(full.type == "text/csv");
  CHECK(full.charset == "utf-8");
  CHECK(parse_media_type("application/problem+json;charset=latin1;").charset == "latin1");
  CHECK(parse_media_type("").type.empty());
}
