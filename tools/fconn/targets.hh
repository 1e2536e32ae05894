// TARGET: an instance key of fconn.toml, a path to a .fconn file or to compiled IR (.json), or the
// name of a bundled connector (cli-contract). A name that could be two of these is an error that
// lists them; `instance:NAME` and `bundled:NAME` say which is meant, a path is told by its ending.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "interpreter/ir/ir.hh"
#include "tools/config/config.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/terminal.hh"

namespace fconn::cli {

enum class TargetKind : std::uint8_t { instance, file, ir_file, bundled };

struct Target {
  TargetKind kind{};
  std::string name;    // as given, without instance: or bundled:
  std::string source;  // path of a file, or bundled name
  const config::Instance* instance = nullptr;
};

/// The project file that --config names or that lies nearest; an error only when it was named.
struct ProjectFile {
  std::optional<config::Project> project;
  grammar::SourceMap sources;
  grammar::Diagnostics diagnostics;
  std::optional<Problem> problem;
};
std::unique_ptr<ProjectFile> open_project(const std::optional<std::string>& path);

/// Null with a problem when the name means nothing, or two things.
std::optional<Target> resolve_target(const std::string& name, const config::Project* project,
                                     Problem& problem);

/// Whether an instance is of the connector that `name` means: a bundled name, a path, or its key.
bool is_instance_of(const config::Instance& instance, const config::Project& project,
                    const std::string& name);

struct LoadOptions {
  bool strict = false;
  TextOverlay overlay;  // none: files are as they are on disk
};
/// A target's connector, compiled or read.
struct Loaded {
  Target target;
  std::string key;                                 // what rows, summary and KEY.NAME=VALUE call it
  std::shared_ptr<const ir::Connector> connector;  // null when there are errors
  std::shared_ptr<grammar::SourceMap> sources;
  grammar::Diagnostics diagnostics;
  std::optional<Problem> problem;  // unreadable file, bad IR
};
Loaded load(const Target& target, const LoadOptions& options = {});

/// Resolves and loads all; says what is wrong on the terminal. Null: `exit` says how to end.
std::optional<std::vector<Loaded>> load_targets(Terminal& terminal,
                                                const std::vector<std::string>& names,
                                                const config::Project* project,
                                                const LoadOptions& options, int& exit);

/// One target by name, for verbs that look at a connector: opens the project only when `name` may
/// be an instance of it.
std::optional<Loaded> load_one(Terminal& terminal, const std::string& name,
                               const std::optional<std::string>& config, int& exit);

}  // namespace fconn::cli
