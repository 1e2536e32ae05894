#include "tools/fconn/targets.hh"

#include <algorithm>

#include "interpreter/compile/compile.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/resolver.hh"

namespace fconn::cli {
namespace {

std::string describe(const Target& target) {
  switch (target.kind) {
    case TargetKind::instance:
      return "instance:" + target.name + " (an instance of fconn.toml)";
    case TargetKind::bundled:
      return "bundled:" + target.name + " (a bundled connector)";
    case TargetKind::file:
    case TargetKind::ir_file:
      break;
  }
  return "./" + target.source + " (a file)";
}

bool looks_like_path(std::string_view name) {
  return name.ends_with(".fconn") || name.ends_with(".json") ||
         name.find('/') != std::string_view::npos;
}

TargetKind path_kind(std::string_view path) {
  return path.ends_with(".json") ? TargetKind::ir_file : TargetKind::file;
}

Target instance_target(const config::Instance& instance, const config::Project& project) {
  Target target{TargetKind::instance, instance.key, instance.connector, &instance};
  if (looks_like_path(instance.connector)) target.source = project.relative(instance.connector);
  return target;
}

Problem unknown(const std::string& name, const config::Project* project) {
  if (looks_like_path(name)) return {"there is no file '" + name + "'", "", ""};
  std::vector<std::string> names;
  if (project != nullptr) {
    for (const config::Instance& instance : project->instances) names.push_back(instance.key);
  }
  for (const Bundled& connector : bundled_connectors()) names.emplace_back(connector.name);
  const auto near = grammar::did_you_mean(name, names);
  return {"there is no instance, file or bundled connector '" + name + "'",
          near ? "did you mean '" + *near + "'?"
               : "`fconn connectors` lists the bundled ones; a file's name ends in .fconn or .json",
          ""};
}

/// For a connector that an instance names and that is neither bundled nor a file.
Problem no_connector(const std::string& name) {
  std::vector<std::string> names;
  for (const Bundled& connector : bundled_connectors()) names.emplace_back(connector.name);
  const auto near = grammar::did_you_mean(name, names);
  return {"there is no bundled connector and no file '" + name + "'",
          near ? "did you mean '" + *near + "'?" : "", ""};
}

}  // namespace

std::unique_ptr<ProjectFile> open_project(const std::optional<std::string>& path) {
  auto out = std::make_unique<ProjectFile>();
  std::optional<std::string> found = path ? path : find_project_file();
  if (!found) return out;
  auto text = read_file(*found);
  if (!text) {
    out->problem = Problem{text.error().text, "", ""};
    return out;
  }
  config::Read read = config::read(*found, std::move(*text), out->sources);
  out->project = std::move(read.project);
  out->diagnostics = std::move(read.diagnostics);
  return out;
}

std::optional<Target> resolve_target(const std::string& name, const config::Project* project,
                                     Problem& problem) {
  std::string_view plain = name;
  const bool only_instance = plain.starts_with("instance:");
  const bool only_bundled = plain.starts_with("bundled:");
  if (only_instance) plain.remove_prefix(9);
  if (only_bundled) plain.remove_prefix(8);
  std::vector<Target> found;
  if (project != nullptr && !only_bundled) {
    if (const config::Instance* instance = project->find(plain)) {
      found.push_back(instance_target(*instance, *project));
    }
  }
  if (!only_instance && !only_bundled && looks_like_path(plain) && file_exists(name)) {
    found.push_back({path_kind(plain), name, name, nullptr});
  }
  if (!only_instance && bundled_connector(plain) != nullptr) {
    found.push_back({TargetKind::bundled, std::string(plain), std::string(plain), nullptr});
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    problem = unknown(std::string(plain), project);
    return std::nullopt;
  }
  problem = {"'" + name + "' could be " + std::to_string(found.size()) + " things", "", ""};
  for (const Target& target : found) {
    problem.help += (problem.help.empty() ? "say which: " : ", or ") + describe(target);
  }
  return std::nullopt;
}

bool is_instance_of(const config::Instance& instance, const config::Project& project,
                    const std::string& name) {
  Problem ignored;
  const std::string source = instance_target(instance, project).source;
  const auto target = resolve_target(name, nullptr, ignored);
  if (!target) return name == instance.key || name == "instance:" + instance.key;
  if (target->kind == TargetKind::bundled) return target->source == source;
  return absolute_path(target->source) == absolute_path(source);
}

namespace {

void load_ir(Loaded& out) {
  auto text = read_file(out.target.source);
  if (!text) {
    out.problem = Problem{text.error().text, "", ""};
    return;
  }
  auto connector = ir::from_json(*text);
  if (!connector) {
    out.problem =
        Problem{"'" + out.target.source + "' is no compiled connector: " + connector.error().text,
                "`fconn compile FILE -o OUT` writes one", ""};
    return;
  }
  out.connector = std::move(*connector);
}

void load_source(Loaded& out, const LoadOptions& options) {
  Resolver resolver(options.overlay);
  std::string name = out.target.source;
  std::string text;
  if (auto bundled =
          looks_like_path(name) || name == "-" ? std::nullopt : resolver.connector(name)) {
    name = std::move(bundled->name);
    text = std::move(bundled->text);
  } else {
    auto content = read_file(name, options.overlay);
    if (!content) {
      out.problem = looks_like_path(name) || file_exists(name)
                        ? Problem{content.error().text, "", ""}
                        : no_connector(name);
      return;
    }
    text = std::move(*content);
  }
  const grammar::FileId root = out.sources->add(std::move(name), std::move(text));
  compile::Options compile_options;
  compile_options.strict = options.strict;
  compile::Compiled compiled = compile::compile(root, *out.sources, resolver, compile_options);
  out.connector = std::move(compiled.ir);
  out.diagnostics = std::move(compiled.diagnostics);
  if (!out.connector && !grammar::has_errors(out.diagnostics)) {
    out.problem = Problem{"'" + out.target.source + "' holds no connector", "", ""};
  }
}

}  // namespace

Loaded load(const Target& target, const LoadOptions& options) {
  Loaded out;
  out.target = target;
  out.sources = std::make_shared<grammar::SourceMap>();
  if (path_kind(target.source) == TargetKind::ir_file) {
    load_ir(out);
  } else {
    load_source(out, options);
  }
  if (target.kind == TargetKind::instance) {
    out.key = target.name;
  } else if (out.connector) {
    out.key = out.connector->name;
  }
  return out;
}

std::optional<std::vector<Loaded>> load_targets(Terminal& terminal,
                                                const std::vector<std::string>& names,
                                                const config::Project* project,
                                                const LoadOptions& options, int& exit) {
  std::vector<Target> targets;
  Problems problems;
  for (const std::string& name : names) {
    Problem problem;
    if (auto target = resolve_target(name, project, problem)) {
      targets.push_back(std::move(*target));
    } else {
      problems.push_back(std::move(problem));
    }
  }
  exit = exit_code::usage;
  terminal.report(problems);
  if (!problems.empty()) return std::nullopt;

  std::vector<Loaded> loaded;
  bool failed = false;
  for (const Target& target : targets) {
    Loaded one = load(target, options);
    if (one.problem) terminal.report(*one.problem);
    const bool show = !one.connector || (!terminal.quiet() && terminal.verbosity() > 0);
    if (show) terminal.report(*one.sources, one.diagnostics);
    failed = failed || !one.connector;
    loaded.push_back(std::move(one));
  }
  if (failed) {
    exit = exit_code::findings;
    return std::nullopt;
  }
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    const auto same = [&loaded, i](const Loaded& other) { return other.key == loaded[i].key; };
    if (std::find_if(loaded.begin(), loaded.begin() + static_cast<std::ptrdiff_t>(i), same) ==
        loaded.begin() + static_cast<std::ptrdiff_t>(i)) {
      continue;
    }
    terminal.report({"two targets are called '" + loaded[i].key + "'",
                     "give them instances with keys of their own in fconn.toml", ""});
    return std::nullopt;
  }
  return loaded;
}

std::optional<Loaded> load_one(Terminal& terminal, const std::string& name,
                               const std::optional<std::string>& config, int& exit) {
  std::unique_ptr<ProjectFile> file;
  if (config || !looks_like_path(name)) file = open_project(config);
  exit = exit_code::usage;
  if (file && file->problem) {
    terminal.report(*file->problem);
    return std::nullopt;
  }
  if (file && grammar::has_errors(file->diagnostics)) {
    terminal.report(file->sources, file->diagnostics);
    return std::nullopt;
  }
  const config::Project* project = file && file->project ? &*file->project : nullptr;
  auto loaded = load_targets(terminal, {name}, project, {}, exit);
  if (!loaded) return std::nullopt;
  loaded->front().target.instance = nullptr;  // the project goes out of scope here
  return std::move(loaded->front());
}

}  // namespace fconn::cli
