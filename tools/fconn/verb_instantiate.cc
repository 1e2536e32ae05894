// fconn instantiate TEMPLATE KEY [--param NAME=VALUE]… [--secret-env NAME=VAR]…
#include <filesystem>

#include "interpreter/value/value.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/new_instance.hh"
#include "tools/fconn/project_check.hh"
#include "tools/fconn/resolver.hh"
#include "tools/fconn/run_args.hh"
#include "tools/fconn/targets.hh"

namespace fconn::cli {
namespace {

namespace fs = std::filesystem;

/// `path`, seen from the working folder, as a file in `project`'s folder would write it.
std::string seen_from(const std::string& project, const std::string& path) {
  if (fs::path(path).is_absolute()) return path;
  std::error_code error;
  const fs::path folder = fs::path(absolute_path(project)).parent_path();
  const fs::path relative = fs::relative(absolute_path(path), folder, error);
  return error || relative.empty() ? absolute_path(path) : relative.string();
}

class Instantiate : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional(
        "TEMPLATE", template_,
        "A bundled connector's name, a .fconn file (an overlay, too) or compiled IR.",
        Complete::connector, true);
    options.positional("KEY", instance_key_, "What the instance is called.", Complete::nothing,
                       true);
    options.list("param", "NAME=VALUE", instance_.params, "A parameter; lists as JSON.");
    options.list("secret-env", "NAME=VAR", instance_.secret_env,
                 "A secret from an environment variable; its value is never an argument.");
    options.list("secret-file", "NAME=PATH", instance_.secret_file, "A secret from a file.");
    declare_config_option(options, config_);
  }

  int run(Terminal& terminal, const Common& common) override {
    const std::optional<std::string> nearest = config_ ? config_ : find_project_file();
    const std::string path = nearest.value_or("fconn.toml");
    const bool there = file_exists(path);
    std::string text;
    if (there && !read_project(terminal, path, text)) return exit_code::findings;
    int exit = exit_code::usage;
    auto loaded = load_template(terminal, exit);
    if (!loaded) return exit;
    const auto table = make_table(terminal, *loaded, path);
    if (!table) return exit_code::usage;
    const std::string whole = appended(std::move(text), *table);
    if (!passes_check(terminal, path, whole)) return exit_code::findings;
    if (auto written = write_file(path, whole, Mode::shared); !written) {
      terminal.report({written.error().text, "", ""});
      return exit_code::findings;
    }
    say_done(terminal, common, *loaded->connector, path, !there);
    return exit_code::complete;
  }

 private:
  /// The file as it is; false when it has mistakes or the key already.
  bool read_project(Terminal& terminal, const std::string& path, std::string& text) {
    auto content = read_file(path);
    if (!content) {
      terminal.report({content.error().text, "", ""});
      return false;
    }
    text = std::move(*content);
    grammar::SourceMap sources;
    const config::Read read = config::read(path, text, sources);
    if (grammar::has_errors(read.diagnostics)) {
      terminal.report(sources, read.diagnostics);
      terminal.report({"nothing was added to '" + path + "', which has mistakes", "", ""});
      return false;
    }
    if (const config::Instance* same = read.project.find(*instance_key_)) {
      terminal.report(
          {"'" + path + "' has an instance '" + same->key + "' already, of " + same->connector,
           "choose another key, or edit the file", ""});
      return false;
    }
    return true;
  }

  std::optional<Loaded> load_template(Terminal& terminal, int& exit) const {
    // Without a project: an instance is no template.
    auto loaded = load_targets(terminal, {*template_}, nullptr, {}, exit);
    if (!loaded) return std::nullopt;
    return std::move(loaded->front());
  }

  std::optional<std::string> make_table(Terminal& terminal, const Loaded& loaded,
                                        const std::string& path) {
    instance_.key = *instance_key_;
    const bool bundled = loaded.target.kind == TargetKind::bundled;
    instance_.connector = bundled ? loaded.target.source : seen_from(path, loaded.target.source);
    for (std::string& one : instance_.secret_file) {
      const std::size_t equals = one.find('=');
      if (equals == std::string::npos || equals + 1 == one.size()) continue;
      one = one.substr(0, equals + 1) + seen_from(path, one.substr(equals + 1));
    }
    InstanceText made = instance_text(instance_, *loaded.connector);
    terminal.report(made.problems);
    if (!made.problems.empty()) return std::nullopt;
    return std::move(made.table);
  }

  /// The file as it would be: what `fconn check` finds there isn't written.
  static bool passes_check(Terminal& terminal, const std::string& path, const std::string& text) {
    grammar::SourceMap sources;
    const grammar::FileId file{0};
    config::Read read = config::read(path, text, sources);
    check_project(read.project, file, sources, read.diagnostics);
    if (!grammar::has_errors(read.diagnostics)) return true;
    grammar::sort(read.diagnostics);
    terminal.report(sources, read.diagnostics);
    terminal.report({"nothing was added: '" + path + "' wouldn't pass `fconn check`", "", ""});
    return false;
  }

  void say_done(Terminal& terminal, const Common& common, const ir::Connector& connector,
                const std::string& path, bool created) const {
    if (bundled_connector(*instance_key_) != nullptr) {
      terminal.warn({"'" + *instance_key_ + "' is also a bundled connector's name",
                     "say instance:" + *instance_key_ + " where the instance is meant", ""});
    }
    if (common.json) {
      std::string out = "{\"file\":";
      value::append_json_string(path, out);
      out += std::string(",\"created\":") + (created ? "true" : "false") + ",\"instance\":";
      value::append_json_string(*instance_key_, out);
      out += ",\"connector\":";
      value::append_json_string(instance_.connector, out);
      out += ",\"version\":";
      value::append_json_string(connector.version, out);
      terminal.print(out + "}\n");
      return;
    }
    if (created) terminal.say("there was no project file: made '" + path + "'\n");
    terminal.print("added [instances." + *instance_key_ + "] to " + path + "; next: fconn check " +
                   path + (connector.check ? " --live" : "") + "\n");
  }

  std::optional<std::string> template_, instance_key_, config_;
  NewInstance instance_;
};

}  // namespace

std::unique_ptr<Verb> make_instantiate() { return std::make_unique<Instantiate>(); }

}  // namespace fconn::cli
