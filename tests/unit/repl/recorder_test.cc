// What the engine tells an observer, as the debugger keeps it: over a transport that answers from a
// function. And what becomes of a run as a contract test.
#include "tools/repl/recorder.hh"

#include <doctest/doctest.h>

#include "interpreter/run/engine.hh"
#include "tests/unit/compile/support.hh"
#include "tools/contract/offline.hh"
#include "tools/repl/case_file.hh"
#include "tools/repl/rewrite.hh"
#include "tools/repl/scrub.hh"
#include "tools/repl/show.hh"

namespace fconn::repl {
namespace {

struct Nothing final : value::Sink {
  value::Result<void> write(std::string_view, std::string_view, const value::RowBatch&) override {
    return {};
  }
  value::Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }
  value::Result<void> close() override { return {}; }
};

mock::RecordedReply json(const std::string& body, int status = 200) {
  return {status, {{"Content-Type", "application/json", false}}, body};
}

/// A run with a recorder.
class Watched {
 public:
  using Script = std::function<mock::RecordedReply(const contract::SentRequest&)>;

  explicit Watched(const std::string& items, const std::string& auth = "auth bearer(token)") {
    auto compiled = compile::test::compile_text(
        "connector c \"C\" {\n version \"1.0.0\"\n param domain: host = \"c.test\"\n"
        " secret token\n identity email\n client { base \"https://{domain}\" " +
        auth + " }\n" + items + "\n}\n");
    REQUIRE_MESSAGE(compiled.compiled.ir, compiled.mistakes());
    facts.instance.key = "c";
    facts.instance.connector = compiled.compiled.ir;
    facts.instance.params["domain"] = value::OwnedValue::string("c.test");
    facts.instance.params["token"] = value::OwnedValue::string("s3cret-token", true);
    facts.instance.identities["email"].push_back(value::OwnedValue::string("ada@example.com"));
    facts.title = "a case";
    facts.connector_name = "c";
  }

  void run(const Script& script, Recorder::Hooks hooks = {}, Recorder::Limits limits = {}) {
    std::deque<mock::RecordedReply> replies;
    contract::JumpingClock clock;
    contract::FixedRandom random;
    contract::OfflineTransport transport(clock, [&](const contract::SentRequest& sent) {
      sent_lines.push_back(sent.request.method + " " + sent.request.path);
      sent_headers.push_back(sent.headers);
      replies.push_back(script(sent));
      return &replies.back();
    });
    http::HostsGuard guard;
    Nothing sink;
    recorder = std::make_unique<Recorder>(
        std::map<std::string, std::shared_ptr<const ir::Connector>>{
            {"c", facts.instance.connector}},
        std::move(hooks), limits);
    run::Options options;
    options.max_parallel = 1;
    options.collections = facts.collections;
    run::Ports ports{transport, guard, redactor, clock, random, sink, nullptr, {}};
    ports.observer = recorder.get();
    run::Engine engine(options, ports);
    engine.add(facts.instance);
    summary = engine.run();
  }

  std::string shown(std::string_view name, bool all = false) {
    const Exchanged* found = recorder->find(name);
    REQUIRE(found != nullptr);
    ShowOptions options;
    options.redactor = &redactor;
    options.all = all;
    return show_request(*found, options) + show_answer(*found, options) +
           show_judgement(*found, options);
  }

  CaseFacts facts;
  http::Redactor redactor;
  std::unique_ptr<Recorder> recorder;
  run::RunSummary summary;
  std::vector<std::string> sent_lines;
  std::vector<http::Headers> sent_headers;
};

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* person = R"(
  collection person {
    read needs email GET /people {
      skip     on 404 "unknown there"
      fail     when .error != null "the API says {.error}"
      rows     .people
      keep     .email == email
      keep     .age > 17
      map      { id: .id, mail: .email }
      paginate cursor(.next, "cursor")
    }
    fields { id: string key @system.operations, mail: string @user.contact.email }
  })";

TEST_CASE("clauses have their values, and rows their reasons") {
  Watched world(person);
  world.run([](const contract::SentRequest& sent) {
    if (!sent.request.query.empty()) {
      return json(R"({"people":[{"id":"a","email":"ada@example.com","age":40}],"next":null})");
    }
    return json(R"({"people":[{"id":"a","email":"ada@example.com","age":40},
      {"id":"b","email":"bob@example.com","age":40},{"id":"c","email":"ada@example.com","age":12}],"next":"p2"})");
  });
  REQUIRE(world.recorder->all().size() == 2);
  const Exchanged& first = *world.recorder->find("r1");
  CHECK(first.judged);
  CHECK(first.kept == 1);
  CHECK(first.dropped == 2);
  CHECK(first.had(run::Event::accepted));
  CHECK(first.had(run::Event::more));
  REQUIRE(first.rows.size() == 3);
  CHECK(first.rows[0].result == R"({"id":"a","mail":"ada@example.com"})");
  CHECK(first.rows[1].dropped_by == 0);
  CHECK(first.rows[2].dropped_by == 1);
  const std::string text = world.shown("r1");
  for (const std::string_view part :
       {"skip on 404 \"unknown there\"", "fail when .error != null", ".error = null",
        "rows .people", "3 rows", "kept     { id: \"a\", mail: \"ada@example.com\" }",
        "keep .email == email  .email = \"bob@example.com\", email = \"ada@example.com\"",
        "keep .age > 17", ".age = 12", "2 of 3 rows", "1 of 2 rows",
        "map { id: .id, mail: .email }", "1 of 3 rows count, 2 dropped", "→ next page",
        "Authorization: ***"}) {
    CAPTURE(part);
    CAPTURE(text);
    CHECK(holds(text, part));
  }
  const Exchanged& second = *world.recorder->find("r2");
  CHECK(second.repeated == 1);
  CHECK(second.rows[0].repeated);
  CHECK(holds(world.shown("r2"), "an earlier row of person is the same"));
  CHECK(holds(world.shown("r2"), "→ last page"));
}

TEST_CASE("rows that aren't where they are looked for are told") {
  const struct {
    const char *body, *told;
  } cases[] = {
      {R"({"persons":[],"total":0})", "there is no `.people`: the answer has persons, total\n"},
      {"[1]", "the answer is no object\n"},
      {"{}", "there is no `.people`: the answer has nothing\n"},
      {R"({"people":null})", "`.people` is null\n"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.body);
    Watched world(person);
    world.run([&](const contract::SentRequest&) { return json(one.body); });
    CAPTURE(world.shown("r1"));
    CHECK(holds(world.shown("r1"), one.told));
  }
  Watched none(person);
  none.run([](const contract::SentRequest&) { return json(R"({"people":[]})"); });
  CHECK_FALSE(holds(none.shown("r1"), "there is no"));
}

TEST_CASE("a skip, a failure and a repetition are told") {
  Watched world(person);
  world.run([](const contract::SentRequest&) { return json("{}", 404); });
  CHECK(world.recorder->find("r1")->had(run::Event::skipped));
  CHECK(holds(world.shown("r1"), "skipped: unknown there"));

  Watched failing(person);
  failing.run([](const contract::SentRequest&) { return json(R"({"error":"no luck"})"); });
  CHECK(holds(failing.shown("r1"), "failed: the API says no luck"));

  Watched slow(person);
  int turn = 0;
  slow.run([&turn](const contract::SentRequest&) {
    return turn++ == 0 ? json("{}", 503) : json(R"({"people":[]})");
  });
  CHECK(slow.recorder->find("r1")->had(run::Event::retried));
  CHECK(holds(slow.shown("r1"), "sent again: status 503; waits"));
  CHECK(slow.recorder->find("r2")->had(run::Event::accepted));
}

TEST_CASE("a chain's values go by their names") {
  Watched world(R"(
  collection file {
    read needs email {
      let job = POST /exports { body json { who: email } }
      GET /exports/{job.id}/rows { rows . }
    }
    fields { id: string key @system.operations }
  })");
  world.run([](const contract::SentRequest& sent) {
    return sent.request.method == "POST" ? json(R"({"id":"j1"})") : json(R"([{"id":"x"}])");
  });
  const Exchanged& job = *world.recorder->find("r1");
  CHECK(job.step == "job");
  CHECK(job.had(run::Event::bound));
  const Exchanged& rows = *world.recorder->find("r2");
  REQUIRE(rows.names.size() == 2);
  CHECK(rows.names[0].first == "email");
  CHECK(rows.names[1].first == "job");
  CHECK(value::to_json(rows.names[1].second.get()) == R"({"id":"j1"})");
}

TEST_CASE("a held request may be changed, or not sent at all") {
  Watched world(person);
  Recorder::Hooks hooks;
  hooks.sending = [](Exchanged& seen) {
    seen.request.headers.push_back({"X-Mine", "1"});
    seen.edited = true;
    return true;
  };
  world.run([](const contract::SentRequest&) { return json(R"({"people":[]})"); }, hooks);
  REQUIRE(world.sent_headers.size() == 1);
  CHECK(http::all(world.sent_headers[0], "X-Mine") == "1");

  Watched stopped(person);
  hooks.sending = [](Exchanged&) { return false; };
  stopped.run([](const contract::SentRequest&) { return json(R"({"people":[]})"); }, hooks);
  CHECK(stopped.summary.interrupted);
  CHECK(stopped.sent_lines.empty());
  CHECK(stopped.summary.collections.at(0).outcome.requests == 0);
  CHECK_FALSE(stopped.recorder->find("r1")->arrived);
}

TEST_CASE("what is kept is bounded, and what isn't is counted") {
  Watched world(person);
  Recorder::Limits limits;
  limits.rows = 2;
  limits.body_bytes = 1;
  world.run(
      [](const contract::SentRequest& sent) {
        const std::string next = sent.request.query.empty() ? "\"p2\"" : "null";
        return json(
            R"({"people":[{"id":")" + next.substr(1, 1) +
            R"(","email":"ada@example.com","age":40},{"id":"y","email":"b","age":40}],"next":)" +
            next + "}");
      },
      {}, limits);
  CHECK(world.recorder->find("r1")->forgotten);
  CHECK(world.recorder->find("r1")->body.empty());
  CHECK_FALSE(world.recorder->find("r2")->body.empty());
  CHECK(world.recorder->find("r2")->rows.empty());
  CHECK(world.recorder->find("r2")->dropped == 1);
  CHECK(world.recorder->unkept_rows() == 2);
}

TEST_CASE("what a run brings along is bounded, too") {
  Watched world(person);
  Recorder::Limits limits;
  limits.exchanges = 2;
  int left = 0;
  Recorder::Hooks hooks;
  hooks.leaving = [&left](const Exchanged& seen) {
    ++left;
    CHECK(seen.name == "r1");
  };
  int page = 0;
  world.run(
      [&page](const contract::SentRequest&) {
        const std::string next = ++page < 3 ? "\"p" + std::to_string(page) + "\"" : "null";
        return json(R"({"people":[{"id":")" + std::to_string(page) +
                    R"(","email":"ada@example.com","age":40}],"next":)" + next + "}");
      },
      hooks, limits);
  CHECK(left == 1);
  CHECK(world.recorder->cut());
  CHECK(world.recorder->find("r1") == nullptr);
  CHECK(world.recorder->find("r3")->had(run::Event::last));
}

TEST_CASE("a dropped row's reason is what the clause saw that dropped it") {
  Watched world(person);
  world.run([](const contract::SentRequest&) {
    return json(R"({"people":[{"id":"c","email":"ada@example.com","age":12}],"next":null})");
  });
  const std::string text = world.shown("r1");
  CHECK(holds(text, "keep .age > 17  .age = 12\n"));
}

TEST_CASE("a token's answer is shown without its texts") {
  Watched world(person, "auth oauth2_client_credentials(\"https://c.test/token\", \"id\", token)");
  world.run([](const contract::SentRequest& sent) {
    if (sent.request.path == "/token") {
      auto reply = json(R"({"access_token":"tok-12345","expires_in":3600})");
      reply.headers.push_back({"X-Subject-Token", "tok-67890", false});
      return reply;
    }
    return json(R"({"people":[]})");
  });
  REQUIRE(world.recorder->all().size() == 2);
  const std::string text = world.shown("r1", true) + world.shown("r2", true);
  CHECK(holds(text, "access_token: ***"));
  CHECK(holds(text, "expires_in: 3600"));
  CHECK_FALSE(holds(text, "tok-12345"));
  CHECK(holds(text, "X-Subject-Token: ***"));
  CHECK_FALSE(holds(text, "s3cret-token"));
}

constexpr const char* shop = R"(
  collection person {
    read needs email GET /people { query { q: email } rows .people keep .email == email and .state == "active" }
    fields default @system.operations {
      id: int key @user.unique_id
      email: string @user.contact.email
      name: string @user.name
      state: string
    }
  }
  collection order {
    for p in person
    read GET /people/{p.id}/orders/{p.email | md5} { rows .orders paginate link(.next) }
    fields { id: string key @system.operations }
  })";

mock::RecordedReply shop_reply(const contract::SentRequest& sent) {
  if (sent.request.path == "/people") {
    return json(
        R"({"people":[{"id":48213,"email":"ada@example.com","name":"Ada Lovelace","state":"active","note":"called Ada on +44 20 7946 0958"}]})");
  }
  if (!sent.request.query.empty()) return json(R"({"orders":[{"id":"o-2"}],"next":null})");
  return json(
      R"({"orders":[{"id":"o-1","to":"Lovelace, 12 St James's Square"}],"next":"https://c.test)" +
      sent.request.path + R"(?cursor=YWRhQGV4YW1wbGU"})");
}

TEST_CASE("a saved case passes, and holds nothing personal") {
  Watched world(shop);
  world.run(shop_reply);
  REQUIRE(world.summary.exit_code == 0);
  const auto made = make_case(world.facts, *world.recorder, world.redactor);
  REQUIRE_MESSAGE(made, made.error().text);
  CHECK(made->replies == 3);
  for (const std::string_view personal :
       {"ada@", "Ada", "Lovelace", "48213", "7946", "James", "s3cret", "YWRhQGV4YW1wbGU"}) {
    CAPTURE(personal);
    CAPTURE(made->text);
    CHECK_FALSE(holds(made->text, personal));
  }
  // What the connector spells out stays, so that `keep` still means something.
  CHECK(holds(made->text, "state: \"active\""));
  CHECK(holds(made->text, "person1@example.com"));
  CHECK(holds(made->text, "expect person complete"));
}

TEST_CASE("a case of some collections reads these alone") {
  Watched some(shop);
  some.facts.collections = {"person"};
  some.run(shop_reply);
  CHECK(some.sent_lines.size() == 1);
  const auto made = make_case(some.facts, *some.recorder, some.redactor);
  REQUIRE_MESSAGE(made, made.error().text);
  CHECK(holds(made->text, "  collection \"person\"\n"));
  CHECK(holds(made->text, "expect person complete"));
  CHECK_FALSE(holds(made->text, "order"));
}

TEST_CASE("a case that can't be honest isn't made") {
  Watched page(person);
  page.run([](const contract::SentRequest&) {
    return mock::RecordedReply{
        200, {{"Content-Type", "text/csv", false}}, "id,email\n1,ada@example.com\n"};
  });
  const auto csv = make_case(page.facts, *page.recorder, page.redactor);
  // A table has no `.people`: as the run gave no rows, so does the case.
  REQUIRE_MESSAGE(csv, csv.error().text);
  CHECK(holds(csv->text, "expect rows person []"));
  CHECK_FALSE(holds(csv->text, "ada"));

  Watched nothing(person);
  nothing.facts.instance.identities.clear();
  nothing.run(shop_reply);
  CHECK_FALSE(make_case(nothing.facts, *nothing.recorder, nothing.redactor));
}

TEST_CASE("answers of other formats are told with stand-ins, too") {
  const struct {
    const char *type, *body, *rows, *kept;
  } cases[] = {
      {"text/csv", "id,email,state\n7,ada@example.com,\"on, hold\"\n8,bob@example.com,new\n",
       "rows .", "body text"},
      {"application/x-ndjson",
       "{\"id\":7,\"email\":\"ada@example.com\"}\n{\"id\":8,\"email\":\"bob@example.com\"}\n",
       "rows .", "body text"},
      {"application/xml",
       "<?xml version=\"1.0\"?><!-- of Ada --><list kind='a'><p "
       "id=\"7\"><email>ada&#64;example.com</email>"
       "<note><![CDATA[Ada & <Bob>]]></note></p><p "
       "id=\"8\"><email>bob@example.com</email></p></list>",
       "rows .list.p", "<email>person1@example.com</email>"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.type);
    Watched world(
        std::string("collection person { read needs email GET /people { ") + one.rows +
        " keep .email == email } fields { id: any, email: string @user.contact.email } }");
    world.run([&](const contract::SentRequest&) {
      return mock::RecordedReply{200, {{"Content-Type", one.type, false}}, one.body};
    });
    REQUIRE(world.summary.exit_code == 0);
    const auto made = make_case(world.facts, *world.recorder, world.redactor);
    REQUIRE_MESSAGE(made, made.error().text);
    CAPTURE(made->text);
    CHECK(holds(made->text, one.kept));
    CHECK(holds(made->text, "expect person complete"));
    CHECK(holds(made->text, "expect rows person [{"));
    for (const std::string_view personal : {"ada", "Ada", "bob", "Bob", "hold"}) {
      CAPTURE(personal);
      CHECK_FALSE(holds(made->text, personal));
    }
  }
}

TEST_CASE("stand-ins that would change which rows count make no case") {
  Watched world(R"(collection person {
    read needs email GET /people { rows .people keep .name matches "^A" }
    fields { id: string key @system.operations, name: string @user.name } })");
  world.run([](const contract::SentRequest&) {
    return json(R"({"people":[{"id":"a","name":"Ada"},{"id":"b","name":"Bob"}]})");
  });
  const auto made = make_case(world.facts, *world.recorder, world.redactor);
  REQUIRE_FALSE(made);
  CHECK(holds(made.error().text, "person gives 0 rows instead of 1"));
}

TEST_CASE("a body is written with other values, or not at all") {
  const auto as = [](std::string_view body, std::string_view json, std::string_view scrubbed,
                     std::string_view type) {
    const auto made = rewritten({body, json, scrubbed, type});
    return made ? *made : "no: " + made.error().text;
  };
  CHECK(as("a;b\n1;2\n", R"([{"a":"1","b":"2"}])", R"([{"a":"x","b":"2"}])", "text/csv") ==
        "a,b\r\nx,2\r\n");
  CHECK(as("Ada", R"("Ada")", R"("text-1")", "text/plain") == "text-1");
  CHECK(as("\x1F\x8B..", R"([{"a":"1"}])", R"([{"a":"2"}])", "text/csv")
            .starts_with("no: it is packed"));
  // Text among elements can't be told.
  CHECK(as("<a>Ada <b>x</b></a>", R"({"a":{"b":"x","#text":"Ada","#xml":"Ada <b>x</b>"}})",
           R"({"a":{"b":"y","#text":"z","#xml":"w"}})", "application/xml")
            .starts_with("no: "));
  CHECK(as("<a>&unknown;</a>", R"({"a":"Ada"})", R"({"a":"x"})", "application/xml")
            .starts_with("no: "));
}

TEST_CASE("values get the same stand-in everywhere") {
  const ir::Connector connector;
  Scrubber scrubber(connector, ScrubDepth::undeclared, {"https://api.test"});
  CHECK(scrubber.add("ada@example.com") == "person1@example.com");
  CHECK(scrubber.add("ADA@example.com") == "person1@example.com");
  CHECK(scrubber.text("mail ada@example.com now") == "mail person1@example.com now");
  const ir::Collection collection;
  const ir::Request request;
  CHECK(scrubber.json(R"({"a":"ada@example.com","b":"+1 (555) 010-9999","c":"2001-02-03","n":7})",
                      &collection, &request) ==
        R"({"a":"person1@example.com","b":"+15550000002","c":"2000-01-04","n":7})");
  CHECK(scrubber.json(R"({"next":"https://api.test/x?mail=ada%40example.com&page=2"})", &collection,
                      &request) ==
        R"({"next":"https://api.test/x?mail=person1%40example.com&page=2"})");
  CHECK(looks_like_email("a@b.c"));
  CHECK_FALSE(looks_like_email("https://a@b.c"));
  CHECK_FALSE(looks_like_phone("2024-05-06"));
  CHECK_FALSE(looks_like_phone("1234567890"));
}

}  // namespace
}  // namespace fconn::repl
