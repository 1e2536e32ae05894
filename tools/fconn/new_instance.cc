#include "tools/fconn/new_instance.hh"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "tools/config/toml_write.hh"
#include "tools/fconn/convert.hh"
#include "tools/fconn/values.hh"

namespace fconn::cli {
namespace {

bool is_word(std::string_view text, bool dashes) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [dashes](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (dashes && c == '-');
  });
}

class Writer {
 public:
  Writer(const NewInstance& instance, const ir::Connector& connector)
      : instance_(instance), connector_(connector) {}

  InstanceText write() {
    if (!is_word(instance_.key, true)) {
      problem("'" + instance_.key + "' can't be an instance's key",
              "it is of letters, digits, - and _");
    }
    for (const std::string& text : instance_.params) param(text);
    for (const std::string& text : instance_.secret_env) secret(text, "secret-env");
    for (const std::string& text : instance_.secret_file) secret(text, "secret-file");
    missing();
    if (out_.problems.empty()) table();
    return std::move(out_);
  }

 private:
  void problem(std::string text, std::string help = {}) {
    out_.problems.push_back({std::move(text), std::move(help), ""});
  }

  const ir::Param* find(const std::string& name) const {
    for (const ir::Param& one : connector_.params) {
      if (one.name == name) return &one;
    }
    return nullptr;
  }

  /// Splits NAME=VALUE, finds the parameter and sees that it isn't given already; null after a
  /// problem, which never repeats the value.
  const ir::Param* named(const std::string& text, std::string_view option, std::string& value) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      problem("--" + std::string(option) + " needs NAME=VALUE");
      return nullptr;
    }
    const std::string name = text.substr(0, equals);
    value = text.substr(equals + 1);
    const ir::Param* found = find(name);
    if (found == nullptr) {
      std::vector<std::string> names;
      std::string all;
      for (const ir::Param& one : connector_.params) {
        names.push_back(one.name);
        all += (all.empty() ? "" : ", ") + one.name;
      }
      const auto near = grammar::did_you_mean(name, names);
      problem(connector_.name + " has no " + (option == "param" ? "parameter" : "secret") + " '" +
                  name + "'",
              near          ? "did you mean '" + *near + "'?"
              : all.empty() ? "it has none at all"
                            : "it has " + all);
      return nullptr;
    }
    if (given_.find(name) != given_.end()) {
      problem("'" + name + "' is given twice");
      return nullptr;
    }
    given_[name] = "";
    return found;
  }

  void param(const std::string& text) {
    std::string value;
    const ir::Param* found = named(text, "param", value);
    if (found == nullptr) return;
    if (found->secret) {
      problem("'" + found->name + "' is a secret, whose value is never an argument",
              "--secret-env " + found->name + "=VAR or --secret-file " + found->name +
                  "=PATH says where it is found");
      return;
    }
    auto converted = param_from_text(*found, value);
    if (!converted) {
      return problem("'" + found->name + "' " + converted.error().text, found->label);
    }
    auto written = config::toml_value(converted->get());
    if (!written) return problem("'" + found->name + "' " + written.error().text);
    given_[found->name] = *written;
    params_.push_back(found->name);
  }

  void secret(const std::string& text, std::string_view option) {
    std::string value;
    const ir::Param* found = named(text, option, value);
    if (found == nullptr) return;
    if (option == "secret-env" && !names_variable(value)) {
      problem("--secret-env " + found->name + " needs the name of an environment variable",
              "a secret's value is never an argument and never in the file");
      return;
    }
    if (value.empty()) return problem("--secret-file " + found->name + " needs a path");
    given_[found->name] =
        (option == "secret-env" ? "{ env = " : "{ file = ") + config::toml_text(value) + " }";
    secrets_.push_back(found->name);
  }

  /// A name with small letters may be a value in the wrong place, unless there is such a variable.
  static bool names_variable(const std::string& name) {
    if (!is_word(name, false) || (name[0] >= '0' && name[0] <= '9')) return false;
    const bool small =
        std::any_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    return !small || std::getenv(name.c_str()) != nullptr;
  }

  void missing() {
    MissingParams all;
    for (const ir::Param& one : connector_.params) {
      if (!one.default_value && given_.find(one.name) == given_.end()) {
        all.emplace_back(one.name, &one);
      }
    }
    if (auto found = missing_problem(
            all, "`fconn show " + instance_.connector + "` says what each is for")) {
      out_.problems.push_back(std::move(*found));
    }
  }

  /// `name = { a = 1, b = 2 }` in the order of the connector's declarations.
  void members(std::string_view name, const std::vector<std::string>& names) {
    if (names.empty()) return;
    std::string text;
    for (const ir::Param& one : connector_.params) {
      if (std::find(names.begin(), names.end(), one.name) == names.end()) continue;
      text += (text.empty() ? "" : ", ") + config::toml_key(one.name) + " = " + given_[one.name];
    }
    line(name, "{ " + text + " }");
  }

  void line(std::string_view name, const std::string& value) {
    std::string key(name);
    key.resize(std::string_view("connector").size(), ' ');
    out_.table += key + " = " + value + "\n";
  }

  void table() {
    out_.table = "[instances." + instance_.key + "]\n";
    line("connector", config::toml_text(instance_.connector));
    if (!connector_.version.empty()) line("version", config::toml_text(connector_.version));
    members("params", params_);
    members("secrets", secrets_);
  }

  const NewInstance& instance_;
  const ir::Connector& connector_;
  std::map<std::string, std::string> given_;  // name -> TOML text
  std::vector<std::string> params_, secrets_;
  InstanceText out_;
};

}  // namespace

InstanceText instance_text(const NewInstance& instance, const ir::Connector& connector) {
  return Writer(instance, connector).write();
}

std::string appended(std::string text, std::string_view table) {
  const bool returns = text.find("\r\n") != std::string::npos;
  const std::string end = returns ? "\r\n" : "\n";
  if (!text.empty() && text.back() != '\n') text += end;
  if (!text.empty()) text += end;
  for (const char c : table) {
    if (c == '\n') {
      text += end;
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace fconn::cli
