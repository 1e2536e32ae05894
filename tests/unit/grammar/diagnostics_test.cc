#include "grammar/diagnostics.hh"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "grammar/parse.hh"
#include "grammar/render.hh"

using namespace fconn::grammar;

namespace {

/// The first ```fconn block after `label`; empty when the example isn't fconn text.
std::string example(const std::string& page, const std::string& label) {
  const std::string fence = "\n" + label + "\n\n```fconn\n";
  const std::size_t begin = page.find(fence);
  if (begin == std::string::npos) return {};
  const std::size_t end = page.find("\n```", begin + fence.size());
  return page.substr(begin + fence.size(), end - begin - fence.size()) + "\n";
}

Diagnostics mistakes(const std::string& text) {
  SourceMap sources;
  const FileId file = sources.add("example.fconn", text);
  return parse(sources, file).diagnostics;
}

}  // namespace

TEST_CASE("every registered code is unique, of the documented form, and finds itself") {
  std::set<std::string_view> codes;
  std::set<std::string_view> names;
  for (const DiagnosticInfo& one : diagnostic_registry()) {
    CAPTURE(one.code);
    CHECK(codes.insert(one.code).second);
    CHECK(names.insert(one.name).second);
    CHECK(one.code.size() == 5);
    CHECK((one.code.starts_with("F0") || one.code.starts_with("F1")));
    CHECK(one.summary.ends_with('.'));
    CHECK(info(one.id).code == one.code);
    REQUIRE(find_diagnostic(one.code) != nullptr);
    CHECK(find_diagnostic(one.code)->id == one.id);
  }
  REQUIRE(find_diagnostic("f0101") != nullptr);
  CHECK(find_diagnostic("f0101")->name == "syntax");
  CHECK(find_diagnostic("F0000") == nullptr);
  CHECK(find_diagnostic("") == nullptr);
}

TEST_CASE(
    "every registered code has a page with a heading, a reason, a wrong and a right example") {
  for (const DiagnosticInfo& one : diagnostic_registry()) {
    const std::string page(explanation(one.id));
    INFO("page of ", one.code, " (", one.name, ") in grammar/explanations/", one.code.substr(0, 3),
         ".md");
    CHECK_FALSE(page.empty());
    if (page.empty()) continue;
    CHECK(page.starts_with("# " + std::string(one.code) + ": "));
    const std::size_t heading_end = page.find('\n');
    const std::size_t wrong = page.find("\nWrong:");
    const std::size_t right = page.find("\nRight:");
    CHECK(wrong != std::string::npos);
    CHECK(right != std::string::npos);
    if (wrong == std::string::npos || right == std::string::npos) continue;
    CHECK(wrong > heading_end + 40);  // the reason stands between
    CHECK(right > wrong);
    CHECK(page.find("\n# F") == std::string::npos);
    CHECK(page.size() > right + 10);
  }
}

TEST_CASE("the examples of the pages are what the pages say") {
  for (const DiagnosticInfo& one : diagnostic_registry()) {
    const std::string page(explanation(one.id));
    const std::string wrong = example(page, "Wrong:");
    const std::string right = example(page, "Right:");
    CAPTURE(one.code);
    const bool imported = one.code.starts_with("F10");  // what is wrong there is another format
    if (!imported) CHECK(wrong.empty() == right.empty());
    if (right.empty()) continue;
    CHECK(mistakes(right).empty());
    if (imported) continue;
    const Diagnostics found = mistakes(wrong);
    const bool has_code = std::any_of(found.begin(), found.end(),
                                      [&one](const Diagnostic& d) { return d.id == one.id; });
    // The parser finds mistakes of syntax; examples of all others are well-formed text.
    CHECK(has_code == one.code.starts_with("F01"));
    CHECK((one.code.starts_with("F01") || found.empty()));
  }
}

TEST_CASE("did_you_mean finds the nearest name and no far one") {
  const std::vector<std::string> names = {"conversations", "customers", "customer", "id", "email"};
  const struct {
    std::string_view word;
    std::string_view expected;  // empty: none
  } cases[] = {
      {"conversation", "conversations"},
      {"converastions", "conversations"},  // two neighbours swapped
      {"Customer", "customer"},            // only the case differs
      {"custmer", "customer"},
      {"customerz", "customers"},  // as near as `customer`; the first wins
      {"emial", "email"},
      {"di", "id"},
      {"xy", ""},
      {"q", ""},
      {"", ""},
      {"something_else", ""},
  };
  for (const auto& one : cases) {
    CAPTURE(one.word);
    CHECK(did_you_mean(one.word, names).value_or("") == one.expected);
  }
  CHECK_FALSE(did_you_mean("email", {"email"}).has_value());
  CHECK_FALSE(did_you_mean(std::string(100000, 'a'), {std::string(100000, 'b')}).has_value());
}

TEST_CASE("severity comes from the registry and errors are told from warnings") {
  const Diagnostic error = diagnostic(DiagnosticId::syntax, {}, "cause", "help");
  const Diagnostic warning = diagnostic(DiagnosticId::raw_hole, {}, "cause");
  CHECK(error.severity == Severity::error);
  CHECK(error.help == "help");
  CHECK(warning.severity == Severity::warning);
  CHECK(has_errors({warning, error}));
  CHECK_FALSE(has_errors({warning}));
  CHECK_FALSE(has_errors({}));
}

TEST_CASE("sort orders by file, place and code, and keeps equal ones as they came") {
  const auto at = [](std::uint32_t file, std::uint32_t begin, DiagnosticId id, std::string text) {
    return diagnostic(id, {FileId{file}, begin, begin + 1}, std::move(text));
  };
  Diagnostics all = {at(1, 0, DiagnosticId::syntax, "e"), at(0, 9, DiagnosticId::syntax, "c"),
                     at(0, 9, DiagnosticId::syntax, "d"), at(0, 9, DiagnosticId::raw_hole, "x"),
                     at(0, 2, DiagnosticId::raw_hole, "a")};
  sort(all);
  std::string order;
  for (const Diagnostic& d : all) order += d.text;
  CHECK(order == "acdxe");
}
