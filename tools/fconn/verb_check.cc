// fconn check [FILE…] [--live] [--format text|json|sarif] [--strict]
#include <algorithm>
#include <set>
#include <tuple>

#include "interpreter/compile/compile.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/project_check.hh"
#include "tools/fconn/resolver.hh"
#include "tools/fconn/run_session.hh"

namespace fconn::cli {
namespace {

class Check : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("FILE", args_.targets,
                       "A .fconn file, a fconn.toml, compiled IR (.json), an instance or a bundled "
                       "connector's name. Without one: the nearest fconn.toml upwards, or that of "
                       "--config, and the files of its instances.",
                       Complete::target, false);
    options.flag("live", live_, "Also sends the `check` request.");
    options
        .value("format", "FORMAT", format_,
               "How findings are written; the default is text, on "
               "standard error.")
        .choices = {"text", "json", "sarif"};
    declare_run_options(options, args_, false);
  }

  int run(Terminal& terminal, const Common& common) override {
    const std::string format = format_.value_or(common.json ? "json" : "text");
    if (args_.targets.empty() && !check_all(terminal)) return exit_code::usage;
    for (const std::string& name : args_.targets) {
      if (!check(terminal, name)) return exit_code::usage;
    }
    tidy();
    if (format == "json") {
      terminal.print(grammar::render_json(sources_, diagnostics_));
    } else if (format == "sarif") {
      terminal.print(grammar::render_sarif(sources_, diagnostics_));
    } else {
      terminal.report(sources_, diagnostics_);
      totals(terminal);
    }
    if (failed_ || grammar::has_errors(diagnostics_)) return exit_code::findings;
    if (!live_) return exit_code::complete;
    return live(terminal, common.json);
  }

 private:
  /// The project, and each file that an instance of it names. False: there is none.
  bool check_all(Terminal& terminal) {
    const auto path = args_.config ? args_.config : find_project_file();
    if (!path) {
      terminal.report({"FILE is missing, and there is no fconn.toml here or in a folder above",
                       "`fconn check FILE` checks a connector, `fconn new NAME` begins one", ""});
      return false;
    }
    if (!check_toml(terminal, *path)) return false;
    const config::Project& project = projects_.back();
    std::set<std::string> once;
    for (const config::Instance& instance : project.instances) {
      Problem said_already;
      const auto target = resolve_target("instance:" + instance.key, &project, said_already);
      // Of compiled IR the project's finding says all there is.
      if (!target || target->source.ends_with(".json") || !file_exists(target->source)) continue;
      if (once.insert(target->source).second) compile_target(terminal, *target);
    }
    return true;
  }

  /// False: the command line is wrong.
  bool check(Terminal& terminal, const std::string& name) {
    if (name.ends_with(".toml")) return check_toml(terminal, name);
    if (name == "-") {
      compile_target(terminal, {TargetKind::file, "-", "-", nullptr});
      return true;
    }
    Problem problem;
    auto target = resolve_target(name, nullptr, problem);
    if (!target && name.find('/') == std::string::npos) {
      if (!project_) project_ = open_project(args_.config);
      const config::Project* project = project_->project ? &*project_->project : nullptr;
      target = resolve_target(name, project, problem);
    }
    if (!target) {
      terminal.report(problem);
      return false;
    }
    compile_target(terminal, *target);
    return true;
  }

  void compile_target(Terminal& terminal, const Target& target) {
    if (target.source.ends_with(".json")) {
      const Loaded loaded = load(target);
      if (!loaded.problem) return;
      terminal.report(*loaded.problem);
      failed_ = true;
      return;
    }
    Resolver resolver;
    std::string name = target.source;
    std::string text;
    const bool path = target.kind == TargetKind::file || name.ends_with(".fconn");
    auto bundled = path ? std::nullopt : resolver.connector(name);
    if (bundled) {
      name = std::move(bundled->name);
      text = std::move(bundled->text);
    } else {
      auto content = read_file(name);
      if (!content) {
        terminal.report({content.error().text, "", ""});
        failed_ = true;
        return;
      }
      text = std::move(*content);
    }
    const grammar::FileId root = sources_.add(name == "-" ? "<stdin>" : name, std::move(text));
    compile::Options options;
    options.strict = args_.strict;
    compile::Compiled compiled = compile::compile(root, sources_, resolver, options);
    take(std::move(compiled.diagnostics));
  }

  bool check_toml(Terminal& terminal, const std::string& path) {
    auto text = read_file(path);
    if (!text) {
      terminal.report({text.error().text, "", ""});
      return false;
    }
    const grammar::FileId file{static_cast<std::uint32_t>(sources_.size())};
    config::Read read = config::read(path, std::move(*text), sources_);
    check_project(read.project, file, sources_, read.diagnostics);
    take(std::move(read.diagnostics));
    projects_.push_back(std::move(read.project));
    return true;
  }

  void take(grammar::Diagnostics found) {
    for (grammar::Diagnostic& one : found) {
      if (args_.strict) one.severity = grammar::Severity::error;
      diagnostics_.push_back(std::move(one));
    }
  }

  /// Sorted; what several files say about one that they share is said once.
  void tidy() {
    grammar::sort(diagnostics_);
    std::set<std::tuple<std::string_view, std::uint32_t, grammar::DiagnosticId, std::string>> seen;
    grammar::Diagnostics once;
    for (grammar::Diagnostic& one : diagnostics_) {
      const std::string_view path =
          one.where.file.value < sources_.size() ? sources_.name(one.where.file) : "";
      if (seen.emplace(path, one.where.begin, one.id, one.text).second) {
        once.push_back(std::move(one));
      }
    }
    diagnostics_ = std::move(once);
  }

  void totals(Terminal& terminal) const {
    const auto errors = static_cast<std::size_t>(
        std::count_if(diagnostics_.begin(), diagnostics_.end(),
                      [](const auto& one) { return one.severity == grammar::Severity::error; }));
    const std::size_t warnings = diagnostics_.size() - errors;
    if (diagnostics_.empty() && (terminal.verbosity() == 0 || failed_)) return;
    const auto counted = [](std::size_t count, std::string_view noun) {
      return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
    };
    terminal.say((diagnostics_.empty() ? "" : "\n") + counted(errors, "error") + ", " +
                 counted(warnings, "warning") + "\n");
  }

  int live(Terminal& terminal, bool json) {
    RunArgs args = args_;
    args.targets.clear();
    for (const std::string& name : args_.targets) {
      if (!name.ends_with(".toml")) args.targets.push_back(name);
    }
    if (projects_.size() > 1) {
      terminal.report({"--live takes one project file", "", ""});
      return exit_code::usage;
    }
    for (const config::Project& project : projects_) {
      args.config = project.path;
      for (const config::Instance& instance : project.instances) {
        args.targets.push_back("instance:" + instance.key);
      }
    }
    return run_session(terminal, args, {plan::Action::access, "check", true, false}, json);
  }

  RunArgs args_;
  bool live_ = false;
  std::optional<std::string> format_;
  bool failed_ = false;
  grammar::SourceMap sources_;
  grammar::Diagnostics diagnostics_;
  std::unique_ptr<ProjectFile> project_;
  std::vector<config::Project> projects_;
};

}  // namespace

std::unique_ptr<Verb> make_check() { return std::make_unique<Check>(); }

}  // namespace fconn::cli
