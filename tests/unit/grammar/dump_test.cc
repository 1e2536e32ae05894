#include <doctest/doctest.h>

#include <string>

#include "grammar/format.hh"
#include "grammar/parse.hh"

using namespace fconn::grammar;

namespace {

std::string dumped_expression(std::string text) {
  SourceMap sources;
  const FileId file = sources.add("expression", std::move(text));
  const ParsedExpr parsed = parse_expression(sources, file);
  CHECK(parsed.diagnostics.empty());
  return dump(parsed.expr);
}

std::string dumped(std::string text) {
  SourceMap sources;
  const FileId file = sources.add("file", std::move(text));
  const Parsed parsed = parse(sources, file);
  CHECK(parsed.diagnostics.empty());
  return dump(parsed.ast);
}

Name word(std::string text) { return Name{std::move(text), {}, false}; }

Expr leaf(LiteralKind kind, std::string text) { return Expr{{}, Literal{kind, std::move(text)}}; }

}  // namespace

TEST_CASE("expectations of an erasure") {
  SourceMap sources;
  const FileId file = sources.add("t",
                                  "test \"t\" {\n  erase \"plan\"\n"
                                  "  expect plan 2 updates c PUT /x\n"
                                  "  expect apply no delete d skipped \"gone\"\n"
                                  "  expect plan leaves c { a: 1 } \"held\"\n}\n");
  CHECK(dump(parse(sources, file).ast) ==
        "test\n"
        "  title\n"
        "    string\n"
        "      text \"t\"\n"
        "  erase\n"
        "    string\n"
        "      text \"plan\"\n"
        "  expect plan update c\n"
        "    count\n"
        "      int 2\n"
        "    request PUT\n"
        "      path \"/x\"\n"
        "  expect apply no delete d skipped\n"
        "    reason\n"
        "      string\n"
        "        text \"gone\"\n"
        "  expect plan leaves c\n"
        "    object\n"
        "      entry a\n"
        "        int 1\n"
        "    reason\n"
        "      string\n"
        "        text \"held\"\n");
}

TEST_CASE("a tree made by hand is printed one node a line") {
  CallExpr call;
  call.callee = word("f");
  call.arguments.push_back({std::nullopt, {leaf(LiteralKind::integer, "1")}, {}});
  call.arguments.push_back({word("by"), {leaf(LiteralKind::duration, "30s")}, {}});
  CHECK(dump(Expr{{}, call}) ==
        "call f\n"
        "  int 1\n"
        "  argument by\n"
        "    duration 30s\n");
  StringExpr string;
  string.parts.push_back({"a \"b\"\n\x01", {}, {}});
  string.parts.push_back({"", {Expr{{}, NameExpr{word("x")}}}, {}});
  CHECK(dump(Expr{{}, string}) ==
        "string\n"
        "  text \"a \\\"b\\\"\\n\\x01\"\n"
        "  hole\n"
        "    name x\n");
}

TEST_CASE("expressions show their structure") {
  const struct {
    std::string text;
    std::string expected;
  } cases[] = {
      {"a + b * c", "binary +\n  name a\n  binary *\n    name b\n    name c\n"},
      {"(a)", "paren\n  name a\n"},
      {".x", "member x\n  dot\n"},
      {".[\"a b\"]", "member \"a b\"\n  dot\n"},
      {"x[0]", "index\n  name x\n  int 0\n"},
      {"xs[]", "each\n  name xs\n"},
      {"x | lower", "pipe lower bare\n  name x\n"},
      {"x | f(1)", "pipe f\n  name x\n  int 1\n"},
      {"not a", "not\n  name a\n"},
      {"if a then 1 else 2", "if\n  name a\n  int 1\n  int 2\n"},
      {"[a, ...b]", "list\n  name a\n  spread\n    name b\n"},
      {"{ a: 1, [k]: 2, ...c }",
       "object\n  entry a\n    int 1\n  computed entry\n    name k\n    int 2\n  spread\n    name "
       "c\n"},
      {"[x for x in xs if c]",
       "list comprehension\n  name x\n  for x\n    name xs\n  if\n    name c\n"},
      {"{ [k]: v for k, v in p }",
       "object comprehension\n  computed entry\n    name k\n    name v\n  for k v\n    name p\n"},
      {"64KiB", "size 64KiB\n"},
      {"'raw'", "raw string\n  text \"raw\"\n"},
      {"null", "null null\n"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    CHECK(dumped_expression(one.text) == one.expected);
  }
}

TEST_CASE("declarations, requests and clauses show everything but places and comments") {
  CHECK(dumped("fconn 1\n"
               "# a note\n"
               "## Shop.\n"
               "connector shop \"Shop\" {\n"
               "  secret key \"Key\"\n"
               "  collection o {\n"
               "    for c in x where c.ok\n"
               "    read needs email or phone and id GET /a/{c.id}/{+u} via other {\n"
               "      skip on 404, 5xx \"none\"\n"
               "      paginate link(.next)\n"
               "      retry when .busy times 3 backoff 1s..60s\n"
               "      rate 10/s\n"
               "      idempotent\n"
               "    }\n"
               "    fields default @a { id: string key @b.c, t: [{ n: int }] }\n"
               "  }\n"
               "}\n") ==
        "edition 1\n"
        "connector shop\n"
        "  doc \"Shop.\"\n"
        "  title\n"
        "    string\n"
        "      text \"Shop\"\n"
        "  secret key\n"
        "    label\n"
        "      string\n"
        "        text \"Key\"\n"
        "  collection o\n"
        "    for\n"
        "      source c\n"
        "        name x\n"
        "        where\n"
        "          member ok\n"
        "            name c\n"
        "    read\n"
        "      needs email or phone and id\n"
        "      request GET via other\n"
        "        path \"/a/\"\n"
        "        hole\n"
        "          member id\n"
        "            name c\n"
        "        path \"/\"\n"
        "        raw hole\n"
        "          name u\n"
        "        skip\n"
        "          on 404..404\n"
        "          on 500..599\n"
        "          reason\n"
        "            string\n"
        "              text \"none\"\n"
        "        paginate link\n"
        "          member next\n"
        "            dot\n"
        "        retry\n"
        "          when\n"
        "            member busy\n"
        "              dot\n"
        "          times\n"
        "            int 3\n"
        "          backoff\n"
        "            duration 1s\n"
        "            duration 60s\n"
        "        rate\n"
        "          per s\n"
        "            int 10\n"
        "        idempotent\n"
        "    fields @a\n"
        "      field id key @b.c\n"
        "        type string\n"
        "      field t\n"
        "        type list\n"
        "          type object\n"
        "            field n\n"
        "              type int\n");
}
