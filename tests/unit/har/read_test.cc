#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tools/har/har.hh"

using namespace fconn;

namespace {

har::Archive read(const std::string& name) {
  std::ifstream file(std::string(HAR_CORPUS) + "/" + name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto archive = har::read_archive(text, name);
  REQUIRE_MESSAGE(archive.has_value(), (archive ? "" : archive.error().text));
  return *std::move(archive);
}

std::string mistake(std::string_view json) {
  const auto archive = har::read_archive(json, "x.har");
  return archive ? "none" : archive.error().text;
}

}  // namespace

TEST_CASE("a HAR of Chrome: HTTP/2, base64, what was blocked, what was dropped") {
  const har::Archive archive = read("chrome");
  CHECK(archive.creator == "WebInspector 537.36");
  REQUIRE(archive.exchanges.size() == 2);
  const har::Exchange& first = archive.exchanges[0];
  CHECK(first.url == "https://api.shop.example/users?email=ada%40example.com");
  CHECK(first.request.headers.size() == 2);  // without :authority and :method
  CHECK(first.response.body == "{\"users\":[{\"id\":1}]}");
  CHECK(first.response.type == "application/json; charset=utf-8");
  CHECK(first.milliseconds == 12);
  CHECK_FALSE(first.body_missing);
  CHECK(archive.exchanges[1].url == "https://api.shop.example/evicted");
  CHECK(archive.exchanges[1].body_missing);
  CHECK(archive.notes == std::vector<std::string>{"1 entry has no answer and is left out",
                                                  "1 entry isn't HTTP and is left out"});
}

TEST_CASE("a HAR of Firefox: a redirect, a form, a request without an answer") {
  const har::Archive archive = read("firefox");
  REQUIRE(archive.exchanges.size() == 1);
  CHECK(archive.exchanges[0].status == 302);
  CHECK(archive.exchanges[0].request.body == "user=ada+b&q=1%262");
  CHECK_FALSE(archive.exchanges[0].body_missing);
}

TEST_CASE("HARs of mitmproxy and Charles: binary bodies, forms as pairs, no headers") {
  const har::Archive proxied = read("mitmproxy");
  REQUIRE(proxied.exchanges.size() == 1);
  CHECK(proxied.exchanges[0].request.body == "\xFF\xFE\xFD");
  const har::Archive charles = read("charles");
  REQUIRE(charles.exchanges.size() == 1);
  CHECK(charles.exchanges[0].request.body == "mail=ada%40example.com&x=");
  CHECK(charles.exchanges[0].request.type == "application/x-www-form-urlencoded");
  CHECK(charles.exchanges[0].response.body == "<a>ada</a>  ");
  CHECK(charles.exchanges[0].response.type == "application/xml");
}

TEST_CASE("what fconn writes is read as it was") {
  har::Archive archive = read("fconn");
  archive.exchanges[0].response.body = "\xFF\"\n";
  const auto again = har::read_archive(har::write_archive(archive, "0.1.0"), "again.har");
  REQUIRE(again.has_value());
  REQUIRE(again->provenance.has_value());
  CHECK(again->provenance->seed == 18446744073709551615ULL);
  CHECK(again->provenance->targets[0].token);
  CHECK(again->provenance->targets[0].secrets.at("key") == "\"rsa\"");
  CHECK(again->provenance->collections == std::vector<std::string>{"users"});
  CHECK(again->provenance->targets[0].identities.at("email") == "[\"ada@example.com\"]");
  CHECK(again->exchanges[0].response.body == "\xFF\"\n");
  CHECK(again->exchanges[0].request.body == archive.exchanges[0].request.body);
}

TEST_CASE("mistakes name their place") {
  CHECK(mistake("{}") == "x.har: it has no `log.entries`: it is no HAR file");
  CHECK(mistake(R"({"log":{"entries":[{}]}})") ==
        "x.har: `log.entries[0].request` is missing or no object");
  CHECK(mistake(R"({"log":{"entries":[{"request":{"url":"https://a.example/"}}]}})") ==
        "x.har: `log.entries[0].request.method` is missing or no text");
  CHECK(mistake(R"({"log":{"entries":[{"request":{"method":"GET","url":"/a"}}]}})") ==
        "x.har: `log.entries[0].request.url` is no absolute URL");
  CHECK(mistake(R"({"log":{"entries":[{"request":{"method":"GET","url":"https://a.example/"},
        "response":{"status":200,"content":{"text":"%","encoding":"base64"}}}]}})") ==
        "x.har: `log.entries[0].response.content.text` is no base64");
  CHECK(mistake(R"({"log":{"entries":[{"request":{"method":"GET","url":"https://a.example/"},
        "response":{"status":200,"content":{"text":"x","encoding":"rot13"}}}]}})") ==
        "x.har: `log.entries[0].response.content.encoding` is \"rot13\"; HAR knows base64 alone");
  CHECK(mistake(R"({"log":{"_fconn":{},"entries":[]}})") ==
        "x.har: `log._fconn` isn't what `fconn record` writes");
  CHECK(mistake("[") != "none");
}

TEST_CASE("an answer without its text is empty only where the archive says so") {
  const auto missing = [](const std::string& response) {
    const auto archive = har::read_archive(
        R"({"log":{"entries":[{"request":{"method":"get","url":"https://a.example/"},"response":{"status":200,)" +
            response + "}}]}}",
        "x.har");
    REQUIRE(archive.has_value());
    CHECK(archive->exchanges[0].method == "GET");
    return archive->exchanges[0].body_missing;
  };
  CHECK(missing(R"("content":{"size":-1,"mimeType":"application/json","_file":"a.json"})"));
  CHECK(missing(R"("content":{"size":-1,"mimeType":"application/json"})"));
  CHECK(missing(R"("headers":[])"));
  CHECK_FALSE(missing(R"("content":{"size":0,"mimeType":"x-unknown"})"));
  CHECK_FALSE(missing(R"("content":{},"bodySize":0)"));
  CHECK_FALSE(missing(R"("headers":[{"name":"content-length","value":"0"}])"));
  CHECK_FALSE(missing(R"("content":{"size":2,"text":"{}","encoding":"utf-8"})"));
}
