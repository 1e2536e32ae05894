// Tokens as the engine keeps them: one fetch whoever waits, renewed in time, persisted before use,
// dropped on a 401.
#include <doctest/doctest.h>

#include "interpreter/run/tokens.hh"
#include "tests/unit/auth/world.hh"

using namespace fconn;
using test::Answer;
using test::Asked;
using test::World;

namespace {

constexpr const char* password_client = R"(
    base "https://api.test"
    auth oauth2_password("https://api.test/token", "app", null, user, password))";
const std::map<std::string, std::string> ada{{"user", "ada"}, {"password", "pass-word"}};

/// A server whose refresh tokens work once, as strict ones do.
struct Server {
  int issued = 0, refreshed = 0, reused = 0;
  std::string expires = "3600";
  std::string good_access, good_refresh;
  bool refuse_refresh = false;

  Answer token(const Asked& asked) {
    const http::QueryPairs form = http::parse_query(asked.body);
    const auto field = [&](std::string_view name) {
      for (const auto& [key, value] : form) {
        if (key == name) return value;
      }
      return std::string();
    };
    if (field("grant_type") == "refresh_token") {
      if (refuse_refresh || field("refresh_token") != good_refresh) {
        ++reused;
        return {400, R"({"error":"invalid_grant"})", {}};
      }
      ++refreshed;
    }
    ++issued;
    good_access = "access-" + std::to_string(issued);
    good_refresh = "refresh-" + std::to_string(issued);
    return {200,
            R"({"access_token":")" + good_access + R"(","refresh_token":")" + good_refresh +
                R"(","expires_in":)" + expires + "}",
            {}};
  }
  Answer operator()(const Asked& asked) {
    if (asked.path == "/token") return token(asked);
    if (asked.header("Authorization") != "Bearer " + good_access) {
      return {401, R"({"error":"invalid_token"})", {}};
    }
    return {200, R"({"id":)" + asked.path.substr(7) + "}", {}};
  }
};

run::RunSummary served_by(World& world, Server& server) {
  return world.run([&](const Asked& asked) { return server(asked); });
}

value::WallTime at(std::int64_t ms) { return value::WallTime(value::Milliseconds(ms)); }

/// A store that remembers what was called, and may fail.
class Watched final : public store::TokenStore {
 public:
  value::Result<std::optional<store::StoredToken>> load(const store::TokenKey& key) override {
    return kept->load(key);
  }
  value::Result<std::uint64_t> save(const store::TokenKey& key,
                                    const store::StoredToken& token) override {
    if (on_save) on_save();
    if (full) return value::fail(value::FailureKind::output, "the disk is full");
    ++saves;
    return kept->save(key, token);
  }
  value::Result<void> drop(const store::TokenKey& key, std::uint64_t serial) override {
    ++drops;
    return kept->drop(key, serial);
  }
  value::Result<std::size_t> forget(std::string_view instance) override {
    return kept->forget(instance);
  }
  value::Result<std::vector<store::TokenInfo>> list(std::string_view instance) override {
    return kept->list(instance);
  }
  value::Result<bool> claim(const store::TokenKey& key) override {
    if (busy > 0) {
      if (--busy == 0 && when_free) when_free(key);
      return false;
    }
    return kept->claim(key);
  }
  void release(const store::TokenKey& key) override { kept->release(key); }

  std::unique_ptr<store::TokenStore> kept = store::make_memory_store();
  std::function<void()> on_save;
  std::function<void(const store::TokenKey&)> when_free;
  bool full = false;
  int saves = 0, drops = 0, busy = 0;
};

}  // namespace

TEST_CASE("a hundred requests wait for one token") {
  World world(password_client, ada, 100);
  Server server;
  const auto summary = served_by(world, server);
  CHECK(summary.exit_code == 0);
  CHECK(world.count("/token") == 1);
  CHECK(world.rows == 100);
}

TEST_CASE("a hundred refusals, one refresh") {
  World world(password_client, ada, 100);
  Server server;
  int served = 0;
  // After forty answers the server forgets the token that everybody uses.
  const auto summary = world.run([&](const Asked& asked) {
    if (asked.path != "/token" && ++served == 40) server.good_access = "gone";
    return server(asked);
  });
  CHECK(summary.exit_code == 0);
  CHECK(world.rows == 100);
  CHECK(server.issued == 2);
  CHECK(server.refreshed == 1);
  CHECK(server.reused == 0);
}

TEST_CASE("a token is renewed before its end, and its refresh token rotates") {
  World world(password_client, ada, 3);
  world.options.max_parallel = 1;
  Server server;
  server.expires = "5";
  // Each answer takes two seconds.
  const auto summary = world.run([&](const Asked& asked) {
    Answer answer = server(asked);
    if (asked.path != "/token") world.clock.jump_to(world.clock.now() + value::Milliseconds(2400));
    return answer;
  });
  CHECK(summary.exit_code == 0);
  CHECK(world.rows == 3);
  CHECK(server.refreshed == 1);
  CHECK(server.reused == 0);
}

TEST_CASE("the next run uses what the store has") {
  Watched store;
  Server server;
  World first(password_client, ada);
  first.tokens = &store;
  CHECK(served_by(first, server).exit_code == 0);
  World second(password_client, ada);
  second.tokens = &store;
  CHECK(served_by(second, server).exit_code == 0);
  CHECK(second.count("/token") == 0);
  World other(password_client, {{"user", "eve"}, {"password", "pass-word"}});
  other.tokens = &store;
  CHECK(served_by(other, server).exit_code == 0);
  CHECK(other.count("/token") == 1);
}

TEST_CASE("a token is in the store before anybody uses it") {
  Watched store;
  World world(password_client, ada);
  world.tokens = &store;
  Server server;
  store.on_save = [&] { CHECK(world.count("/items/1") == 0); };
  CHECK(served_by(world, server).exit_code == 0);
  CHECK(store.saves == 1);
  SUBCASE("and isn't used when it can't be kept") {
    store.kept = store::make_memory_store();
    store.full = true;
    const auto summary = served_by(world, server);
    CHECK(summary.exit_code != 0);
    CHECK(world.count("/items/1") == 0);
    REQUIRE_FALSE(summary.messages.empty());
    CHECK(summary.messages[0].failure.text.find("the disk is full") != std::string::npos);
    CHECK(summary.messages[0].failure.body_start.find(server.good_access) == std::string::npos);
  }
}

TEST_CASE("who finds another process fetching waits and takes its token") {
  Watched store;
  World world(password_client, ada, 5);
  world.tokens = &store;
  Server server;
  store.busy = 3;
  store.when_free = [&](const store::TokenKey& key) {
    server.good_access = "theirs-1";
    store::StoredToken theirs;
    theirs.value = R"({"access_token":"theirs-1","refresh_token":"r"})";
    REQUIRE(store.kept->save(key, theirs));
  };
  CHECK(served_by(world, server).exit_code == 0);
  CHECK(world.count("/token") == 0);
  CHECK(world.rows == 5);
}

TEST_CASE("a 401 drops the token and tries once more, not for ever") {
  Watched store;
  World world(password_client, ada);
  world.tokens = &store;
  Server server;
  const auto summary = world.run([&](const Asked& asked) {
    return asked.path == "/token" ? server(asked) : Answer{401, "{}", {}};
  });
  CHECK(summary.exit_code == 4);
  CHECK(world.count("/items/1") == 2);
  CHECK(server.issued == 2);
  CHECK(store.drops == 1);
}

TEST_CASE("a wrong password is tried once, whoever waits") {
  World world(password_client, ada, 50);
  const auto summary = world.run([](const Asked&) {
    return Answer{401, R"({"error":"invalid_grant"})", {}};
  });
  CHECK(summary.exit_code == 4);
  CHECK(world.asked.size() == 1);
}

TEST_CASE("a token endpoint that is busy is asked again") {
  World world(password_client, ada);
  Server server;
  int refused = 0;
  const auto summary = world.run([&](const Asked& asked) {
    if (asked.path == "/token" && ++refused <= 2) {
      return Answer{refused == 1 ? 429 : 503, "{}", {{"Retry-After", "7", false}}};
    }
    return server(asked);
  });
  CHECK(summary.exit_code == 0);
  CHECK(world.count("/token") == 3);
}

TEST_CASE("a token that is over at once is used, not fetched for ever") {
  World world(password_client, ada, 3);
  Server server;
  server.expires = "0";
  CHECK(served_by(world, server).exit_code == 0);
  CHECK(world.rows == 3);
  CHECK(world.count("/token") <= 3);
}

TEST_CASE("tokens don't get into messages") {
  World world(password_client, ada);
  Server server;
  const auto summary = world.run([&](const Asked& asked) {
    if (asked.path == "/token") return server(asked);
    return Answer{500, R"({"echo":")" + asked.header("Authorization") + R"("})", {}};
  });
  REQUIRE_FALSE(summary.messages.empty());
  for (const run::Message& message : summary.messages) {
    CHECK(message.failure.body_start.find("echo") != std::string::npos);
    CHECK(message.failure.body_start.find(server.good_access) == std::string::npos);
    CHECK(message.failure.text.find(server.good_access) == std::string::npos);
  }
}

TEST_CASE("a run that starts from a given token refreshes that") {
  Watched store;
  Server server;
  server.issued = 7;
  server.good_access = "access-7";
  server.good_refresh = "refresh-7";
  World world(R"(
    base "https://api.test"
    auth oauth2_authorization_code("https://api.test/authorize", "https://api.test/token", user))",
              ada);
  world.tokens = &store;
  world.given =
      R"({"access_token":"access-7","refresh_token":"refresh-7","expires_at":1600000000})";
  CHECK(served_by(world, server).exit_code == 0);
  CHECK(server.refreshed == 1);
  SUBCASE("the same file again: what came of it is newer") {
    CHECK(served_by(world, server).exit_code == 0);
    CHECK(server.reused == 0);
    CHECK(world.count("/token") == 0);
  }
  SUBCASE("without the file the store is enough") {
    world.given.reset();
    CHECK(served_by(world, server).exit_code == 0);
    CHECK(world.count("/token") == 0);
  }
}

TEST_CASE("a given access token alone serves a strategy that keeps only that") {
  World world(R"(
    base "https://api.test"
    auth oauth2_client_credentials("https://api.test/token", user, password))",
              ada);
  world.given = R"({"access_token":"access-0"})";
  Server server;
  server.good_access = "access-0";
  CHECK(served_by(world, server).exit_code == 0);
  CHECK(world.count("/token") == 0);
}

TEST_CASE("a token in a body: fetched first, rendered anew after a 401") {
  World world(R"(
    base "https://api.test"
    auth session(user)
  }
  auth session(name) {
    token t = POST /login {
      body    json { name: name }
      value   .token
      expires in 1h
    }
    headers { X-Session: "yes" })",
              ada, 3, "POST /items/{n} { body json { key: auth.token } }");
  int logins = 0;
  const auto summary = world.run([&](const Asked& asked) {
    if (asked.path == "/login") {
      return Answer{200, R"({"token":"token-)" + std::to_string(++logins) + R"("})", {}};
    }
    if (asked.body != R"({"key":"token-2"})") return Answer{401, "{}", {}};
    return Answer{200, R"({"id":)" + asked.path.substr(7) + "}", {}};
  });
  CHECK(summary.exit_code == 0);
  CHECK(world.rows == 3);
  CHECK(logins == 2);
}

TEST_CASE("`auth.token` of a client without tokens is said, not sent as null") {
  World world(R"(
    base "https://api.test"
    auth bearer(user))",
              ada, 1, "POST /items/{n} { body json { key: auth.token } }");
  const auto summary = world.run([](const Asked&) { return Answer{}; });
  CHECK(summary.exit_code == 1);
  CHECK(world.asked.empty());
}

TEST_CASE("a sign-in of two steps: only what is over is fetched again") {
  World world(R"(
    base "https://api.test"
    auth two_steps(user)
  }
  auth two_steps(name) {
    let device = random_string(8)
    token ticket = POST /tickets { body json { name: name, device: device }  value .ticket }
    token t = POST /sessions {
      body    json { ticket: ticket, device: device }
      value   .session
      expires in 2s
    }
    headers { X-Session: t })",
              ada, 3);
  world.options.max_parallel = 1;
  int sessions = 0;
  std::string device;
  const auto summary = world.run([&](const Asked& asked) {
    if (asked.path == "/tickets") {
      device = asked.body.substr(asked.body.find("\"device\""));
      return Answer{200, R"({"ticket":"ticket-1"})", {}};
    }
    if (asked.path == "/sessions") {
      if (++sessions == 1) CHECK(asked.body.find(device) != std::string::npos);
      CHECK(asked.body.find("ticket-1") != std::string::npos);
      return Answer{200, R"({"session":"session-)" + std::to_string(sessions) + R"("})", {}};
    }
    CHECK(asked.header("X-Session") == "session-" + std::to_string(sessions));
    world.clock.jump_to(world.clock.now() + value::Milliseconds(1900));
    return Answer{200, R"({"id":)" + asked.path.substr(7) + "}", {}};
  });
  CHECK(summary.exit_code == 0);
  CHECK(world.count("/tickets") == 1);
  CHECK(sessions == 3);
}

TEST_CASE("when a token ends") {
  using value::Value;
  const auto now = at(1'700'000'000'000);
  const struct {
    Value value;
    std::int64_t in, at;  // milliseconds since 1970; -1: refused
  } cases[] = {
      {Value::of(60), 1'700'000'060'000, 60'000},
      {Value::string("60"), 1'700'000'060'000, 60'000},
      {Value::decimal("1.5"), 1'700'000'001'500, 1'500},
      {Value::duration(250), 1'700'000'000'250, -1},
      {Value::of(1'700'000'100), -1, 1'700'000'100'000},
      {Value::of(1'700'000'100'000), -1, 1'700'000'100'000},
      {Value::string("2023-11-14T22:15:00Z"), -1, 1'700'000'100'000},
      {Value::string("2023-11-14T23:15:00.5+01:00"), -1, 1'700'000'100'500},
      {Value::string("soon"), -1, -1},
      {Value::boolean(true), -1, -1},
  };
  for (const auto& one : cases) {
    CAPTURE(value::to_json(one.value));
    if (one.in >= 0) CHECK(run::expiry_in(one.value, now).value() == at(one.in));
    if (one.in < 0 && one.at < 0) CHECK_FALSE(run::expiry_in(one.value, now));
    if (one.at >= 0) CHECK(run::expiry_at(one.value).value() == at(one.at));
    if (one.at < 0) CHECK_FALSE(run::expiry_at(one.value));
  }
  CHECK_FALSE(run::expiry_in(Value::null(), now)->has_value());
  CHECK_FALSE(run::expiry_at(Value::null())->has_value());
}

TEST_CASE("when a token is renewed") {
  const struct {
    std::int64_t life;
    std::optional<std::int64_t> margin;
    std::int64_t renewed;
  } cases[] = {
      {3'600'000, std::nullopt, 3'570'000},
      {5'000, std::nullopt, 4'500},
      {60'000, 20'000, 40'000},
      {5'000, 30'000, 1'000},
      {0, std::nullopt, 1'000},
      {-7'000, std::nullopt, 1'000},
  };
  for (const auto& one : cases) {
    CAPTURE(one.life);
    CHECK(run::renewal(at(0), at(one.life), one.margin) == at(one.renewed));
  }
}
