#include "interpreter/http/url.hh"

#include <doctest/doctest.h>

using namespace fconn::http;

namespace {

std::string resolved(std::string_view base, std::string_view reference) {
  const auto parsed = parse_url(base);
  REQUIRE(parsed);
  const auto url = resolve(*parsed, reference);
  return url ? to_string(*url) : "(none)";
}

}  // namespace

TEST_CASE("references resolve as in RFC 3986 section 5.4") {
  struct Case {
    const char* reference;
    const char* target;
  };
  // Fragments are dropped here; "g:h" and "http:g" (strictly read) are no http URLs.
  const Case cases[] = {
      {"g:h", "(none)"},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"g;x?y#s", "http://a/b/c/g;x?y"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {".g", "http://a/b/c/.g"},
      {"g..", "http://a/b/c/g.."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/./x", "http://a/b/c/g?y/./x"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"g#s/./x", "http://a/b/c/g"},
      {"http:g", "(none)"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.reference);
    CHECK(resolved("http://a/b/c/d;p?q", c.reference) == c.target);
  }
}

TEST_CASE("references that a server may send") {
  CHECK(resolved("https://api.example.com", "next") == "https://api.example.com/next");
  CHECK(resolved("https://api.example.com?x", "?page=2") == "https://api.example.com?page=2");
  CHECK(resolved("https://api.example.com/a", "HTTPS://Other.Example:443/b") ==
        "https://other.example/b");
  CHECK(resolved("https://api.example.com/a", "//other:8443/b") == "https://other:8443/b");
  CHECK(resolved("https://api.example.com/a", "javascript:alert(1)") == "(none)");
  CHECK(resolved("https://api.example.com/a", "file:///etc/passwd") == "(none)");
  CHECK(resolved("https://api.example.com/a", "//user:pw@evil/") == "(none)");
  CHECK(resolved("https://api.example.com/a", "b c") == "(none)");
  CHECK(resolved("https://api.example.com/a/b", "/x?y=http://z/../w") ==
        "https://api.example.com/x?y=http://z/../w");
}

TEST_CASE("URLs are split and put together again") {
  const auto url = parse_url("HTTPS://API.Example.COM:8443/A/b%2Fc?x=1&y#frag");
  REQUIRE(url);
  CHECK(url->scheme == "https");
  CHECK(url->host == "api.example.com");
  CHECK(url->port == 8443);
  CHECK(url->path == "/A/b%2Fc");
  CHECK(url->query == "x=1&y");
  CHECK(to_string(*url) == "https://api.example.com:8443/A/b%2Fc?x=1&y");
  CHECK(origin(*url) == "https://api.example.com:8443");

  CHECK(to_string(*parse_url("http://h:80/?")) == "http://h/?");
  CHECK(parse_url("http://h/")->query == std::nullopt);
  CHECK(parse_url("http://h/?")->query == "");
  CHECK(to_string(*parse_url("https://[::1]:443/x")) == "https://[::1]/x");
  CHECK(to_string(*parse_url("http://[2001:DB8::1]:8080")) == "http://[2001:db8::1]:8080");
  CHECK(parse_url("https://h:/")->port == 443);
}

TEST_CASE("what is no absolute http URL is refused") {
  const char* bad[] = {"",
                       "/path",
                       "example.com/x",
                       "//example.com/",
                       "ftp://h/",
                       "http:/h/",
                       "http:h",
                       "http://",
                       "http:///x",
                       "http://user@h/",
                       "http://user:pw@h/",
                       "http://h:0/",
                       "http://h:65536/",
                       "http://h:8x/",
                       "http://h:-1/",
                       "http://h/a b",
                       "http://h/a\nb",
                       "http://h/\x7f",
                       " http://h/",
                       "http://h\\@evil/",
                       "http://h%2eevil/",
                       "http://\xC3\xA9.example/",
                       "http://[::1/",
                       "http://[::1]x/",
                       "http://[1.2.3.4]/",
                       "http://.h/",
                       "http://a,b/"};
  for (const char* text : bad) {
    CAPTURE(text);
    CHECK_FALSE(parse_url(text));
  }
}

TEST_CASE("origins") {
  const auto same = [](const char* a, const char* b) {
    return same_origin(*parse_url(a), *parse_url(b));
  };
  CHECK(same("https://h/a", "https://H:443/b?c"));
  CHECK_FALSE(same("https://h/", "http://h/"));
  CHECK_FALSE(same("https://h/", "https://h:8443/"));
  CHECK_FALSE(same("https://h/", "https://h.example/"));
}

TEST_CASE("percent-encoding, place by place") {
  const std::string text = "a-._~*b c/d?e&f=g+h%#\xC3\xA9\n";
  CHECK(encode_segment(text) == "a-._~%2Ab%20c%2Fd%3Fe%26f%3Dg%2Bh%25%23%C3%A9%0A");
  CHECK(encode_query(text) == encode_segment(text));
  CHECK(encode_form(text) == "a-._%7E*b+c%2Fd%3Fe%26f%3Dg%2Bh%25%23%C3%A9%0A");
  CHECK(decode_percent(encode_segment(text)) == text);
  CHECK(decode_percent(encode_form(text), true) == text);
  CHECK(decode_percent("%zz%4%41%", false) == "%zz%4A%");
  CHECK(decode_percent("a+b") == "a+b");
}

TEST_CASE("query strings as pairs") {
  const QueryPairs expected = {{"a", "1"}, {"a", "2"}, {"b", ""}, {"c", ""}, {"d e", "f=g"}};
  CHECK(parse_query("a=1&a=2&b=&c&&d+e=f%3Dg") == expected);
  CHECK(parse_query("").empty());
  CHECK(build_query(expected) == "a=1&a=2&b=&c=&d%20e=f%3Dg");
  CHECK(parse_query(build_query(expected)) == expected);
}

TEST_CASE("raw targets are made safe without touching what is encoded already") {
  CHECK(sanitize_target("/a b/%20%zz?q=\"x\"&l[]=<1>|{2}") ==
        "/a%20b/%20%25zz?q=%22x%22&l[]=%3C1%3E%7C%7B2%7D");
  CHECK(sanitize_target("/caf\xC3\xA9\t") == "/caf%C3%A9%09");
  CHECK(sanitize_target("https://h/a#b") == "https://h/a#b");
  CHECK_FALSE(sanitize_target("/a\r\nX-Evil: 1"));
  CHECK_FALSE(sanitize_target("/a\n"));
}
