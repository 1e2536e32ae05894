#include "tools/repl/command.hh"

#include <doctest/doctest.h>

namespace fconn::repl {
namespace {

TEST_CASE("what a line is") {
  const struct {
    std::string_view text;
    LineKind kind;
    std::string_view name, rest;
  } cases[] = {
      {"", LineKind::nothing, "", ""},
      {"  \t", LineKind::nothing, "", ""},
      {"# a remark", LineKind::nothing, "", ""},
      {":run", LineKind::command, "run", ""},
      {"  :run  member  ", LineKind::command, "run", "member"},
      {":set identity.email=a b", LineKind::command, "set", "identity.email=a b"},
      {":", LineKind::command, "", ""},
      {":edit header X-A: b", LineKind::command, "edit", "header X-A: b"},
      {"?cursor", LineKind::question, "cursor", ""},
      {"? cursor ", LineKind::question, "cursor", ""},
      {".items[0]", LineKind::expression, "", ".items[0]"},
      {"status == 200", LineKind::expression, "", "status == 200"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    const Line line = parse_line(one.text);
    CHECK(line.kind == one.kind);
    CHECK(line.name == one.name);
    CHECK(line.rest == one.rest);
  }
}

TEST_CASE("what is open goes on with the next line") {
  const struct {
    std::string_view text;
    bool more;
  } cases[] = {
      {"1 + 2", false},
      {"[1, 2", true},
      {"[1, 2]", false},
      {"{ a: [1, (2", true},
      {"{ a: [1, (2)] }", false},
      {"\"text", true},
      {"\"text { 1", true},
      {"\"text { [1] } and\"", false},
      {"\"a brace \\{ is one\"", false},
      {"\"a quote \\\" is one", true},
      {"'raw { is one'", false},
      {"'''raw\nof lines", true},
      {"\"\"\"block \" of\nlines\"\"\"", false},
      {"[1, # a remark ]", true},
      {"]", false},
      {":run [", false},
      {":edit body { \"a\": 1,", true},
      {":edit body { \"a\": 1 }", false},
      {":edit header X: (", false},
      {":break on [1,", true},
      {":until [1,", true},
      {"?(", false},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    CHECK(needs_more(one.text) == one.more);
  }
  // Nesting is bounded: nothing crashes.
  CHECK(needs_more(std::string(100'000, '[')));
}

TEST_CASE("words keep what stands in quotes together") {
  CHECK(words_of("  a  b ") == std::vector<std::string>{"a", "b"});
  CHECK(words_of("member \"Ada Martin\" ''") ==
        std::vector<std::string>{"member", "Ada Martin", ""});
  CHECK(words_of("").empty());
}

TEST_CASE("a command goes by any beginning that no other has") {
  CHECK(find_command("run")->name == "run");
  CHECK(find_command("ru")->name == "run");
  CHECK(find_command("re") == nullptr);     // requests, resend, reload, reveal
  CHECK(find_command("r")->name == "run");  // letters are some command's own
  CHECK(find_command("s")->name == "step");
  CHECK(find_command("l")->name == "list");
  CHECK(find_command("row")->name == "row");  // a whole name counts though :rows begins so, too
  CHECK(find_command("") == nullptr);
  CHECK(find_command("runs") == nullptr);
  for (const CommandInfo& info : commands()) {
    CAPTURE(info.name);
    CHECK(find_command(info.name) == &info);
    if (!info.letter.empty()) CHECK(find_command(info.letter) == &info);
    CHECK(commands_text().find(info.summary) != std::string::npos);
  }
  CHECK(unknown_command("st").text == "':st' could be :step, :stop");
  CHECK(unknown_command("setp").help == "did you mean ':step'?");
  CHECK(unknown_command("").help == "`:help` lists them");
}

}  // namespace
}  // namespace fconn::repl
