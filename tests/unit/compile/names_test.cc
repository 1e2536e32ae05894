#include <doctest/doctest.h>

#include "tests/unit/compile/support.hh"

using namespace fconn;
using namespace fconn::compile::test;

namespace {

struct Case {
  const char* what;
  const char* text;
};

void check_all(const Case* begin, const Case* end) {
  for (const Case* it = begin; it != end; ++it) {
    INFO(it->what);
    CHECK(unexpected(it->text) == "");
  }
}

}  // namespace

TEST_CASE("names are resolved, or reported where they stand") {
  static const Case cases[] = {
      {"an unknown value, and its neighbour", R"(
connector shop "Shop" {
  param  domain: host
  client { base "https://{domian}" }
                #         ^^^^^^ F0201
  check GET /x { query { d: domain } }
}
)"},
      {"values that exist in other places", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  identity email
  collection users {
    read GET /users { query { r: row.id, e: email } }
                        #        ^^^ F0208
  }
  check GET /x { query { e: email } }
                  #         ^^^^^ F0208
}
)"},
      {"a file's own function sees only its arguments", R"(
fn salted(x) = "{x}{salt}"
                #   ^^^^ F0208
connector shop "Shop" {
  client { base "https://a.example" }
  secret salt
  check GET /x { query { e: salted("a") } }
}
)"},
      {"functions, strategies, clients, collections", R"(
connector shop "Shop" {
  client {
    base "https://a.example"
    auth bearr("x")
    #    ^^^^^ F0211
  }
  collection users {
    read GET /users via uplods { rows (.data | lowr) }
                        #                      ^^^^ F0202
                     #  ^^^^^^ F0212
  }
  collection more {
    for u in usres
    #        ^^^^^ F0203
    read GET /users/{u.id} { paginate offest("x", by: 1) }
                               #      ^^^^^^ F0211
  }
}
)"},
      {"arguments of functions", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  fn pair(a, b = 1) = [a, b]
  check GET /x { query { a: pair(1, 2, 3), b: pair(), c: pair(c: 1), d: pair(1, a: 2) } }
                                                                            #   ^^^^ F0210
                                                            # ^ F0209
                                            # ^^^^ F0210
                                    #  ^ F0210
}
)"},
      {"duplicates", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  param  a
  secret a
  #      ^ F0204
  fn f(x) = x
  fn f(y) = y
  #  ^ F0204
  collection c { read GET /c { query { a: f(a) } } }
  collection c { read GET /d }
  #          ^ F0204
}
)"},
      {"shadowing", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  param  a
  param  status
  #      ^^^^^^ F0205
  fn f(a) = a
  #    ^ F0205
  collection c {
    for a in [1, 2]
    #   ^ F0205
    read {
      let b = f(a)
      GET /c/{b}/{status} { keep .id in [b for b in .list] }
                                            #  ^ F0205
    }
  }
  check GET /x { query { a: a } }
}
)"},
      {"what is never used", R"(
fn helper(x, y) = x
   #         ^ F0206
#  ^^^^^^ F0206
auth mine(t) { headers { X: t } }
#    ^^^^ F0206
connector shop "Shop" {
  client { base "https://a.example" }
  client other { base "https://b.example" }
  #      ^^^^^ F0206
  param    p
  #        ^ F0206
  secret   s
  #        ^ F0206
  external x: string
  #        ^ F0206
  identity email
  #        ^^^^^ F0220
  collection c {
    for a in [1, 2]
    #   ^ F0206
    read {
      let b = 1
      #   ^ F0206
      GET /c
    }
  }
}
)"},
      {"fields that aren't declared", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  collection c {
    read GET /c
    delete DELETE /c/{row.idd}/{row.in.b} { query { l: row.list[].z } }
                                                            #     ^ F0207
                                  #    ^ F0207
                        # ^^^ F0207
    fields { id: string key, in: { a: string }, free: object, list: [{ y: int }] }
  }
  collection d {
    for c in c
    read GET /d/{c.id}/{c.free.any}/{c.foo}
                                  #    ^^^ F0207
  }
}
)"},
      {"a clause's word as an operand", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  collection c {
    read GET /c { keep .a == take }
                      #      ^^^^ F0215
  }
}
)"},
      {"types", R"(
connector shop "Shop" {
  client { base "https://a.example" }
  param x: integr
  #        ^^^^^^ F0213
  collection c {
    read GET /c
    fields { id: strin key, l: [integer] }
                           #    ^^^^^^^ F0213
              #  ^^^^^ F0213
  }
  check GET /x { query { x: x } }
}
)"},
  };
  check_all(std::begin(cases), std::end(cases));
}

TEST_CASE("what was meant is suggested") {
  static const struct {
    const char* text;
    const char* help;
  } cases[] = {
      {"fn f(value) = valeu", "did you mean `value`?"},
      {"fn f(x) = x | uper", "did you mean `upper`?"},
      {"connector a { client { base \"https://a.example\" auth bearer(tokn: \"x\") } }",
       "did you mean `token`?"},
      {"connector a { client { base \"https://a.example\" auth basc(\"x\") } }",
       "did you mean `basic`?"},
      {"connector a { client { base \"https://a.example\" } collection c { read GET /c } "
       "collection d { for x in cc\n read GET /d/{x.id} } }",
       "did you mean `c`?"},
      {"connector a { client { base \"https://a.example\" } identity email "
       "collection c { read needs emal GET /c { query { e: email } } } }",
       "did you mean `email`?"},
      {"connector a { client { base \"https://a.example\" } collection c { read GET /c\n"
       "fields { id: strin key } } }",
       "did you mean `string`?"},
      {"connector a { client { base \"https://a.example\" } collection c { read GET /c { keep id "
       "== 1 } } }",
       "a field of the answer is written with a dot: `.id`"},
  };
  for (const auto& it : cases) {
    const Result result = compile_text(it.text);
    INFO(it.text);
    bool found = false;
    for (const auto& diagnostic : result.compiled.diagnostics) {
      found = found || diagnostic.help == it.help;
    }
    CHECK_MESSAGE(found, result.mistakes());
  }
}

TEST_CASE("a recursion and a circle are printed whole") {
  CHECK(compile_text("fn a(x) = b(x)\nfn b(x) = c(x)\nfn c(x) = a(x)").mistakes() ==
        "F0216 `a` `a` calls itself: a -> b -> c -> a\n");
  const std::string text = R"(connector shop "Shop" {
  client { base "https://a.example" }
  collection a { for x in c
    read GET /a/{x.id} }
  collection b { for x in a
    read GET /b/{x.id} }
  collection c { for x in b
    read GET /c/{x.id} }
})";
  CHECK(compile_text(text).mistakes() ==
        "F0401 `a` these collections wait for each other: a -> c -> b -> a\n");
}

TEST_CASE("an allowed mistake is silent, an unneeded or unknown allow isn't") {
  static const Case cases[] = {
      {"on its line, on the next clause, on the next declaration", R"(
connector shop "Shop" {
  client { base "http://a.example" }  # allow F0606: test network
  # allow F0206, F0603: handed over by hand
  secret s
  # allow F0603: their only way
  check GET /{s}
  # allow F0220: soon
  identity email
}
)"},
      {"nothing to allow", R"(
connector shop "Shop" {
  # allow F0606: once
  #       ^^^^^ F0219
  client { base "https://a.example" }
  # allow F0201: no
  #       ^^^^^ F0218
  # allow F9999: no
  # allow two of them
}
)"},
  };
  CHECK(unexpected(cases[0].text) ==
        "not expected: 4:11-15 F0219 nothing here needs to be allowed\n"
        "not expected: 4:18-22 F0219 nothing here needs to be allowed\n");
  CHECK(unexpected(cases[1].text) == "not expected: 8:11-15 F0218 there is no code `F9999`\n");
}
