#include "tools/fconn/project_check.hh"

#include "tools/fconn/convert.hh"
#include "tools/fconn/policy.hh"
#include "tools/fconn/targets.hh"

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
    check_params(instance, *loaded.connector);
    for (const auto& [name, source] : instance.secrets) {
      if (find(*loaded.connector, name) == nullptr) {
        unknown(source.where, name, "secret", *loaded.connector);
      }
    }
    for (const auto& [name, source] : instance.externals) {
      bool known = false;
      for (const ir::External& one : loaded.connector->externals) known = known || one.name == name;
      if (!known) unknown(source.where, name, "external", *loaded.connector);
    }
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
    std::vector<Subject> subjects;
    std::vector<std::string> known;
    for (const config::Instance& one : project_.instances) known.push_back(one.key);
    for (const Loaded& one : loaded_) {
      if (one.connector) subjects.push_back({one.key, one.connector.get()});
    }
    const bool all = subjects.size() == project_.instances.size() && !subjects.empty();
    for (const PolicyFinding& finding : match_policy(policy, subjects, known)) {
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
