// Chains in the engine, over a transport that answers from a function and a clock that jumps: when
// it asks, what it keeps over a stop, and what it shows.
#include <doctest/doctest.h>

#include "interpreter/run/engine.hh"
#include "interpreter/store/memory_store.hh"
#include "tests/unit/compile/support.hh"
#include "tools/contract/offline.hh"

using namespace fconn;

namespace {

struct Counting final : value::Sink {
  std::vector<std::string> rows;
  std::vector<value::Provenance> from;
  value::Result<void> write(std::string_view, std::string_view,
                            const value::RowBatch& batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (!batch.dropped(i)) rows.emplace_back(batch.row(i));
    }
    from.push_back(batch.provenance);
    return {};
  }
  value::Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }
  value::Result<void> close() override { return {}; }
};

struct Lines final : value::TraceSink {
  std::string text;
  bool enabled() const override { return true; }
  void event(std::string_view line) override { text += std::string(line) + "\n"; }
};

struct Asked {
  std::int64_t at = 0;
  std::string line;  // "GET /exports/7"
};

/// The world of several runs: the store outlives each.
class World {
 public:
  explicit World(const std::string& reads) {
    auto compiled = compile::test::compile_text(
        "connector c \"C\" {\n version \"1.0.0\"\n param domain: host = \"c.test\"\n"
        " secret token\n identity email\n"
        " client { base \"https://{domain}\" hosts \"files.test\" auth bearer(token) }\n" +
        reads + "\n}\n");
    REQUIRE_MESSAGE(compiled.compiled.ir, compiled.mistakes());
    connector_ = compiled.compiled.ir;
  }

  using Script = std::function<mock::RecordedReply(const Asked&)>;
  run::RunSummary run(const Script& script) {
    asked.clear();
    trace.text.clear();
    sink = {};
    const value::TimePoint began = clock.now();
    std::deque<mock::RecordedReply> replies;
    contract::OfflineTransport transport(clock, [&](const contract::SentRequest& sent) {
      Asked one;
      one.at = std::chrono::duration_cast<value::Milliseconds>(clock.now() - began).count();
      one.line = sent.request.method + " " + sent.request.path;
      asked.push_back(one);
      replies.push_back(script(one));
      return &replies.back();
    });
    http::HostsGuard guard;
    http::Redactor redactor;
    contract::FixedRandom random;
    run::Options with = options;
    with.provenance = true;
    run::Engine engine(with, {transport,
                              guard,
                              redactor,
                              clock,
                              random,
                              sink,
                              &trace,
                              {},
                              nullptr,
                              nullptr,
                              store.get()});
    engine_ = &engine;
    run::Instance instance;
    instance.key = "c";
    instance.connector = connector_;
    instance.params["domain"] = value::OwnedValue::string("c.test");
    instance.params["token"] = value::OwnedValue::string(token, true);
    instance.identities["email"].push_back(value::OwnedValue::string(email));
    engine.add(std::move(instance));
    return engine.run();
  }
  void interrupt() { engine_->interrupt(); }

  std::vector<std::int64_t> times(const std::string& line) const {
    std::vector<std::int64_t> found;
    for (const Asked& one : asked) {
      if (one.line == line) found.push_back(one.at);
    }
    return found;
  }
  std::size_t count(const std::string& line) const { return times(line).size(); }

  run::Options options;
  std::string email = "ada@example.com", token = "s3cret-token";
  std::unique_ptr<store::Store> store = store::make_memory_store();
  contract::JumpingClock clock;
  Lines trace;
  Counting sink;
  std::vector<Asked> asked;

 private:
  std::shared_ptr<const ir::Connector> connector_;
  run::Engine* engine_ = nullptr;
};

mock::RecordedReply json(const std::string& body, int status = 200) {
  return {status, {{"Content-Type", "application/json", false}}, body};
}

constexpr const char* long_job = R"(
  collection export {
    read needs email {
      let job = POST /exports { body json { email: email } }
      let done = GET /exports/{job.id} {
        until .status == "done" every 10s for 1m
        fail when .status == "error" "failed: {.why}"
      }
      GET {+done.url} { rows .rows }
    }
    fields { id: int key @user.unique_id }
  })";

using Times = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("`until` asks every so often, and gives up in time") {
  World world(long_job);
  const auto summary = world.run([&](const Asked& one) {
    if (one.line == "POST /exports") return json(R"({"id": 7})");
    return json(R"({"status": "running"})");
  });
  CHECK(world.times("GET /exports/7") == Times{0, 10000, 20000, 30000, 40000, 50000, 60000});
  CHECK(summary.collections[0].outcome.reason ==
        "in `let done`: `until` still doesn't hold after 1 min and 7 questions");
  CHECK(summary.exit_code == 1);
}

TEST_CASE("a longer Retry-After is waited for; one beyond the limit ends it at once") {
  World world(long_job);
  const auto answer = [&](int seconds) {
    return [&world, seconds](const Asked& one) {
      if (one.line == "POST /exports") return json(R"({"id": 7})");
      if (one.line == "GET /e") return json(R"({"rows": [{"id": 1}]})");
      if (world.count("GET /exports/7") >= 3) {
        return json(R"({"status": "done", "url": "https://files.test/e?sig=abcdef"})");
      }
      auto reply = json(R"({"status": "running"})");
      reply.headers.push_back({"Retry-After", std::to_string(seconds), false});
      return reply;
    };
  };
  SUBCASE("longer") {
    CHECK(world.run(answer(25)).exit_code == 0);
    CHECK(world.times("GET /exports/7") == Times{0, 25000, 50000});
    CHECK(world.sink.rows == std::vector<std::string>{R"({"id": 1})"});
  }
  SUBCASE("shorter: `every` counts") {
    CHECK(world.run(answer(1)).exit_code == 0);
    CHECK(world.times("GET /exports/7") == Times{0, 10000, 20000});
  }
  SUBCASE("beyond the limit") {
    const auto summary = world.run(answer(600));
    CHECK(world.times("GET /exports/7") == Times{0});
    CHECK(summary.collections[0].outcome.reason ==
          "in `let done`: `until` still doesn't hold after 1 min and 1 question; the server asks "
          "for a pause of 10 min");
  }
}

TEST_CASE("retries in between cost no questions, and a refused key ends it") {
  World world(long_job);
  SUBCASE("429, then a broken answer") {
    const auto summary = world.run([&](const Asked& one) {
      if (one.line == "POST /exports") return json(R"({"id": 7})");
      if (one.line == "GET /e") return json(R"({"rows": []})");
      switch (world.count("GET /exports/7")) {
        case 1:
          return json(R"({"status": "running"})");
        case 2: {
          auto busy = json("{}", 429);
          busy.headers.push_back({"Retry-After", "3", false});
          return busy;
        }
        case 3:
          return json(R"({"status": "running"})");
        default:
          return json(R"({"status": "done", "url": "https://files.test/e"})");
      }
    });
    CHECK(summary.exit_code == 0);
    CHECK(world.times("GET /exports/7") == Times{0, 10000, 13000, 23000});
  }
  SUBCASE("401") {
    const auto summary = world.run([&](const Asked& one) {
      if (one.line == "POST /exports") return json(R"({"id": 7})");
      return world.count("GET /exports/7") == 1 ? json(R"({"status": "running"})")
                                                : json("{}", 401);
    });
    CHECK(summary.exit_code == 4);
    CHECK(summary.collections[0].outcome.reason ==
          "in `let done`: the server answered 401 (not authenticated)");
    REQUIRE(summary.messages.size() == 1);
    CHECK_FALSE(summary.messages[0].failure.where == grammar::Span{});
  }
}

TEST_CASE("a signed URL, a token and what an answer says of them are never shown") {
  World world(long_job);
  const auto summary = world.run([&](const Asked& one) {
    if (one.line == "POST /exports") return json(R"({"id": 7})");
    if (one.line == "GET /exports/7") {
      return json(R"({"status": "done", "url": "https://files.test/x/y?Signature=c0ffee00&e=1"})");
    }
    return json(
        R"({"error": "see https://files.test/x/y?Signature=c0ffee00&e=1", "given": "c0ffee00"})",
        500);
  });
  REQUIRE(summary.messages.size() == 1);
  CHECK(summary.messages[0].request == "GET https://files.test/***");
  const std::string all = world.trace.text + summary.messages[0].failure.text +
                          summary.messages[0].failure.body_start + summary.messages[0].request;
  CHECK(all.find("c0ffee") == std::string::npos);
  CHECK(all.find("s3cret-token") == std::string::npos);
  CHECK(world.trace.text.find(R"("url":"https://files.test/***")") != std::string::npos);
  CHECK(world.trace.text.find(R"("event":"bound")") != std::string::npos);
  CHECK(world.trace.text.find(R"("step":"job")") != std::string::npos);
}

TEST_CASE("a row names the requests of its chain") {
  World world(long_job);
  world.run([&](const Asked& one) {
    if (one.line == "POST /exports") return json(R"({"id": 7})");
    if (one.line == "GET /e") return json(R"({"rows": [{"id": 1}]})");
    return world.count("GET /exports/7") < 2
               ? json(R"({"status": "running"})")
               : json(R"({"status": "done", "url": "https://files.test/e"})");
  });
  REQUIRE(world.sink.from.size() == 1);
  CHECK(world.sink.from[0].request == "r4");
  CHECK(world.sink.from[0].steps == std::vector<std::string>{"r1", "r3"});
}

namespace {

/// Makes jobs 1, 2, …; the first run is stopped at its second question.
struct Server {
  World& world;
  int jobs = 0;
  bool stop = true;
  std::string status = R"({"status": "running"})";
  int status_code = 200;

  mock::RecordedReply operator()(const Asked& one) {
    if (one.line == "POST /exports") return json("{\"id\": " + std::to_string(++jobs) + "}");
    if (one.line == "GET /e") return json(R"({"rows": [{"id": 1}]})");
    if (stop && world.count("GET /exports/1") == 2) world.interrupt();
    if (!stop && one.line == "GET /exports/2") {
      return json(R"({"status": "done", "url": "https://files.test/e"})");
    }
    return json(status, status_code);
  }
};

}  // namespace

TEST_CASE("a run that was stopped while it waited goes on with the same job") {
  World world(long_job);
  Server server{world};
  const auto script = [&](const Asked& one) { return server(one); };
  const auto stopped = world.run(script);
  CHECK(stopped.exit_code == 130);
  CHECK(server.jobs == 1);
  server.stop = false;
  SUBCASE("the job is done meanwhile") {
    server.status = R"({"status": "done", "url": "https://files.test/e"})";
    const auto summary = world.run(script);
    CHECK(summary.exit_code == 0);
    CHECK(server.jobs == 1);
    CHECK(world.asked.front().line == "GET /exports/1");
    CHECK(summary.collections[0].outcome.resumed == 1);
    CHECK(world.sink.rows.size() == 1);
    // It is over: the next run makes a job of its own.
    world.run(script);
    CHECK(server.jobs == 2);
  }
  SUBCASE("it is gone, so the chain begins anew") {
    server.status_code = 404;
    const auto summary = world.run(script);
    CHECK(summary.exit_code == 0);
    CHECK(server.jobs == 2);
    CHECK(summary.collections[0].outcome.resumed == 0);
    CHECK(world.sink.rows.size() == 1);
  }
  SUBCASE("it failed meanwhile, so the chain begins anew") {
    server.status = R"({"status": "error", "why": "disk"})";
    CHECK(world.run(script).exit_code == 0);
    CHECK(server.jobs == 2);
  }
  SUBCASE("another person, another key or an old job: made again") {
    SUBCASE("person") { world.email = "al@example.com"; }
    SUBCASE("key") { world.token = "another-token"; }
    SUBCASE("age") { world.options.max_job_age = value::Milliseconds(5000); }
    world.clock.jump_to(world.clock.now() + value::Milliseconds(6000));
    world.run(script);
    CHECK(server.jobs == 2);
    CHECK(world.asked.front().line == "POST /exports");
  }
  SUBCASE("no store: made again") {
    world.store.reset();
    world.run(script);
    CHECK(server.jobs == 2);
  }
}

TEST_CASE("what is kept has bounds") {
  World world(R"(
  collection wide {
    read needs email {
      let one = GET /one
      GET /two/{one.id} { rows .rows }
    }
    fields { id: int key @user.unique_id }
  })");
  world.options.max_bound_body = 2000;
  const auto summary = world.run([&](const Asked& one) {
    if (one.line == "GET /one")
      return json("{\"id\": 1, \"x\": \"" + std::string(3000, 'x') + "\"}");
    return json(R"({"rows": []})");
  });
  CHECK(summary.exit_code == 1);
  CHECK(summary.collections[0].outcome.reason.find(
            "a `let` keeps at most 1 KiB; take what is needed of it with `rows` and `map`") !=
        std::string::npos);
  CHECK(world.count("GET /two/1") == 0);
}

TEST_CASE("chains under way go on while new ones wait for room") {
  World world(R"(
  collection many {
    read needs email GET /many { rows .rows }
    fields { id: int key @user.unique_id }
  }
  collection each {
    for m in many
    read {
      let big = POST /big/{m.id}
      GET /end/{big.id} { until status != 202 every 10s for 1h rows .rows }
    }
    fields { id: int key @user.unique_id }
  })");
  world.options.max_bound_bytes = 6000;
  world.options.max_parallel = 2;
  std::size_t open = 0, most = 0;
  const auto summary = world.run([&](const Asked& one) {
    if (one.line == "GET /many") {
      std::string rows;
      for (int i = 1; i <= 40; ++i)
        rows += (i > 1 ? "," : "") + ("{\"id\":" + std::to_string(i) + "}");
      return json("{\"rows\":[" + rows + "]}");
    }
    const std::string id = one.line.substr(one.line.rfind('/') + 1);
    if (one.line.rfind("POST", 0) == 0) {
      most = std::max(most, ++open);
      return json("{\"id\": " + id + ", \"x\": \"" + std::string(1000, 'x') + "\"}");
    }
    if (world.count(one.line) == 1) return json("{}", 202);
    --open;
    return json("{\"rows\":[{\"id\":" + id + "}]}");
  });
  CHECK(summary.exit_code == 0);
  CHECK(world.sink.rows.size() == 80);
  CHECK(most <= 8);
}
