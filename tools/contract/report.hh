// The outcome of tests as other programs read it: JUnit's XML, TAP 14, JSON.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "interpreter/value/ports.hh"
#include "tools/contract/coverage.hh"

namespace fconn::contract {

struct ReportedLine {
  std::uint32_t line = 0;
  std::string text;
};
struct ReportedTest {
  std::string path, title;  // no title: the file itself, which couldn't be read
  std::uint32_t line = 0;
  bool passed = false;
  std::vector<ReportedLine> differences;
  std::vector<std::uint32_t> unused;  // lines of replies that were never asked for
  value::Milliseconds took{0};
};
struct ReportedCoverage {
  std::string connector;
  Coverage coverage;
};
struct Report {
  std::vector<ReportedTest> tests;
  std::vector<ReportedCoverage> coverage;  // by connector; empty unless it was asked for
  std::size_t passed() const;
  std::size_t failed() const { return tests.size() - passed(); }
};

/// One `testsuite` for each file. https://github.com/testmoapp/junitxml says what readers expect.
std::string junit(const Report& report);
/// https://testanything.org/tap-version-14-specification.html
std::string tap(const Report& report);
std::string json(const Report& report);
/// For a person: a line for each connector, and below it what was missed.
std::string coverage_text(const Report& report);

}  // namespace fconn::contract
