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

TEST_CASE("names say what is secret and personal in every format") {
  struct Row {
    const char* type;
    std::string body;
    std::string gone;  // words that may not be there, separated by a space
    std::string stays;
  };
  const Row rows[] = {
      {"text/xml", "<r><sessionToken>abc-77</sessionToken><firstName>Bo</firstName><x>Bo</x></r>",
       "abc-77 <firstName>Bo", "<x>Bo</x>"},
      {"application/soap+xml",
       "<s:E xmlns:s='u'><w:Password Type=\"T\">hunter&amp;2</w:Password><p "
       "email='ad&#64;e.example' "
       "last_name='Li'/></s:E>",
       "hunter ad&#64; Li", "Type=\"T\""},
      {"text/html", "<p>hi<br><input name=a password=\"hunter2\"></p><!-- ad@e.example -->",
       "hunter2 ad@e", "<p>hi<br>"},
      {"text/csv", "id,first_name,password\r\n1,Bo,\"hunt\"\"er\"\r\n2,\"Li\",x\r\n", "Bo hunt Li",
       "id,first_name,password\r\n1,"},
      {"application/octet-stream", "id;first_name\n1;Bo\n2;Li\n", "Bo Li", "id;first_name\n1;"},
      {"text/plain", "id\tlast_name\n1\tLi\n", "Li", "id\tlast_name"},
      {"text/csv", "id,first_name\n1,\"Anna\nMaria Xu\"\n", "Anna Maria", "id,first_name"},
      {"application/json", "\xEF\xBB\xBF{\"first_name\":\"Bo\",\"token\":\"abc-77\"}", "Bo abc-77",
       "first_name"},
      {"application/json", ")]}',\n{\"first_name\":\"Bo\"}", "Bo", ")]}',\n"},
      {"text/javascript", "cb({\"first_name\":\"Bo\"});", "Bo", "cb({"},
      {"application/json",
       "{\"a\":[{\"first_name\": \"B\\u006f\",\"api_token\":\"abc-77\",\"dob\" : 19751210",
       "Bo B\\u006f abc-77 19751210", "\"a\":[{"},
      {"application/json",
       R"({"backup_codes":["q-1","q-2"],"apiKeys":[{"id":1,"api_key":"abc-77"}],"nextPageToken":"n"})",
       "q-1 q-2 abc-77", R"("nextPageToken":"n")"},
      {"text/html", "access_token=abc-77&expires=3600", "abc-77", "expires=3600"},
      {"application/json",
       R"({"next":"/v1/x?access_token=abc-77&page=2","f":"/x#access_token=q-9&a=1"})", "abc-77 q-9",
       "&page=2"},
      {"application/json",
       R"({"u":"https://bot:hunter2@h.example/x","v":"see redis://:hunter3@h.example"})",
       "hunter2 hunter3", "h.example"},
      {"application/json",
       R"([{"name":"first_name","value":"Bo"},{"name":"plan","value":"gold"},{"field":"api_key","text":"abc-77"}])",
       "Bo abc-77", "gold"},
      {"application/json",
       R"({"t":"x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9 y"})",
       "eyJhbGciOiJIUzI1NiJ9 dozjgNryP4J3jVmNHl0w5N_XgL0n3I9", "\"x ***"},
      {"application/json",
       R"({"pem":"-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n"})", "MIIEvQ",
       "pem"},
      {"application/json",
       R"({"file":"data:application/pdf;base64,JVBERi0xLjQKJSBhZGFAZXhhbXBsZS5vcmc="})", "JVBERi0",
       "data:application/pdf;base64,"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.body);
    const std::string out = World().body(row.body, row.type);
    CAPTURE(out);
    for (std::size_t at = 0; at <= row.gone.size();) {
      const std::size_t end = std::min(row.gone.find(' ', at), row.gone.size());
      CHECK(out.find(row.gone.substr(at, end - at)) == std::string::npos);
      at = end + 1;
    }
    CHECK(out.find(row.stays) != std::string::npos);
    CHECK(out.size() > row.stays.size());
  }
}

TEST_CASE("a value is found in another case of any script, and in wrapped base64") {
  World world;
  world.scrubber->learn_value("Zoë Öztürk");
  world.scrubber->learn_value("ada@analytical.example");
  CHECK(world.body(R"({"a":"ZOË ÖZTÜRK"})").find("ZT") == std::string::npos);
  std::string text =
      "Report of everything that was seen in the course of the year: ada@analytical.example was "
      "there.";
  std::string wrapped = eval::base64_text(text);
  wrapped.insert(76, "\r\n");
  const std::string out =
      world.body("{\"a\":\"" + wrapped.substr(0, 76) + "\\r\\n" + wrapped.substr(78) + "\"}");
  std::string coded = out.substr(6, out.size() - 8);
  const auto plain = eval::base64_bytes(coded, "+/");
  REQUIRE(plain.has_value());
  CHECK(plain->find("nalytical") == std::string::npos);
  CHECK(plain->starts_with("Report of everything"));
}

TEST_CASE("parts of a form are read by their names") {
  World world;
  const std::string sent =
      "--b\r\nContent-Disposition: form-data; name=\"first_name\"\r\n\r\nBo\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"api_secret\"\r\n\r\nabc-77\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.csv\"\r\nContent-Type: "
      "text/csv\r\n\r\n"
      "id,last_name\r\n1,Li\r\n\r\n--b--\r\n";
  const har::Exchange made =
      world.scrub("https://a.example/", "", "multipart/form-data; boundary=b", sent);
  const std::string& out = made.request.body;
  CHECK(out.find("Bo\r\n") == std::string::npos);
  CHECK(out.find("\r\n\r\n***\r\n--b") != std::string::npos);
  CHECK(out.find("Li") == std::string::npos);
  CHECK(out.find("id,last_name\r\n1,") != std::string::npos);
  CHECK(out.ends_with("\r\n\r\n--b--\r\n"));
}

TEST_CASE("headers are judged by their names, and hosts that were asked stay") {
  World world;
  world.scrubber->learn_value("shop");
  har::Archive archive;
  har::Exchange one;
  one.method = "GET";
  one.url = "https://api.shop.example/users/shop?check=9f31";
  one.status = 302;
  one.request.headers = {
      {"X-User-Name", "Bo Li", false}, {"Check", "9f31", false}, {"User-Agent", "fconn/1", false}};
  one.response.headers = {{"Location", "/in?access_token=abc-77&who=Bo", false},
                          {"Link", "<https://api.shop.example/users?p=2>; rel=\"next\"", false},
                          {"X-Forwarded-Host", "www.shop.example", false},
                          {"Content-MD5", "x", false},
                          {"X-Session", "s-1", false}};
  archive.exchanges = {one};
  world.scrubber->learn(archive);
  world.scrubber->scrub(archive, world.redactor);
  const har::Exchange& made = archive.exchanges[0];
  CHECK(made.url.starts_with("https://api.shop.example/users/"));
  CHECK(made.url.find("/shop?") == std::string::npos);
  CHECK(made.request.headers[0].value != "Bo Li");
  CHECK(made.request.headers[1].value == "***");
  CHECK(made.request.headers[2].value == "fconn/1");
  CHECK(made.response.headers[0].value.starts_with("/in?access_token=***&who="));
  CHECK(made.response.headers[0].value.find("Bo") == std::string::npos);
  CHECK(made.response.headers[1].value == one.response.headers[1].value);
  CHECK(made.response.headers[2].value.find("shop") == std::string::npos);
  CHECK(made.response.headers[3].name == "X-Session");
  CHECK(made.response.headers[3].value == "***");
}

TEST_CASE("a secret that an answer brought and a request takes along stays one of its own") {
  World world;
  har::Archive archive;
  for (int i = 0; i < 3; ++i) {
    har::Exchange one;
    one.method = "GET";
    one.url = "https://a.example/x" + (i == 0 ? std::string() : "?token=p" + std::to_string(i)) +
              (i == 0 ? "?" : "&") + "session_token=zz";
    one.status = 200;
    one.response.body =
        R"({"token":"p)" + std::to_string(i + 1) + R"(","session_token":"zz","n":7})";
    archive.exchanges.push_back(one);
  }
  world.scrubber->learn(archive);
  world.scrubber->scrub(archive, world.redactor);
  CHECK(archive.exchanges[0].url == "https://a.example/x?session_token=***");
  CHECK(archive.exchanges[0].response.body == R"({"token":"***#1","session_token":"***","n":7})");
  CHECK(archive.exchanges[1].url == "https://a.example/x?token=***%231&session_token=***");
  CHECK(archive.exchanges[2].url == "https://a.example/x?token=***%232&session_token=***");
  CHECK(archive.exchanges[2].response.body == R"({"token":"***","session_token":"***","n":7})");
}

TEST_CASE("of thousands of values that begin alike each is replaced") {
  World world;
  std::string rows = "[";
  for (int i = 0; i < 5'000; ++i) {
    rows += (i == 0 ? "{\"who\":\"cus_" : ",{\"who\":\"cus_") + std::to_string(1000000 + i) +
            "ABCDEF\"}";
  }
  rows += "]";
  const std::string out = world.body(rows);
  CHECK(out.find("ABCDEF") == std::string::npos);
}

TEST_CASE("texts of two bytes a character are left out") {
  const har::Exchange made =
      World().scrub("https://a.example/", std::string("a\0d\0a\0", 6), "text/plain");
  CHECK(made.body_missing);
  CHECK(made.response.body.empty());
}
