// A chain walked by hand: what is due, what is bound, what is kept over a stop.
#include "interpreter/run/chain.hh"

#include <doctest/doctest.h>

#include "tests/unit/compile/support.hh"

using namespace fconn;
using run::ChainWalk;
using Stop = run::ChainWalk::Stop;

namespace {

struct NoClock final : value::Clock {
  value::TimePoint now() override { return {}; }
  value::WallTime wall() override { return {}; }
};
struct NoRandom final : value::Random {
  std::uint64_t next() override { return 7; }
};

/// A connector whose first collection has `block` as its read's or update's chain.
struct Walked {
  explicit Walked(const std::string& action) {
    const std::string text =
        "connector c \"C\" {\n version \"1.0.0\"\n secret token\n identity email\n"
        " client { base \"https://c.test\" headers { X-Token: token } }\n collection a {\n" +
        action + "\n fields { id: string key @user.unique_id, emails: [string] @user }\n }\n}\n";
    auto compiled = compile::test::compile_text(text);
    REQUIRE_MESSAGE(compiled.compiled.ir, compiled.mistakes());
    connector = compiled.compiled.ir;
    evaluator = std::make_unique<eval::Evaluator>(*connector, clock, random);
    const ir::Collection& collection = connector->collections[0];
    chain = collection.update ? &*collection.update : &collection.reads[0].chain;
    locals.resize(chain->locals + chain->request->locals);
    env.params = params;
    env.identities = identities;
    env.locals = locals;
  }

  value::Result<Stop> advance(ChainWalk& walk) { return walk.advance(*evaluator, env); }
  /// The value of a part of the request that is due.
  std::string shows(const ChainWalk& walk, const ir::Expr& expr) {
    eval::Environment seen = env;
    walk.show(seen);
    auto result = evaluator->evaluate(expr, seen, arena);
    return result ? value::to_json(*result) : result.error().text;
  }

  NoClock clock;
  NoRandom random;
  value::Arena arena;
  std::shared_ptr<const ir::Connector> connector;
  std::unique_ptr<eval::Evaluator> evaluator;
  const ir::Chain* chain = nullptr;
  std::vector<value::Value> params{value::Value::string("s3cret").as_secret()};
  std::vector<value::Value> identities{value::Value::string("ada@example.com")};
  std::vector<value::Value> locals;
  eval::Environment env;
};

constexpr const char* three_requests = R"(read {
  let key = sha256("{email}{token}")
  let wait = 90s
  let job = POST /jobs { body json { key: key, wait: "{wait / 1s}" } }
  let label = "job {job.id}"
  skip when job.state == "none" "nothing for {label}"
  fail when job.state == "broken" "{label} is broken"
  let done = GET /jobs/{job.id}
  GET /files/{done.file} { query { label: label, key: key } }
})";

}  // namespace

TEST_CASE("requests of a chain come one after the other, values between them") {
  Walked walked(three_requests);
  CHECK(run::request_count(*walked.chain) == 3);
  ChainWalk walk(*walked.chain);
  CHECK(walked.advance(walk).value() == Stop::request);
  CHECK(walk.request() == 0);
  REQUIRE(walk.step() != nullptr);
  CHECK(walk.step()->name == "job");
  walk.bind(R"({"id": 7, "state": "new"})");
  CHECK(walk.request() == 1);
  CHECK(walked.advance(walk).value() == Stop::request);
  CHECK(walk.step()->name == "done");
  walk.bind(R"({"file": "f 1"})");
  CHECK(walked.advance(walk).value() == Stop::request);
  CHECK(walk.request() == 2);
  CHECK(walk.step() == nullptr);
  const ir::Request& last = *walked.chain->request;
  CHECK(walked.shows(walk, *last.target[1].value) == "\"f 1\"");
  CHECK(walked.shows(walk, last.query->kids[0].kids[0]) == "\"job 7\"");
  CHECK_FALSE(walk.again());
}

TEST_CASE("judgements between requests") {
  Walked walked(three_requests);
  SUBCASE("skip") {
    ChainWalk walk(*walked.chain);
    REQUIRE(walked.advance(walk).value() == Stop::request);
    walk.bind(R"({"id": 7, "state": "none"})");
    CHECK(walked.advance(walk).value() == Stop::skipped);
    CHECK(walk.skip_reason() == "nothing for job 7");
    CHECK_FALSE(walk.again());
  }
  SUBCASE("fail") {
    ChainWalk walk(*walked.chain);
    REQUIRE(walked.advance(walk).value() == Stop::request);
    walk.bind(R"({"id": 7, "state": "broken"})");
    const auto failed = walked.advance(walk);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().kind == value::FailureKind::rule);
    CHECK(failed.error().text == "job 7 is broken");
    CHECK_FALSE(failed.error().where == grammar::Span{});
  }
  SUBCASE("a value that can't be computed names its place") {
    ChainWalk walk(*walked.chain);
    REQUIRE(walked.advance(walk).value() == Stop::request);
    walk.bind("null");
    const auto failed = walked.advance(walk);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().text.find("null") != std::string::npos);
  }
}

TEST_CASE("what was bound is kept, secrets and durations too, and goes on in another walk") {
  Walked walked(three_requests);
  ChainWalk walk(*walked.chain);
  REQUIRE(walked.advance(walk).value() == Stop::request);
  walk.bind(R"({"id": 7, "state": "new", "$": "looks like a wrapper"})");
  REQUIRE(walked.advance(walk).value() == Stop::request);
  const std::string saved = walk.save();
  ChainWalk other(*walked.chain);
  REQUIRE(other.resume(saved));
  CHECK(other.request() == 1);
  CHECK(other.step()->name == "done");
  CHECK(other.save() == saved);
  other.bind(R"({"file": "f"})");
  REQUIRE(walked.advance(other).value() == Stop::request);
  CHECK(walked.shows(other, walked.chain->request->query->kids[0].kids[0]) == "\"job 7\"");
  eval::Environment seen = walked.env;
  other.show(seen);
  CHECK(seen.lets[0].secret);
  CHECK(seen.lets[1].kind == value::Kind::duration);
  CHECK(seen.lets[1].integer == 90'000);
}

TEST_CASE("a saved text that doesn't fit is refused, and the walk begins at its beginning") {
  Walked walked(three_requests);
  for (const char* text :
       {"", "[]", "{}", "nonsense", R"({"next":1,"lets":[]})", R"({"next":99,"lets":[1,2,3,4,5]})",
        R"({"next":0,"lets":[1,2,3,4,5]})", R"({"next":-1,"lets":[1,2,3,4,5]})",
        R"({"next":"2","lets":[1,2,3,4,5]})"}) {
    CAPTURE(text);
    ChainWalk walk(*walked.chain);
    CHECK_FALSE(walk.resume(text));
    CHECK(walk.request() == 0);
    CHECK(walked.advance(walk).value() == Stop::request);
  }
}

TEST_CASE("a `for` at the head runs the rest for each element") {
  Walked walked(R"(read GET /rows
  update {
    for e in row.emails[]
    skip when e == "keep@example.com" "that one stays"
    let found = GET /people/{e}
    DELETE /people/{found.id}
  })");
  const auto emails = [&](const char* json) {
    walked.env.erased_row = value::parse_json(json, walked.arena).value();
  };
  SUBCASE("each, one skipped") {
    emails(R"({"emails": ["a@example.com", "keep@example.com", null, "b@example.com"]})");
    ChainWalk walk(*walked.chain);
    std::string log;
    while (true) {
      const Stop stop = walked.advance(walk).value();
      if (stop == Stop::skipped) {
        log += "skip ";
        if (!walk.again()) break;
        continue;
      }
      REQUIRE(stop == Stop::request);
      if (walk.request() == 0) {
        log += walked.shows(walk, *walk.step()->request->target[1].value) + " ";
        walk.bind("{\"id\": " + std::to_string(log.size()) + "}");
        continue;
      }
      log += walked.shows(walk, *walked.chain->request->target[1].value) + " ";
      if (!walk.again()) break;
    }
    CHECK(log == "\"a@example.com\" 16 skip \"b@example.com\" 40 ");
  }
  SUBCASE("nothing to do") {
    for (const char* row : {R"({"emails": []})", R"({"emails": null})", "{}"}) {
      emails(row);
      ChainWalk walk(*walked.chain);
      CHECK(walked.advance(walk).value() == Stop::ended);
    }
  }
}
