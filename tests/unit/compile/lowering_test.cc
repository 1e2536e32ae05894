#include <doctest/doctest.h>

#include "tests/unit/compile/support.hh"

using namespace fconn;
using namespace fconn::compile::test;

namespace {

/// `body` inside a connector with a client, a parameter, a secret and an identity.
std::string connector(const std::string& body) {
  return "connector shop \"Shop\" {\n  client { base \"https://a.example\" }\n  param p\n"
         "  secret s\n  identity email\n  identity phone\n  external ext: string\n" +
         body + "\n}\n";
}

struct Case {
  std::string text;
  std::vector<std::string> lines;  // each must be a line of the dump
};

bool has_line(const std::string& dump, const std::string& line) {
  std::size_t at = 0;
  while (at < dump.size()) {
    const std::size_t end = dump.find('\n', at);
    const std::size_t first = dump.find_first_not_of(' ', at);
    if (first < end && dump.substr(first, end - first) == line) return true;
    at = end + 1;
  }
  return false;
}

void check(const Case& it) {
  const Result result = compile_text(connector(it.text));
  const std::string dump = result.dump();
  INFO(it.text);
  REQUIRE_MESSAGE(result.compiled.ir != nullptr, dump);
  const auto valid = ir::validate(*result.compiled.ir);
  CHECK((valid ? "" : valid.error().text) == "");
  for (const std::string& line : it.lines) {
    CHECK_MESSAGE(has_line(dump, line), "no line: " << line << "\n" << dump);
  }
}

}  // namespace

TEST_CASE("paths become cells, and what follows is applied to them") {
  const Case cases[] = {
      {"check GET /x { fail when .a.b == 1 and .a.b != 2 or .[\"c d\"] == null }",
       {"fail when (((body(.a.b) == 1) and (body(.a.b) != 2)) or (body(.\"c d\") == null))",
        "body_cells .a.b, .\"c d\""}},
      {"check GET /x { fail when .a[0].b == 1 or .[p] == 2 }",
       {"fail when ((body(.a)[0].b == 1) or (body(.)[param:p] == 2))"}},
      {"collection c { read GET /c { rows .a[].b.c[].d } }",
       {"rows (body(.a) splice $0: ($0.b.c each $1: $1.d))"}},
      {"collection c { read GET /c { rows .a.b } }", {"rows_path .a.b"}},
      {"collection c { read GET /c }", {"rows_path ."}},
      {"collection c { read GET /c { rows .d  keep .x == 1  map { y: .x }  keep .y == 1 } }",
       {"row_op keep (row(.x) == 1)", "row_op map { y: row(.x) }",
        "row_op keep (current_row.y == 1)"}},
      {"collection c { read GET /c { keep .n == \"1\" }\n fields { n: string } }",
       {"row_op keep ((row(.n) as string) == \"1\")"}},
      {"check GET /x { fail when headers[\"X-Err\"] != null or headers.Link == null or "
       "links.next != null or status == 202 or request.query.q == \"1\" }",
       {"fail when (((((header(\"x-err\") != null) or (header(\"link\") == null)) or "
        "(links.next != null)) or (status == 202)) or (request.query.q == \"1\"))"}},
  };
  for (const Case& it : cases) check(it);
}

TEST_CASE("pagination strategies are inlined, and what is switched off isn't there") {
  const Case cases[] = {
      {"collection c { read GET /c { paginate link(.links.next) } }",
       {"step next_url body(.links.next)"}},
      {"collection c { read GET /c { query { o: 0 }  paginate offset(\"o\", by: 10) } }",
       {"step stop (rows_count == 0)", "step next_query { o: $3 }"}},
      {"collection c { read GET /c { paginate after_last(\"after\", \"id\", has_next: .more) } }",
       {"step stop ((body(.more) != null) and (not body(.more)))", "step stop (rows_count == 0)",
        "step next_query { after: rows_last.id }"}},
      {"collection c { read GET /c { paginate cursor(headers[\"X-Next\"], to_header: \"X-T\") } }",
       {"step next_headers { \"X-T\": header(\"x-next\") }"}},
      {"pagination own(a) { let n = a\n stop when (rows | first) == n\n next body { r: rows } }\n"
       "collection c { read GET /c { paginate own(if p == \"1\" then .x.y else .z ?? 5) } }",
       {"step next_body { r: rows_all }"}},
  };
  for (const Case& it : cases) check(it);
}

TEST_CASE("auth strategies are inlined per client") {
  const Result result = compile_text(R"(connector a {
  param user
  secret key = ""
  client {
    base "https://a.example"
    auth bearer(key) when key != ""
    auth basic(user, key)
  }
  client other { base "https://b.example"  auth header("X-Key", key) }
  check GET /x via other
})");
  const std::string dump = result.dump();
  CAPTURE(dump);
  REQUIRE(result.compiled.ir != nullptr);
  const auto& clients = result.compiled.ir->clients;
  REQUIRE(clients.size() == 2);
  REQUIRE(clients[0].auths.size() == 2);
  CHECK(clients[0].auths[0].when.has_value());
  CHECK(ir::dump(*clients[0].auths[0].headers) == R"({ Authorization: "Bearer {param#1}" })");
  CHECK(ir::dump(*clients[0].auths[1].headers) ==
        R"({ Authorization: "Basic {base64("{param#0}:{param#1}")}" })");
  CHECK(ir::dump(*clients[1].auths[0].headers) == R"({ "X-Key": param#1 })");
}

TEST_CASE("a token is fetched by its strategy's client") {
  const Result result = compile_text(R"(connector a {
  secret key
  client { base "https://a.example" }
  client other { base "https://b.example"  auth session(key) }
  check GET /x via other
}
auth session(k) {
  token t = POST /token { body json { key: k }  value .token  expires in 10m }
  headers { Authorization: t }
})");
  CAPTURE(result.mistakes());
  REQUIRE(result.compiled.ir != nullptr);
  const ir::Auth& auth = result.compiled.ir->clients[1].auths.at(0);
  REQUIRE(auth.tokens.size() == 1);
  CHECK(auth.tokens[0].request.client.value == 1);
  CHECK(ir::dump(auth.tokens[0].value) == "body#0");
  CHECK(ir::dump(*auth.tokens[0].expires_in) == "600000ms");
  CHECK(ir::dump(*auth.headers) == "{ Authorization: token#0 }");
  CHECK(ir::validate(*result.compiled.ir).has_value());
}

TEST_CASE("the sources of a `for` are slots and cells") {
  const Case cases[] = {
      {"collection a { read GET /a\n fields { id: int key, sub: { n: string } } }\n"
       "collection b { for x in a where x.sub.n == \"1\"\n read GET /b/{x.id} }",
       {"slot x.sub.n = source 0 cell 0", "slot x.id = source 0 cell 1", "cell .sub.n string",
        "cell .id int", "uses 1", "cells (row(.sub.n) as string)", "cells (row(.id) as int)"}},
      {"collection a { read GET /a }\ncollection b { for id in a.list[].id\n read GET /b/{id} }",
       {"values (bound:a.list each $0: $0.id)", "slot a.list = source 0 cell 0",
        "slot id = source 0 value", "request GET /b/{bound:id}"}},
      {"collection a { read GET /a }\n"
       "collection b { for o in a, i in o.items[]\n read GET /b/{o.id}/{i.n} }",
       {"values (bound:o.items each $0: $0)", "depends 0",
        "request GET /b/{bound:o.id}/{bound:i.n}"}},
      {"collection a { read GET /a }\n"
       "collection b { for ids in batch(a.id, 50)\n read GET /b { query { ids: ids } } }",
       {"batch 50", "query { ids: bound:ids }"}},
      {"collection b { for id in ext\n read GET /b/{id} }", {"values external:ext"}},
      {"collection child { for x in parent\n read GET /c/{x.id} }\n"
       "collection parent { read GET /p }",
       {"collection parent"}},
  };
  for (const Case& it : cases) check(it);
}

TEST_CASE("cells look through a map") {
  const std::string child = "\ncollection b { for x in a\n read GET /b/{x.id} }";
  const Case cases[] = {
      {"collection a { read GET /a { map { id: .n.id, rest: 1 } } }" + child, {"cells row(.n.id)"}},
      {"collection a { read GET /a { map { ...., more: 1 } } }" + child, {"cells row(.id)"}},
      {"collection a { read GET /a { map { id: 1, .... } } }" + child, {"reparse"}},
      {"collection a { read GET /a { map without_empty(.) } }" + child, {"reparse"}},
      {"collection a { read GET /a { map { other: 1 } } }" + child, {"cells null"}},
      {"collection a { emit { id: p } }" + child, {"emit_cells current_row.id"}},
  };
  for (const Case& it : cases) check(it);
}

TEST_CASE("identities are booked where they are mentioned") {
  const Result result = compile_text(connector(
      "collection a {\n"
      "  read GET /a { query { e: email }  keep .p == phone }\n"
      "  read needs email or phone GET /b { query { e: email ?? \"\", p: phone ?? \"\" } }\n"
      "  read GET /c { keep .e == email }\n}"));
  CAPTURE(result.mistakes());
  REQUIRE(result.compiled.ir != nullptr);
  const auto& reads = result.compiled.ir->collections[0].reads;
  const ir::IdentityId email{0};
  const ir::IdentityId phone{1};
  CHECK(reads[0].chain.needs == std::vector<std::vector<ir::IdentityId>>{{email, phone}});
  CHECK(reads[0].chain.request_identities == std::vector{email});
  CHECK(reads[0].chain.keep_identities == std::vector{phone});
  CHECK(reads[1].chain.needs == std::vector<std::vector<ir::IdentityId>>{{email}, {phone}});
  CHECK(reads[2].chain.request_identities.empty());
  CHECK(reads[2].chain.keep_identities == std::vector{email});
}

TEST_CASE("a read shares answers only where another may send its request") {
  const Result result = compile_text(connector(R"(
  collection src { read GET /src }
  collection plain { for x in src
    read GET /plain/{x.id} { query { e: email } } }
  collection folded { for x in src
    read GET /folded/{x.id | lower} }
  collection kept { for x in src
    read GET /kept { keep .id == x.id } }
  collection twins {
    read GET /twins { query { kind: "a" } }
    read GET /twins { query { kind: "b" } }
    read GET /twins/{email}
    read GET /twins/{phone}
  }
  collection waiting { for x in src
    read GET /waiting { keep .id == x.id  until .done } })"));
  CAPTURE(result.mistakes());
  REQUIRE(result.compiled.ir != nullptr);
  std::string shared;
  for (const ir::Collection& collection : result.compiled.ir->collections) {
    for (const ir::Read& read : collection.reads) {
      shared += collection.name + (read.chain.shareable ? "+" : "-") + " ";
    }
  }
  CHECK(shared == "src- plain- folded+ kept+ twins- twins- twins+ twins+ waiting- ");
}

TEST_CASE("targets that may be the same are found wherever their holes are") {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "/s" + std::to_string(i);
  const std::string sources = "collection src { read GET /src }\n";
  const auto read = [](const std::string& name, const std::string& target) {
    return "collection " + name + " { for x in src  read GET " + target + " }\n";
  };
  const struct {
    std::string text, shared;  // a segment that has a hole may be any one
  } cases[] = {
      {read("one", "/a/{x.id}/b") + read("two", "/a/{x.id}/c"), "src- one- two- "},
      {read("one", "/a/{x.id}/b") + read("two", "/a/7{x.id}/b"), "src- one+ two+ "},
      {read("one", "/a/{x.id}") + read("two", "/a/{x.id}/b"), "src- one- two- "},
      {read("one", "/{x.id}/9/d") + read("two", "/a/{x.id}/d"), "src- one+ two+ "},
      {read("one", "/a{x.id}") + read("two", "/b/{x.id}"), "src+ one+ two- "},
      {read("one", deep + "/b/{x.id}") + read("two", deep + "/{x.id}/c"), "src- one+ two+ "},
      {read("one", deep + "/b/{x.id}") + read("two", deep + "/c/{x.id}"), "src- one- two- "},
      {read("one", "/a/{x.id}") + read("two", "/b/{+x.path}"), "src+ one+ two+ "},
      {read("one", "/b/{+x.path}") + read("two", "/a/{x.id}"), "src+ one+ two+ "},
  };
  for (const auto& it : cases) {
    CAPTURE(it.text);
    const Result result = compile_text(connector(sources + it.text));
    CAPTURE(result.mistakes());
    REQUIRE(result.compiled.ir != nullptr);
    std::string shared;
    for (const ir::Collection& collection : result.compiled.ir->collections) {
      shared += collection.name + (collection.reads[0].chain.shareable ? "+ " : "- ");
    }
    CHECK(shared == it.shared);
  }
}

TEST_CASE("clients, retries and limits are effective values") {
  const Result result = compile_text(R"(connector a {
  client {
    base "https://a.example"
    retry on 500 times 7
    timeout 10s, connect 2s
  }
  client bare { base "https://b.example" }
  collection c {
    read GET /one { retry when .busy times 2 every 1s  timeout 3s }
    read GET /two via bare
  }
})");
  CAPTURE(result.mistakes());
  REQUIRE(result.compiled.ir != nullptr);
  const auto& one = *result.compiled.ir->collections[0].reads[0].chain.request;
  REQUIRE(one.retries.size() == 2);
  CHECK(one.retries[0].every_ms == 1000);
  CHECK(one.retries[1].times == 7);
  CHECK(one.timeout_ms == 3000);
  CHECK(one.connect_timeout_ms == 2000);
  const auto& two = *result.compiled.ir->collections[0].reads[1].chain.request;
  REQUIRE(two.retries.size() == 1);
  CHECK(two.retries[0].condition.on.size() == 2);
  CHECK(!two.timeout_ms);
}

TEST_CASE("chains, actions, consents and fields") {
  const Case cases[] = {
      {"collection a {\n read {\n let n = p | lower\n"
       " let job = POST /jobs { body json { n: n } }\n skip when job.id == null \"none\"\n"
       " GET {+job.url} { as csv } } }",
       {"judgement when (let#1.id == null) \"none\"", "accept csv"}},
      {"collection a {\n read GET /a\n delete {\n for e in row.emails[]\n"
       " DELETE /a/{row.id}/{e} }\n fields { id: string key } }",
       {"request DELETE /a/{erased_row.id}/{loop_value}"}},
      {"consent opt_out for purpose \"ads\" POST /out { body json { e: email } }",
       {"consent opt_out \"ads\""}},
      {"consent opt_out POST /out { body json { e: email }  idempotent }", {"idempotent"}},
      {"collection a {\n delete {\n let j = POST /jobs { body json { e: email }  idempotent }\n"
       " DELETE /jobs/{j.id} } }",
       {"idempotent"}},
  };
  for (const Case& it : cases) check(it);
  const Result fields = compile_text(connector(
      "collection a { read GET /a\n fields default @system.operations {\n"
      " id: string key, none: string @none, o: { e: string @user.contact.email, f: int },\n"
      " l: [string] @user mask \"x\", c: \"a\" | \"b\" } }"));
  CAPTURE(fields.mistakes());
  REQUIRE(fields.compiled.ir != nullptr);
  const auto& list = fields.compiled.ir->collections[0].fields;
  CHECK(list[0].categories == std::vector<std::string>{"system.operations"});
  CHECK(list[1].categories.empty());
  CHECK(list[2].categories.empty());
  CHECK(list[2].fields[0].categories == std::vector<std::string>{"user.contact.email"});
  CHECK(list[2].fields[1].categories == std::vector<std::string>{"system.operations"});
  CHECK(list[3].list);
  CHECK(list[3].mask.has_value());
  CHECK(list[4].choices.size() == 2);
}

TEST_CASE("one expression alone, and constants of tests") {
  grammar::SourceMap sources;
  const auto file = sources.add("expression", "[x, y.a | upper, .b]");
  const auto compiled = compile::compile_expression(file, sources, {"x", "y", "."});
  REQUIRE(compiled.expr.has_value());
  CHECK(ir::dump(*compiled.expr) == "[$0, upper($1.a), $2.b]");
  CHECK(compiled.locals == 3);
  const auto bad = sources.add("expression", "x + 1");
  CHECK(!compile::compile_expression(bad, sources).expr.has_value());
}

TEST_CASE("the standard library is clean") {
  for (const auto& module : MemoryResolver().standard_library()) {
    INFO(module.name);
    REQUIRE(!module.text.empty());
    CHECK(compile_text(module.text).mistakes() == "");
  }
}

TEST_CASE("a refresh sees the old token, a login and a challenge what they bring") {
  const Result result = compile_text(R"(connector c {
  secret key
  client { base "https://a.example"  auth flow(key) }
  check GET /x
}
auth flow(k) {
  login g = GET https://id.example/authorize { query { id: k } }
  challenge c = headers["www-authenticate"]
  token t = POST /token { body form { code: g.code }  value { a: .a, r: .r }  expires at .until margin 5s }
  refresh t when t.r != null = POST /token {
    body form { r: t.r }
    retry when .wait != null times 3 every seconds(.wait)
    value { a: .a, r: t.r }
  }
  headers { Authorization: t.a, X-Asked: c.value, X-Target: request.target }
})");
  CAPTURE(result.mistakes());
  REQUIRE(result.compiled.ir != nullptr);
  const ir::Auth& auth = result.compiled.ir->clients[0].auths.at(0);
  REQUIRE(auth.tokens.size() == 2);
  CHECK(auth.tokens[0].login);
  CHECK(ir::dump(*auth.challenge) == R"(header("www-authenticate"))");
  const ir::Token& token = auth.tokens[1];
  CHECK(token.margin_ms == 5000);
  CHECK(ir::dump(*token.request.body) == "{ code: token#0.code }");
  REQUIRE(token.refresh);
  CHECK(ir::dump(*token.refresh->when) == "(token#1.r != null)");
  CHECK(ir::dump(*token.refresh->request.body) == "{ r: token#1.r }");
  CHECK(ir::dump(*token.refresh->request.retries.at(0).every) == "seconds(body#0)");
  CHECK(ir::validate(*result.compiled.ir).has_value());
  const auto again = ir::from_json(ir::to_json(*result.compiled.ir));
  REQUIRE(again);
  CHECK(ir::dump(**again) == ir::dump(*result.compiled.ir));
}

TEST_CASE("mistakes in a strategy's tokens") {
  static const struct {
    const char* strategy;
    const char* mistake;
  } cases[] = {
      {"token t = POST /t { expires in 1h }\n headers { A: t }", "F0116 `t`"},
      {"refresh t = POST /t { value .a }\n headers { A: 1 }", "F0201 `t`"},
      {"token t when 1 == 1 = POST /t { value .a }\n headers { A: t }", "F0601 `1 == 1`"},
      {"token t = POST /t { value .a  show \"x\" }\n headers { A: t }", "F0601 `show`"},
      {"token t = POST /t { value .a }\n refresh t = POST /r { value .a }\n"
       " refresh t = POST /r { value .a }\n headers { A: t }",
       "F0115 `t`"},
      {"login g = GET /a\n refresh g = POST /r { value .a }\n headers { A: g.code }", "F0201 `g`"},
      {"login g = POST /a { show \"open {.uri}\" }\n headers { A: g.code }", "F0116 `g`"},
      {"headers { A: request.targt }", "F0201 `targt`"},
      {"token t = POST /t { value .a  expires in 1h margin 5 }\n headers { A: t }", "F0305 `5`"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.strategy);
    const Result result = compile_text(
        "connector c {\n client { base \"https://a.example\"  auth s }\n check GET /x\n}\nauth s "
        "{\n " +
        std::string(one.strategy) + "\n}\n");
    CHECK(result.mistakes().find(one.mistake) != std::string::npos);
    CHECK(result.compiled.ir == nullptr);
  }
}

TEST_CASE("a URL that a strategy sends to declares its host, another one doesn't") {
  const Result result = compile_text(R"(connector c {
  param tenant
  client {
    base "https://a.example"
    auth oauth2_client_credentials("https://id.example/{tenant}/{tenant}/{tenant}/token", "i", "s", audience: "https://aud.example/")
  }
  check GET /x
})");
  CAPTURE(result.mistakes());
  REQUIRE(result.compiled.ir != nullptr);
  CHECK(result.compiled.ir->hosts == std::vector<std::string>{"id.example"});
}

TEST_CASE("a URL that a strategy's arguments choose declares its host, and must be declared") {
  const auto compiled = [](const std::string& hosts, const std::string& more) {
    return compile_text(
        "connector c {\n  param renewing: host\n  client {\n    base \"https://a.example\"" +
        hosts +
        "\n    auth oauth2_authorization_code(\"https://id.example/a\", "
        "\"https://id.example/t\", \"i\"" +
        more + ")\n  }\n  check GET /x\n}");
  };
  const Result plain = compiled("", "");
  REQUIRE(plain.compiled.ir != nullptr);
  CHECK(plain.compiled.ir->hosts == std::vector<std::string>{"id.example"});
  const Result chosen = compiled("", ", refresh_url: \"https://renew.example/t\"");
  REQUIRE(chosen.compiled.ir != nullptr);
  CHECK(chosen.compiled.ir->hosts == std::vector<std::string>{"id.example", "renew.example"});
  const std::string open = ", refresh_url: \"https://{renewing}/t\"";
  CHECK(compiled("", open).mistakes().find("F0605 `oauth2_authorization_code`") == 0);
  CHECK(compiled("\n    hosts \"{renewing}\"", open).compiled.ir != nullptr);
}
