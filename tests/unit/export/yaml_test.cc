#include "tools/export/yaml.hh"

#include <doctest/doctest.h>

#include "tools/import/yaml.hh"

using namespace fconn;
using exporter::Yaml;

namespace {

std::string printed(const std::string& text) {
  Yaml document;
  document.add("a", Yaml::text(text));
  return exporter::print(document);
}

/// What a reader of YAML finds.
importer::Node read(const std::string& text) {
  grammar::SourceMap sources;
  grammar::Diagnostics diagnostics;
  auto yaml = importer::read_yaml(sources, sources.add("test", text), diagnostics);
  REQUIRE(yaml);
  return std::move(yaml->root);
}

}  // namespace

TEST_CASE("a text is a text for every reader of YAML, and the same one") {
  for (const char* text : {"plain words",  "true",
                           "No",           "off",
                           "null",         "~",
                           "12",           "1.0",
                           "0x1f",         "12:30",
                           "2024-01-01",   "",
                           " a",           "a ",
                           "a: b",         "a:",
                           "a #b",         "# a",
                           "- a",          "-",
                           "@a",           "`a",
                           "*a",           "&a",
                           "!a",           "%a",
                           "{a}",          "[a]",
                           "a, b",         "'a'",
                           "\"a\"",        "it's \"so\"",
                           "\\d+",         "<a>",
                           "<<",           "<",
                           "/a/<b>?c=d&e", "é ü",
                           "tab\there",    "a\nb",
                           "a\nb\n",       "a\nb\n\n",
                           "\na",          "  a\nb",
                           "a \nb",        "{\n  \"a\": \"<b>\"\n}",
                           "a\r\nb",       "\x01",
                           "---",          "...",
                           "? a",          "| a",
                           "> a"}) {
    INFO(text);
    const importer::Node root = read(printed(text));
    const importer::Node* node = root.find("a");
    REQUIRE(node != nullptr);
    CHECK(node->kind == importer::Node::Kind::scalar);
    CHECK(node->text == text);
  }
}

TEST_CASE("what other readers would take for something else is quoted") {
  for (const char* text :
       {"true", "yes", "Off", "y", "NULL", "1.0", "1e3", "012", "12:30:45", ""}) {
    INFO(text);
    CHECK(printed(text) == "a: \"" + std::string(text) + "\"\n");
  }
  CHECK(printed("text/plain") == "a: text/plain\n");
  CHECK(printed("{\"a\": 1}") == "a: '{\"a\": 1}'\n");
}

TEST_CASE("maps and lists keep their order and nest") {
  Yaml document;
  Yaml& list = document.add("z", Yaml::list());
  Yaml& first = list.push({});
  first.add("name", Yaml::text("x"));
  first.add("deep", Yaml::list()).push(Yaml::word("1"));
  list.push(Yaml::text("w"));
  document.add("a", Yaml::list());
  document.add("m", {});
  document.add("t", Yaml::text("one\ntwo\n"));
  CHECK(exporter::print(document) ==
        "z:\n  - name: x\n    deep:\n      - 1\n  - w\na: []\nm: {}\nt: |\n  one\n  two\n");
}
