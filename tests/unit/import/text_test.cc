#include <doctest/doctest.h>

#include <map>

#include "tools/import/body.hh"
#include "tools/import/source.hh"

namespace fconn::importer {
namespace {

Lookup names() {
  return [](const std::string& name) -> std::optional<Value> {
    static const std::map<std::string, Value> known = {
        {"email", {"email", true, false, false}},
        {"id", {"row.id", false, false, false}},
        {"masked", {"masked", false, true, false}},
    };
    const auto found = known.find(name);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  };
}

std::string expr(std::string_view text, bool as_text = false) {
  std::vector<std::string> missing;
  const auto out = text_expr(split_template(text), names(), as_text, missing);
  return out ? *out : "missing " + missing.at(0);
}

std::string body(std::string_view text) {
  const auto out = body_expr(text, names());
  return out ? out->expr : "no JSON";
}

TEST_CASE("literals take the form with the fewest escapes") {
  CHECK(quoted("a") == "\"a\"");
  CHECK(quoted("say \"a\"") == "'say \"a\"'");
  CHECK(quoted("it's \"a\"") == "\"it's \\\"a\\\"\"");
  CHECK(quoted("{a}") == "\"\\{a}\"");
  CHECK(quoted("a\nb\x01") == "\"a\\nb\\u0001\"");
}

TEST_CASE("names") {
  CHECK(identifier("a-b") == "a_b");
  CHECK(identifier("for") == "for_");
  CHECK(identifier("2nd") == "_2nd");
  CHECK(object_key("Content-Type") == "Content-Type");
  CHECK(object_key("page[size]") == "\"page[size]\"");
}

TEST_CASE("paths of Fides") {
  CHECK(path_steps("") == ".");
  CHECK(path_steps("a.b") == ".a.b");
  CHECK(path_steps("a[0].b") == ".a[0].b");
  CHECK(path_steps("a.-1") == ".a[-1]");
  CHECK(path_steps("0.a") == ".[0].a");
  CHECK(path_steps("a\\.b.c-d") == ".[\"a.b\"].[\"c-d\"]");
}

TEST_CASE("templates") {
  CHECK(split_template("a<b>c<d?>").size() == 4);
  CHECK_FALSE(has_holes(split_template("a <> < b")));
  CHECK(expr("plain") == "\"plain\"");
  CHECK(expr("<email>") == "email");
  CHECK(expr("<id>") == "row.id");
  CHECK(expr("<id>", true) == "\"{row.id}\"");
  CHECK(expr("<id?>", true) == "if row.id == null then null else \"{row.id}\"");
  CHECK(expr("to:<email>") == "\"to:{email}\"");
  CHECK(expr("a = '<email>'") == "\"a = {quote(email, \"'\")}\"");
  CHECK(expr("f(\"<email>\", \"<id>\")") == "\"f({quote(email)}, {quote(row.id)})\"");
  CHECK(expr("<nobody>") == "missing nobody");
}

TEST_CASE("bodies become typed") {
  CHECK(body("{\"a\": \"<email>\", \"b\": [1, true, null, 1.50]}") ==
        "{ a: email, b: [1, true, null, 1.50] }");
  CHECK(body("{ <masked> }") == "masked");
  CHECK(body("{\"c\": { <masked> }, \"id\": <id>}") == "{ c: masked, id: row.id }");
  CHECK(body("{ <masked>, \"keep\": 1 }") == "{ ...masked, keep: 1 }");
  CHECK(body("[\"<email>\"]") == "[email]");
  CHECK(body("{\"<email>\": \"x\"}") == "{ [email]: \"x\" }");
  CHECK(body("{\"a\": \"<gone?>\"}") == "{ a: null }");
  CHECK(body("{\"a\": \"\\u00e9\\ud83d\\ude00\\n\"}") ==
        "{\na: '''\n\xC3\xA9\xF0\x9F\x98\x80\n'''\n}");
  CHECK(body("{}") == "{}");
  CHECK(body("{\"a\": }") == "no JSON");
  CHECK(body("{\"a\": 1} x") == "no JSON");
  CHECK(body(std::string(200, '[')) == "no JSON");
}

TEST_CASE("what is mended in a body is said") {
  const auto out = body_expr("{\"a\": <id>\n \"b\": \"x\ny\",}", names());
  REQUIRE(out);
  CHECK(out->repaired == std::vector<std::string>{"a missing comma", "line ends within a text",
                                                  "a comma before the end"});
  const auto missing = body_expr("{\"a\": \"<x> <y>\", \"b\": <x>}", names());
  REQUIRE(missing);
  CHECK(missing->missing == std::vector<std::string>{"x", "y"});
}

TEST_CASE("blocks print as clauses") {
  Block block("read GET /a");
  block.add("rows .x");
  CHECK(print({block}) == "read GET /a { rows .x }\n");
  block.add("keep .y");
  block.comments = {"# why"};
  CHECK(print({block}) == "# why\nread GET /a {\nrows .x\nkeep .y\n}\n");
  CHECK(doc_lines("a  b\nc") == std::vector<std::string>{"## a b c"});
}

}  // namespace
}  // namespace fconn::importer
