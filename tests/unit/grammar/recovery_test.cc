#include <doctest/doctest.h>

#include <string>

#include "grammar/format.hh"
#include "grammar/parse.hh"

using namespace fconn::grammar;

namespace {

const std::string kGood = R"(connector a {
  param domain: host
  client {
    base "https://{domain}"
    retry on 429 times 3
  }
  check GET /x
  collection one {
    read GET /a {
      query { a: 1 }
      rows .x
    }
    delete DELETE /a/{row.id} { skip on 404 "gone" }
    fields {
      id: string key
      b: int
    }
  }
  collection two {
    for o in one
    read GET /b/{o.id} {
      rows .y
      keep .z == 1
    }
    fields { id: string key, c: int }
  }
}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// "F0102 11 `rowz`" for each diagnostic: code, line, the text it points at.
std::string mistakes(const std::string& text, const ParseLimits& limits = {}) {
  SourceMap sources;
  const FileId file = sources.add("mistakes", text);
  std::string list;
  for (const Diagnostic& found : parse(sources, file, limits).diagnostics) {
    if (!list.empty()) list += "; ";
    list += std::string(info(found.id).code) + ' ' +
            std::to_string(sources.position(file, found.where.begin).line) + " `" +
            std::string(sources.slice(found.where)) + "`";
  }
  return list;
}

}  // namespace

TEST_CASE("one mistake gives one diagnostic, at the offending text") {
  REQUIRE(mistakes(kGood).empty());
  const struct {
    std::string from;
    std::string to;
    std::string expected;
  } cases[] = {
      // clauses
      {"rows .x", "rowz .x", "F0102 11 `rowz`"},
      {"rows .x", "base .x", "F0102 11 `base`"},
      {"rows .x", "rows", "F0107 11 ``"},
      {"rows .x", "rows\n        .x", "F0107 11 ``"},
      {"rows .x", "rows foo(.x", "F0106 11 `(`"},
      {"rows .x", "rows .x && .y", "F0101 11 `&&`"},
      {"rows .x", "rows \"abc", "F0103 11 `\"abc`"},
      {"rows .x", "rows [1, 2", "F0106 11 `[`"},
      {"rows .x", "rows .x\n      rows .y", "F0115 12 `rows`"},
      {"query { a: 1 }", "query { a: 1", "F0106 10 `{`"},
      {"query { a: 1 }", "query { a 1 }", "F0101 10 `1`"},
      {"query { a: 1 }", "query { a: }", "F0107 10 `}`"},
      {"keep .z == 1", "keep .z = 1", "F0101 23 `=`"},
      {"keep .z == 1", "keep .z ==", "F0107 23 ``"},
      {"keep .z == 1", "keep if .z then 1", "F0101 23 ``"},
      {"keep .z == 1", "keep (1 + 2]", "F0106 23 `(`"},
      {"keep .z == 1", "keep \"\"\"abc", "F0103 23 `\"\"\"`"},
      {"keep .z == 1", "@@@", "F0101 23 `@`"},
      {"on 429", "on abc", "F0105 5 `abc`"},
      {"on 429", "on 99x", "F0105 5 `99x`"},
      {"on 429", "on 504..502", "F0105 5 `504..502`"},
      {"429 times 3", "429 tmes 3", "F0102 5 `tmes`"},
      {"\"https://{domain}\"", "\"https://{domain\"", "F0101 4 `\"`"},
      {"\"https://{domain}\"", "\"https://\\q\"", "F0104 4 `\\q`"},
      // requests
      {"GET /a {", "GET a {", "F0101 9 `a`"},
      {"GET /a {", "GETT /a {", "F0102 9 `GETT`"},
      {"GET /a {", "GET /a?x=1 {", "F0114 9 `?x=1`"},
      {"GET /a {", "GET /a#b {", "F0114 9 `#b`"},
      {"check GET /x", "check", "F0101 7 ``"},
      {"check GET /x", "check GET", "F0101 7 ``"},
      {"check GET /x", "check { let x = GET /y }", "F0116 7 `{`"},
      {"check GET /x", "check { GET /y  let x = 1 }", "F0101 7 `let`"},
      // declarations
      {"param domain: host", "param domain: host =", "F0107 2 ``"},
      {"param domain", "param", "F0101 2 `:`"},
      {"param domain", "param null", "F0108 2 `null`"},
      {"client {", "clinet {", "F0102 3 `clinet`"},
      {"collection two", "colection two", "F0102 19 `colection`"},
      {"collection two", "collection for", "F0108 19 `for`"},
      {"collection two {", "collection two", "F0101 19 ``"},
      {"for o in one", "for o of one", "F0101 20 `of`"},
      {"for o in one", "for o in", "F0107 20 ``"},
      {"check GET /x", "check GET /x\n  check GET /y", "F0115 8 `check`"},
      {"for o in one", "emit { a: 1 }\n emit { a: 2 }\n for o in one", "F0115 21 `emit`"},
      // fields
      {"id: string key\n", "id: string kye\n", "F0102 15 `kye`"},
      {"id: string key\n", "id string key\n", "F0101 15 `string`"},
      {"b: int", "b:", "F0101 16 ``"},
      {"fields { id: string key, c: int }", "fields { id: str%ing, c: in$t }",
       "F0101 25 `%`; F0101 25 `$`"},
      // braces
      {"rows .x\n    }\n", "rows .x\n", "F0106 9 `{`"},
      {"b: int\n    }\n", "b: int\n", "F0106 14 `{`"},
      {"rows .x\n    }\n", "rows .x\n    }\n    }\n", "F0101 14 `delete`"},
      {"\"gone\" }", "\"gone\" } }", "F0101 14 `fields`"},
      {"keep .z == 1", "keep .z == 1 }", "F0101 25 `fields`"},
      {"c: int }\n", "c: int\n", "F0106 25 `{`"},
      {"  }\n}\n", "  }\n", "F0106 1 `{`"},
      {"  }\n}\n", "  }\n}\n}\n", "F0101 28 `}`"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.to);
    CHECK(mistakes(replaced(kGood, c.from, c.to)) == c.expected);
  }
}

TEST_CASE("independent mistakes are all found in one run") {
  std::string text = replaced(kGood, "param domain", "parm domain");
  text = replaced(text, "times 3", "times");
  text = replaced(text, "query { a: 1 }", "query { a 1 }");
  text = replaced(text, "rows .x", "rowz .x");
  text = replaced(text, "b: int", "b: int kye");
  text = replaced(text, "keep .z == 1", "keep .z == \"");
  CHECK(mistakes(text) ==
        "F0102 2 `parm`; F0107 5 ``; F0101 10 `1`; F0102 11 `rowz`; F0102 16 `kye`; F0103 23 `\"`");
}

TEST_CASE("an unknown word comes with the likely one and a repair") {
  static const struct {
    const char *line, *word, *likely;
  } cases[] = {{"rowz .x", "rowz", "rows"}, {"idempotant", "idempotant", "idempotent"}};
  for (const auto& one : cases) {
    CAPTURE(one.word);
    SourceMap sources;
    const FileId file = sources.add("near", replaced(kGood, "rows .x", one.line));
    const Parsed parsed = parse(sources, file);
    REQUIRE(parsed.diagnostics.size() == 1);
    CHECK(parsed.diagnostics[0].help == "Did you mean `" + std::string(one.likely) + "`?");
    REQUIRE(parsed.diagnostics[0].fix.size() == 1);
    CHECK(parsed.diagnostics[0].fix[0].text == one.likely);
    CHECK(sources.slice(parsed.diagnostics[0].fix[0].where) == one.word);
  }
}

TEST_CASE("what failed leaves nothing, what stands around it stays") {
  SourceMap sources;
  const FileId file = sources.add("kept", replaced(kGood, "rows .x", "rowz (.x"));
  const Parsed parsed = parse(sources, file);
  const FileId without = sources.add("without", replaced(kGood, "      rows .x\n", ""));
  CHECK(dump(parsed.ast) == dump(parse(sources, without).ast));
}

TEST_CASE("after one brace too many the rest is read where it belongs") {
  SourceMap sources;
  const FileId file = sources.add("slip", replaced(kGood, "\"gone\" }", "\"gone\" } }"));
  const FileId good = sources.add("good", kGood);
  CHECK(dump(parse(sources, file).ast) == dump(parse(sources, good).ast));
}

TEST_CASE("test files recover too") {
  CHECK(mistakes("test \"t\" {\n"
                 "  connector x\n"
                 "  replay GET /a with 200\n"
                 "  reply GET /a 200\n"
                 "  expect customer finished\n"
                 "  expect rows customer\n"
                 "  expect exit 0\n"
                 "}\n") ==
        "F0101 2 `x`; F0102 3 `replay`; F0101 4 `200`; F0102 5 `finished`; F0107 6 ``");
}

TEST_CASE("expectations of an erasure recover too") {
  CHECK(mistakes("test \"t\" {\n"
                 "  policy \"a\"\n"
                 "  erase plan\n"
                 "  expect plan updat c\n"
                 "  expect plan 2 c\n"
                 "  expect apply update\n"
                 "  expect plan update c GET\n"
                 "  expect plan leaves\n"
                 "  expect exit 0\n"
                 "}\n") ==
        "F0107 2 `\"a\"`; F0101 3 `plan`; F0102 4 `updat`; F0102 5 `c`; F0101 6 ``; F0101 7 ``; "
        "F0101 8 ``");
}

TEST_CASE("a mark stands once, and a number with a unit fits") {
  CHECK(mistakes(replaced(kGood, "b: int", "b: int length 2 readonly length 3 readonly")) ==
        "F0115 16 `3`; F0115 16 `readonly`");
  CHECK(mistakes(replaced(kGood, "id: string key", "id: string key mask \"a\" key mask \"b\"")) ==
        "F0115 15 `key`; F0115 15 `\"b\"`");
  CHECK(mistakes("fn f() = [106751991167d, 106751991168d]") == "F0105 1 `106751991168d`");
  CHECK(mistakes("fn f() = [8589934591GiB, 8589934592GiB]") == "F0105 1 `8589934592GiB`");
}

TEST_CASE("a block that ends at a mistake makes no mistakes of what follows in it") {
  const std::string good =
      "test \"t\" {\n"
      "  params { a: 1 }\n"
      "  reply GET /a { query { b: 1 } } with 200 {\n"
      "    body json [{ id: 1 }]\n"
      "  }\n"
      "  reply GET /b with 200\n"
      "  identity { email: \"a\" }\n"
      "  expect exit 0\n"
      "}\n"
      "test \"u\" {\n"
      "  expect exit 0\n"
      "}\n";
  REQUIRE(mistakes(good).empty());
  const struct {
    std::string from;
    std::string to;
    std::string expected;
  } tests[] = {
      {"test \"t\" {", "test \"t\"", "F0101 1 ``"},
      {"{ a: 1 }", "a: 1 }", "F0107 2 `a`"},
      {"[{ id: 1 }]", "{ id 1 }", "F0101 4 `1`"},
      {"1 }]\n  }", "1 }]\n  } }", "F0101 6 `reply`"},
  };
  for (const auto& c : tests) {
    CAPTURE(c.to);
    CHECK(mistakes(replaced(good, c.from, c.to)) == c.expected);
  }
  CHECK(mistakes(replaced(kGood, "retry on 429 times 3", "query a: 1 }\n    parallel 2")) ==
        "F0101 5 `:`");
}

TEST_CASE("limits hold at their value and not one past it") {
  const auto nested = [](int levels) {
    return "fn f() = " + std::string(static_cast<std::size_t>(levels), '[') + "1" +
           std::string(static_cast<std::size_t>(levels), ']');
  };
  ParseLimits limits;
  limits.max_nesting = 20;
  CHECK(mistakes(nested(19), limits).empty());
  CHECK(mistakes(nested(20), limits) == "F0191 1 `1`");
  CHECK(mistakes(nested(100000)).substr(0, 5) == "F0191");

  limits = {};
  limits.max_bytes = 10;
  CHECK(mistakes("# 3456789\n", limits).empty());
  CHECK(mistakes("# 34567890\n", limits) == "F0190 1 ``");

  limits = {};
  limits.max_diagnostics = 3;
  CHECK(mistakes("a\nb\nc\n", limits) == "F0102 1 `a`; F0102 2 `b`; F0102 3 `c`");
  CHECK(mistakes("a\nb\nc\nd\ne\n", limits) ==
        "F0102 1 `a`; F0102 2 `b`; F0102 3 `c`; F0192 4 `d`");
}

TEST_CASE("long rows of operators and paths are bounded like nesting") {
  for (const std::string step : {" + 1", ".a", " | f", "[0]", " and x"}) {
    std::string text = "fn f() = x";
    for (int i = 0; i < 100000; ++i) text += step;
    CAPTURE(step);
    CHECK(mistakes(text).substr(0, 5) == "F0191");
  }
  CHECK(mistakes("fn f() = " + std::string(100000, '-') + "1").substr(0, 5) == "F0191");
}

TEST_CASE("the edition and the encoding") {
  CHECK(mistakes("fconn 1\nconnector a { }\n").empty());
  CHECK(mistakes("\xEF\xBB\xBF"
                 "connector a { }\n")
            .empty());
  CHECK(mistakes("fconn 2\nconnector a { }\n") == "F0111 1 `2`");
  CHECK(mistakes("fconn one\nconnector a { }\n") == "F0111 1 `one`");
  CHECK(mistakes("connector a {\n docs \"\xC3(\" }") == "F0117 2 `\xC3`");
  CHECK(mistakes("connector a { docs \"\xED\xA0\x80\" }").substr(0, 5) == "F0117");
}

TEST_CASE("hostile texts end with a diagnostic") {
  const std::string pieces[] = {
      "{",          "}",  "(", "[", "\"",  "'",        "\"\"\"",           "connector a {",
      "read GET /", "\\", "#", ",", "...", "fields {", "let x = GET /a {", "\n}",
      "a: {"};
  for (const std::string& piece : pieces) {
    for (const std::string start : {"", "connector a {\n collection b {\n read GET /x {\n rows "}) {
      std::string text = start;
      for (int i = 0; i < 2000; ++i) text += piece;
      CAPTURE(piece);
      CHECK_FALSE(mistakes(text).empty());
    }
  }
}

TEST_CASE("names with letters of other alphabets are told how they are written") {
  const struct {
    const char* written;
    const char* name;
  } table[] = {
      {"query { größe: 1 }", "größe"},
      {"rows .straße", "straße"},
      {"keep .z == 1 日本", "日本"},
  };
  for (const auto& row : table) {
    CAPTURE(row.written);
    SourceMap sources;
    const std::string text = replaced(kGood, "rows .x", row.written);
    const auto found = parse(sources, sources.add("names", text)).diagnostics;
    REQUIRE(!found.empty());
    CHECK(found.front().help.find("\"" + std::string(row.name) + "\"") != std::string::npos);
  }
  SourceMap sources;
  const auto found =
      parse(sources, sources.add("x", replaced(kGood, "b: int", "näme: int"))).diagnostics;
  REQUIRE(found.size() == 1);
  CHECK(found.front().help.find("\"näme\"") != std::string::npos);
  // What is no letter stays a mistake of its own.
  SourceMap others;
  const auto arrow =
      parse(others, others.add("x", replaced(kGood, "rows .x", "rows .x → .y"))).diagnostics;
  REQUIRE(!arrow.empty());
  CHECK(arrow.front().help.find("Names have") == std::string::npos);
}
