// fconn compile TARGET [--instance KEY] [--emit FORM] [-o OUT]
#include <algorithm>
#include <filesystem>

#include "grammar/format.hh"
#include "grammar/parse.hh"
#include "interpreter/plan/plan.hh"
#include "tools/export/export.hh"
#include "tools/fconn/bind_instance.hh"
#include "tools/fconn/connector_text.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/resolver.hh"
#include "tools/fconn/run_args.hh"
#include "tools/fconn/svg.hh"

namespace fconn::cli {
namespace {

namespace fs = std::filesystem;

/// The texts that a connector was compiled from: it may have come from somewhere else.
class OwnTexts : public Resolver {
 public:
  explicit OwnTexts(const std::vector<ir::SourceFile>& files) : files_(files) {}

  std::optional<Module> module(std::string_view from, std::string_view path) override {
    if (auto own = named(join(directory_of(from), path))) return own;
    return Resolver::module(from, path);
  }

  std::optional<Module> connector(std::string_view name) override {
    auto bundled = Resolver::connector(name);
    auto own = bundled ? named(bundled->name) : std::nullopt;
    return own ? std::move(own) : std::move(bundled);
  }

 private:
  std::optional<Module> named(const std::string& name) const {
    for (const ir::SourceFile& file : files_) {
      if (file.name == name) return Module{file.name, file.text};
    }
    return std::nullopt;
  }

  const std::vector<ir::SourceFile>& files_;
};

class Compile : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TARGET", target_,
                       "A .fconn file, - for standard input, compiled IR, an instance or a bundled "
                       "connector.",
                       Complete::target, false);
    options.value("emit", "FORM", emit_, "What to write; the default is ir.").choices = {
        "ir",  "ast",  "plan",        "dump",          "dot",  "mermaid",
        "svg", "docs", "json-schema", "config-schema", "fides"};
    options
        .value("out", "FILE", out_,
               "Where to write; the default is standard output. For fides a folder, which gets a "
               "config and "
               "a dataset.",
               Complete::file)
        .short_name = 'o';
    options.value("instance", "KEY", instance_,
                  "As this instance of TARGET in fconn.toml: its parameters' values become part of "
                  "the result, secrets stay names.");
    options.list("identity", "NAME", identities_,
                 "For plan: as if only these identities were given; the default is all.");
    declare_config_option(options, config_);
  }

  int run(Terminal& terminal, const Common&) override {
    const std::string form = emit_.value_or("ir");
    if (form == "config-schema") return write(terminal, config::json_schema());
    if (!target_) {
      terminal.report({"TARGET is missing", "a .fconn file or a bundled connector's name", ""});
      return exit_code::usage;
    }
    if (form == "ast") return ast(terminal);
    if (form == "fides" && instance_) {
      terminal.report({"--emit fides takes no --instance: Fides keeps a connection's values itself",
                       "leave it out", ""});
      return exit_code::usage;
    }
    if (instance_) return bound(terminal, form);
    int exit = exit_code::complete;
    std::optional<Loaded> loaded;
    if (*target_ == "-") {
      loaded = load({TargetKind::file, "-", "-", nullptr});
      if (!loaded->connector) {
        if (loaded->problem) terminal.report(*loaded->problem);
        terminal.report(*loaded->sources, loaded->diagnostics);
        return exit_code::findings;
      }
    } else {
      loaded = load_one(terminal, *target_, config_, exit);
    }
    if (!loaded) return exit;
    return emit(terminal, *loaded->connector, form);
  }

 private:
  /// An instance with its values, so that what comes out runs without the project file.
  int bound(Terminal& terminal, const std::string& form) const {
    const auto file = open_project(config_);
    if (file->problem) terminal.report(*file->problem);
    if (file->problem) return exit_code::usage;
    if (grammar::has_errors(file->diagnostics)) {
      terminal.report(file->sources, file->diagnostics);
      return exit_code::findings;
    }
    if (!file->project) {
      terminal.report({"--instance needs a fconn.toml, and there is none from here upwards",
                       "--config FILE names one", ""});
      return exit_code::usage;
    }
    const config::Instance* instance = find_instance(terminal, *file->project);
    if (instance == nullptr) return exit_code::usage;
    int exit = exit_code::complete;
    const auto loaded =
        load_targets(terminal, {"instance:" + *instance_}, &*file->project, {}, exit);
    if (!loaded) return exit;
    const BoundInstance made = bind_instance(*loaded->front().connector, *instance);
    terminal.report(made.problems);
    for (const Problem& warning : made.warnings) terminal.warn(warning);
    if (!made.problems.empty()) return exit_code::usage;
    return emit(terminal, made.connector, form);
  }

  const config::Instance* find_instance(Terminal& terminal, const config::Project& project) const {
    const config::Instance* instance = project.find(*instance_);
    if (instance == nullptr) {
      std::vector<std::string> keys;
      for (const config::Instance& one : project.instances) keys.push_back(one.key);
      const auto near = grammar::did_you_mean(*instance_, keys);
      terminal.report({"'" + project.path + "' has no instance '" + *instance_ + "'",
                       near ? "did you mean '" + *near + "'?"
                            : "`fconn instantiate " + *target_ + " " + *instance_ + "` adds it",
                       ""});
      return nullptr;
    }
    if (is_instance_of(*instance, project, *target_)) return instance;
    terminal.report({"instance '" + instance->key + "' is of '" + instance->connector +
                         "', not of '" + *target_ + "'",
                     "", ""});
    return nullptr;
  }

  int emit(Terminal& terminal, const ir::Connector& connector, const std::string& form) const {
    if (form == "ir") return write(terminal, with_line_end(ir::to_json(connector)));
    if (form == "dump") return write(terminal, ir::dump(connector));
    if (form == "plan") return plan_text(terminal, connector);
    if (form == "docs") return write(terminal, page_markdown(connector));
    if (form == "json-schema") return write(terminal, params_schema(connector));
    if (form == "fides") return fides(terminal, connector);
    if (form == "mermaid") {
      return write(terminal, plan::graph(connector, plan::GraphFormat::mermaid));
    }
    const std::string dot = plan::graph(connector, plan::GraphFormat::dot);
    if (form == "dot") return write(terminal, dot);
    const auto svg = svg_of(dot);
    if (svg) return write(terminal, *svg);
    terminal.report({svg.error().text, "--emit dot prints what it would draw", ""});
    return exit_code::findings;
  }

  int plan_text(Terminal& terminal, const ir::Connector& connector) const {
    plan::Goal goal;
    std::vector<std::string> names;
    for (const ir::Identity& identity : connector.identities) names.push_back(identity.name);
    if (identities_.empty()) goal.identities.insert(names.begin(), names.end());
    for (const std::string& given : identities_) {
      const std::string name = given.substr(0, given.find('='));
      goal.identities.insert(name);
      bool known = false;
      for (const std::string& one : names) known = known || one == name;
      if (known) continue;
      const auto near = grammar::did_you_mean(name, names);
      terminal.report({connector.name + " has no identity '" + name + "'",
                       near ? "did you mean '" + *near + "'?" : "", ""});
      return exit_code::usage;
    }
    for (const ir::External& external : connector.externals) goal.externals.insert(external.name);
    return write(terminal, plan::dump(connector, plan::plan(connector, goal)));
  }

  /// The tree of the one file, whether or not it compiles.
  int ast(Terminal& terminal) const {
    if (target_->ends_with(".json")) {
      terminal.report(
          {"compiled IR has no syntax tree", "give the .fconn file, or `--emit dump`", ""});
      return exit_code::usage;
    }
    grammar::SourceMap sources;
    grammar::FileId file;
    Resolver resolver;
    if (auto bundled = resolver.connector(*target_)) {
      file = sources.add(bundled->name, bundled->text);
    } else {
      auto text = read_file(*target_);
      if (!text) {
        terminal.report({text.error().text, "", ""});
        return exit_code::usage;
      }
      file = sources.add(*target_, std::move(*text));
    }
    grammar::Parsed parsed = grammar::parse(sources, file);
    grammar::sort(parsed.diagnostics);
    terminal.report(sources, parsed.diagnostics);
    const int written = write(terminal, grammar::dump(parsed.ast));
    return grammar::has_errors(parsed.diagnostics) ? exit_code::findings : written;
  }

  /// What is written stays close to the source, so the tree is looked at again: IR keeps its text.
  int fides(Terminal& terminal, const ir::Connector& connector) const {
    grammar::SourceMap sources;
    for (const ir::SourceFile& file : connector.files) sources.add(file.name, file.text);
    OwnTexts resolver(connector.files);
    const auto whole = connector.files.empty()
                           ? std::nullopt
                           : compile::extended(grammar::FileId{0}, sources, resolver);
    if (!whole) {
      terminal.report({"the connector's text isn't in this file", "give the .fconn file", ""});
      return exit_code::usage;
    }
    exporter::Exported exported = exporter::export_fides(sources, *whole);
    grammar::sort(exported.diagnostics);
    terminal.report(sources, exported.diagnostics);
    if (grammar::has_errors(exported.diagnostics)) return exit_code::findings;
    if (!out_ || *out_ == "-") {
      terminal.print(exported.config + "---\n" + exported.dataset);
      return exit_code::complete;
    }
    return write_pair(terminal, exported);
  }

  int write_pair(Terminal& terminal, const exporter::Exported& exported) const {
    std::error_code error;
    fs::create_directories(*out_, error);
    const fs::path folder(*out_);
    for (const auto& [end, text] : {std::pair("_config.yml", &exported.config),
                                    std::pair("_dataset.yml", &exported.dataset)}) {
      auto written = write_file((folder / (exported.name + end)).string(), *text, Mode::shared);
      if (written) continue;
      terminal.report({written.error().text, "", ""});
      return exit_code::findings;
    }
    return exit_code::complete;
  }

  static std::string with_line_end(std::string text) {
    if (!text.ends_with('\n')) text += '\n';
    return text;
  }

  int write(Terminal& terminal, const std::string& text) const {
    if (!out_ || *out_ == "-") {
      terminal.print(text);
      return exit_code::complete;
    }
    auto written = write_file(*out_, text, Mode::shared);
    if (written) return exit_code::complete;
    terminal.report({written.error().text, "", ""});
    return exit_code::findings;
  }

  std::optional<std::string> target_, instance_, emit_, out_, config_;
  std::vector<std::string> identities_;
};

}  // namespace

std::unique_ptr<Verb> make_compile() { return std::make_unique<Compile>(); }

}  // namespace fconn::cli
