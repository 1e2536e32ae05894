// Signatures against published vectors: AWS' Signature Version 4 test suite, RFC 7616 for Digest,
// RFC 2202 and 4231 for HMAC.
#include <doctest/doctest.h>

#include "interpreter/compile/compile.hh"
#include "interpreter/run/auth_reads.hh"
#include "interpreter/run/draft.hh"
#include "tests/unit/auth/world.hh"
#include "tools/fconn/resolver.hh"

using namespace fconn;

namespace {

/// 2015-08-30T12:36:00Z, the suite's time.
class SuiteClock final : public value::Clock {
 public:
  value::TimePoint now() override { return {}; }
  value::WallTime wall() override {
    return value::WallTime(value::Milliseconds(1'440'938'160'000));
  }
};

/// Signs a draft by the strategy of a client's block.
http::Request signed_by(const std::string& auth, const run::Draft& draft,
                        value::Value challenge = {}) {
  grammar::SourceMap sources;
  const grammar::FileId root = sources.add("t.fconn",
                                           "connector t \"T\" {\n  version \"1.0.0\"\n  client {\n "
                                           "   base \"https://a.test\"\n    auth " +
                                               auth + "\n  }\n  check GET /me\n}\n");
  cli::Resolver resolver;
  auto compiled = compile::compile(root, sources, resolver);
  std::string said;
  for (const grammar::Diagnostic& d : compiled.diagnostics) said += d.text + "\n";
  REQUIRE_MESSAGE(compiled.ir, said);
  SuiteClock clock;
  contract::FixedRandom random;
  eval::Evaluator evaluator(*compiled.ir, clock, random);
  const ir::Auth& strategy = compiled.ir->clients[0].auths[0];
  std::vector<value::Value> locals(strategy.locals);
  eval::Environment env;
  env.locals = locals;
  env.challenge = challenge;
  value::Arena arena;
  auto request =
      run::authenticate(draft, &strategy, run::reads_to_sign(strategy).lets, evaluator, env, arena);
  REQUIRE_MESSAGE(request, (request ? "" : request.error().text));
  return *std::move(request);
}

std::string header(const http::Request& request, std::string_view name) {
  const std::string* found = http::find(request.headers, name);
  return found == nullptr ? "" : *found;
}

struct AwsCase {
  const char* name;
  const char* method;
  const char* path;  // as it is sent
  http::QueryPairs query;
  http::Headers headers;
  const char* body;
  const char* names;
  const char* signature;
};

constexpr const char* alphabet =
    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

}  // namespace

TEST_CASE("AWS Signature Version 4: the published test suite") {
  const std::string plain = "host;x-amz-date";
  const AwsCase cases[] = {
      {"get-vanilla",
       "GET",
       "/",
       {},
       {},
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"get-vanilla-query-order-key-case",
       "GET",
       "/",
       {{"Param2", "value2"}, {"Param1", "value1"}},
       {},
       "",
       "host;x-amz-date",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"get-vanilla-query-order-value",
       "GET",
       "/",
       {{"Param1", "value2"}, {"Param1", "Value1"}},
       {},
       "",
       "host;x-amz-date",
       "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
      {"get-vanilla-empty-query-key",
       "GET",
       "/",
       {{"Param1", "value1"}},
       {},
       "",
       "host;x-amz-date",
       "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
      {"get-vanilla-query-unreserved",
       "GET",
       "/",
       {{alphabet, alphabet}},
       {},
       "",
       "host;x-amz-date",
       "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
      {"get-vanilla-utf8-query",
       "GET",
       "/",
       {{"\u1234", "bar"}},
       {},
       "",
       "host;x-amz-date",
       "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
      {"get-utf8",
       "GET",
       "/\u1234",
       {},
       {},
       "",
       "host;x-amz-date",
       "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
      {"get-unreserved",
       "GET",
       "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
       {},
       {},
       "",
       "host;x-amz-date",
       "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
      {"get-slash",
       "GET",
       "//",
       {},
       {},
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"get-slashes",
       "GET",
       "//example//",
       {},
       {},
       "",
       "host;x-amz-date",
       "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
      {"get-space",
       "GET",
       "/example space/",
       {},
       {},
       "",
       "host;x-amz-date",
       "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
      {"get-header-value-trim",
       "GET",
       "/",
       {},
       {{"My-Header1", " value1", false}, {"My-Header2", " \"a   b   c\"", false}},
       "",
       "host;my-header1;my-header2;x-amz-date",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"post-vanilla",
       "POST",
       "/",
       {},
       {},
       "",
       "host;x-amz-date",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"post-vanilla-query",
       "POST",
       "/",
       {{"Param1", "value1"}},
       {},
       "",
       "host;x-amz-date",
       "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
      {"post-header-key-sort",
       "POST",
       "/",
       {},
       {{"My-Header1", "value1", false}},
       "",
       "host;my-header1;x-amz-date",
       "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
      {"post-header-value-case",
       "POST",
       "/",
       {},
       {{"My-Header1", "VALUE1", false}},
       "",
       "host;my-header1;x-amz-date",
       "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
      {"post-x-www-form-urlencoded",
       "POST",
       "/",
       {},
       {{"Content-Type", "application/x-www-form-urlencoded", false}},
       "Param1=value1",
       "content-type;host;x-amz-date",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
      {"post-x-www-form-urlencoded-parameters",
       "POST",
       "/",
       {},
       {{"Content-Type", "application/x-www-form-urlencoded; charset=utf8", false}},
       "Param1=value1",
       "content-type;host;x-amz-date",
       "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
  };
  for (const AwsCase& one : cases) {
    CAPTURE(one.name);
    run::Draft draft;
    draft.method = one.method;
    draft.url = *http::parse_url("https://example.amazonaws.com/");
    draft.url.path = one.path;
    draft.query = one.query;
    draft.headers = one.headers;
    draft.body = one.body;
    draft.has_body = !draft.body.empty();
    const http::Request request = signed_by(
        "aws_sigv4(\"AKIDEXAMPLE\", \"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\", "
        "\"us-east-1\", \"service\")",
        draft);
    CHECK(header(request, "X-Amz-Date") == "20150830T123600Z");
    CHECK(header(request, "Authorization") ==
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
          "SignedHeaders=" +
              std::string(one.names) + ", Signature=" + one.signature);
  }
}

TEST_CASE("a session token is signed like any header") {
  run::Draft draft;
  draft.method = "GET";
  draft.url = *http::parse_url("https://example.amazonaws.com/");
  const http::Request request =
      signed_by("aws_sigv4(\"A\", \"S\", \"us-east-1\", \"service\", session_token: \"T\")", draft);
  CHECK(header(request, "X-Amz-Security-Token") == "T");
  CHECK(header(request, "Authorization")
            .find("SignedHeaders=host;x-amz-date;x-amz-security-token,") != std::string::npos);
}

TEST_CASE("Digest: the example of RFC 2069 (erratum 749), counting, and nothing unasked") {
  value::Arena arena;
  run::Draft draft;
  draft.method = "GET";
  draft.url = *http::parse_url("http://www.example.org/dir/index.html");
  const auto answer = [&](std::string_view asked) {
    auto parsed = value::parse_json(asked, arena);
    REQUIRE(parsed);
    const http::Request request = signed_by("digest(\"Mufasa\", \"CircleOfLife\")", draft, *parsed);
    return header(request, "Authorization");
  };
  SUBCASE("without qop (RFC 2069) nothing is random") {
    const std::string text = answer(
        R"({"value":{"realm":"testrealm@host.com","nonce":"dcd98b7102dd2f0e8b11d0f600bfb0c093",
            "opaque":"5ccc069c403ebaf9f0171e9517f40e41"},"uses":1})");
    CHECK(text ==
          "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
          "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", "
          "response=\"1949323746fe6a43ef61f9606e7febea\", "
          "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
  }
  SUBCASE("with qop the uses are counted") {
    const std::string text = answer(
        R"({"value":{"realm":"r","nonce":"n","qop":"auth","algorithm":"SHA-256"},"uses":10})");
    CHECK(text.find("qop=auth, nc=0000000a, cnonce=") != std::string::npos);
    CHECK(text.find("algorithm=SHA-256") != std::string::npos);
  }
  SUBCASE("before any challenge there are no credentials") {
    CHECK(header(signed_by("digest(\"Mufasa\", \"x\")", draft), "Authorization").empty());
  }
}

TEST_CASE("Digest: the example of RFC 7616, section 3.9.1") {
  const struct {
    const char* algorithm;
    const char* response;
  } cases[] = {
      {"MD5", "8ca523f5e9506fed4657c9700eebdbec"},
      {"SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
  };
  run::Draft draft;
  draft.method = "GET";
  draft.url = *http::parse_url("http://www.example.org/dir/index.html");
  for (const auto& one : cases) {
    CAPTURE(one.algorithm);
    const std::string asked = std::string("{ realm: \"http-auth@example.org\", algorithm: \"") +
                              one.algorithm +
                              "\", qop: \"auth\", "
                              "nonce: \"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
                              "opaque: \"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\" }";
    const http::Request request =
        signed_by("header(\"Authorization\", digest_answer(" + asked +
                      ", \"Mufasa\", \"Circle of Life\", request.method, request.target, "
                      "\"00000001\", \"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\"))",
                  draft);
    CHECK(header(request, "Authorization").find(std::string("response=\"") + one.response + '"') !=
          std::string::npos);
  }
}

TEST_CASE("HMAC of a text that the author chose") {
  const struct {
    const char* auth;
    const char* header;
    const char* value;
  } cases[] = {
      // RFC 4231, test case 2; RFC 2202, test case 2 of SHA-1.
      {R"(hmac("Jefe", "what do ya want for nothing?"))", "X-Signature",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {R"(hmac("Jefe", "what do ya want for nothing?", algorithm: "sha1", encoding: "base64", header: "Authorization", prefix: "HMAC "))",
       "Authorization", "HMAC 7/zfauXrL6LSdBbV8YTfnCWafHk="},
      // sha256 under "k" of the parts of the request.
      {R"(hmac("k", "{request.method} {request.target} {request.host} {request.text}"))",
       "X-Signature", "3fea0bf83f49883e9ab903b910445d29609b88c549fe035c7b21cfc5b8dcf592"},
  };
  run::Draft draft;
  draft.method = "POST";
  draft.url = *http::parse_url("https://api.test:8443/a%20b");
  draft.query = {{"x", "1 2"}};
  draft.body = "{}";
  draft.has_body = true;
  for (const auto& one : cases) {
    CAPTURE(one.auth);
    CHECK(header(signed_by(one.auth, draft), one.header) == one.value);
  }
}
