#include <doctest/doctest.h>

#include "grammar/render.hh"
#include "tests/unit/compile/support.hh"

using namespace fconn;
using namespace fconn::compile::test;

namespace {

/// The fenced fconn block after a line that begins with `label`; empty when there is none.
std::string block(std::string_view page, std::string_view label) {
  const std::size_t at = page.find("\n" + std::string(label) + "\n");
  if (at == std::string_view::npos) return {};
  constexpr std::string_view fence = "```fconn\n";
  const std::size_t begin = page.find(fence, at) + fence.size();
  return std::string(page.substr(begin, page.find("```", begin) - begin));
}

bool is_ours(std::string_view code) { return code >= "F0200" && code < "F0800"; }

}  // namespace

TEST_CASE("every page shows its mistake, and a repair without it") {
  int pages = 0;
  for (const grammar::DiagnosticInfo& info : grammar::diagnostic_registry()) {
    if (!is_ours(info.code)) continue;
    const std::string_view page = grammar::explanation(info.id);
    CAPTURE(info.code);
    REQUIRE(!page.empty());
    ++pages;
    const std::string wrong = block(page, "Wrong:");
    const std::string right = block(page, "Right:");
    if (wrong.empty()) continue;  // it takes two files to show
    const std::string found = compile_text(wrong).mistakes();
    CAPTURE(wrong);
    CHECK_MESSAGE(found.find(info.code) != std::string::npos, found);
    const Result repaired = compile_text(right);
    CAPTURE(right);
    CHECK_MESSAGE(!grammar::has_errors(repaired.compiled.diagnostics), repaired.mistakes());
    CHECK_MESSAGE(repaired.mistakes().find(info.code) == std::string::npos, repaired.mistakes());
  }
  CHECK(pages >= 55);
}
