// fconn test FILE…
#include <algorithm>
#include <deque>
#include <map>
#include <thread>

#include "grammar/display_text.hh"
#include "grammar/parse.hh"
#include "tools/contract/report.hh"
#include "tools/contract/suite.hh"
#include "tools/contract/test_file.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/recorded_cases.hh"
#include "tools/fconn/run_args.hh"
#include "tools/fconn/targets.hh"
#include "tools/fconn/watch.hh"

namespace fconn::cli {
namespace {

/// What the verb was asked for, as numbers.
struct Settings {
  unsigned jobs = 1;
  std::optional<std::size_t> least_coverage;
  bool strict = false, coverage = false, text = true;
};

/// A test file that was read.
struct TestText {
  std::string path;
  grammar::SourceMap sources;
  contract::TestFile tests;
};

/// All files once: read, run, report.
class TestRound {
 public:
  TestRound(Terminal& terminal, const Settings& settings)
      : terminal_(terminal), settings_(settings) {}

  /// False: something that a test names can't be had, and nothing was run.
  bool load(const std::vector<std::string>& files) {
    for (const std::string& path : files) {
      if (!load_file(path)) return false;
    }
    return true;
  }

  void run() {
    const auto clock = make_clock(std::nullopt);
    contract::run_suite(tests_, settings_.jobs, *clock,
                        [this](std::size_t i, contract::SuiteResult done) { take(i, done); });
    if (!settings_.coverage) return;
    for (const auto& [name, connector] : connectors_) {
      report_.coverage.push_back(
          {connector->name, contract::coverage(*connector, seen_[connector.get()])});
    }
  }

  /// Whether the tests passed and, where that was asked for, reach enough of each connector.
  bool passed() const { return report_.failed() == 0 && too_little().empty(); }
  /// The connectors of which too little is reached.
  std::string too_little() const {
    std::string text;
    for (const contract::ReportedCoverage& one : report_.coverage) {
      if (!settings_.least_coverage || one.coverage.percent() >= *settings_.least_coverage) {
        continue;
      }
      text += "fconn: the tests of " + one.connector + " reach " +
              std::to_string(one.coverage.percent()) + " % of it, and " +
              std::to_string(*settings_.least_coverage) + " % are asked for\n";
    }
    return text;
  }
  const contract::Report& report() const { return report_; }
  /// Everything that the outcome depends on, also what couldn't be read.
  std::vector<std::string> files() const {
    std::vector<std::string> all = files_;
    for (const auto& [name, connector] : connectors_) {
      for (const ir::SourceFile& file : connector->files) {
        if (file_exists(file.name)) all.push_back(file.name);
      }
    }
    return all;
  }

 private:
  bool load_file(const std::string& path) {
    files_.push_back(path);
    auto text = read_file(path);
    if (!text) {
      terminal_.report({text.error().text, "", ""});
      return false;
    }
    TestText& file = texts_.emplace_back();
    file.path = path;
    const grammar::FileId id = file.sources.add(path, *std::move(text));
    grammar::Parsed parsed = grammar::parse(file.sources, id);
    grammar::Diagnostics diagnostics = std::move(parsed.diagnostics);
    if (!grammar::has_errors(diagnostics)) {
      file.tests = contract::read_test_file(file.sources, parsed.ast);
      diagnostics.insert(diagnostics.end(), file.tests.diagnostics.begin(),
                         file.tests.diagnostics.end());
    }
    grammar::sort(diagnostics);
    terminal_.report(file.sources, diagnostics);
    if (grammar::has_errors(diagnostics)) {
      refuse(file, diagnostics);
      return true;
    }
    if (file.tests.tests.empty()) {
      terminal_.report({path + " holds no test", "", ""});
      report_.tests.push_back({});
      report_.tests.back().path = path;
      report_.tests.back().line = 1;
      report_.tests.back().differences.push_back({1, "the file holds no test"});
      owners_.push_back(nullptr);
      return true;
    }
    return std::all_of(file.tests.tests.begin(), file.tests.tests.end(),
                       [&](const contract::Test& test) { return load_test(file, test); });
  }

  void refuse(const TestText& file, const grammar::Diagnostics& diagnostics) {
    contract::ReportedTest reported;
    reported.path = file.path;
    for (const grammar::Diagnostic& one : diagnostics) {
      if (one.severity != grammar::Severity::error) continue;
      const auto place = file.sources.position(one.where.file, one.where.begin);
      if (reported.line == 0) reported.line = place.line;
      reported.differences.push_back({place.line, one.text});
    }
    report_.tests.push_back(std::move(reported));
    owners_.push_back(nullptr);
  }

  bool load_test(const TestText& file, const contract::Test& test) {
    const bool is_path = test.connector.find('/') != std::string::npos ||
                         test.connector.ends_with(".fconn") || test.connector.ends_with(".json");
    const std::string folder = directory_of(file.path);
    const std::string name = is_path ? join(folder, test.connector) : test.connector;
    if (is_path) files_.push_back(name);
    auto& loaded = connectors_[name];
    if (!loaded) {
      int exit = exit_code::usage;
      auto one = load_targets(terminal_, {name}, nullptr, {}, exit);
      if (!one) {
        connectors_.erase(name);
        return false;
      }
      loaded = (*one)[0].connector;
    }
    contract::SuiteTest made{&test, loaded, {}};
    for (const std::string& recorded : test.cases) {
      files_.push_back(join(folder, recorded));
      auto text = recorded_case(files_.back());
      if (!text) {
        terminal_.report({text.error().text, "", ""});
        return false;
      }
      made.recordings.push_back(*std::move(text));
    }
    contract::ReportedTest reported;
    reported.path = file.path;
    reported.title = test.title;
    reported.line = file.sources.position(test.where.file, test.where.begin).line;
    places_.push_back(report_.tests.size());
    report_.tests.push_back(std::move(reported));
    owners_.push_back(&file);
    tests_.push_back(std::move(made));
    return true;
  }

  void take(std::size_t i, contract::SuiteResult& done) {
    const std::size_t place = places_[i];
    const TestText& file = *owners_[place];
    contract::ReportedTest& test = report_.tests[place];
    const auto line = [&](grammar::Span where) {
      return file.sources.position(where.file, where.begin).line;
    };
    for (contract::Difference& difference : done.result.differences) {
      test.differences.push_back({line(difference.where), std::move(difference.text)});
    }
    for (const grammar::Span where : done.result.unused) {
      test.unused.push_back(line(where));
      if (!settings_.strict) continue;
      test.differences.push_back({test.unused.back(), "this reply was never asked for"});
    }
    if (settings_.strict) test.unused.clear();
    test.passed = test.differences.empty();
    test.took = done.took;
    seen_[tests_[i].connector.get()].merge(done.result.seen);
    if (settings_.text) print(file, test);
  }

  void print(const TestText& file, const contract::ReportedTest& test) {
    terminal_.print((test.passed ? "ok    " : "FAIL  ") + test.path + ": " +
                    grammar::safe_text(test.title) + "\n");
    for (const contract::ReportedLine& one : test.differences) {
      terminal_.print("  " + test.path + ":" + std::to_string(one.line) + ": " +
                      source_line(file, one.line) + "\n    " +
                      indented(grammar::safe_lines(one.text)) + "\n");
    }
    for (const std::uint32_t line : test.unused) {
      terminal_.print("  " + test.path + ":" + std::to_string(line) + ": " +
                      source_line(file, line) + "\n    note: this reply was never asked for\n");
    }
  }

  static std::string source_line(const TestText& file, std::uint32_t line) {
    const std::string_view text = file.sources.text(grammar::FileId{0});
    std::size_t begin = 0;
    for (std::uint32_t i = 1; i < line; ++i) begin = text.find('\n', begin) + 1;
    begin = text.find_first_not_of(" \t", begin);
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    return std::string(text.substr(begin, end - begin));
  }

  static std::string indented(const std::string& text) {
    std::string out;
    for (const char c : text) {
      out += c;
      if (c == '\n') out += "    ";
    }
    return out;
  }

  Terminal& terminal_;
  const Settings& settings_;
  std::vector<std::string> files_;
  std::deque<TestText> texts_;
  std::map<std::string, std::shared_ptr<const ir::Connector>> connectors_;
  std::vector<contract::SuiteTest> tests_;
  std::vector<std::size_t> places_;      // by tests_: index into the report's tests
  std::vector<const TestText*> owners_;  // by the report's tests; null: the file can't be read
  std::map<const ir::Connector*, contract::Seen> seen_;
  contract::Report report_;
};

class TestVerb : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("FILE", files_, "Test files, *.test.fconn.", Complete::file, true);
    options
        .value("format", "FORMAT", format_,
               "How the outcome is written: text (the default), junit, tap or json.")
        .choices = {"text", "junit", "tap", "json"};
    options.value("out", "FILE", out_,
                  "Writes it to FILE; what happens is then said as text on standard output.",
                  Complete::file);
    options.value("jobs", "N", jobs_,
                  "How many tests run at a time; the default is one for each processor.");
    options.flag("coverage", coverage_,
                 "Says which requests, clauses and branches of the connectors no test has "
                 "exercised.");
    options.value("coverage-min", "PERCENT", least_,
                  "Fails when the tests exercise less of a connector.");
    options.flag("strict", strict_, "A `reply` that is never asked for is a failure.");
    options.flag("watch", watch_, "Runs again whenever one of the files is saved, until ^C.");
  }

  int run(Terminal& terminal, const Common& common) override {
    if (!read_settings(terminal, common)) return exit_code::usage;
    std::vector<std::string> used;
    if (!watch_) return round(terminal, used);
    const WatchSignals signals;
    for (used = files_;;) {
      FileWatch watch(used);
      const int code = round(terminal, used, &watch);
      if (terminal.finish(code) != code) return exit_code::findings;
      terminal.say("fconn: waiting for a file to be saved; ^C ends\n");
      if (!watch.wait()) return code;
    }
  }

 private:
  bool read_settings(Terminal& terminal, const Common& common) {
    Problems problems;
    const auto number = [&](const std::optional<std::string>& text, const std::string& option,
                            std::uint64_t least, std::uint64_t most) -> std::uint64_t {
      if (!text) return 0;
      const auto read = parse_number(*text, most);
      if (read && *read >= least) return *read;
      problems.push_back(
          {option + " can't be '" + *text + "'",
           "it is a number from " + std::to_string(least) + " to " + std::to_string(most), ""});
      return 0;
    };
    settings_.jobs = std::max(std::thread::hardware_concurrency(), 1U);
    if (jobs_) settings_.jobs = static_cast<unsigned>(number(jobs_, "--jobs", 1, 256));
    if (least_) settings_.least_coverage = number(least_, "--coverage-min", 0, 100);
    settings_.coverage = coverage_ || least_.has_value();
    settings_.strict = strict_;
    if (common.json) {
      if (format_ && *format_ != "json") {
        problems.push_back({"--json and --format " + *format_ + " exclude each other", "", ""});
      }
      format_ = "json";
    }
    settings_.text = !format_ || *format_ == "text" || out_.has_value();
    terminal.report(problems);
    return problems.empty();
  }

  /// `used`: what it depended on; `watch` knows of it before the tests run, which may take a while.
  int round(Terminal& terminal, std::vector<std::string>& used, FileWatch* watch = nullptr) {
    TestRound tests(terminal, settings_);
    const bool loaded = tests.load(files_);
    used = tests.files();
    if (watch != nullptr) watch->add(used);
    if (!loaded) return exit_code::usage;
    tests.run();
    const contract::Report& report = tests.report();
    std::string text = contract::coverage_text(report) + std::to_string(report.passed()) +
                       " passed, " + std::to_string(report.failed()) + " failed\n";
    if (settings_.text) terminal.print(text);
    if (!write(terminal, report)) return exit_code::findings;
    terminal.complain(tests.too_little());
    return tests.passed() ? exit_code::complete : exit_code::findings;
  }

  bool write(Terminal& terminal, const contract::Report& report) {
    const std::string format = format_.value_or("text");
    std::string text;
    if (format == "junit") text = contract::junit(report);
    if (format == "tap") text = contract::tap(report);
    if (format == "json") text = contract::json(report);
    if (format == "text" && out_) {
      for (const contract::ReportedTest& test : report.tests) {
        text += (test.passed ? "ok    " : "FAIL  ") + test.path + ": " + test.title + "\n";
      }
    }
    if (!out_) {
      terminal.print(text);
      return true;
    }
    auto written = write_file(*out_, text, Mode::shared);
    if (!written) terminal.report({written.error().text, "", ""});
    return written.has_value();
  }

  std::vector<std::string> files_;
  std::optional<std::string> format_, out_, jobs_, least_;
  bool coverage_ = false, strict_ = false, watch_ = false;
  Settings settings_;
};

}  // namespace

std::unique_ptr<Verb> make_test() { return std::make_unique<TestVerb>(); }

}  // namespace fconn::cli
