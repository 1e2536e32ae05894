// Flows that need a person: what the browser is sent to, what must come back, what is kept.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/auth/world.hh"
#include "tools/fconn/login.hh"

using namespace fconn;
using test::Answer;
using test::Asked;
using test::World;

namespace {

constexpr const char* code_client = R"(
    base "https://api.test"
    auth oauth2_authorization_code("https://id.test/authorize", "https://id.test/token", user, password, scopes: "read", authorize_params: { prompt: "consent" }))";
const std::map<std::string, std::string> app{{"user", "app-id"}, {"password", "app-secret"}};

std::string field(const http::QueryPairs& pairs, std::string_view name) {
  const auto found = std::find_if(pairs.begin(), pairs.end(),
                                  [name](const auto& pair) { return pair.first == name; });
  return found == pairs.end() ? "" : found->second;
}

/// Agrees at once, or does what a test says.
class Person final : public run::Login {
 public:
  value::Result<std::string> redirect_uri() override { return "http://127.0.0.1:7777/callback"; }
  value::Result<http::QueryPairs> authorize(const std::string& url,
                                            const std::string& redirect_uri) override {
    asked = http::parse_query(url.substr(url.find('?') + 1));
    address = url.substr(0, url.find('?'));
    redirected = redirect_uri;
    if (comes_back) return comes_back(asked);
    return http::QueryPairs{{"code", "the-code-1"}, {"state", field(asked, "state")}};
  }
  void show(std::string_view text) override { shown += text; }

  std::function<http::QueryPairs(const http::QueryPairs&)> comes_back;
  http::QueryPairs asked;
  std::string address, redirected, shown;
};

Answer tokens(int number) {
  const std::string n = std::to_string(number);
  return {200,
          R"({"access_token":"access-)" + n + R"(","refresh_token":"refresh-)" + n +
              R"(","expires_in":3600})",
          {}};
}

}  // namespace

TEST_CASE("a code flow: PKCE, state and redirect in the browser, code and verifier for the token") {
  auto store = store::make_memory_store();
  World world(code_client, app);
  Person person;
  world.tokens = store.get();
  world.login = &person;
  world.options.login_only = true;
  const auto summary = world.run([](const Asked&) { return tokens(1); });
  CHECK(summary.messages.empty());
  CHECK(summary.exit_code == 0);
  CHECK(person.address == "https://id.test/authorize");
  CHECK(field(person.asked, "response_type") == "code");
  CHECK(field(person.asked, "client_id") == "app-id");
  CHECK(field(person.asked, "scope") == "read");
  CHECK(field(person.asked, "prompt") == "consent");
  CHECK(field(person.asked, "redirect_uri") == "http://127.0.0.1:7777/callback");
  CHECK(field(person.asked, "code_challenge_method") == "S256");
  CHECK(field(person.asked, "code_challenge").size() == 43);
  CHECK(field(person.asked, "state").size() == 32);
  REQUIRE(world.asked.size() == 1);
  const http::QueryPairs form = http::parse_query(world.asked[0].body);
  CHECK(world.asked[0].header("Authorization") == "Basic YXBwLWlkOmFwcC1zZWNyZXQ=");
  CHECK(field(form, "grant_type") == "authorization_code");
  CHECK(field(form, "code") == "the-code-1");
  CHECK(field(form, "redirect_uri") == "http://127.0.0.1:7777/callback");
  CHECK(field(form, "code_verifier").size() == 64);
  CHECK(field(form, "client_secret").empty());

  // A run needs nobody any more.
  world.options.login_only = false;
  world.login = nullptr;
  const auto read = world.run([](const Asked& asked) {
    CHECK(asked.header("Authorization") == "Bearer access-1");
    return Answer{200, R"({"id":1})", {}};
  });
  CHECK(read.exit_code == 0);
  CHECK(world.rows == 1);
}

TEST_CASE("what comes back from the browser is looked at") {
  World world(code_client, app);
  Person person;
  world.login = &person;
  world.options.login_only = true;
  std::string said;
  SUBCASE("another sign-in's answer") {
    person.comes_back = [](const http::QueryPairs&) {
      return http::QueryPairs{{"code", "x"}, {"state", "forged"}};
    };
    said = "`state` differs";
  }
  SUBCASE("no state at all") {
    person.comes_back = [](const http::QueryPairs&) { return http::QueryPairs{{"code", "x"}}; };
    said = "`state` differs";
  }
  SUBCASE("a refusal") {
    person.comes_back = [](const http::QueryPairs& asked) {
      return http::QueryPairs{{"error", "access_denied"},
                              {"error_description", "not today"},
                              {"state", field(asked, "state")}};
    };
    said = "access_denied (not today)";
  }
  const auto summary = world.run([](const Asked&) { return tokens(1); });
  CHECK(world.asked.empty());
  CHECK(summary.exit_code == 4);
  REQUIRE(summary.messages.size() == 1);
  CHECK(summary.messages[0].failure.text.find(said) != std::string::npos);
}

TEST_CASE("a refresh token that is refused needs the person again") {
  auto store = store::make_memory_store();
  World world(code_client, app);
  Person person;
  world.tokens = store.get();
  world.login = &person;
  world.options.login_only = true;
  CHECK(world.run([](const Asked&) { return tokens(1); }).exit_code == 0);
  world.options.login_only = false;
  world.login = nullptr;
  const auto summary = world.run([](const Asked& asked) {
    if (asked.path == "/token") return Answer{400, R"({"error":"invalid_grant"})", {}};
    return Answer{401, "{}", {}};
  });
  CHECK(summary.exit_code == 4);
  CHECK(world.count("/token") == 1);
  REQUIRE_FALSE(summary.messages.empty());
  CHECK(summary.messages[0].failure.text.find("fconn auth world login") != std::string::npos);
}

TEST_CASE("a device flow shows a code and asks until somebody has entered it") {
  World world(R"(
    base "https://api.test"
    auth oauth2_device_code("https://id.test/device", "https://id.test/token", user))",
              app);
  Person person;
  world.login = &person;
  world.options.login_only = true;
  std::vector<std::int64_t> times;
  const auto summary = world.run([&](const Asked& asked) {
    if (asked.path == "/device") {
      return Answer{
          200,
          R"({"device_code":"dev-12345","user_code":"ABCD-EFGH","verification_uri":"https://id.test/d","interval":3})",
          {}};
    }
    times.push_back(world.clock.wall().time_since_epoch().count());
    CHECK(field(http::parse_query(asked.body), "device_code") == "dev-12345");
    if (times.size() == 1) return Answer{400, R"({"error":"authorization_pending"})", {}};
    if (times.size() == 2) return Answer{400, R"({"error":"slow_down"})", {}};
    return tokens(1);
  });
  CHECK(summary.exit_code == 0);
  CHECK(person.shown == "Open https://id.test/d and enter the code ABCD-EFGH");
  REQUIRE(times.size() == 3);
  CHECK(times[1] - times[0] == 3000);
  CHECK(times[2] - times[1] == 8000);
}

TEST_CASE("a device flow that is refused ends") {
  World world(R"(
    base "https://api.test"
    auth oauth2_device_code("https://id.test/device", "https://id.test/token", user))",
              app);
  Person person;
  world.login = &person;
  world.options.login_only = true;
  const auto summary = world.run([&](const Asked& asked) {
    if (asked.path == "/device") {
      return Answer{
          200, R"({"device_code":"d","user_code":"U","verification_uri":"https://id.test/d"})", {}};
    }
    return Answer{400, R"({"error":"access_denied"})", {}};
  });
  CHECK(summary.exit_code == 4);
  CHECK(world.count("/token") == 1);
}

TEST_CASE("an address that somebody pastes") {
  const struct {
    const char* text;
    const char* code;
  } cases[] = {
      {"http://127.0.0.1:7777/callback?code=a%2Fb&state=s\n", "a/b"},
      {"code=x&state=s", "x"},
      {"https://example.com/cb?state=s&code=y#fragment", "y"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    const auto found = cli::pasted_parameters(one.text);
    REQUIRE(found);
    CHECK(field(*found, "code") == one.code);
    CHECK(field(*found, "state") == "s");
  }
  CHECK_FALSE(cli::pasted_parameters("\n"));
  CHECK_FALSE(cli::pasted_parameters("https://example.com/cb"));
}
