#include <doctest/doctest.h>

#include "tools/lsp/edits.hh"
#include "tools/lsp/framing.hh"
#include "tools/lsp/server.hh"
#include "tools/lsp/text.hh"
#include "tools/lsp/tokens.hh"
#include "tools/lsp/word_docs.hh"

using namespace fconn;
using namespace fconn::lsp;
using grammar::Level;

TEST_CASE("columns are counted as was agreed on") {
  const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z\nb";  // aä€😀z
  const Lines lines(text);
  struct Row {
    Encoding encoding;
    std::uint32_t columns[6];  // of a ä € 😀 z and the line's end
  };
  const std::uint32_t offsets[6] = {0, 1, 3, 6, 10, 11};
  for (const Row& row :
       {Row{Encoding::utf8, {0, 1, 3, 6, 10, 11}}, Row{Encoding::utf16, {0, 1, 2, 3, 5, 6}},
        Row{Encoding::utf32, {0, 1, 2, 3, 4, 5}}}) {
    for (int i = 0; i < 6; ++i) {
      CHECK(lines.place(text, offsets[i], row.encoding) == Place{0, row.columns[i]});
      CHECK(lines.offset(text, {0, row.columns[i]}, row.encoding) == offsets[i]);
    }
    CHECK(lines.offset(text, {0, 99}, row.encoding) == 11);
    CHECK(lines.offset(text, {9, 0}, row.encoding) == text.size());
  }
  // Between the halves of a surrogate pair is no place: it is before the character.
  CHECK(lines.offset(text, {0, 4}, Encoding::utf16) == 6);
}

TEST_CASE("lines end with LF, CRLF and CR") {
  const std::string text = "one\r\ntwo\rthree\n\n";
  const Lines lines(text);
  REQUIRE(lines.count() == 5);
  CHECK(lines.place(text, 5, Encoding::utf16) == Place{1, 0});
  CHECK(lines.place(text, 9, Encoding::utf16) == Place{2, 0});
  CHECK(lines.offset(text, {0, 50}, Encoding::utf16) == 3);
  CHECK(lines.offset(text, {1, 50}, Encoding::utf16) == 8);
  CHECK(lines.offset(text, {2, 50}, Encoding::utf16) == 14);
  CHECK(lines.offset(text, {4, 0}, Encoding::utf16) == 16);
}

TEST_CASE("a change replaces a range") {
  Text text("one\ntwo\n");
  text.replace({{0, 1}, {1, 1}}, "X\r\nY", Encoding::utf16);
  CHECK(text.view() == "oX\r\nYwo\n");
  text.replace({{1, 2}, {0, 0}}, "", Encoding::utf16);
  CHECK(text.view() == "o\n");
  text.replace({{7, 7}, {8, 8}}, "end", Encoding::utf16);
  CHECK(text.view() == "o\nend");
}

TEST_CASE("messages come in any pieces") {
  const std::string bytes = frame("{}") + frame("") + "content-length:3\r\nX: y\r\n\r\nabc";
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    Framer framer;
    std::vector<std::string> got;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      framer.feed(std::string_view(bytes).substr(at, size));
      while (auto message = framer.next()) got.push_back(*message);
    }
    CHECK(got == std::vector<std::string>{"{}", "", "abc"});
    CHECK(framer.broken().empty());
  }
}

TEST_CASE("a stream that can't be read says why") {
  struct Row {
    const char* bytes;
    const char* why;
  };
  for (const Row& row : {Row{"X: y\r\n\r\n{}", "no Content-Length"},
                         Row{"Content-Length: -1\r\n\r\n", "no Content-Length"},
                         Row{"Content-Length: 1e3\r\n\r\n", "no Content-Length"},
                         Row{"Content-Length\r\n\r\n", "no Content-Length"},
                         Row{"Content-Length: 99999999999999999999\r\n\r\n", "no Content-Length"},
                         Row{"Content-Length: 99999999999\r\n\r\n", "more than the limit"}}) {
    Framer framer;
    framer.feed(row.bytes);
    CHECK_FALSE(framer.next());
    CHECK(framer.broken().find(row.why) != std::string::npos);
    framer.feed(frame("{}"));
    CHECK_FALSE(framer.next());
  }
}

TEST_CASE("URIs and paths") {
  struct Row {
    const char* uri;
    const char* path;
  };
  for (const Row& row : {Row{"file:///a/b.fconn", "/a/b.fconn"},
                         Row{"file:///a%20b/%C3%A4%3F.fconn", "/a b/\xC3\xA4?.fconn"},
                         Row{"untitled:Untitled-1", "untitled:Untitled-1"}}) {
    CHECK(path_of_uri(row.uri) == row.path);
    CHECK(uri_of_path(row.path) == row.uri);
  }
  CHECK(path_of_uri("file://localhost/a") == "/a");
  CHECK(path_of_uri("file:///a%2") == "/a%2");
}

TEST_CASE("the block that a place is in") {
  struct Row {
    const char* text;
    bool clauses;
    Level level;
  };
  for (const Row& row : {
           Row{"", true, Level::top},
           Row{"connector a \"A\" {", true, Level::connector},
           Row{"connector a \"A\" { client {", true, Level::client},
           Row{"connector a \"A\" {\n client {\n  base \"x{y}\"\n }\n", true, Level::connector},
           Row{"connector a \"A\" {\n collection b {", true, Level::collection},
           Row{"connector a \"A\" {\n collection b {\n read GET /x/{y} {", true, Level::request},
           Row{"connector a \"A\" {\n collection b {\n read needs e\n GET /x {", true,
               Level::request},
           Row{"connector a \"A\" {\n collection b {\n read {", true, Level::chain},
           Row{"connector a \"A\" {\n collection b {\n read {\n let x = GET /a {", true,
               Level::request},
           Row{"connector a \"A\" {\n collection b {\n read {\n let x = {", false, Level::top},
           Row{"connector a \"A\" {\n collection b {\n read GET /x { query {", false, Level::top},
           Row{"connector a \"A\" {\n collection b {\n read GET /x { query { a: 1 }\n", true,
               Level::request},
           Row{"connector a \"A\" {\n collection b {\n fields default @a.b { c: {", true,
               Level::fields},
           Row{"auth x(a) {\n token t = POST https://x/y {", true, Level::token},
           Row{"auth x(a) {\n headers {", false, Level::top},
           Row{"pagination x(a) {", true, Level::pagination},
           Row{"test \"t\" {\n reply GET /x {", true, Level::message},
           Row{"test \"t\" {\n reply GET /x with 200 {", true, Level::response},
           Row{"test \"t\" {\n params {", false, Level::top},
           Row{"connector a \"A\" {\n check GET /x {", true, Level::request},
           Row{"connector a 'A } {' {\n # } \n param x\n", true, Level::connector},
           Row{"connector a \"A\" {\n param x = \"{f(}\"\n", true, Level::connector},
       }) {
    CAPTURE(row.text);
    const Scan scanned = scan(row.text);
    CHECK(scanned.open.back().clauses == row.clauses);
    if (row.clauses) CHECK(scanned.open.back().level == row.level);
  }
}

TEST_CASE("what a text breaks off in") {
  CHECK(scan("param a = \"b").in_text);
  CHECK(scan("param a = '''b\n'c").in_text);
  CHECK_FALSE(scan("param a = \"{b").in_text);
  CHECK_FALSE(scan("param a = \"b\n").in_text);
  CHECK(scan("# a").in_comment);
  CHECK_FALSE(scan("# a\n").in_comment);
  const Scan call = scan("fn f(x) = x | g(1, (2), 3");
  REQUIRE(call.open.back().callee != Open::npos);
  CHECK(call.open.back().commas == 2);
  CHECK(call.open.back().piped);
}

TEST_CASE("every word of the language is documented") {
  for (int i = 0; i <= static_cast<int>(Level::response); ++i) {
    const auto level = static_cast<Level>(i);
    for (const std::string& word : grammar::words_of(level)) {
      if (grammar::is_method(word)) continue;
      CAPTURE(word);
      CHECK(word_doc(word, level) != nullptr);
    }
  }
}

TEST_CASE("as few lines as needed are replaced") {
  struct Row {
    const char* before;
    const char* after;
    std::size_t edits;
  };
  for (const Row& row : {Row{"a\nb\nc\n", "a\nb\nc\n", 0}, Row{"a\nb\nc\n", "a\nX\nc\n", 1},
                         Row{"a\nb\nc\nd\n", "X\na\nc\nd\nY\n", 3}, Row{"", "a\n", 1},
                         Row{"a\n", "", 1}, Row{"a", "a\n", 1}, Row{"a\n\n\nb\n", "a\n\nb\n", 1}}) {
    const std::vector<TextEdit> edits = line_edits(row.before, row.after);
    CHECK(edits.size() == row.edits);
    std::string text = row.before;
    for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
      text.replace(edit->begin, edit->end - edit->begin, edit->text);
    }
    CHECK(text == row.after);
  }
}
