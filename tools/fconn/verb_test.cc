// fconn test FILE…
#include <map>

#include "grammar/parse.hh"
#include "grammar/render.hh"
#include "interpreter/value/value.hh"
#include "tools/contract/run_test.hh"
#include "tools/contract/test_file.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/recorded_cases.hh"
#include "tools/fconn/targets.hh"

namespace fconn::cli {
namespace {

class TestVerb : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("FILE", files_, "Test files, *.test.fconn.", Complete::file, true);
  }

  int run(Terminal& terminal, const Common& common) override {
    json_ = common.json;
    for (const std::string& path : files_) {
      if (!run_file(terminal, path)) return exit_code::usage;
    }
    if (common.json) {
      terminal.print("{\"passed\":" + std::to_string(passed_) +
                     ",\"failed\":" + std::to_string(failed_) + ",\"tests\":[" + listed_ + "]}\n");
    } else {
      terminal.print(std::to_string(passed_) + " passed, " + std::to_string(failed_) + " failed\n");
    }
    return failed_ > 0 ? exit_code::findings : exit_code::complete;
  }

 private:
  bool run_file(Terminal& terminal, const std::string& path) {
    auto text = read_file(path);
    if (!text) {
      terminal.report({text.error().text, "", ""});
      return false;
    }
    grammar::SourceMap sources;
    const grammar::FileId file = sources.add(path, *std::move(text));
    grammar::Parsed parsed = grammar::parse(sources, file);
    grammar::Diagnostics diagnostics = std::move(parsed.diagnostics);
    contract::TestFile tests;
    if (!grammar::has_errors(diagnostics)) {
      tests = contract::read_test_file(sources, parsed.ast);
      diagnostics.insert(diagnostics.end(), tests.diagnostics.begin(), tests.diagnostics.end());
    }
    grammar::sort(diagnostics);
    terminal.report(sources, diagnostics);
    if (grammar::has_errors(diagnostics)) {
      ++failed_;
      return true;
    }
    for (const contract::Test& test : tests.tests) {
      if (!run_one(terminal, sources, path, test)) return false;
    }
    return true;
  }

  /// False: the connector or a recording can't be had.
  bool run_one(Terminal& terminal, const grammar::SourceMap& sources, const std::string& path,
               const contract::Test& test) {
    const bool is_path = test.connector.find('/') != std::string::npos ||
                         test.connector.ends_with(".fconn") || test.connector.ends_with(".json");
    const std::string name = is_path ? join(directory_of(path), test.connector) : test.connector;
    auto& loaded = connectors_[name];
    if (!loaded) {
      int exit = exit_code::usage;
      auto one = load_targets(terminal, {name}, nullptr, {}, exit);
      if (!one) return false;
      loaded = (*one)[0].connector;
    }
    std::vector<std::string> recordings;
    for (const std::string& recorded : test.cases) {
      auto text = recorded_case(join(directory_of(path), recorded));
      if (!text) {
        terminal.report({text.error().text, "", ""});
        return false;
      }
      recordings.push_back(*std::move(text));
    }
    const auto differences = contract::run_test(test, loaded, recordings);
    ++(differences.empty() ? passed_ : failed_);
    if (json_) {
      list(sources, path, test, differences);
      return true;
    }
    const std::string title = path + ": " + test.title;
    if (differences.empty()) {
      terminal.print("ok    " + title + "\n");
      return true;
    }
    terminal.print("FAIL  " + title + "\n");
    for (const contract::Difference& difference : differences) {
      const auto place = sources.position(difference.where.file, difference.where.begin);
      const std::string_view line = sources.line(difference.where.file, difference.where.begin);
      const std::size_t begin = line.find_first_not_of(" \t");
      terminal.print("  " + path + ":" + std::to_string(place.line) + ": " +
                     std::string(begin == std::string_view::npos ? "" : line.substr(begin)) +
                     "\n    " + indented(difference.text) + "\n");
    }
    return true;
  }

  /// Adds the test to what --json prints.
  void list(const grammar::SourceMap& sources, const std::string& path, const contract::Test& test,
            const std::vector<contract::Difference>& differences) {
    listed_ += listed_.empty() ? "\n{\"path\":" : ",\n{\"path\":";
    value::append_json_string(path, listed_);
    listed_ += ",\"title\":";
    value::append_json_string(test.title, listed_);
    listed_ += std::string(",\"passed\":") + (differences.empty() ? "true" : "false");
    listed_ += ",\"differences\":[";
    for (const contract::Difference& difference : differences) {
      const auto place = sources.position(difference.where.file, difference.where.begin);
      if (&difference != &differences.front()) listed_ += ',';
      listed_ += "{\"line\":" + std::to_string(place.line) + ",\"text\":";
      value::append_json_string(difference.text, listed_);
      listed_ += '}';
    }
    listed_ += "]}";
  }

  static std::string indented(const std::string& text) {
    std::string out;
    for (const char c : text) {
      out += c;
      if (c == '\n') out += "    ";
    }
    return out;
  }

  std::vector<std::string> files_;
  std::map<std::string, std::shared_ptr<const ir::Connector>> connectors_;
  int passed_ = 0, failed_ = 0;
  bool json_ = false;
  std::string listed_;  // the tests, as --json prints them
};

}  // namespace

std::unique_ptr<Verb> make_test() { return std::make_unique<TestVerb>(); }

}  // namespace fconn::cli
