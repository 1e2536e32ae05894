#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/compile/support.hh"

using namespace fconn;
using namespace fconn::compile::test;

namespace {

struct Case {
  const char* what;
  const char* text;
};

}  // namespace

TEST_CASE("types are checked where none of the possible ones fits") {
  static const struct {
    const char* expression;
    const char* mistake;  // code and underlined text; empty: none
  } cases[] = {
      {"1 + \"a\"", "F0301 `+`"},
      {"x + \"a\"", ""},
      {"[1] + [2]", ""},
      {"[1] + 2", "F0301 `+`"},
      {"null + 1", "F0301 `+`"},
      {"1 - 2 * 3", ""},
      {"\"a\" - \"b\"", "F0301 `-`"},
      {"30s + 1m", ""},
      {"-\"a\"", "F0301 `\"a\"`"},
      {"-5 + -1.5", ""},
      {"1 < \"2\"", "F0301 `<`"},
      {"\"a\" < \"b\"", ""},
      {"1 == \"1\"", "F0301 `==`"},
      {"1 == 1.0", ""},
      {"x == null", ""},
      {"1 in [1]", ""},
      {"\"a\" in \"abc\"", "F0301 `\"abc\"`"},
      {"1 matches 'a'", "F0301 `1`"},
      {"x matches 'a('", "F0304 `'a('`"},
      {"x matches \"a{x}\"", ""},
      {"not 1", "F0303 `1`"},
      {"if \"a\" then 1 else 2", "F0303 `\"a\"`"},
      {"if x then 1 else 2", ""},
      {"x and 1", "F0303 `1`"},
      {"\"{x}{1}{true}\"", ""},
      {"\"{[1]}\"", "F0306 `[1]`"},
      {"\"{null}\"", "F0306 `null`"},
      {"\"{null ?? 1}\"", ""},
      {"upper([1])", "F0302 `[1]`"},
      {"upper(null)", ""},
      {"length(1)", "F0302 `1`"},
      {"[...1]", "F0305 `1`"},
      {"{ ...[1] }", "F0305 `[1]`"},
      {"[y for y in \"abc\"]", "F0305 `\"abc\"`"},
      {"x[true]", "F0301 `true`"},
      {"x[0].a[]", ""},
      {"\"a '{x}'\"", "F0310 `x`"},
      {"xml\"<a b='{x}'/>\"", ""},
      {"{ k: v for k, v in x }", "F0217 `k`"},
      {"{ [k]: v for k, v in x }", ""},
      {"upper(1 | string)", ""},
  };
  for (const auto& it : cases) {
    const Result result = compile_text("fn f(x) = [x, " + std::string(it.expression) + "]");
    std::string found = result.mistakes();
    const std::string wanted = it.mistake;
    INFO(it.expression);
    if (wanted.empty()) {
      CHECK(found == "");
    } else {
      CHECK(found.substr(0, wanted.size()) == wanted);
      CHECK(std::count(found.begin(), found.end(), '\n') == 1);
    }
  }
}

TEST_CASE("the static checks of requests, graph and privacy") {
  static const Case cases[] = {
      {"secrets", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  secret s
  fn signed() = md5(s)
  check GET /x/{s}/{signed()}
                #   ^^^^^^^^ F0603
              # ^ F0603
  collection c {
    read GET /c { map { k: "{s}" } }
                #     ^^^^^^^^^^^^ F0604
  }
  collection d {
    emit { k: s }
    #    ^^^^^^^^ F0604
  }
}
)"},
      {"hosts", R"(
connector shop "Shop" {
  param  sub
  client { base "https://{sub}.a.example"  hosts "*.b.example", "c.example:8443" }
  client plain { base "http://a.example" }
              #       ^^^^^^^^^^^^^^^^^^ F0606
  client local { base "http://localhost:8080" }
  client wrong { base "a.example"  hosts "https://x" }
                               #         ^^^^^^^^^^^ F0608
                 #    ^^^^^^^^^^^ F0609
  collection c {
    read GET https://{sub}.a.example/x
    read GET https://{sub}.b.example/x via plain
    read GET https://{sub}.d.example/x via local
    #        ^^^^^^^^^^^^^^^^^^^^^^^^^ F0605
    read GET https://d.example/x via wrong
  }
}
)"},
      {"a path without a base", R"(
connector shop "Shop" {
  check GET /x
  #         ^^ F0610
}
)"},
      {"clauses where they can't stand", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  collection c {
    read GET /c { until .done  paginate link(.next) }
              #   ^^^^^ F0601
    delete DELETE /c/{row.id} { rows .x }
                          #     ^^^^ F0601
  }
  collection d {
    read {
      for x in [1]
    # ^^^ F0601
      GET /d { until status == 200 every 5 for 1h }
                                     #   ^ F0305
    }
  }
}
)"},
      {"values of clauses", R"(
connector shop "Shop" {
  client {
    base     "https://a.example"
    parallel "8"
    #        ^^^ F0305
    timeout  60
    #        ^^ F0305
    retry    on 429 times 1s
                  #       ^^ F0305
  }
  check GET /x { query "a"  fail when 1 }
                                #     ^ F0303
                #      ^^^ F0305
  collection rows {
    emit [{ a: 1 }]
    #    ^^^^^^^^^^ F0305
  }
}
)"},
      {"marked as idempotent where that says nothing", R"(
connector shop "Shop" {
  client {
    base "https://a.example"
    auth key("k")
  }
  identity email
  auth key(k) {
    token t = POST https://a.example/t { body form { k: k }  value .t  idempotent }
                                                                     # ^^^^^^^^^^ F0601
    headers { A: t }
  }
  check POST /x { idempotent }
                # ^^^^^^^^^^ F0601
  collection c {
    read {
      let found = POST /find { body json { e: email }  idempotent }
                                                     # ^^^^^^^^^^ F0601
      POST /c/{found.id} { idempotent }
                         # ^^^^^^^^^^ F0601
    }
    update PUT /c/{row.id} { body json masked  idempotent }
                                             # ^^^^^^^^^^ F0601
    delete {
      let found = GET /c/{row.id} { idempotent }
                                  # ^^^^^^^^^^ F0601
      POST /c/{found.id}/forget { idempotent }
    }
    fields { id: string key, email: string @user.contact.email }
  }
  consent opt_out PATCH /c { body json { e: email }  idempotent }
}
)"},
      {"auth that is never reached", R"(
connector shop "Shop" {
  client {
    base "https://a.example"
    auth bearer("a")
    auth bearer("b") when true
  # ^^^^ F0607
  }
}
)"},
      {"pagination without next", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  pagination p(x) { stop when x }
  #          ^ F0602
  check GET /x
  collection c { read GET /c { paginate p(true) } }
}
)"},
      {"collections that can never run", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  collection a { fields { id: string } }
  #          ^ F0402
  collection b {
    for x in a
    #   ^ F0402
    read GET /b/{x.id}
  }
}
)"},
      {"two reads alike", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  identity email
  collection a {
    read GET /a { query { e: email }  rows .x }
    read GET /a { query { e: email }  rows .x }
  # ^^^^ F0403
    read GET /a { query { e: email }  rows .y }
  }
}
)"},
      {"a null that would ask for everybody", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  identity email
  collection user {
    read GET /users { query { email: email } }
    fields { id: string key, at: string }
  }
  collection order {
    for u in user
    read GET /orders { query { user: u.at, limit: 5 } }
    #                                ^^^^ F0406
    read GET /a { query { user: "{u.at}" } }
    read GET /b { query { user: u.at } keep .user == u.at }
    read GET /c { query { user: u.at, email: email } }
    read GET /{u.id}/d { query { user: u.at } }
    delete DELETE /orders { query { ref: row.ref } }
    fields { id: string key, ref: string }
  }
  collection guarded {
    for u in user where u.at != null
    read GET /guarded { query { user: u.at } }
    read GET /keyed { query { user: u.id } }
    delete DELETE /guarded { query { id: row.id } }
    fields { id: string key }
  }
  collection values {
    for at in user.at
    read GET /values { query { user: at } }
  }
}
)"},
      {"sources", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  param one
  param many: [string]
  collection a {
    for x in one, y in many, z in batch(many)
                           #      ^^^^^ F0210
        #    ^^^ F0404
    read GET /a/{x}/{y} { query { z: z } }
  }
}
)"},
      {"fields", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  collection a {
    read GET /a
    fields default @System {
                #  ^^^^^^^ F0703
      id: string
      id: int
    # ^^ F0308
      list: [{ k: string key }]
             # ^ F0309
      mail: string format emial
                   #      ^^^^^ F0311
    }
  }
}
)"},
      {"privacy actions", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  collection a {
    read GET /a
    update PUT /a { body json masked }
                       #      ^^^^^^ F0702
  # ^^^^^^ F0701
    prefer delete
    #      ^^^^^^ F0704
    fields { id: string }
  }
}
)"},
      {"an update without a read needs no key", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  identity email
  collection a { update PUT /a { body json { e: email } } }
}
)"},
      {"fields give types to what refers to them", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  identity email
  collection user {
    read GET /users { query { email: email } keep .age == "1" }
    #                                                  ^^ F0301
    fields { id: string key @user.unique_id, age: int, live: bool, made: datetime, tags: [string] }
  }
  collection order {
    for u in user where u.id
    #                   ^^^^ F0303
    read GET /users/{u.id}/orders { query { next: u.age + 1, name: u.age + "a", day: u.made + 1d } }
    #                                                                    ^ F0301
  }
  collection note {
    for u in user where u.live and u.id != null
    read GET /users/{u.id}/notes { query { first: u.tags[0] + "a" } keep email }
    #                                                                    ^^^^^ F0303
  }
}
)"},
      {"secrets in rows, times of nothing", R"(
connector shop "Shop" {
  client { base "https://a.example" timeout 0s, connect 0ms }
  #                                         ^^ F0305
  #                                                     ^^^ F0305
  secret s
  collection c {
    read GET /c { rows [{ k: s }] }
    #                  ^^^^^^^^^^ F0604
  }
}
)"},
      {"defaults", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  param e: host = "https://a.example"
  #               ^^^^^^^^^^^^^^^^^^^ F0307
  param f: url = "a.example"
  #              ^^^^^^^^^^^ F0307
  param g: [string] = ["a", 1]
  #                   ^^^^^^^^ F0307
  param h: host = "[::1]:8080"
  param i: url = "http://localhost:8080/x?y"
  check GET /y { query { e: e, f: f, g: g, h: h, i: i } }
  param a: int = "1"
  #              ^^^ F0307
  param b: "x" | "y" = "z"
  #                    ^^^ F0307
  param c: [string] = []
  param d: string = null
  secret s = "hunter2"
  #          ^^^^^^^^^ F0307
  collection x {
    read GET /x { query { a: a, b: b, c: c, d: d } body json { s: s } }
  }
}
)"},
  };
  for (const Case& it : cases) {
    INFO(it.what);
    CHECK(unexpected(it.text) == "");
  }
}

TEST_CASE("a mistake of syntax has no echoes") {
  const std::string text = R"(connector shop "Shop" {
  client { base "https://{domain}" }
  param domain host
  check GET /x
})";
  const Result result = compile_text(text);
  REQUIRE(result.compiled.diagnostics.size() == 1);
  CHECK(grammar::info(result.compiled.diagnostics[0].id).code.substr(0, 3) == "F01");
  CHECK(result.compiled.ir == nullptr);

  static const char* const expressions[] = {"1 < x < 2", "1 + x | lower", "1 + \"a\" | lower"};
  for (const char* expression : expressions) {
    INFO(expression);
    const Result chained = compile_text("fn f(x) = " + std::string(expression));
    REQUIRE(chained.compiled.diagnostics.size() == 1);
    CHECK(grammar::info(chained.compiled.diagnostics[0].id).code.substr(0, 3) == "F01");
  }
  const Result auths = compile_text(R"(connector shop "Shop" {
  secret s
  client {
    base "https://a.example"
    auth bearer(s) wen s != ""
    auth bearer(s)
  }
  auth own() {
    token t = POST https://a.example/t {
      value ?
    }
    headers { T: t }
  }
})");
  CHECK(auths.mistakes() ==
        "F0102 `wen` `wen` can't stand in a client block\n"
        "F0107 `?` expected an expression, found `?`\n");
}

TEST_CASE("with strict, a warning is an error") {
  const std::string text = "connector a { client { base \"https://a.example\" } identity email }";
  CHECK(compile_text(text).compiled.ir != nullptr);
  compile::Options strict;
  strict.strict = true;
  CHECK(compile_text(text, {}, strict).compiled.ir == nullptr);
}
