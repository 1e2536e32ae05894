#include "grammar/render.hh"

#include <doctest/doctest.h>

#include <string>

using namespace fconn::grammar;

namespace {

/// Span of the first occurrence of `part` in the file.
Span span_of(const SourceMap& sources, FileId file, std::string_view part) {
  const std::size_t at = sources.text(file).find(part);
  REQUIRE(at != std::string_view::npos);
  return {file, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + part.size())};
}

/// What stands below a source line when `part` of it is marked.
std::string rendered(std::string_view line, std::string_view part,
                     const RenderOptions& options = {}) {
  SourceMap sources;
  const FileId file = sources.add("a.fconn", std::string(line));
  return render_text(
      sources, {diagnostic(DiagnosticId::syntax, span_of(sources, file, part), "wrong")}, options);
}

}  // namespace

TEST_CASE(
    "a diagnostic shows its place, the line, a caret under the span, notes, help and repair") {
  SourceMap sources;
  const FileId file = sources.add("shop.fconn",
                                  "connector shop {\n"
                                  "  collection orders {\n"
                                  "    for c in custmers\n"
                                  "  }\n"
                                  "}\n");
  Diagnostic d = diagnostic(DiagnosticId::syntax, span_of(sources, file, "custmers"),
                            "there is no collection `custmers`", "did you mean `customers`?");
  d.notes.push_back({span_of(sources, file, "orders"), "wanted by this collection"});
  d.fix.push_back({d.where, "customers"});
  CHECK(render_text(sources, {d}) ==
        "shop.fconn:3:14: error[F0101]: there is no collection `custmers`\n"
        "  3 |     for c in custmers\n"
        "    |              ^^^^^^^^\n"
        "shop.fconn:2:14: note: wanted by this collection\n"
        "  2 |   collection orders {\n"
        "    |              ^^^^^^\n"
        "help: did you mean `customers`?\n"
        "  3 |     for c in customers\n"
        "    |              +++++++++\n");
}

TEST_CASE("the caret lines up under wide characters, tabs, accents and line ends") {
  const struct {
    std::string_view line;
    std::string_view part;
    std::string_view expected;  // the two snippet lines
  } cases[] = {
      {"ab cd", "cd", "  1 | ab cd\n    |    ^^\n"},
      {"\tab cd", "cd", "  1 |     ab cd\n    |        ^^\n"},
      {"a\tb", "b", "  1 | a   b\n    |     ^\n"},
      {"名前 x", "x", "  1 | 名前 x\n    |      ^\n"},
      {"x 名前", "名前", "  1 | x 名前\n    |   ^^^^\n"},
      {"é e\xCC\x81 z", "z", "  1 | é e\xCC\x81 z\n    |     ^\n"},
      {"ab\r\ncd", "b", "  1 | ab\n    |  ^\n"},
      {"ab {\n cd\n}", "{\n cd", "  1 | ab {\n    |    ^…\n"},
      {"ab\n", "\n", "  1 | ab\n    |   ^\n"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.line);
    const std::string text = rendered(one.line, one.part);
    CHECK(text.substr(text.find('\n') + 1) == one.expected);
  }
}

TEST_CASE("an empty span and the end of the file get one caret") {
  SourceMap sources;
  const FileId file = sources.add("a.fconn", "ab\n");
  const FileId empty = sources.add("e.fconn", "");
  CHECK(render_text(sources, {diagnostic(DiagnosticId::syntax, {file, 1, 1}, "x")}) ==
        "a.fconn:1:2: error[F0101]: x\n  1 | ab\n    |  ^\n");
  CHECK(render_text(sources, {diagnostic(DiagnosticId::syntax, {file, 3, 3}, "x")}) ==
        "a.fconn:2:1: error[F0101]: x\n  2 |\n    | ^\n");
  CHECK(render_text(sources, {diagnostic(DiagnosticId::syntax, {empty, 0, 0}, "x")}) ==
        "e.fconn:1:1: error[F0101]: x\n  1 |\n    | ^\n");
  // Offsets past the end, and a file that isn't there, are shown as well as they can be.
  CHECK(render_text(sources, {diagnostic(DiagnosticId::syntax, {file, 90, 99}, "x")})
            .starts_with("a.fconn:2:1: "));
  CHECK(render_text(sources, {diagnostic(DiagnosticId::syntax, {FileId{7}, 0, 0}, "x")}) ==
        "fconn: error[F0101]: x\n");
}

TEST_CASE("nothing in the source or the message can steer the terminal") {
  const std::string text = rendered("a \x1b[2J \x07 \u202E z \xFF", "z");
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(text.find("\u202E") == std::string::npos);
  CHECK(text.find("<U+202E>") != std::string::npos);
  SourceMap sources;
  const FileId file = sources.add("b\x1b[31m.fconn", "x");
  const std::string message =
      render_text(sources, {diagnostic(DiagnosticId::syntax, {file, 0, 1}, "a\x1b[0m\nb", "c\rd")});
  CHECK(message.find('\x1b') == std::string::npos);
  CHECK(message.find('\r') == std::string::npos);
}

TEST_CASE("colour is only there when asked for") {
  CHECK(rendered("ab", "b").find('\x1b') == std::string::npos);
  RenderOptions options;
  options.colour = true;
  const std::string text = rendered("ab", "b", options);
  CHECK(text.find("\x1b[1;31m^\x1b[0m") != std::string::npos);
  CHECK(text.find("\x1b[1;31merror[F0101]\x1b[0m") != std::string::npos);
}

TEST_CASE("a long line is cut around the caret") {
  RenderOptions options;
  options.max_width = 40;
  const std::string line = std::string(100, 'a') + "HERE" + std::string(100, 'b');
  const std::string text = rendered(line, "HERE", options);
  const std::size_t source_begin = text.find(" | ") + 3;
  const std::string source =
      text.substr(source_begin, text.find('\n', source_begin) - source_begin);
  const std::size_t caret_begin = text.rfind("| ") + 2;
  CHECK(text.substr(caret_begin).find("^^^^") == 18);
  CHECK(source.starts_with("…a"));
  CHECK(source.ends_with("b…"));
  // The sign of the cut is one cell and three bytes.
  CHECK(source.find("HERE") == 18 + 2);
  const std::string wide = rendered(line, line, options);
  CHECK(wide.find(std::string(41, '^')) == std::string::npos);
}

TEST_CASE("a repair that takes a line away or spans lines shows what remains") {
  SourceMap sources;
  const FileId file = sources.add("a.fconn", "one\ntwo\nthree\n");
  Diagnostic d = diagnostic(DiagnosticId::syntax, {file, 4, 7}, "x", "y");
  d.fix.push_back({{file, 4, 11}, "2\n3"});
  CHECK(render_text(sources, {d})
            .ends_with("help: y\n"
                       "  2 | 2\n    | +\n"
                       "  3 | 3ee\n    | +\n"));
  d.fix = {{{file, 4, 8}, ""}};
  CHECK(render_text(sources, {d}).ends_with("help: y\n  2 | three\n"));
}

TEST_CASE("JSON has the contract's keys, valid strings and an exclusive end") {
  SourceMap sources;
  const FileId file = sources.add("a \"b\".fconn", "é x\ny\n");
  Diagnostic d = diagnostic(DiagnosticId::raw_hole, {file, 3, 6}, "a \"quote\"\n\x01\xFF", "h");
  d.notes.push_back({{file, 0, 2}, "n"});
  d.fix.push_back({{file, 3, 4}, "z"});
  CHECK(
      render_json(sources, {d}) ==
      "[\n{\"code\":\"F0113\",\"severity\":\"warning\",\"path\":\"a \\\"b\\\".fconn\",\"line\":1,"
      "\"column\":3,\"endLine\":2,\"endColumn\":2,\"message\":\"a \\\"quote\\\"\\n\\u0001\uFFFD\","
      "\"help\":\"h\",\"notes\":[{\"path\":\"a \\\"b\\\".fconn\",\"line\":1,\"column\":1,"
      "\"endLine\":1,\"endColumn\":2,\"message\":\"n\"}],\"fix\":[{\"path\":\"a \\\"b\\\".fconn\","
      "\"startLine\":1,\"startColumn\":3,\"endLine\":1,\"endColumn\":4,\"text\":\"z\"}]}\n]\n");
  CHECK(render_json(sources, {}) == "[]\n");
  CHECK(render_json(sources, {diagnostic(DiagnosticId::syntax, {FileId{9}, 0, 0}, "x")})
            .find("\"path\":\"\",\"line\":1,\"column\":1") != std::string::npos);
}

TEST_CASE("SARIF has a rule for each code once, regions, related places and fixes") {
  SourceMap sources;
  const FileId file = sources.add("dir/my shop.fconn", "ab cd\n");
  Diagnostic d = diagnostic(DiagnosticId::syntax, {file, 3, 5}, "cause", "help");
  d.notes.push_back({{file, 0, 2}, "note"});
  d.fix = {{{file, 3, 5}, "x"}, {{file, 0, 1}, "y"}};
  const Diagnostic other = diagnostic(DiagnosticId::raw_hole, {file, 0, 1}, "second");
  const std::string text = render_sarif(sources, {d, d, other});
  const auto has = [&text](std::string_view part) { return text.find(part) != std::string::npos; };
  CHECK(has("\"version\":\"2.1.0\""));
  CHECK(has("{\"id\":\"F0101\",\"name\":\"syntax\",\"shortDescription\":{\"text\":"));
  CHECK(text.find("\"id\":\"F0101\"") == text.rfind("\"id\":\"F0101\""));
  CHECK(has("\"ruleId\":\"F0113\",\"ruleIndex\":1,\"level\":\"warning\""));
  CHECK(
      has("\"artifactLocation\":{\"uri\":\"dir/my%20shop.fconn\"},\"region\":{\"startLine\":1,"
          "\"startColumn\":4,\"endLine\":1,\"endColumn\":6}"));
  CHECK(has("\"relatedLocations\":[{\"id\":1,\"physicalLocation\":"));
  CHECK(
      has("\"replacements\":[{\"deletedRegion\":{\"startLine\":1,\"startColumn\":4,\"endLine\":1,"
          "\"endColumn\":6},\"insertedContent\":{\"text\":\"x\"}},{\"deletedRegion\":"));
  CHECK(has("\"message\":{\"text\":\"second\"}"));
  CHECK_FALSE(has("helpUri"));
  CHECK(render_sarif(sources, {}).find("\"results\":[]") != std::string::npos);
}
