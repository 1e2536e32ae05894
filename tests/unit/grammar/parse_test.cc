#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

#include "grammar/format.hh"
#include "grammar/parse.hh"
#include "grammar/parse_internal.hh"

using namespace fconn::grammar;

namespace {

std::string expression(const std::string& text) {
  SourceMap sources;
  const FileId file = sources.add("expression", text);
  const ParsedExpr parsed = parse_expression(sources, file);
  INFO(text);
  CHECK(parsed.diagnostics.empty());
  return dump(parsed.expr);
}

/// "F0110 `==`" for each diagnostic, a line each.
std::string mistakes(const std::string& text) {
  SourceMap sources;
  const FileId file = sources.add("expression", text);
  std::string list;
  for (const Diagnostic& found : parse_expression(sources, file).diagnostics) {
    list +=
        std::string(info(found.id).code) + " `" + std::string(sources.slice(found.where)) + "`\n";
  }
  return list;
}

std::string read_corpus(const std::string& name) {
  std::ifstream in(FCONN_PARSE_CORPUS "/" + name, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

const char* const kGoodFiles[] = {"everything.fconn",       "mailchimp.fconn",
                                  "declarations.fconn",     "sources.fconn",
                                  "strategies.fconn",       "signing.fconn",
                                  "marigold_engage.fconn",  "snap.fconn",
                                  "oracle_responsys.fconn", "microsoft_advertising.fconn"};

/// Calls `visit` for every expression below and including `expr`, except those inside strings.
template <class Visit>
void each_expr(const Expr& expr, const Visit& visit) {
  visit(expr);
  const auto all = [&](const std::vector<Expr>& list) {
    for (const Expr& child : list) each_expr(child, visit);
  };
  std::visit(Overloaded{[&](const MemberExpr& e) { all(e.base); },
                        [&](const IndexExpr& e) {
                          all(e.base);
                          all(e.index);
                        },
                        [&](const EachExpr& e) { all(e.base); },
                        [&](const CallExpr& e) {
                          for (const Argument& a : e.arguments) all(a.value);
                        },
                        [&](const UnaryExpr& e) { all(e.operand); },
                        [&](const BinaryExpr& e) { all(e.operands); },
                        [&](const IfExpr& e) { all(e.parts); },
                        [&](const ListExpr& e) {
                          for (const ListItem& item : e.items) all(item.value);
                        },
                        [&](const ObjectExpr& e) {
                          for (const ObjectEntry& entry : e.entries) all(entry.value);
                        },
                        [&](const ParenExpr& e) { all(e.inner); }, [](const auto&) {}},
             expr.node);
}

}  // namespace

TEST_CASE("PEGTL's analysis finds no loop in the grammar") { CHECK(grammar_is_sound()); }

TEST_CASE("the reference's files parse without a diagnostic, with either kind of line end") {
  for (const char* name : kGoodFiles) {
    CAPTURE(name);
    const std::string text = read_corpus(name);
    SourceMap sources;
    const FileId file = sources.add(name, text);
    const Parsed parsed = parse(sources, file);
    CHECK(parsed.diagnostics.empty());
    CHECK_FALSE(parsed.ast.items.empty());

    std::string dos;
    for (const char c : text) dos += c == '\n' ? std::string("\r\n") : std::string(1, c);
    const Parsed again = parse(sources, sources.add(name, dos));
    CHECK(again.diagnostics.empty());
    CHECK(dump(again.ast) == dump(parsed.ast));
  }
}

TEST_CASE("precedence, loosest first") {
  const struct {
    std::string text;
    std::string same;  // what it means, with parentheses
  } cases[] = {
      {"a or b and c", "a or (b and c)"},
      {"a and b or c", "(a and b) or c"},
      {"not a == b", "not (a == b)"},
      {"not a and b", "(not a) and b"},
      {"a and not b", "a and (not b)"},
      {"a == b + c * d", "a == (b + (c * d))"},
      {"a - b - c", "(a - b) - c"},
      {"a ?? b + c", "a ?? (b + c)"},
      {"-a * b", "(-a) * b"},
      {"-a.b", "-(a.b)"},
      {"a + b matches c", "(a + b) matches c"},
      {"a in b or c in d", "(a in b) or (c in d)"},
      {"a | f == b", "(a | f) == b"},
      {"a | f and b", "(a | f) and b"},
      {"not a | f", "not (a | f)"},
      {"-a | f", "(-a) | f"},
      {"if a then b else c or d", "if a then b else (c or d)"},
  };
  const auto without_parens = [](std::string text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at) + 1;
      const std::string line = text.substr(at, end - at);
      const std::string word = line.substr(line.find_first_not_of(' '));
      if (word != "paren\n") out += word;
      at = end;
    }
    return out;
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(without_parens(expression(c.text)) == without_parens(expression(c.same)));
  }
}

TEST_CASE("expressions become trees") {
  const struct {
    std::string text;
    std::string tree;
  } cases[] = {
      {".", "dot\n"},
      {".items[].id", "member id\n  each\n    member items\n      dot\n"},
      {".[].x", "member x\n  each\n    dot\n"},
      {".[\"odd key\"]", "member \"odd key\"\n  dot\n"},
      {"c.[\"odd key\"]", "member \"odd key\"\n  name c\n"},
      {"c[\"k\"]", "index\n  name c\n  string\n    text \"k\"\n"},
      {"row.for.in", "member in\n  member for\n    name row\n"},
      {"f()", "call f\n"},
      {"f(a, in: b,)", "call f\n  name a\n  argument in\n    name b\n"},
      {"x | f(a)", "pipe f\n  name x\n  name a\n"},
      {"x | f", "pipe f bare\n  name x\n"},
      {"{ or: 1\n in: 2 }", "object\n  entry or\n    int 1\n  entry in\n    int 2\n"},
      {"{ a: b\n [c]: d\n ...e }",
       "object\n  entry a\n    name b\n  computed entry\n    name c\n    name d\n  spread\n    "
       "name e\n"},
      {"[1, ...a,]", "list\n  int 1\n  spread\n    name a\n"},
      {"[a for a in b if c]",
       "list comprehension\n  name a\n  for a\n    name b\n  if\n    name c\n"},
      {"1.5e3", "decimal 1.5e3\n"},
      {"500ms", "duration 500ms\n"},
      {"64KiB", "size 64KiB\n"},
      {"-9223372036854775808", "negate\n  int 9223372036854775808\n"},
      {"null", "null null\n"},
      {"a\n  == b", "binary ==\n  name a\n  name b\n"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(expression(c.text) == c.tree);
  }
}

TEST_CASE("any JSON text is an expression") {
  CHECK(
      expression(R"({"a": [1, -2.5e-3, true, null, {"b c": "\u0041\uD83D\uDE00\/"}], "a": {}})") ==
      "object\n  entry \"a\"\n    list\n      int 1\n      negate\n        decimal 2.5e-3\n"
      "      bool true\n      null null\n      object\n        entry \"b c\"\n"
      "          string\n            text \"A\xF0\x9F\x98\x80/\"\n  entry \"a\"\n    object\n");
}

TEST_CASE("strings") {
  const struct {
    std::string text;
    std::string tree;
  } cases[] = {
      {R"("")", "string\n"},
      {R"("a\n\t\"\\\{\}\u{1F600}")", "string\n  text \"a\\n\\x09\\\"\\\\{}\xF0\x9F\x98\x80\"\n"},
      {R"("a{b}c}{d}")",
       "string\n  text \"a\"\n  hole\n    name b\n  text \"c}\"\n  hole\n    name d\n"},
      {R"("{f("x")}")", "string\n  hole\n    call f\n      string\n        text \"x\"\n"},
      {R"('a\n{')", "raw string\n  text \"a\\\\n{\"\n"},
      {"\"\"\"\n    a\n      b\n\n    c\n  \"\"\"", "block string\n  text \"a\\n  b\\n\\nc\"\n"},
      {"\"\"\"\n    {a}\n     b\n  \"\"\"", "block string\n  hole\n    name a\n  text \"\\n b\"\n"},
      {"\"\"\"say \"x\\n\"\n  y\"\"\"", "block string\n  text \"say \\\"x\\n\\\"\\ny\"\n"},
      {"'''\n  a\\n\n  '''", "raw block string\n  text \"a\\\\n\"\n"},
      {"xml\"<a>{b}</a>\"", "xml string\n  text \"<a>\"\n  hole\n    name b\n  text \"</a>\"\n"},
      {"xml == \"a\"", "binary ==\n  name xml\n  string\n    text \"a\"\n"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(expression(c.text) == c.tree);
  }
}

TEST_CASE("mistakes in expressions are named at the offending text") {
  const struct {
    std::string text;
    std::string expected;
  } cases[] = {
      {"a == b == c", "F0110 `==`\n"},
      {"a in b in c", "F0110 `in`\n"},
      {"a + b | f", "F0109 `+`\n"},
      {"a == b | f", "F0109 `==`\n"},
      {"a | f + b", "F0109 `+`\n"},
      {"(a + b) | f", ""},
      {"a and b == c | f(d)", "F0109 `==`\n"},
      {"1 + not b", "F0101 `not`\n"},
      {"\"a\\qb\"", "F0104 `\\q`\n"},
      {"\"\\uD800\"", "F0104 `\\uD800`\n"},
      {"\"\\u{110000}\"", "F0104 `\\u{110000}`\n"},
      {"9223372036854775808", "F0105 `9223372036854775808`\n"},
      {"12abc", "F0105 `12abc`\n"},
      {"'{row.id}'", "F0113 `{row.id}`\n"},
      {"\"abc", "F0103 `\"abc`\n"},
      {"f(a", "F0106 `(`\n"},
      {"[a, b}", "F0106 `[`\n"},
      {"f(a b)", "F0101 `b`\n"},
      {"{ a: 1 b: 2 }", "F0101 `b`\n"},
      {"a &&  b", "F0101 `&&`\n"},
      {"x.f(a)", "F0101 `(`\n"},
      {"a +", "F0107 ``\n"},
      {"", "F0107 ``\n"},
      {"for", "F0107 `for`\n"},
      {"[...a for a in b]", "F0101 `...a`\n"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(mistakes(c.text) == c.expected);
  }
}

TEST_CASE("an expression's span is exactly its text") {
  const std::string texts[] = {"a - b - c * d",
                               "if a.b[0] then [x, y] else { k: v | f(1) | g }",
                               " ( a ) ",
                               "not a.b[].c == \"x{y}z\" ",
                               "f(a, k: -b)  # comment",
                               "{ [k]: v, ...w }"};
  for (const std::string& text : texts) {
    SourceMap sources;
    const FileId file = sources.add("spans", text);
    const ParsedExpr parsed = parse_expression(sources, file);
    REQUIRE(parsed.diagnostics.empty());
    each_expr(parsed.expr, [&](const Expr& expr) {
      const std::string slice(sources.slice(expr.span));
      CAPTURE(slice);
      CHECK(expression(slice) == dump(expr));
      CHECK(slice.find_first_of(" \n#") != 0);
      CHECK(slice.find_last_not_of(" \n") + 1 == slice.size());
    });
  }
}

TEST_CASE("string parts and path parts know their places") {
  SourceMap sources;
  const FileId file =
      sources.add("parts", "connector a { check GET /x/{b}/{+c} { query \"p\\n{q}r\" } }");
  const Parsed parsed = parse(sources, file);
  REQUIRE(parsed.diagnostics.empty());
  const auto& connector = std::get<ConnectorDecl>(parsed.ast.items.at(0).node);
  const Request& request = std::get<CheckDecl>(connector.items.at(0).node).chain.request.at(0);
  REQUIRE(request.target.size() == 4);
  CHECK(sources.slice(request.target_span) == "/x/{b}/{+c}");
  CHECK(sources.slice(request.target[1].span) == "{b}");
  CHECK_FALSE(request.target[1].raw);
  CHECK(sources.slice(request.target[3].span) == "{+c}");
  CHECK(request.target[3].raw);
  const auto& query = std::get<QueryClause>(request.clauses.at(0).node);
  const auto& string = std::get<StringExpr>(query.value.at(0).node);
  REQUIRE(string.parts.size() == 3);
  CHECK(sources.slice(string.parts[0].span) == "p\\n");
  CHECK(string.parts[0].text == "p\n");
  CHECK(sources.slice(string.parts[1].span) == "{q}");
  CHECK(sources.slice(string.parts[2].span) == "r");
  CHECK(sources.slice(request.clauses[0].span) == "query \"p\\n{q}r\"");
  CHECK(sources.slice(request.clauses[0].keyword) == "query");
  CHECK(sources.slice(request.span) == "GET /x/{b}/{+c} { query \"p\\n{q}r\" }");
}

TEST_CASE("doc comments go to their declaration, others are warned about") {
  SourceMap sources;
  const FileId file = sources.add("docs",
                                  "## one\n"
                                  "## two\n"
                                  "# allow F0207: because\n"
                                  "connector a {  # plain # still one\n"
                                  "  ## the id\n"
                                  "  param id\n"
                                  "  ## lost\n"
                                  "\n"
                                  "  docs \"# no comment\"\n"
                                  "}\n");
  const Parsed parsed = parse(sources, file);
  REQUIRE(parsed.ast.items.size() == 1);
  CHECK(parsed.ast.items[0].doc == "one\ntwo");
  const auto& connector = std::get<ConnectorDecl>(parsed.ast.items[0].node);
  CHECK(connector.items.at(0).doc == "the id");
  CHECK(connector.items.at(1).doc.empty());
  REQUIRE(parsed.diagnostics.size() == 1);
  CHECK(parsed.diagnostics[0].id == DiagnosticId::misplaced_doc);
  CHECK(sources.slice(parsed.diagnostics[0].where) == "## lost");
  REQUIRE(parsed.ast.comments.size() == 6);
  CHECK(parsed.ast.comments[3].text == "# plain # still one");
  CHECK_FALSE(parsed.ast.comments[3].own_line);
  CHECK(parsed.ast.comments[4].own_line);
  CHECK(parsed.ast.comments[4].doc);
}

TEST_CASE("words stay names where a name is read") {
  SourceMap sources;
  const FileId file = sources.add("words",
                                  "connector a { collection read { fields {\n"
                                  "  for: string key\n  read: int, key: string key\n  if: bool\n"
                                  "  \"odd name\": { in: int }\n"
                                  "} } param rows param query: int fn keep(map) = map.for }");
  const Parsed parsed = parse(sources, file);
  CHECK(parsed.diagnostics.empty());
  const auto& connector = std::get<ConnectorDecl>(parsed.ast.items.at(0).node);
  const auto& collection = std::get<CollectionDecl>(connector.items.at(0).node);
  const auto& fields = std::get<FieldsDecl>(collection.items.at(0).node).fields;
  REQUIRE(fields.size() == 5);
  CHECK(fields[2].name.text == "key");
  CHECK(fields[2].key);
  CHECK(fields[4].name.quoted);
  CHECK(sources.slice(fields[1].span) == "read: int");
}

TEST_CASE("nesting and length cost what they should") {
  // 100 levels, each of which a parser that tries twice would double.
  std::string nested;
  for (int i = 0; i < 50; ++i) nested += "[{ a: ";
  nested += "1";
  for (int i = 0; i < 50; ++i) nested += " }]";
  std::string flat = "connector a {\n";
  for (int i = 0; i < 20000; ++i) flat += "  param p" + std::to_string(i) + " # text\n";
  flat += "}\n";
  SourceMap sources;
  const FileId file = sources.add("nested", nested);
  const auto started = std::chrono::steady_clock::now();
  CHECK(parse_expression(sources, file).diagnostics.empty());
  CHECK(parse(sources, sources.add("flat", flat)).diagnostics.empty());
  // Far above what it takes (a few milliseconds), far below what doubling or squares would take.
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(10));
}
