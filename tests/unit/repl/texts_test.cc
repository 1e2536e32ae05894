// Values and requests as texts: folded, as curl, to be edited and back.
#include <doctest/doctest.h>

#include "grammar/word_docs.hh"
#include "tools/repl/curl.hh"
#include "tools/repl/docs.hh"
#include "tools/repl/edit.hh"
#include "tools/repl/fold.hh"
#include "tools/repl/show.hh"

namespace fconn::repl {
namespace {

TEST_CASE("a value is folded to what matters") {
  const FoldLimits limits;
  CHECK(fold_json(R"({"a":1,"odd key":[1.50,null,true]})", 0, limits) ==
        R"({ a: 1, "odd key": [1.50, null, true] })");
  CHECK(fold_json("[1,2,3,4,5]", 0, limits) == "[1, 2, 3, … 2 more]");
  CHECK(fold_json("[]", 0, limits) == "[]");
  CHECK(fold_json("{}", 0, limits) == "{}");
  CHECK(fold_json(R"({"a":{"b":{"c":{"d":1}}}})", 0, limits) == "{ a: { b: { c: {… 1} } } }");
  const std::string wide = fold_json(
      R"({"first":"a text that takes its room on the line","second":"and another one that does, too"})",
      4, limits);
  CHECK(wide ==
        "{\n      first: \"a text that takes its room on the line\"\n"
        "      second: \"and another one that does, too\"\n    }");
  CHECK(fold_json(std::string("\"") + std::string(150, 'x') + "\"", 0, limits) ==
        "\"" + std::string(100, 'x') + "…\"");
  CHECK(fold_json("<html>", 0, limits) == "\"<html>\"");
  CHECK(fold_json("[1,2,3,4,5]", 0, unfolded()) == "[1, 2, 3, 4, 5]");
}

TEST_CASE("what was computed from a secret is masked") {
  const value::Member members[] = {{"key", value::Value::string("s").as_secret()}};
  const value::Value object = value::Value::object(members);
  CHECK(fold(object, 0, {}) == "{ key: *** }");
  FoldLimits revealing;
  revealing.reveal = true;
  CHECK(fold(object, 0, revealing) == "{ key: \"s\" }");

  // A secret that would be cut is hidden all the same.
  http::Redactor redactor;
  redactor.add("sekret-4711-key");
  FoldLimits narrow;
  narrow.redactor = &redactor;
  narrow.text = 20;
  CHECK(fold_json(R"({"a":"it is here: sekret-4711-key"})", 0, narrow) ==
        "{ a: \"it is here: ***\" }");
  CHECK(fold_json("it is here: sekret-4711-key", 0, narrow) == "\"it is here: ***\"");
}

http::Request request() {
  http::Request request;
  request.method = "POST";
  request.url = "https://api.test/v1/a?page=2&q=it's";
  request.headers = {{"Authorization", "Bearer sekret-1", true}, {"X-Plain", "yes"}};
  request.body = R"({"token":"sekret-1"})";
  request.has_body = true;
  return request;
}

TEST_CASE("curl names secrets and doesn't show them") {
  http::Redactor redactor;
  redactor.add("sekret-1");
  CHECK(curl_command(request(), {{"API_KEY", "sekret-1"}}, redactor, false, "") ==
        "curl -X 'POST' 'https://api.test/v1/a?page=2&q=it'\\''s' \\\n"
        "  -H 'Authorization: Bearer '\"$API_KEY\" \\\n"
        "  -H 'X-Plain: yes' \\\n"
        "  --data-raw '{\"token\":\"'\"$API_KEY\"'\"}'\n");
  const std::string shown = curl_command(request(), {}, redactor, true, "http://127.0.0.1:8080");
  CHECK(shown.find("'http://127.0.0.1:8080/v1/a?") != std::string::npos);
  CHECK(shown.find("Bearer sekret-1") != std::string::npos);

  http::Request computed = request();
  computed.headers[0].value = "Basic b3BzOnNla3JldC0x";  // base64 of ops:sekret-1
  computed.body.clear();
  computed.has_body = false;
  const std::string text = curl_command(computed, {{"API_KEY", "sekret-1"}}, redactor, false, "");
  CHECK(text.find("\"$CREDENTIAL\"") != std::string::npos);
  CHECK(text.find("b3Bz") == std::string::npos);

  http::Request link = request();
  link.private_url = true;
  const std::string hidden = curl_command(link, {}, redactor, false, "");
  CHECK(hidden.find("page=2") == std::string::npos);
}

TEST_CASE("curl sends what was sent") {
  const http::Redactor redactor;
  http::Request plain;
  plain.method = "HEAD";
  plain.url = "https://api.test/a?f[x]=1";
  plain.headers = {{"X-Empty", ""}};
  CHECK(curl_command(plain, {}, redactor, false, "") ==
        "curl -g -I 'https://api.test/a?f[x]=1' \\\n  -H 'X-Empty;'\n");
  plain.method = "POST";
  plain.url = "https://api.test/a";
  plain.headers.clear();
  plain.body = "@it's\x1b[31m\\";
  plain.has_body = true;
  CHECK(curl_command(plain, {}, redactor, false, "") ==
        "curl -X 'POST' 'https://api.test/a' \\\n  --data-raw $'@it\\'s\\x1b[31m\\\\'\n");
}

TEST_CASE("a credential that is typed is known as one") {
  http::Request sent = request();
  sent.headers.push_back({"X-Odd", "s", true});
  CHECK(sets_credential("header Authorization: Bearer x", nullptr));
  CHECK(sets_credential("header  x-odd: y", &sent));
  CHECK(sets_credential("query api_key=x", nullptr));
  CHECK_FALSE(sets_credential("header X-Odd: y", nullptr));
  CHECK_FALSE(sets_credential("header Accept: x", &sent));
  CHECK_FALSE(sets_credential("query page=2", &sent));
  CHECK_FALSE(sets_credential("body {}", &sent));
  // In an editor, too.
  http::Request changed = request();
  REQUIRE(from_text(changed, {}, "GET https://api.test/\nAuthorization: Bearer other\n\n"));
  REQUIRE(changed.headers.size() == 1);
  CHECK(changed.headers[0].credential);
}

TEST_CASE("texts are as wide as they are drawn") {
  CHECK(columns("abc") == 3);
  CHECK(columns("日本") == 4);
  CHECK(shortened("日本語の名前", 5) == "日本…");
  CHECK(shortened("abcdef", 6) == "abcdef");
  CHECK(shortened("abcdefg", 6) == "abcdef…");
  // What isn't UTF-8, or steers a terminal, isn't shown as it is.
  CHECK(masked("a\xFF\x1b[31m\xE2\x80\xAE"
               "b\tc",
               {}) == "a??[31m?b\tc");
}

TEST_CASE("a request is changed a piece at a time") {
  const struct {
    std::string_view change, url, method, header, body;
  } cases[] = {
      {"query page=3", "https://api.test/v1/a?page=3&q=it%27s", "POST", "yes",
       R"({"token":"sekret-1"})"},
      {"query page", "https://api.test/v1/a?q=it%27s", "POST", "yes", R"({"token":"sekret-1"})"},
      {"query new=a b", "https://api.test/v1/a?page=2&q=it%27s&new=a%20b", "POST", "yes",
       R"({"token":"sekret-1"})"},
      {"header X-Plain: no", "https://api.test/v1/a?page=2&q=it's", "POST", "no",
       R"({"token":"sekret-1"})"},
      {"header x-plain", "https://api.test/v1/a?page=2&q=it's", "POST", "",
       R"({"token":"sekret-1"})"},
      {"method PUT", "https://api.test/v1/a?page=2&q=it's", "PUT", "yes",
       R"({"token":"sekret-1"})"},
      {"url /v2/b?c=d", "https://api.test/v2/b?c=d", "POST", "yes", R"({"token":"sekret-1"})"},
      {"body {\"x\": 1}", "https://api.test/v1/a?page=2&q=it's", "POST", "yes", "{\"x\": 1}"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.change);
    http::Request changed = request();
    REQUIRE(edit(changed, one.change));
    CHECK(changed.url == one.url);
    CHECK(changed.method == one.method);
    CHECK(http::all(changed.headers, "X-Plain") == one.header);
    CHECK(changed.body == one.body);
  }
  for (const std::string_view wrong : {"", "colour red", "method put", "header Bad Name: x",
                                       "query", "url ftp://x", "header X: a\x01\nb"}) {
    CAPTURE(wrong);
    http::Request changed = request();
    CHECK_FALSE(edit(changed, wrong));
    CHECK(changed.url == request().url);
  }
  // A request to another origin goes without the credentials of this one.
  http::Request away = request();
  REQUIRE(edit(away, "url https://other.test/"));
  CHECK(http::find(away.headers, "Authorization") == nullptr);
}

TEST_CASE("a request goes through an editor and keeps its secrets") {
  http::Redactor redactor;
  redactor.add("sekret-1");
  const std::string text = to_text(request(), redactor);
  CHECK(text.find("sekret-1") == std::string::npos);
  http::Request same = request();
  REQUIRE(from_text(same, redactor, text));
  CHECK(same.url == request().url);
  CHECK(same.headers.size() == 2);
  CHECK(same.headers[0].value == "Bearer sekret-1");
  CHECK(same.headers[0].credential);
  CHECK(same.body == request().body);

  http::Request changed = request();
  REQUIRE(from_text(changed, redactor,
                    "PUT https://api.test/v1/b\nAuthorization: ***\nX-New: 1\n\n{\"x\":1}\n"));
  CHECK(changed.method == "PUT");
  CHECK(changed.url == "https://api.test/v1/b");
  CHECK(http::all(changed.headers, "Authorization") == "Bearer sekret-1");
  CHECK(http::find(changed.headers, "X-Plain") == nullptr);
  CHECK(http::all(changed.headers, "X-New") == "1");
  CHECK(changed.body == "{\"x\":1}");

  for (const std::string_view wrong :
       {"", "PUT", "PUT https://api.test/***", "POST https://api.test/\nX-Plain: ***\n\n",
        "POST https://api.test/\n\n{\"other\":\"***\"}"}) {
    CAPTURE(wrong);
    http::Request kept = request();
    CHECK_FALSE(from_text(kept, redactor, wrong));
    CHECK(kept.body == request().body);
  }
}

TEST_CASE("documentation stands above a declaration") {
  const auto found = documented(
      "## Doubles.\nfn twice(x) = x * 2\n## Pages.\npagination mine(param, by = 1) {\n  stop when "
      "true\n}\n"
      "connector c \"C\" {\n  ## Inside.\n  fn inner(a) = a\n}\n");
  REQUIRE(found.size() == 3);
  CHECK(found[0].name == "twice");
  CHECK(found[0].doc == "Doubles.");
  CHECK(found[1].head == "pagination mine(param, by = 1)");
  CHECK(found[2].doc == "Inside.");
  CHECK(documented("fn (").empty());
  CHECK(grammar::word_docs("paginate").size() == 1);
  CHECK(grammar::word_docs("auth").size() == 2);  // a client's, and a strategy
  CHECK(grammar::word_docs("nothing").empty());
}

}  // namespace
}  // namespace fconn::repl
