#include "grammar/format.hh"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "grammar/parse.hh"
#include "grammar/render.hh"

using namespace fconn::grammar;

namespace {

struct Formatted {
  std::string text;
  std::string dump;
  std::vector<std::string> comments;  // sorted: their order may change, not their number
};

Formatted formatted(const std::string& text) {
  SourceMap sources;
  const FileId file = sources.add("input.fconn", text);
  const Parsed parsed = parse(sources, file);
  INFO(render_text(sources, parsed.diagnostics));
  CHECK_FALSE(has_errors(parsed.diagnostics));
  Formatted result{format(sources, parsed.ast), dump(parsed.ast), {}};
  for (const Comment& comment : parsed.ast.comments) {
    std::string one = comment.text;
    while (!one.empty() && (one.back() == ' ' || one.back() == '\t' || one.back() == '\r')) {
      one.pop_back();
    }
    result.comments.push_back(one);
  }
  std::sort(result.comments.begin(), result.comments.end());
  return result;
}

/// Formats, and checks what holds for every text: same meaning, same comments, nothing more to do.
std::string checked(const std::string& text) {
  const Formatted first = formatted(text);
  CAPTURE(text);
  CAPTURE(first.text);
  const Formatted second = formatted(first.text);
  CHECK(second.text == first.text);
  CHECK(second.dump == first.dump);
  CHECK(second.comments == first.comments);
  CHECK((first.text.empty() || first.text.ends_with('\n')));
  CHECK_FALSE(first.text.ends_with("\n\n"));
  CHECK(first.text.find(" \n") == std::string::npos);
  CHECK(first.text.find("\n\n\n") == std::string::npos);
  return first.text;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in.good(), path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct Case {
  std::string text;
  std::string expected;
};

/// As the body of a function, which may hold any expression.
void check_expressions(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    CHECK(checked("fn f(a) = " + one.text + "\n") == "fn f(a) = " + one.expected + "\n");
  }
}

std::string in_connector(const std::string& text) { return "connector s {\n" + text + "}\n"; }

std::string in_request(const std::string& clauses) {
  return "connector s {\n  collection c {\n    read GET /x {\n" + clauses + "    }\n  }\n}\n";
}

}  // namespace

TEST_CASE("operators, postfixes and holes have one spelling") {
  check_expressions({
      {"a+b*-c", "a + b * -c"},
      {"( a+b )|lower", "(a + b) | lower"},
      {"a  |f( 1,k:2 )|  g", "a | f(1, k: 2) | g"},
      {"not  a   and b", "not a and b"},
      {".x[ 0 ][].y", ".x[0][].y"},
      {".[\"odd name\"]", ".[\"odd name\"]"},
      {"a.[\"odd name\"].b", "a.[\"odd name\"].b"},
      {"\"x{ a }y\\{{a+1}\"", "\"x{a}y\\{{a + 1}\""},
      {"\"\\u0041\\n{ \"in{ a }\" }\"", "\"\\u0041\\n{\"in{a}\"}\""},
      {"'raw {a}'", "'raw {a}'"},
      {"xml\"<a>{ a }</a>\"", "xml\"<a>{a}</a>\""},
      {"if a then 1.50e3   else 64KiB", "if a then 1.50e3 else 64KiB"},
      {"a??null", "a ?? null"},
      {"[ ]", "[]"},
      {"{ }", "{}"},
      {"[a,...b,]", "[a, ...b]"},
      {"{a:1,\"b c\":2,[a]:3,...a,Content-Type:4}",
       "{ a: 1, \"b c\": 2, [a]: 3, ...a, Content-Type: 4 }"},
      {"[x.y for x in a if x]", "[x.y for x in a if x]"},
      {"{[k]:v for k,v in a}", "{ [k]: v for k, v in a }"},
      {"f()", "f()"},
      {"\"名前 {a}\"", "\"名前 {a}\""},
  });
}

TEST_CASE("written line ends inside brackets and at operators are kept") {
  check_expressions({
      {"{\na: 1,\nb: 2\n}", "{\n  a: 1\n  b: 2\n}"},
      {"{ a: 1\nb: 2 }", "{\n  a: 1\n  b: 2\n}"},
      {"{\na: 1, b: 2\n}", "{\n  a: 1, b: 2\n}"},
      {"[\n1,\n2,\n]", "[\n  1,\n  2\n]"},
      {"[{ a: 1 },\n{ a: 2 }]", "[\n  { a: 1 },\n  { a: 2 }\n]"},
      {"f({\na: 1\n})", "f({\n  a: 1\n})"},
      {"f(\na,\nb\n)", "f(\n  a,\n  b)"},
      {"f(\nalpha: 1,\nb: 2,\nc: 3, d: 4)", "f(\n  alpha: 1,\n  b:     2,\n  c: 3, d: 4)"},
      {"a\nor b\nor c", "a\n  or b\n  or c"},
      {"a or\nb", "a or\n  b"},
      {"a\n| lower\n| md5", "a\n  | lower\n  | md5"},
      {"if a\nthen b\nelse c", "if a\n  then b\n  else c"},
      {"[\na for a in b\n]", "[\n  a for a in b\n]"},
      {"[\na\nfor a in b\nif c\n]", "[\n  a\n  for a in b\n  if c\n]"},
      {"flatten([\n[\n{ a: 1 },\n{ a: 2 }\n] for a in b\n])",
       "flatten([\n  [\n    { a: 1 },\n    { a: 2 }\n  ] for a in b\n])"},
      {"if a then [] else [\n{ b: 1 } for b in a\n]",
       "if a then [] else [\n  { b: 1 } for b in a\n]"},
      {"{\n\n\na: 1\n\n\nb: 2\n\n}", "{\n  a: 1\n\n  b: 2\n}"},
  });
}

TEST_CASE("what doesn't fit on a line is opened, one entry a line") {
  const std::string name(50, 'n');
  check_expressions({
      {"[" + name + ", " + name + ", " + name + "]",
       "[\n  " + name + ",\n  " + name + ",\n  " + name + "\n]"},
      {"{ a: " + name + ", b: " + name + ", c: 1 }",
       "{\n  a: " + name + "\n  b: " + name + "\n  c: 1\n}"},
      {"g({ a: " + name + ", b: " + name + ", c: 1 })",
       "g({\n  a: " + name + "\n  b: " + name + "\n  c: 1\n})"},
      {"g(" + name + ", " + name + ", k: " + name + ")",
       "g(\n  " + name + ",\n  " + name + ",\n  k: " + name + ")"},
      {"{ a: [" + name + ", " + name + "], b: 1 }",
       "{\n  a: [" + name + ", " + name + "]\n  b: 1\n}"},
      {name + " + " + name + " + " + name, name + " + " + name + " + " + name},
      {"\"{[" + name + ", " + name + ", " + name + "]}\"",
       "\"{[" + name + ", " + name + ", " + name + "]}\""},
  });
}

TEST_CASE("clauses of a request stand in columns, which let and blank lines end") {
  CHECK(checked(in_request("query {a:1}\nrows .x\npaginate link( .next )\n")) ==
        in_request("      query    { a: 1 }\n      rows     .x\n      paginate link(.next)\n"));
  CHECK(checked(in_request("query {a:1}\n\nrows .x\n# why\nkeep .y\n")) ==
        in_request("      query { a: 1 }\n\n      rows .x\n      # why\n      keep .y\n"));
  CHECK(checked("auth a(k) {\nlet claims={a:k}\nheaders {X:claims}\nquery {k:k}\n}\n") ==
        "auth a(k) {\n  let claims = { a: k }\n  headers { X: claims }\n  query   { k: k }\n}\n");
  CHECK(checked("connector s {\nparam a\nsecret b\nidentity email\n\nparam c:host=\"x\"\n}\n") ==
        "connector s {\n  param    a\n  secret   b\n  identity email\n\n  param c: host = "
        "\"x\"\n}\n");
}

TEST_CASE("every clause has one spelling") {
  const std::vector<std::string> clauses = {
      "query { a: 1 }",
      "headers x",
      "body json masked",
      "body text \"x\" as \"text/plain\"",
      "body multipart { a: 1 }",
      "as csv",
      "skip on 404, 4xx, 502..504 \"none\"",
      "skip when .x == 1 \"none\"",
      "fail when .e != null \"no: {.e}\"",
      "until .done every 10s for 1h",
      "rows .x[]",
      "keep .a == 1",
      "map { ...row, b: 1 }",
      "take 5",
      "paginate link",
      "paginate offset(\"o\", by: 10)",
      "let x = .a + 1",
      "let x = GET /y/{.a} { rows .z }",
      "retry on 429, 502..504 times 3 backoff 1s..60s",
      "retry when .error.code == \"busy\" times 5 every 2s",
      "timeout 60s, connect 5s",
      "rate 10/s, 1000/h",
      "idempotent",
  };
  for (const std::string& clause : clauses) {
    CHECK(checked(in_request(clause + "\n")) == in_request("      " + clause + "\n"));
  }
  for (const std::string clause :
       {"base \"https://{domain}/v2\"", "hosts \"*.example.com\", \"b.example.com\"",
        "auth bearer(token) when token != \"\"", "auth basic(a, b)", "parallel 8"}) {
    CHECK(checked(in_connector("client {\n\n" + clause + "\n\n}\n")) ==
          in_connector("  client {\n    " + clause + "\n  }\n"));
  }
}

TEST_CASE("a mark stands in the column of its neighbours and doesn't widen it") {
  CHECK(checked(in_request("body json {}\nidempotent   \ntimeout 3s\n")) ==
        in_request("      body    json {}\n      idempotent\n      timeout 3s\n"));
  CHECK(checked(in_request("idempotent # once\n")) == in_request("      idempotent  # once\n"));
}

TEST_CASE("blocks of one clause stay on one line if written so; others never") {
  CHECK(checked(in_connector("client{base \"https://x\"}\n")) ==
        in_connector("  client { base \"https://x\" }\n"));
  CHECK(checked(in_connector("client {\nbase \"https://x\"\n}\n")) ==
        in_connector("  client {\n    base \"https://x\"\n  }\n"));
  CHECK(checked(in_connector("client { base \"https://x\" parallel 8 }\n")) ==
        in_connector("  client {\n    base     \"https://x\"\n    parallel 8\n  }\n"));
  CHECK(checked(in_connector("client {}\ncheck POST /x { idempotent  }\n")) ==
        in_connector("  client {}\n  check POST /x { idempotent }\n"));
  CHECK(checked("connector s {}\n") == "connector s {}\n");
  CHECK(checked("connector s { identity email }\n") == "connector s {\n  identity email\n}\n");
}

TEST_CASE("declarations have one spelling") {
  const std::vector<Case> cases = {
      {"fconn   1\nuse  \"a.fconn\"\n", "fconn 1\nuse \"a.fconn\"\n"},
      {"connector a  extends   b   at  \"1.0\"   \"A\" {}\n",
       "connector a extends b at \"1.0\" \"A\" {}\n"},
      {"connector a   extends b {\nwithout  collection  t\n}\n",
       "connector a extends b {\n  without collection t\n}\n"},
      {"connector a {\nparam r \"R\":\"us\"|\"eu\"=\"us\"\n}\n",
       "connector a {\n  param r \"R\": \"us\" | \"eu\" = \"us\"\n}\n"},
      {"connector a {\nexternal d:[string]\n}\n", "connector a {\n  external d: [string]\n}\n"},
      {"connector a {\nclient { base \"x\" parallel 8 }\nparam p:\n[string]\nparam q\n# r\nfn g(a) "
       "= a\n}\n",
       "connector a {\n  client {\n    base     \"x\"\n    parallel 8\n  }\n\n"
       "  param p: [string]\n  param q\n  # r\n  fn g(a) = a\n}\n"},
      {"fn f(a,b=1)=a+b\n", "fn f(a, b = 1) = a + b\n"},
      {"fn f(a) =\na\n", "fn f(a) =\n  a\n"},
      {"pagination p(rel=\"next\") {next url links[rel]}\n",
       "pagination p(rel = \"next\") { next url links[rel] }\n"},
      {"auth t(a) {\ntoken t=POST /t {\nbody json {a:a}\nvalue .t\nexpires in 10m\n}\nheaders "
       "{X:t}\n}\n",
       "auth t(a) {\n  token t = POST /t {\n    body    json { a: a }\n    value   .t\n"
       "    expires in 10m\n  }\n  headers { X: t }\n}\n"},
      {"connector a {\nconsent opt_in for purpose \"ads\" POST /x\nconsent opt_out needs email "
       "POST "
       "/x\n}\n",
       "connector a {\n  consent opt_in for purpose \"ads\" POST /x\n"
       "  consent opt_out needs email POST /x\n}\n"},
      {"connector a {\ncollection c {\nfor o in order,i in o.items[] where i.ok\nemit {id:i}\n"
       "erase_after b,d\nprefer delete\n}\n}\n",
       "connector a {\n  collection c {\n    for o in order, i in o.items[] where i.ok\n"
       "    emit { id: i }\n    erase_after b, d\n    prefer delete\n  }\n}\n"},
      {"connector a {\ncollection c {\nfields default @x.y {\nid:string @a.b key\n"
       "n:{a:int,b:[{c:string}]} readonly\ne: string mask \"{ . }@x\" @c\n}\n}\n}\n",
       "connector a {\n  collection c {\n    fields default @x.y {\n      id: string key @a.b\n"
       "      n: { a: int, b: [{ c: string }] } readonly\n      e: string @c mask \"{.}@x\"\n"
       "    }\n  }\n}\n"},
      {"connector a {\ncollection c {\ndelete {\nlet j=POST /e {\nrows .x\n}\n\n"
       "for e in row.emails[]\nDELETE /x/{ e }/{+ j.url }\n}\n}\n}\n",
       "connector a {\n  collection c {\n    delete {\n      let j = POST /e {\n        rows .x\n"
       "      }\n\n      for e in row.emails[]\n      DELETE /x/{e}/{+j.url}\n    }\n  }\n}\n"},
      {"connector a {\nclient { base \"x\" }\ncheck GET /x\ncollection c {\nread GET /y\n}\nfn "
       "g(a) = a\n}\n",
       "connector a {\n  client { base \"x\" }\n  check GET /x\n\n  collection c {\n"
       "    read GET /y\n  }\n\n  fn g(a) = a\n}\n"},
      {"test \"t\" {\nconnector \"a\"\nparams {a:1}\nsecrets {b:\"2\"}\nidentity {email:\"x\"}\n"
       "reply GET /x {\nquery {a:1}\n} with 200 {\nheaders {A:\"b\"}\nbody json {a:[]}\n}\n"
       "expect rows c [{a:1}]\nexpect row c {a:1}\nexpect c skipped \"none\"\n"
       "expect request GET /x\nexpect no request GET /y\nexpect 2 requests GET /z\nexpect exit "
       "0\n}\n",
       "test \"t\" {\n  connector \"a\"\n  params    { a: 1 }\n  secrets   { b: \"2\" }\n"
       "  identity  { email: \"x\" }\n\n  reply GET /x {\n    query { a: 1 }\n  } with 200 {\n"
       "    headers { A: \"b\" }\n    body    json { a: [] }\n  }\n\n  expect rows c [{ a: 1 }]\n"
       "  expect row c { a: 1 }\n  expect c skipped \"none\"\n  expect request GET /x\n"
       "  expect no request GET /y\n  expect 2 requests GET /z\n  expect exit 0\n}\n"},
      {"test \"t\" {\npolicy {targets:[\"user\"]}\nerase \"apply\"\n"
       "expect   plan update c PUT /x {\nbody json {a:null}\n}\nexpect plan 2   delete \"d\"\n"
       "expect plan no updates c\nexpect plan leaves c {a:1} \"held\"\n"
       "expect plan leaves c\nexpect apply 1 deletes c DELETE /y skipped \"gone\"\n"
       "expect apply update c done\nexpect plan skipped\nexpect apply complete\n}\n",
       "test \"t\" {\n  policy { targets: [\"user\"] }\n  erase  \"apply\"\n\n"
       "  expect plan update c PUT /x {\n    body json { a: null }\n  }\n\n"
       "  expect plan 2 deletes \"d\"\n  expect plan no update c\n"
       "  expect plan leaves c { a: 1 } \"held\"\n  expect plan leaves c\n"
       "  expect apply 1 deletes c DELETE /y skipped \"gone\"\n"
       "  expect apply update c done\n  expect plan skipped\n  expect apply complete\n}\n"},
  };
  for (const Case& one : cases) CHECK(checked(one.text) == one.expected);
}

TEST_CASE("block strings move as a whole and say the same") {
  CHECK(checked("fn f(a) = \"\"\"\n    one { a }\n      two\n\n  \"\"\"\n") ==
        "fn f(a) = \"\"\"\n  one {a}\n    two\n\n\"\"\"\n");
  CHECK(checked(in_request("body xml f(xml\"\"\"\n<a>\n  <b/>\n</a>\n\"\"\")\n")) ==
        in_request(
            "      body xml f(xml\"\"\"\n      <a>\n        <b/>\n      </a>\n      \"\"\")\n"));
  CHECK(checked("fn f(a) = '''\n\tone\n\t  two\n\t'''\n") ==
        "fn f(a) = '''\n\tone\n\t  two\n\t'''\n");
  CHECK(checked("fn f(a) = \"\"\"one\n  two\"\"\"\n") == "fn f(a) = \"\"\"one\n  two\"\"\"\n");
}

TEST_CASE("comments stay where they stood") {
  const std::vector<Case> cases = {
      {"# only\n\n\n# two", "# only\n\n# two\n"},
      {"#a\nfconn 1 # b\n#c\n\nuse \"x\" #d\n#e\n", "#a\nfconn 1  # b\n#c\n\nuse \"x\"  #d\n#e\n"},
      {"connector a { # b\n# c\nidentity email # d\n# e\n\n# f\n} # g\n# h\n",
       "connector a {  # b\n  # c\n  identity email  # d\n  # e\n\n  # f\n}  # g\n# h\n"},
      {"connector a { identity email # b\n param c # d\n}\n",
       "connector a {\n  identity email  # b\n  param    c  # d\n}\n"},
      {"fn f(a) = { a: 1 # b\nc: 2, d: 3 } # e\n",
       "fn f(a) = {\n  a: 1  # b\n  c: 2, d: 3\n}  # e\n"},
      {"fn f(a) = [x for # b\nx in a] # c\n", "fn f(a) = [x for  # b\n  x in a]  # c\n"},
      {"connector a {\nclient { hosts \"a\", \"b\" # c\nparallel 8 }\n}\n",
       "connector a {\n  client {\n    hosts    \"a\", \"b\"  # c\n    parallel 8\n  }\n}\n"},
      {"connector a {\ncollection c {\nfields # b\n{ id: string }\n}\n}\n",
       "connector a {\n  collection c {\n    fields {  # b\n      id: string\n    }\n  }\n}\n"},
      {"pagination p(\na,\nb = 1) {\nnext url a\n}\n",
       "pagination p(\n  a,\n  b = 1) {\n  next url a\n}\n"},
      {"connector a {\nclient {\ntimeout 1s, # b\nconnect 2s\n}\n}\n",
       "connector a {\n  client {\n    timeout 1s,  # b\n      connect 2s\n  }\n}\n"},
      {"connector a {\n# b\n}\n", "connector a {\n  # b\n}\n"},
      {"connector a {\nclient {\nbase \"x\"\n}\n# b\nfn g(a) = a\n}\n",
       "connector a {\n  client {\n    base \"x\"\n  }\n\n  # b\n  fn g(a) = a\n}\n"},
      {"fn f(a) = [ # b\n1, # c\n# d\n2 # e\n# f\n]\n",
       "fn f(a) = [  # b\n  1,  # c\n  # d\n  2  # e\n  # f\n]\n"},
      {"fn f(a) = {\na: 1, # b\nc: 2 # d\n}\n", "fn f(a) = {\n  a: 1  # b\n  c: 2  # d\n}\n"},
      {"fn f(a) = g( # b\na, # c\na # d\n)\n", "fn f(a) = g(  # b\n  a,  # c\n  a  # d\n)\n"},
      {"fn f(a) = a # b\nor a # c\n", "fn f(a) = a  # b\n  or a  # c\n"},
      {"fn f(a) = {\n# b\n}\n", "fn f(a) = {\n  # b\n}\n"},
      {"fn f(a) = [\n# b\n]\n", "fn f(a) = [\n  # b\n]\n"},
  };
  for (const Case& one : cases) CHECK(checked(one.text) == one.expected);
}

TEST_CASE("a comment between any two tokens is kept and leaves the meaning alone") {
  const std::vector<std::vector<std::string>> texts = {
      {"fn f(", "a",      ",", "b =", "1", ") =", "if", "a", "then", "[",  "b",   ",", "...",
       "a",     "] else", "{", "k:",  "-", "1",   ",",  "[", "a",    "]:", "not", "b", "}\n"},
      {"fn f(a) =", "a", "|", "g(", "k:", "1", ",", "2", ") |", "h\n"},
      {"fn f(a) = [", "x.y", "for", "x", "in", "a[", "0", "].b", "if", "x[", "] == 1", "]\n"},
      {"fn f(a) = (", "a", "+", "1", ") *", "\"{", "a", "}\"\n"},
      {"connector",
       " s {",
       "collection",
       " c {",
       "for",
       " o",
       "in",
       "xs where x,",
       "p in q",
       "read GET /x {",
       "skip on 404,",
       "405",
       "\"none\"",
       "retry on 429,",
       "500",
       "times 3",
       "every 2s",
       "until .x",
       "every 1s",
       "}",
       "fields {",
       "a: {",
       "b: [",
       "int",
       "]",
       "}",
       "}",
       "}",
       "}\n"},
      {"connector s {", "client", "c {", "hosts \"a\",", "\"b\"", "auth x(", "1", ")", "when y",
       "rate 1/s,", "2/h", "}\n"},
      {"test \"t\"", "{", "params", "{", "a: 1", "}", "reply GET /x {", "query { a: 1 }", "}",
       "with 200", "{", "body json 1", "}", "}\n"},
  };
  int kept = 0;
  for (const std::vector<std::string>& tokens : texts) {
    for (std::size_t at = 1; at < tokens.size(); ++at) {
      for (const std::string comment : {" # note\n", "\n# note\n"}) {
        std::string text;
        for (std::size_t i = 0; i < tokens.size(); ++i)
          text += (i == at ? comment : " ") + tokens[i];
        SourceMap sources;
        const FileId file = sources.add("input.fconn", text);
        const Parsed parsed = parse(sources, file);
        // Where no line end may stand there is nothing to keep.
        if (has_errors(parsed.diagnostics) || parsed.ast.comments.empty()) continue;
        CHECK(checked(text).find("# note") != std::string::npos);
        ++kept;
      }
    }
  }
  CHECK(kept > 150);
}

TEST_CASE("the example connectors come out as expected") {
  for (const std::string name :
       {"marigold_engage", "microsoft_advertising", "oracle_responsys", "snap"}) {
    const std::string path = FCONN_GOLDEN "/format/" + name;
    CAPTURE(path);
    CHECK(checked(read_file(path + ".fconn")) == read_file(path + ".expected"));
  }
}

TEST_CASE("an empty file stays empty and line ends of other systems go") {
  CHECK(checked("") == "");
  CHECK(checked("\n\n  \n") == "");
  CHECK(checked("use \"a\"\r\n\r\n\r\n# b \r\nuse \"c\"\r\n") == "use \"a\"\n\n# b\nuse \"c\"\n");
}
