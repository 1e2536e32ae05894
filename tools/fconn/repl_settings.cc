// :set, :unset.
#include <algorithm>

#include "tools/fconn/repl.hh"

namespace fconn::cli {
namespace {

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const Named& one : all) names.push_back(one.name);
  return names;
}

/// Of "NAME=VALUE", or "KEY.NAME=VALUE" of this target.
bool names(const std::string& assignment, const std::string& key, const std::string& name) {
  const std::string_view given(assignment.data(), assignment.find('='));
  return given == name || given == key + "." + name;
}

std::string drop(std::vector<std::string>& all, const std::string& key, const std::string& name) {
  std::string last;
  std::erase_if(all, [&](const std::string& one) {
    const bool same = names(one, key, name);
    if (same) last = one;
    return same;
  });
  return last;
}

}  // namespace

/// Where `--identity` and the like keep what was given; null: there is no such kind.
std::vector<std::string>* Repl::settings_of(std::string_view kind, const std::string& where) {
  if (kind == "identity") return &args_.values.identities;
  if (kind == "param") return &args_.values.params;
  if (kind == "external") return &args_.values.externals;
  if (kind != "secret") return nullptr;
  return where.starts_with("file:") ? &args_.values.secret_file : &args_.values.secret_env;
}

bool Repl::set(const std::string& rest) {
  if (rest.empty()) return list_settings();
  const std::size_t equals = rest.find('=');
  const std::size_t dot = rest.find('.');
  if (equals == std::string::npos || dot == std::string::npos || dot > equals) {
    return wrong(":set needs KIND.NAME=VALUE",
                 "KIND is identity, param, external or secret; `:set` alone lists all");
  }
  const std::string kind = rest.substr(0, dot);
  const bool adds = rest[equals - 1] == '+';
  std::string name = rest.substr(dot + 1, equals - dot - 1 - (adds ? 1 : 0));
  while (name.ends_with(' ')) name.pop_back();
  std::string text = rest.substr(equals + 1);
  if (text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0]) {
    text = text.substr(1, text.size() - 2);
  }
  const bool secret = kind == "secret";
  if (secret && !text.starts_with("env:") && !text.starts_with("file:")) {
    // What was given isn't repeated: it may be the secret.
    return wrong("a secret's value is never typed here",
                 ":set secret." + name + "=env:VARIABLE or :set secret." + name + "=file:PATH");
  }
  std::vector<std::string>* all = settings_of(kind, text);
  if (all == nullptr) {
    const auto near = grammar::did_you_mean(kind, {"identity", "param", "external", "secret"});
    return wrong("'" + kind + "' can't be set",
                 near ? "did you mean '" + *near + "'?" : "identity, param, external or secret");
  }
  std::vector<std::string> known;
  if (kind == "identity") known = names_of(connector().identities);
  if (kind == "external") known = names_of(connector().externals);
  for (const ir::Param& param : connector().params) {
    if ((kind == "param" || secret) && param.secret == secret) known.push_back(param.name);
    if (kind == "param" && param.secret && param.name == name) {
      return wrong("'" + name + "' is a secret", ":set secret." + name + "=env:VARIABLE");
    }
  }
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    const auto near = grammar::did_you_mean(name, known);
    std::string list;
    for (const std::string& one : known) list += (list.empty() ? "it has " : ", ") + one;
    return wrong(loaded_->key + " has no " + kind + " '" + name + "'",
                 near ? "did you mean '" + *near + "'?" : list);
  }
  if (text.empty() && !secret)
    return wrong("'" + name + "' needs a value", "`:unset` takes one back");
  if (!adds) {
    drop(*all, loaded_->key, name);
    if (secret) {
      drop(args_.values.secret_env, loaded_->key, name);
      drop(args_.values.secret_file, loaded_->key, name);
    }
  }
  changed_ = true;
  all->push_back(name + "=" + (secret ? text.substr(text.find(':') + 1) : text));
  return true;
}

bool Repl::unset(const std::string& rest) {
  const std::size_t dot = rest.find('.');
  const std::string kind = rest.substr(0, dot);
  if (dot == std::string::npos || settings_of(kind, "") == nullptr) {
    return wrong(":unset needs KIND.NAME", "KIND is identity, param, external or secret");
  }
  const std::string name = rest.substr(dot + 1);
  bool found = !drop(*settings_of(kind, ""), loaded_->key, name).empty();
  if (kind == "secret")
    found = !drop(args_.values.secret_file, loaded_->key, name).empty() || found;
  changed_ = true;
  if (!found) return wrong(kind + "." + name + " isn't set here");
  return true;
}

bool Repl::list_settings() {
  std::string text;
  const auto all = [&text](std::string_view kind, const std::vector<std::string>& given,
                           std::string_view from) {
    for (const std::string& one : given) {
      const std::size_t equals = one.find('=');
      text += std::string(kind) + "." + one.substr(0, equals + 1) + std::string(from) +
              one.substr(equals + 1) + "\n";
    }
  };
  all("identity", args_.values.identities, "");
  all("param", args_.values.params, "");
  all("external", args_.values.externals, "");
  all("secret", args_.values.secret_env, "env:");
  all("secret", args_.values.secret_file, "file:");
  for (const auto* file : {&args_.values.params_file, &args_.values.secrets_file}) {
    if (*file) text += "values from " + **file + "\n";
  }
  if (loaded_->target.instance != nullptr) {
    text += "values of instance " + loaded_->key + " in " + project()->path + "\n";
  }
  if (args_.send_to) text += "every request goes to " + *args_.send_to + "\n";
  if (text.empty()) text = "nothing is set\n";
  out(text);
  return true;
}

}  // namespace fconn::cli
