#include "tools/fconn/lsp_host.hh"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "grammar/parse.hh"
#include "grammar/render.hh"
#include "tools/contract/run_test.hh"
#include "tools/contract/test_file.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/program.hh"
#include "tools/fconn/project_check.hh"
#include "tools/fconn/recorded_cases.hh"
#include "tools/fconn/resolver.hh"
#include "tools/fconn/targets.hh"
#include "tools/fconn/verb.hh"

namespace fconn::cli {
namespace {

/// Files and folders that are looked at for one question; a home folder may hold millions.
constexpr std::size_t most_entries = 100'000;

TextOverlay overlay_of(const lsp::OpenTexts& open) {
  return [&open](const std::string& path) { return open.find(path); };
}

std::string cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return std::string(cache) + "/";
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return std::string(home) + "/.cache/";
  return {};
}

/// "<stdlib>/auth.fconn" as a path below the folder of copies.
std::string copy_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '<' && c != '>') out += c;
  }
  return out;
}

class TestRun {
 public:
  TestRun(const std::string& path, const lsp::OpenTexts& open) : path_(path) {
    options_.overlay = overlay_of(open);
  }

  std::string run(std::optional<std::uint32_t> line, bool& passed) {
    passed = false;
    auto text = read_file(path_, options_.overlay);
    if (!text) return text.error().text;
    const grammar::FileId file = sources_.add(path_, *std::move(text));
    grammar::Parsed parsed = grammar::parse(sources_, file);
    grammar::Diagnostics found = std::move(parsed.diagnostics);
    contract::TestFile tests;
    if (!grammar::has_errors(found)) {
      tests = contract::read_test_file(sources_, parsed.ast);
      found = std::move(tests.diagnostics);
    }
    if (grammar::has_errors(found)) return grammar::render_text(sources_, found);
    std::string said;
    int good = 0;
    int bad = 0;
    for (const contract::Test& test : tests.tests) {
      if (line && sources_.position(file, test.where.begin).line != *line + 1) continue;
      const std::string differences = one(test);
      ++(differences.empty() ? good : bad);
      said += (differences.empty() ? "ok    " : "FAIL  ") + test.title + "\n" + differences;
    }
    if (good + bad == 0) return "there is no test here";
    passed = bad == 0;
    return said + std::to_string(good) + " passed, " + std::to_string(bad) + " failed";
  }

 private:
  /// What isn't as the test says; empty when all is.
  std::string one(const contract::Test& test) {
    const bool is_path = test.connector.find('/') != std::string::npos ||
                         test.connector.ends_with(".fconn") || test.connector.ends_with(".json");
    const std::string name =
        is_path ? cli::join(directory_of(path_), test.connector) : test.connector;
    Problem problem;
    const auto target = resolve_target(name, nullptr, problem);
    if (!target) return "  " + problem.text + "\n";
    const Loaded loaded = load(*target, options_);
    if (loaded.problem) return "  " + loaded.problem->text + "\n";
    if (!loaded.connector) return "  " + name + " has mistakes\n";
    std::vector<std::string> recordings;
    for (const std::string& recorded : test.cases) {
      auto text = recorded_case(cli::join(directory_of(path_), recorded));
      if (!text) return "  " + text.error().text + "\n";
      recordings.push_back(*std::move(text));
    }
    std::string said;
    const contract::TestResult result = contract::run_test(test, loaded.connector, recordings);
    for (const contract::Difference& one : result.differences) {
      const auto place = sources_.position(one.where.file, one.where.begin);
      said += "  line " + std::to_string(place.line) + ": " + one.text + "\n";
    }
    return said;
  }

  std::string path_;
  LoadOptions options_;
  grammar::SourceMap sources_;
};

}  // namespace

LspHost::LspHost() {
  const std::string cache = cache_folder();
  if (!cache.empty()) copies_ = cache + "fconn/" + program_version + "/";
}

std::optional<std::string> LspHost::read(const std::string& path) {
  if (path == "-") return std::nullopt;  // standard input is the editor's
  auto text = read_file(path);
  if (!text) return std::nullopt;
  // An editor has no byte order mark in its text, so columns of the first line don't count it.
  if (text->starts_with("\xEF\xBB\xBF")) text->erase(0, 3);
  return std::move(*text);
}

bool LspHost::files(const std::string& folder, std::vector<std::string>& out) {
  namespace fs = std::filesystem;
  std::size_t seen = 0;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (++seen > most_entries) return false;
    const std::string name = at->path().filename().string();
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      if (name.starts_with('.') || name == "node_modules") at.disable_recursion_pending();
    } else if ((name.ends_with(".fconn") || name == "fconn.toml") && at->is_regular_file(ignored)) {
      out.push_back(at->path().lexically_normal().string());
    }
  }
  return true;
}

std::string LspHost::join(std::string_view from, std::string_view path) const {
  return cli::join(directory_of(from), path);
}

std::optional<lsp::Module> LspHost::embedded(std::string_view name) {
  return embedded_module(name);
}
std::optional<lsp::Module> LspHost::connector(std::string_view name) {
  return Resolver().connector(name);
}
std::vector<std::string> LspHost::connector_names() const { return Resolver().connector_names(); }
std::vector<lsp::Module> LspHost::standard_library() const { return Resolver().standard_library(); }

std::optional<std::string> LspHost::readable_copy(std::string_view name) {
  const auto module = embedded_module(name);
  if (!module || copies_.empty()) return std::nullopt;
  const std::string path = copies_ + copy_name(name);
  if (const auto there = read_file(path); there && *there == module->text) return path;
  std::error_code error;
  std::filesystem::create_directories(directory_of(path), error);
  if (error || !write_file(path, module->text, Mode::personal)) return std::nullopt;
  (void)::chmod(path.c_str(), 0444);  // whoever edits it would edit nothing
  return path;
}

std::optional<std::string> LspHost::embedded_name(const std::string& path) const {
  if (copies_.empty() || !path.starts_with(copies_)) return std::nullopt;
  const std::string rest = path.substr(copies_.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string::npos) return std::nullopt;
  std::string name = "<" + rest.substr(0, slash) + ">" + rest.substr(slash);
  if (!embedded_module(name)) return std::nullopt;
  return name;
}

lsp::ProjectFacts LspHost::check_project(const std::string& path, const std::string& text,
                                         grammar::SourceMap& sources, const lsp::OpenTexts& open) {
  const grammar::FileId file{static_cast<std::uint32_t>(sources.size())};
  config::Read read = config::read(path, text, sources);
  cli::check_project(read.project, file, sources, read.diagnostics, overlay_of(open));
  lsp::ProjectFacts facts;
  facts.diagnostics = std::move(read.diagnostics);
  for (const config::Instance& instance : read.project.instances) {
    lsp::ProjectInstance out{instance.connector, instance.connector_where, {}};
    const auto add = [&](grammar::Span where, const std::string& name, compile::NameKind kind) {
      // A key in quotes is no plain name, and what stands elsewhere isn't the key.
      if (sources.slice(where) == name) out.names.push_back({where, name, kind});
    };
    for (const auto& [name, value] : instance.params) {
      add(value.where, name, compile::NameKind::param);
    }
    for (const auto& [name, value] : instance.secrets) {
      add(value.where, name, compile::NameKind::secret);
    }
    for (const auto& [name, value] : instance.externals) {
      add(value.where, name, compile::NameKind::external);
    }
    facts.instances.push_back(std::move(out));
  }
  return facts;
}

grammar::Diagnostics LspHost::check_tests(const grammar::SourceMap& sources,
                                          const grammar::Ast& ast) {
  return contract::read_test_file(sources, ast).diagnostics;
}

bool LspHost::has_verb(std::string_view name) const { return find_verb(name) != nullptr; }

std::string LspHost::run_tests(const std::string& path, std::optional<std::uint32_t> line,
                               const lsp::OpenTexts& open, bool& passed) {
  return TestRun(path, open).run(line, passed);
}

}  // namespace fconn::cli
