#include "tools/contract/report.hh"

#include <algorithm>
#include <cstdio>

#include "interpreter/value/markup.hh"
#include "interpreter/value/utf8.hh"
#include "interpreter/value/value.hh"

namespace fconn::contract {

namespace {

std::string seconds(value::Milliseconds took) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(took.count()) / 1000.0);
  return text;
}

/// XML 1.0 can't hold most control characters, not even as references: those become U+FFFD.
std::string xml(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = value::next_code_point(text, at);
    const std::string_view reference =
        c < 0x80 ? value::markup_reference(static_cast<char>(c)) : "";
    out += reference;
    if (!reference.empty()) continue;
    switch (c) {
      case '\n':
        out += "&#10;";
        break;
      case '\t':
        out += "&#9;";
        break;
      default:
        value::append_utf8(
            out, c < 0x20 || c == 0xFFFE || c == 0xFFFF ? value::replacement_character : c);
    }
  }
  return out;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string name_of(const ReportedTest& test) {
  return test.title.empty() ? "the file can be read" : test.title;
}

std::string place(const ReportedTest& test, std::uint32_t line) {
  return test.path + ":" + std::to_string(line);
}

std::string all_differences(const ReportedTest& test) {
  std::string text;
  for (const ReportedLine& one : test.differences) {
    text += (text.empty() ? "" : "\n") + place(test, one.line) + ": " + one.text;
  }
  return text;
}

std::string unused_text(const ReportedTest& test) {
  std::string text;
  for (const std::uint32_t line : test.unused) {
    text += (text.empty() ? "" : "\n") + place(test, line) + ": this reply was never asked for";
  }
  return text;
}

std::string testcase(const ReportedTest& test) {
  std::string out = "    <testcase classname=\"" + xml(test.path) + "\" name=\"" +
                    xml(name_of(test)) + "\" time=\"" + seconds(test.took) + "\" file=\"" +
                    xml(test.path) + "\" line=\"" + std::to_string(test.line) + "\"";
  const std::string unused = unused_text(test);
  if (test.passed && unused.empty()) return out + "/>\n";
  out += ">\n";
  if (!test.passed) {
    const std::string kind = test.title.empty() ? "error" : "failure";
    const std::string message =
        test.differences.empty() ? "failed" : first_line(test.differences.front().text);
    out += "      <" + kind + " message=\"" + xml(message) + "\">" + xml(all_differences(test)) +
           "</" + kind + ">\n";
  }
  if (!unused.empty()) out += "      <system-out>" + xml(unused) + "</system-out>\n";
  return out + "    </testcase>\n";
}

/// A TAP description: no line ends; `#` would begin a directive.
std::string described(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '#' || c == '\\') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out;
  value::append_json_string(text, out);
  return out;
}

std::string json_coverage(const ReportedCoverage& one) {
  std::string out = "{\"connector\":" + quoted(one.connector) +
                    ",\"covered\":" + std::to_string(one.coverage.covered) +
                    ",\"total\":" + std::to_string(one.coverage.total) + ",\"missed\":[";
  for (const Missed& missed : one.coverage.missed) {
    if (&missed != &one.coverage.missed.front()) out += ',';
    out += "{\"path\":" + quoted(missed.file) + ",\"line\":" + std::to_string(missed.line) +
           ",\"column\":" + std::to_string(missed.column) + ",\"text\":" + quoted(missed.text) +
           "}";
  }
  return out + "]}";
}

}  // namespace

std::size_t Report::passed() const {
  return static_cast<std::size_t>(
      std::count_if(tests.begin(), tests.end(), [](const ReportedTest& t) { return t.passed; }));
}

std::string junit(const Report& report) {
  const auto head = [](std::string_view what, std::size_t tests, std::size_t failures,
                       std::size_t errors, value::Milliseconds took) {
    return "<" + std::string(what) + " tests=\"" + std::to_string(tests) + "\" failures=\"" +
           std::to_string(failures) + "\" errors=\"" + std::to_string(errors) + "\" time=\"" +
           seconds(took) + "\"";
  };
  std::string suites;
  std::size_t all_failures = 0, all_errors = 0;
  value::Milliseconds all_took{0};
  for (std::size_t i = 0; i < report.tests.size();) {
    const std::string& path = report.tests[i].path;
    std::size_t count = 0, failures = 0, errors = 0;
    value::Milliseconds took{0};
    std::string cases;
    for (; i < report.tests.size() && report.tests[i].path == path; ++i, ++count) {
      const ReportedTest& test = report.tests[i];
      if (!test.passed) ++(test.title.empty() ? errors : failures);
      took += test.took;
      cases += testcase(test);
    }
    suites += "  " + head("testsuite", count, failures, errors, took) + " name=\"" + xml(path) +
              "\">\n" + cases + "  </testsuite>\n";
    all_failures += failures;
    all_errors += errors;
    all_took += took;
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
         head("testsuites", report.tests.size(), all_failures, all_errors, all_took) + ">\n" +
         suites + "</testsuites>\n";
}

std::string tap(const Report& report) {
  std::string out = "TAP version 14\n1.." + std::to_string(report.tests.size()) + "\n";
  std::size_t number = 0;
  for (const ReportedTest& test : report.tests) {
    out += (test.passed ? "ok " : "not ok ") + std::to_string(++number) + " - " +
           described(test.path + ": " + name_of(test)) + "\n";
    if (!test.passed) {
      out += "  ---\n  at: " + quoted(place(test, test.line)) + "\n  differences:\n";
      for (const ReportedLine& one : test.differences) {
        out += "    - at: " + quoted(place(test, one.line)) +
               "\n      message: " + quoted(one.text) + "\n";
      }
      out += "  ...\n";
    }
    for (const std::uint32_t line : test.unused) {
      out += "# " + place(test, line) + ": this reply was never asked for\n";
    }
  }
  return out;
}

std::string json(const Report& report) {
  std::string out = "{\"passed\":" + std::to_string(report.passed()) +
                    ",\"failed\":" + std::to_string(report.failed()) + ",\"tests\":[";
  bool first = true;
  for (const ReportedTest& test : report.tests) {
    out += first ? "\n" : ",\n";
    first = false;
    out += "{\"path\":" + quoted(test.path) + ",\"title\":" + quoted(test.title) +
           ",\"passed\":" + (test.passed ? "true" : "false") + ",\"differences\":[";
    for (const ReportedLine& one : test.differences) {
      if (&one != &test.differences.front()) out += ',';
      out += "{\"line\":" + std::to_string(one.line) + ",\"text\":" + quoted(one.text) + "}";
    }
    out += "]";
    if (!test.unused.empty()) {
      out += ",\"unused\":[";
      for (std::size_t i = 0; i < test.unused.size(); ++i) {
        out += (i > 0 ? "," : "") + std::to_string(test.unused[i]);
      }
      out += "]";
    }
    out += "}";
  }
  out += "]";
  if (!report.coverage.empty()) {
    out += ",\"coverage\":[";
    for (const ReportedCoverage& one : report.coverage) {
      out += (&one == &report.coverage.front() ? "\n" : ",\n") + json_coverage(one);
    }
    out += "]";
  }
  return out + "}\n";
}

std::string coverage_text(const Report& report) {
  std::string out;
  for (const ReportedCoverage& one : report.coverage) {
    out += "coverage of " + one.connector + ": " + std::to_string(one.coverage.covered) + " of " +
           std::to_string(one.coverage.total) + ", " + std::to_string(one.coverage.percent()) +
           " %\n";
    for (const Missed& missed : one.coverage.missed) {
      out += "  " + missed.file + ":" + std::to_string(missed.line) + ":" +
             std::to_string(missed.column) + ": " + missed.text + "\n";
    }
  }
  return out;
}

}  // namespace fconn::contract
