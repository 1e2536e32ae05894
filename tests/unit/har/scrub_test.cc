#include <doctest/doctest.h>

#include <set>

#include "interpreter/eval/encoding.hh"
#include "interpreter/http/url.hh"
#include "interpreter/privacy/formats.hh"
#include "tools/har/member_names.hh"
#include "tools/har/scrub.hh"

using namespace fconn;

namespace {

struct World {
  har::Declared declared;
  har::Keyed keyed{"a key"};
  http::Redactor redactor;
  std::optional<har::Scrubber> scrubber;

  World() {
    REQUIRE(keyed.open().has_value());
    declared.personal = {"who", "memo"};
    declared.impersonal = {"city"};
    declared.references = {"uid"};
    declared.secret = {"check"};
    declared.kept = {"active"};
    redactor.add("s3cr3t-key");
    scrubber.emplace(declared, keyed);
  }

  /// Learnt and scrubbed: `body` is the answer's.
  har::Exchange scrub(const std::string& url, const std::string& body,
                      const std::string& type = "application/json", const std::string& sent = "") {
    har::Archive archive;
    har::Exchange one;
    one.method = "POST";
    one.url = url;
    one.status = 200;
    one.request.body = sent;
    one.request.type = type;
    one.response.body = body;
    one.response.type = type;
    archive.exchanges.push_back(one);
    scrubber->learn(archive);
    scrubber->scrub(archive, redactor);
    return archive.exchanges[0];
  }
  std::string body(const std::string& text, const std::string& type = "application/json") {
    return scrub("https://a.example/", text, type).response.body;
  }
};

std::string stand_in(const std::string& text, unsigned attempt = 0) {
  har::Keyed keyed{"a key"};
  REQUIRE(keyed.open().has_value());
  return har::stand_in(text, keyed, attempt);
}

}  // namespace

TEST_CASE("a stand-in has the shape of what it stands for") {
  struct Row {
    const char* text;
    const char* format;
  };
  const Row rows[] = {{"ada@analytical.example", "email"},
                      {"1815-12-10", "date"},
                      {"1815-12-10t17:05:09.250+02:00", "datetime"},
                      {"192.0.2.41", "ipv4"},
                      {"2001:db8::7", "ipv6"},
                      {"+447700900123", "phone"},
                      {"6f1f0c3e-8d0b-4c57-9a43-2f1f8f0b7a11", "uuid"}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    std::set<std::string> seen;
    for (unsigned attempt = 0; attempt < 20; ++attempt) {
      const std::string made = stand_in(row.text, attempt);
      CHECK(made != row.text);
      CHECK(privacy::meets_format(row.format, made).value_or(false));
      seen.insert(made);
    }
    CHECK(seen.size() == 20);
    CHECK(stand_in(row.text) == stand_in(row.text));
  }
  CHECK(stand_in("70314").find_first_not_of("0123456789") == std::string::npos);
  CHECK(stand_in("70314").size() == 5);
  CHECK(stand_in("70314").front() != '0');
  CHECK(stand_in("zoë öz").size() == 6);  // letters for letters, the space stays
  CHECK(stand_in("zoë öz")[3] == ' ');
  CHECK(har::with_case_of("Ada Lovelace", "qwe rtzuiopa") == "Qwe Rtzuiopa");
  CHECK(har::with_case_of("ADA", "qwertz") == "QWERTZ");
  CHECK(har::with_case_of("Ada@Example.com", "qwertz@example.com") == "Qwertz@example.com");
}

TEST_CASE("one value has one stand-in, in every encoding") {
  World world;
  world.scrubber->learn_value("ada@analytical.example");
  const har::Exchange made = world.scrub(
      "https://a.example/u/ada%40analytical.example?e=ada%2540analytical.example&b="
      "YWRhQGFuYWx5dGljYWwuZXhhbXBsZQ&h=616461406168616c79746963616c2e6578616d706c65",
      R"({"a":"Ada@analytical.example","b":["mail ada@analytical.example!"],"c":"{\"d\":\"ada@analytical.example\"}",
          "ada@analytical.example":1,"l":"https://a.example/?next=ada%40analytical.example",
          "m":")" +
          eval::hex_text(world.keyed.digest(0, "ada@analytical.example")) + "\"}");
  CHECK(made.url.find("nalytical") == std::string::npos);
  CHECK(made.response.body.find("nalytical") == std::string::npos);
  value::Arena arena;
  const auto parsed = value::parse_json(made.response.body, arena);
  REQUIRE(parsed.has_value());
  const std::string first(value::find_member(*parsed, "a")->view());
  const std::string other = har::folded(first);
  CHECK(first != other);  // Ada@ is large where ada@ isn't
  CHECK(made.url.find("/u/" + http::encode_segment(other) + "?e=") != std::string::npos);
  CHECK(made.url.find("b=" + eval::base64url_text(other)) != std::string::npos);
  CHECK(value::find_member(*parsed, "b")->list_view()[0].view() == "mail " + other + "!");
  CHECK(value::find_member(*parsed, "c")->view() == "{\"d\":\"" + other + "\"}");
  CHECK(value::find_member(*parsed, other) != nullptr);
  CHECK(value::find_member(*parsed, "m")->view() == eval::hex_text(world.keyed.digest(0, other)));
}

TEST_CASE("what is personal, and what stays") {
  World world;
  const std::string out = world.body(
      R"({"who":"Grace","first_name":"Grace","status":"active","uid":17,"age":36,"memo":36,"city":"Rome","amount":12.50,"who2":"x","note":"for Grace","tel":"+44 7700 900123","nothing":null,"yes":true})");
  CHECK(out.find("Grace") == std::string::npos);
  CHECK(out.find("7700") == std::string::npos);
  for (const char* part : {"\"status\":\"active\"", "\"uid\":17", "\"age\":36", "\"city\":\"Rome\"",
                           "\"amount\":12.50", "\"nothing\":null", "\"yes\":true"}) {
    CAPTURE(part);
    CHECK(out.find(part) != std::string::npos);
  }
  CHECK(out.find("\"memo\":36") == std::string::npos);  // personal, and short: changed in its place
}

TEST_CASE("secrets become ***") {
  World world;
  const har::Exchange made = world.scrub(
      "https://a.example/s3cr3t-key/x?api_key=k1&check=abc&X-Amz-Signature=9f&page=2",
      R"({"access_token":"t","nested":{"password":"p","n":"Basic czNjcjN0LWtleQ=="},"check":"stays"})",
      "application/json", R"({"check":"4711","page":2})");
  CHECK(made.url ==
        "https://a.example/%2A%2A%2A/x?api_key=***&check=***&X-Amz-Signature=***&page=2");
  CHECK(made.response.body ==
        R"({"access_token":"***","nested":{"password":"***","n":"Basic ***=="},"check":"stays"})");
  CHECK(made.request.body == R"({"check":"***","page":2})");
  CHECK(har::secret_header("Proxy-Authorization"));
  CHECK(har::secret_header("X-Api-Key"));
  CHECK(har::secret_header("Set-Cookie"));
  CHECK_FALSE(har::secret_header("Content-Type"));
}

TEST_CASE("forms, CSV, XML and NDJSON") {
  World world;
  CHECK(world
            .scrub("https://a.example/", "", "application/x-www-form-urlencoded",
                   "who=Grace+Hopper&password=x&n=1")
            .request.body.find("Hopper") == std::string::npos);
  const std::string csv = world.body("first_name,plan\r\nMarguerite,gold\r\n", "text/csv");
  CHECK(csv.find("Marguerite") == std::string::npos);
  CHECK(csv.find("gold") != std::string::npos);
  const std::string xml =
      world.body("<p><first_name>Katherine</first_name><plan>gold</plan></p>", "application/xml");
  CHECK(xml.find("Katherine") == std::string::npos);
  CHECK(xml.find("<plan>gold</plan>") != std::string::npos);
  const std::string lines =
      world.body("{\"who\":\"Hedy Lamarr\"}\n{\"who\":\"Hedy Lamarr\"}\n", "application/x-ndjson");
  CHECK(lines.find("Hedy") == std::string::npos);
  CHECK(lines.substr(0, lines.size() / 2) == lines.substr(lines.size() / 2));
}

TEST_CASE("a packed body is left out, and said") {
  World world;
  har::Archive archive;
  har::Exchange one;
  one.method = "GET";
  one.url = "https://a.example/export";
  one.status = 200;
  one.response.body = "\x1F\x8B\x08stuff";
  archive.exchanges.push_back(one);
  world.scrubber->learn(archive);
  world.scrubber->scrub(archive, world.redactor);
  CHECK(archive.exchanges[0].body_missing);
  CHECK(archive.exchanges[0].response.body.empty());
  CHECK(archive.notes.size() == 1);
}
