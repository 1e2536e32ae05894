#include "tools/fconn/values.hh"

#include <algorithm>
#include <functional>

#include "interpreter/eval/eval.hh"
#include "tools/fconn/convert.hh"
#include "tools/fconn/value_files.hh"
#include "tools/har/secret_form.hh"

namespace fconn::cli {
namespace {

struct Assignment {
  std::string key;  // of one target; empty: all that have the name
  std::string name, value;
};

template <class Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  for (const Named& one : all) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

template <class Named>
void names_of(const std::vector<Named>& all, std::vector<std::string>& out) {
  for (const Named& one : all) out.push_back(one.name);
}

class Collector {
 public:
  Collector(const std::vector<Loaded>& targets, const ValueArgs& args,
            const config::Project* project)
      : targets_(targets), args_(args), project_(project) {
    for (const Loaded& target : targets_) {
      run::Instance instance;
      instance.key = target.key;
      instance.connector = target.connector;
      out_.instances.push_back(std::move(instance));
    }
  }

  Values run(bool partial) {
    if (args_.recorded) {
      for (const RecordedValues& recorded : *args_.recorded) from_recording(recorded);
    }
    for (std::size_t i = 0; i < targets_.size(); ++i) from_project(i);
    if (args_.params_file) from_file(*args_.params_file, false);
    if (args_.secrets_file) from_file(*args_.secrets_file, true);
    params_from_command_line();
    identities_from_command_line();
    externals_from_command_line();
    for (std::size_t i = 0; i < targets_.size(); ++i) fill_defaults(i);
    missing();
    if (!out_.problems.empty() && !partial) out_.instances.clear();
    return std::move(out_);
  }

 private:
  const ir::Connector& connector(std::size_t i) const { return *targets_[i].connector; }

  void problem(std::string text, std::string help = {}, std::string code = {}) {
    out_.problems.push_back({std::move(text), std::move(help), std::move(code)});
  }

  // ---- a recording ------------------------------------------------------------------------------

  void from_recording(const RecordedValues& recorded) {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      // With one target on both sides it is that one, whatever it is called now.
      const bool only = targets_.size() == 1 && args_.recorded->size() == 1;
      if (!only && targets_[i].key != recorded.key) continue;
      for (const auto& [name, json] : recorded.secrets) {
        forms_[{i, name}] = json.size() > 2 ? json.substr(1, json.size() - 2) : std::string();
      }
      if (recorded.token) {
        value::Arena arena;
        const auto token = value::parse_json(R"({"access_token":"secret-token"})", arena);
        out_.instances[i].token = value::OwnedValue(*token);
      }
      for (const auto& [name, json] : recorded.params) {
        const ir::Param* param = find_named(connector(i).params, name);
        if (param != nullptr && !param->secret) {
          store(i, *param, param_from_json(*param, json), "the recording");
        }
      }
      for (const auto& [name, json] : recorded.identities) {
        if (find_named(connector(i).identities, name) == nullptr || !args_.identities.empty()) {
          continue;
        }
        for (ListedValue& one : listed_values(json)) {
          out_.instances[i].identities[name].push_back(recorded_text(one));
        }
      }
      for (const auto& [name, json] : recorded.externals) {
        const ir::External* external = find_named(connector(i).externals, name);
        if (external != nullptr) store_external(i, *external, listed_values(json));
      }
    }
  }

  static value::OwnedValue recorded_text(const ListedValue& one) {
    value::Arena arena;
    const auto parsed = value::parse_json(one.text, arena);
    const bool text = one.is_json && parsed && parsed->kind == value::Kind::string;
    return value::OwnedValue::string(text ? parsed->view() : std::string_view(one.text));
  }

  // ---- fconn.toml -------------------------------------------------------------------------------

  void from_project(std::size_t i) {
    const config::Instance* instance = targets_[i].target.instance;
    if (instance == nullptr) return;
    for (const auto& [name, given] : instance->params) {
      const ir::Param* param = find_named(connector(i).params, name);
      if (param == nullptr) {
        unknown_in_file(i, name, project_->path);
      } else if (param->secret) {
        problem("the value of secret '" + name + "' of " + targets_[i].key + " stands in " +
                    project_->path,
                "say where it is found: secrets = { " + name + " = { env = \"…\" } }", "F0806");
      } else {
        store(i, *param, param_from_json(*param, given.json), project_->path);
      }
    }
    for (const auto& [name, source] : instance->secrets) {
      if (args_.recorded) break;
      const ir::Param* param = find_named(connector(i).params, name);
      if (param == nullptr) {
        unknown_in_file(i, name, project_->path);
      } else {
        store_secret(i, *param, source, project_);
      }
    }
    for (const auto& [name, source] : instance->externals) external_from_project(i, name, source);
  }

  void external_from_project(std::size_t i, const std::string& name,
                             const config::ExternalSource& source) {
    const ir::External* external = find_named(connector(i).externals, name);
    if (external == nullptr) return unknown_in_file(i, name, project_->path);
    switch (source.kind) {
      case config::ExternalKind::from:
        return;  // feeds.hh: its values come when the other instance has run
      case config::ExternalKind::file: {
        auto values = read_listed_values(project_->relative(source.file), source.column);
        if (!values) return problem(values.error().text);
        return store_external(i, *external, *values);
      }
      case config::ExternalKind::values: {
        std::vector<ListedValue> values;
        for (const std::string& json : source.values) values.push_back({json, true});
        return store_external(i, *external, values);
      }
    }
  }

  // ---- files ------------------------------------------------------------------------------------

  void from_file(const std::string& path, bool secrets) {
    auto values = read_named_values(path);
    if (!values) return problem(values.error().text);
    std::vector<std::pair<std::string, std::string>> shared;
    for (const auto& entry : *values) {
      const auto target =
          std::find_if(targets_.begin(), targets_.end(),
                       [&entry](const Loaded& one) { return one.key == entry.first; });
      if (target == targets_.end() || !entry.second.starts_with('{') ||
          find_named(target->connector->params, entry.first) != nullptr) {
        shared.push_back(entry);
        continue;
      }
      const auto i = static_cast<std::size_t>(target - targets_.begin());
      auto members = members_of(entry.second, path);
      if (!members) return problem(members.error().text);
      for (const auto& [name, json] : *members) {
        if (!from_file_entry(i, name, json, path, secrets)) unknown_in_file(i, name, path);
      }
    }
    for (const auto& [name, json] : shared) {
      bool known = false;
      for (std::size_t i = 0; i < targets_.size(); ++i) {
        known = from_file_entry(i, name, json, path, secrets) || known;
      }
      if (!known) unknown_in_file(0, name, path);
    }
  }

  bool from_file_entry(std::size_t i, const std::string& name, const std::string& json,
                       const std::string& path, bool secrets) {
    const ir::Param* param = find_named(connector(i).params, name);
    if (param == nullptr) return false;
    if (param->secret && !secrets) {
      out_.warnings.push_back({"'" + name + "' in '" + path + "' is a secret",
                               "--secrets FILE keeps secrets apart", ""});
    }
    store(i, *param, param_from_json(*param, json), path);
    return true;
  }

  /// From a file an unknown name is a warning (cli-contract).
  void unknown_in_file(std::size_t i, const std::string& name, const std::string& path) {
    std::vector<std::string> names;
    names_of(connector(i).params, names);
    names_of(connector(i).externals, names);
    const auto near = grammar::did_you_mean(name, names);
    const std::string who = targets_.size() == 1 ? targets_[i].key : std::string("no target");
    out_.warnings.push_back({"'" + path + "' names '" + name + "', which " + who +
                                 (targets_.size() == 1 ? " doesn't have" : " has"),
                             near ? "did you mean '" + *near + "'?" : "", ""});
  }

  // ---- command line -----------------------------------------------------------------------------

  std::optional<Assignment> split(const std::string& text, std::string_view option) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      // What was given isn't repeated: it may be a secret in the wrong place.
      problem("--" + std::string(option) + " needs NAME=VALUE");
      return std::nullopt;
    }
    Assignment out{"", text.substr(0, equals), text.substr(equals + 1)};
    for (const Loaded& target : targets_) {
      if (out.name.size() > target.key.size() + 1 && out.name.starts_with(target.key) &&
          out.name[target.key.size()] == '.') {
        out.key = target.key;
        out.name.erase(0, target.key.size() + 1);
        break;
      }
    }
    return out;
  }

  /// Calls `apply` for each target that the assignment reaches; it says whether the name is known.
  void assign(const std::string& text, std::string_view option, std::string_view noun,
              const std::function<void(const ir::Connector&, std::vector<std::string>&)>& names,
              const std::function<bool(std::size_t, const Assignment&)>& apply) {
    const auto assignment = split(text, option);
    if (!assignment) return;
    bool known = false;
    std::vector<std::string> candidates;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (!assignment->key.empty() && assignment->key != targets_[i].key) continue;
      names(connector(i), candidates);
      known = apply(i, *assignment) || known;
    }
    if (known) return;
    const auto near = grammar::did_you_mean(assignment->name, candidates);
    std::string all;
    for (const std::string& name : candidates) all += (all.empty() ? "" : ", ") + name;
    std::string who = assignment->key;
    if (who.empty()) who = targets_.size() == 1 ? targets_.front().key : "none of the targets";
    problem(who + " has no " + std::string(noun) + " '" + assignment->name + "'",
            near          ? "did you mean '" + *near + "'?"
            : all.empty() ? "it has none at all"
                          : "it has " + all);
  }

  static void param_names(const ir::Connector& connector, std::vector<std::string>& out) {
    names_of(connector.params, out);
  }

  void params_from_command_line() {
    for (const std::string& text : args_.params) {
      assign(text, "param", "parameter", param_names,
             [this](std::size_t i, const Assignment& given) {
               const ir::Param* param = find_named(connector(i).params, given.name);
               if (param == nullptr) return false;
               if (param->secret) {
                 problem("'" + given.name + "' is a secret, whose value is never an argument",
                         "--secret-env " + given.name + "=VAR or --secret-file " + given.name +
                             "=PATH says where it is found");
                 return true;
               }
               store(i, *param, param_from_text(*param, given.value), "--param");
               return true;
             });
    }
    const auto secrets = [this](const std::vector<std::string>& given, std::string_view option,
                                config::SecretKind kind) {
      for (const std::string& text : given) {
        assign(text, option, "secret", param_names,
               [this, kind](std::size_t i, const Assignment& assignment) {
                 const ir::Param* param = find_named(connector(i).params, assignment.name);
                 if (param == nullptr) return false;
                 config::SecretSource source;
                 source.kind = kind;
                 source.text = assignment.value;
                 store_secret(i, *param, source, nullptr);
                 return true;
               });
      }
    };
    secrets(args_.secret_env, "secret-env", config::SecretKind::env);
    secrets(args_.secret_file, "secret-file", config::SecretKind::file);
  }

  void identities_from_command_line() {
    for (const std::string& text : args_.identities) {
      assign(
          text, "identity", "identity",
          [](const ir::Connector& one, std::vector<std::string>& out) {
            names_of(one.identities, out);
          },
          [this](std::size_t i, const Assignment& given) {
            if (find_named(connector(i).identities, given.name) == nullptr) return false;
            // Services trim what they search for, and give everybody for nothing.
            if (given.value.find_first_not_of(" \t\r\n") == std::string::npos) {
              problem("identity '" + given.name + "' is empty");
            }
            auto& values = out_.instances[i].identities[given.name];
            for (const value::OwnedValue& value : values) {
              if (value.get().view() == given.value) return true;
            }
            values.push_back(value::OwnedValue::string(given.value));
            return true;
          });
    }
  }

  void externals_from_command_line() {
    std::vector<std::pair<std::size_t, std::string>> fresh;
    for (const std::string& text : args_.externals) {
      assign(
          text, "external", "external",
          [](const ir::Connector& one, std::vector<std::string>& out) {
            names_of(one.externals, out);
          },
          [this, &fresh](std::size_t i, const Assignment& given) {
            const ir::External* external = find_named(connector(i).externals, given.name);
            if (external == nullptr) return false;
            // The first one on the command line replaces what fconn.toml says; further ones add.
            const std::pair<std::size_t, std::string> mark(i, given.name);
            if (std::find(fresh.begin(), fresh.end(), mark) == fresh.end()) {
              fresh.push_back(mark);
              out_.instances[i].externals.erase(given.name);
            }
            if (!given.value.starts_with('@')) {
              store_external(i, *external, listed_values(given.value));
              return true;
            }
            auto values = read_listed_values(given.value.substr(1));
            if (values) {
              store_external(i, *external, *values);
            } else {
              problem(values.error().text);
            }
            return true;
          });
    }
  }

  // ---- storing ----------------------------------------------------------------------------------

  void store(std::size_t i, const ir::Param& param, value::Result<value::OwnedValue> value,
             const std::string& from) {
    if (value) {
      out_.instances[i].params[param.name] = std::move(*value);
      return;
    }
    problem("'" + param.name + "' of " + targets_[i].key + " (" + from + ") " + value.error().text,
            param.label.empty() ? "" : param.label);
    failed_.emplace_back(i, param.name);
  }

  void store_secret(std::size_t i, const ir::Param& param, const config::SecretSource& source,
                    const config::Project* project) {
    auto text = read_secret(source, project);
    if (text) {
      return store(
          i, param, param_from_text(param, *text),
          source.kind == config::SecretKind::env ? "from " + source.text : "from its file");
    }
    problem("'" + param.name + "' of " + targets_[i].key + ": " + text.error().text, "",
            text.error().code);
    failed_.emplace_back(i, param.name);
  }

  void store_external(std::size_t i, const ir::External& external,
                      const std::vector<ListedValue>& values) {
    auto& out = out_.instances[i].externals[external.name];
    for (std::size_t n = 0; n < values.size(); ++n) {
      auto value = external_value(external, values[n].text, values[n].is_json);
      if (!value) {
        return problem("value " + std::to_string(n + 1) + " of external '" + external.name + "' " +
                       value.error().text);
      }
      out.push_back(std::move(*value));
    }
  }

  // ---- defaults and what is missing -------------------------------------------------------------

  void fill_defaults(std::size_t i) {
    for (const ir::Param& param : connector(i).params) {
      auto& params = out_.instances[i].params;
      if (!args_.recorded || !param.secret || params.find(param.name) != params.end()) continue;
      const auto text = har::secret_of_form(forms_[{i, param.name}], param.name);
      if (!text) {
        problem(text.error().text);
      } else if (auto made = param_from_text(param, *text)) {
        params[param.name] = *std::move(made);
      }
    }
    for (const ir::Param& param : connector(i).params) {
      auto& params = out_.instances[i].params;
      if (!param.default_value || params.find(param.name) != params.end()) continue;
      value::Arena arena;
      const auto constant = eval::constant(*param.default_value, arena);
      if (constant) params[param.name] = value::OwnedValue(constant->as_secret(param.secret));
    }
  }

  void missing() {
    MissingParams all;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      for (const ir::Param& param : connector(i).params) {
        const auto& params = out_.instances[i].params;
        if (params.find(param.name) != params.end()) continue;
        if (std::find(failed_.begin(), failed_.end(), std::pair(i, param.name)) != failed_.end()) {
          continue;  // said already
        }
        all.emplace_back(targets_.size() == 1 ? param.name : targets_[i].key + "." + param.name,
                         &param);
      }
    }
    if (auto found = missing_problem(
            all, "--params FILE and --secrets FILE give many at once, fconn.toml keeps them")) {
      out_.problems.push_back(std::move(*found));
    }
  }

  const std::vector<Loaded>& targets_;
  const ValueArgs& args_;
  const config::Project* project_;
  std::vector<std::pair<std::size_t, std::string>> failed_;
  std::map<std::pair<std::size_t, std::string>, std::string> forms_;  // of a recording's secrets
  Values out_;
};

}  // namespace

std::optional<Problem> missing_problem(const MissingParams& missing, std::string help) {
  if (missing.empty()) return std::nullopt;
  std::string lines;
  for (const auto& [name, param] : missing) {
    lines += "\n  " + name + (param->label.empty() ? "" : " (" + param->label + ")") + ": ";
    lines += param->secret ? "--secret-env " + name + "=VAR or --secret-file " + name + "=PATH"
                           : "--param " + name + "=VALUE, " + describe_type(*param);
  }
  return Problem{(missing.size() == 1 ? "a value is missing:"
                                      : std::to_string(missing.size()) + " values are missing:") +
                     lines,
                 std::move(help), ""};
}

Values collect_values(const std::vector<Loaded>& targets, const ValueArgs& args,
                      const config::Project* project, bool partial) {
  return Collector(targets, args, project).run(partial);
}

}  // namespace fconn::cli
