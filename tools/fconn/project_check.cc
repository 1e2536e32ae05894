#include "tools/fconn/project_check.hh"

#include <map>

#include "interpreter/plan/plan.hh"
#include "tools/fconn/convert.hh"
#include "tools/fconn/feeds.hh"
#include "tools/fconn/targets.hh"
#include "tools/policy/match.hh"

namespace fconn::cli {
namespace {

using grammar::DiagnosticId;

class ProjectCheck {
 public:
  ProjectCheck(const config::Project& project, grammar::FileId file, grammar::SourceMap& sources,
               grammar::Diagnostics& out, const TextOverlay& overlay)
      : project_(project), file_(file), sources_(sources), out_(out), overlay_(overlay) {}

  void run() {
    for (const config::Instance& instance : project_.instances) {
      if (!instance.connector.empty()) check(instance);
    }
    check_feeds();
    for (const auto& [name, policy] : project_.policies) check(policy);
    if (!hidden_.empty()) hide();
  }

 private:
  void add(DiagnosticId id, grammar::Span where, std::string text, std::string help = {}) {
    out_.push_back(grammar::diagnostic(id, where, std::move(text), std::move(help)));
  }

  void check(const config::Instance& instance) {
    Problem problem;
    const auto target = resolve_target("instance:" + instance.key, &project_, problem);
    if (!target) return;
    loaded_.push_back(load(*target, {false, overlay_}));
    const Loaded& loaded = loaded_.back();
    if (loaded.problem) {
      return add(DiagnosticId::config_unknown_connector, instance.connector_where,
                 loaded.problem->text,
                 loaded.problem->help.empty() ? "`fconn connectors` lists the bundled ones"
                                              : loaded.problem->help);
    }
    if (!loaded.connector) {
      return add(DiagnosticId::config_unknown_connector, instance.connector_where,
                 "connector '" + instance.connector + "' has mistakes",
                 "`fconn check " + loaded.target.source + "` shows them");
    }
    check_version(instance, *loaded.connector);
    check_params(instance, *loaded.connector);
    for (const auto& [name, source] : instance.secrets) {
      if (find(*loaded.connector, name) == nullptr) {
        unknown(source.where, name, "secret", *loaded.connector);
      } else if (source.kind == config::SecretKind::store) {
        add(DiagnosticId::not_executable, source.where,
            "secret `" + name + "` can't come from a store yet", "say env, file or command");
      }
    }
    for (const auto& [name, source] : instance.externals) {
      bool known = false;
      for (const ir::External& one : loaded.connector->externals) known = known || one.name == name;
      if (!known) unknown(source.where, name, "external", *loaded.connector);
    }
  }

  /// What `from` names has to be there, and no instance may wait for itself.
  void check_feeds() {
    std::map<std::string, std::vector<std::string>> waits;
    std::map<std::string, grammar::Span> places;
    for (const config::Instance& instance : project_.instances) {
      for (const auto& [name, source] : instance.externals) {
        if (source.kind != config::ExternalKind::from) continue;
        Problem problem;
        const auto found = find_feed_source(
            source.from, project_, instance.key,
            [this](const config::Instance& other) { return connector_of(other.key); }, problem);
        if (!found) {
          add(DiagnosticId::config_bad_from, source.where, problem.text, problem.help);
          continue;
        }
        waits[instance.key].push_back(found->instance);
        places.emplace(instance.key, source.where);
      }
    }
    for (const std::vector<std::string>& cycle : plan::cycles({waits.begin(), waits.end()})) {
      std::string text;
      for (const std::string& key : cycle) text += "`" + key + "` <- ";
      add(DiagnosticId::config_from_cycle, places[cycle.front()],
          "instances take values from each other: " + text + "`" + cycle.front() + "`",
          "let one of them get its values from elsewhere");
    }
  }

  const ir::Connector* connector_of(const std::string& key) const {
    for (const Loaded& one : loaded_) {
      if (one.key == key) return one.connector.get();
    }
    return nullptr;
  }

  void check_version(const config::Instance& instance, const ir::Connector& connector) {
    if (instance.version.empty() || instance.version == connector.version) return;
    add(DiagnosticId::config_version_moved, instance.version_where,
        "`" + instance.key + "` was made for version " + instance.version + " of " +
            connector.name + ", which " +
            (connector.version.empty() ? "names no version now" : "is at " + connector.version),
        "look at `fconn show " + instance.key + "`, then write the version that is there now");
  }

  void check_params(const config::Instance& instance, const ir::Connector& connector) {
    for (const auto& [name, given] : instance.params) {
      const ir::Param* param = find(connector, name);
      if (param == nullptr) {
        unknown(given.where, name, "parameter", connector);
      } else if (param->secret) {
        hidden_.push_back(given.value_where);
        add(DiagnosticId::config_secret_literal, given.where,
            "the value of secret `" + name + "` stands in the file",
            "say where it is found: secrets = { " + name + " = { env = \"…\" } }");
      } else if (auto value = param_from_json(*param, given.json); !value) {
        add(DiagnosticId::config_bad_param, given.value_where,
            "parameter `" + name + "` " + value.error().text);
      }
    }
  }

  /// What the policy names has to be there; nothing is said while a connector can't be read.
  void check(const config::Policy& policy) {
    std::vector<policy::Subject> subjects;
    std::vector<std::string> known;
    for (const config::Instance& one : project_.instances) known.push_back(one.key);
    for (const Loaded& one : loaded_) {
      if (one.connector) subjects.push_back({one.key, one.connector.get()});
    }
    const bool all = subjects.size() == project_.instances.size() && !subjects.empty();
    for (const policy::Finding& finding : policy::match(policy, subjects, known)) {
      if (!finding.hold && !all) continue;
      grammar::Span where = finding.named.where;
      // Behind the opening quote, if the text stands there as it is.
      const std::string_view text = sources_.text(file_);
      if (finding.offset > 0 &&
          text.substr(where.begin + 1, finding.named.text.size()) == finding.named.text) {
        where.begin += 1 + static_cast<std::uint32_t>(finding.offset);
        where.end -= 1;
      }
      add(finding.hold ? DiagnosticId::config_bad_hold : DiagnosticId::config_targets_nothing,
          where, finding.text, finding.help);
    }
  }

  static const ir::Param* find(const ir::Connector& connector, const std::string& name) {
    for (const ir::Param& param : connector.params) {
      if (param.name == name) return &param;
    }
    return nullptr;
  }

  void unknown(grammar::Span where, const std::string& name, std::string_view noun,
               const ir::Connector& connector) {
    std::vector<std::string> names;
    for (const ir::Param& param : connector.params) names.push_back(param.name);
    for (const ir::External& external : connector.externals) names.push_back(external.name);
    const auto near = grammar::did_you_mean(name, names);
    add(DiagnosticId::config_unknown_name, where,
        connector.name + " has no " + std::string(noun) + " `" + name + "`",
        near ? "did you mean `" + *near + "`?" : "");
  }

  void hide() {
    std::string text(sources_.text(file_));
    for (const grammar::Span& span : hidden_) {
      for (std::uint32_t i = span.begin; i < span.end && i < text.size(); ++i) {
        if (text[i] != '\n') text[i] = '*';
      }
    }
    const grammar::FileId copy = sources_.add(std::string(sources_.name(file_)), std::move(text));
    for (grammar::Diagnostic& one : out_) {
      if (one.where.file == file_) one.where.file = copy;
      for (grammar::Edit& edit : one.fix) {
        if (edit.where.file == file_) edit.where.file = copy;
      }
    }
  }

  const config::Project& project_;
  grammar::FileId file_;
  grammar::SourceMap& sources_;
  grammar::Diagnostics& out_;
  const TextOverlay& overlay_;
  std::vector<grammar::Span> hidden_;
  std::vector<Loaded> loaded_;
};

}  // namespace

void check_project(const config::Project& project, grammar::FileId file,
                   grammar::SourceMap& sources, grammar::Diagnostics& diagnostics,
                   const TextOverlay& overlay) {
  ProjectCheck(project, file, sources, diagnostics, overlay).run();
}

}  // namespace fconn::cli
