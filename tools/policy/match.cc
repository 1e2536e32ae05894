#include "tools/policy/match.hh"

#include <algorithm>
#include <set>

#include "interpreter/privacy/category.hh"
#include "tools/policy/condition.hh"

namespace fconn::policy {
namespace {

void add_categories(const std::vector<ir::Field>& fields, std::set<std::string>& out) {
  for (const ir::Field& field : fields) {
    out.insert(field.categories.begin(), field.categories.end());
    add_categories(field.fields, out);
  }
}

/// Categories with all that stand above them.
std::vector<std::string> with_those_above(const std::set<std::string>& categories) {
  std::set<std::string> out;
  for (const std::string& category : categories) {
    for (std::size_t i = category.size(); i != std::string::npos && i > 0;
         i = category.rfind('.', i - 1)) {
      out.insert(category.substr(0, i));
    }
  }
  return {out.begin(), out.end()};
}

bool has_field(const std::vector<ir::Field>& fields, std::string_view path) {
  const std::size_t dot = path.find('.');
  const std::string_view name = path.substr(0, dot);
  for (const ir::Field& field : fields) {
    if (field.name != name) continue;
    return dot == std::string_view::npos || has_field(field.fields, path.substr(dot + 1));
  }
  return false;
}

class Matcher {
 public:
  Matcher(const std::vector<Subject>& subjects, const std::vector<std::string>& known)
      : subjects_(subjects), known_(known) {
    for (const Subject& subject : subjects_) {
      for (const ir::Collection& collection : subject.connector->collections) {
        add_categories(collection.fields, categories_);
      }
    }
  }

  std::vector<Finding> run(const config::Policy& policy) {
    for (const config::Placed& target : policy.targets) category(target, "target");
    for (const config::Override& one : policy.overrides) {
      if (one.name.text.find(':') == std::string::npos) {
        category(one.name, "override");
      } else {
        field(one.name);
      }
    }
    for (const config::Placed& name : policy.prefer_delete_for) preferred(name);
    for (const config::Placed& text : policy.hold) hold(text);
    return std::move(out_);
  }

 private:
  void add(bool hold, const config::Placed& named, std::string text, std::string help,
           std::size_t offset = 0) {
    out_.push_back({hold, named, offset, std::move(text), std::move(help)});
  }

  static std::string suggestion(const std::string& word, const std::vector<std::string>& names) {
    const auto near = grammar::did_you_mean(word, names);
    return near ? "did you mean '" + *near + "'?" : "";
  }

  void category(const config::Placed& named, std::string_view role) {
    const bool found = std::any_of(categories_.begin(), categories_.end(), [&](const auto& one) {
      return privacy::covers(named.text, one);
    });
    if (found || !privacy::well_formed_category(named.text)) return;
    add(false, named,
        "no field has a category that the " + std::string(role) + " '" + named.text + "' covers",
        suggestion(named.text, with_those_above(categories_)));
  }

  const Subject* subject(std::string_view key) const {
    const auto found = std::find_if(subjects_.begin(), subjects_.end(),
                                    [key](const Subject& one) { return one.key == key; });
    return found == subjects_.end() ? nullptr : &*found;
  }

  static const ir::Collection* collection(const Subject& subject, std::string_view name) {
    for (const ir::Collection& one : subject.connector->collections) {
      if (one.name == name) return &one;
    }
    return nullptr;
  }

  /// The subject's collection; what is missing is added. Null also where the connector isn't there.
  const ir::Collection* resolve(bool hold, const config::Placed& named, const std::string& key,
                                const std::string& name) {
    const Subject* const owner = subject(key);
    if (owner == nullptr) {
      if (std::find(known_.begin(), known_.end(), key) != known_.end()) return nullptr;
      std::vector<std::string> keys = known_;
      for (const Subject& one : subjects_) keys.push_back(one.key);
      add(hold, named, "there is no instance '" + key + "'", suggestion(key, keys));
      return nullptr;
    }
    const ir::Collection* const found = collection(*owner, name);
    if (found == nullptr) {
      std::vector<std::string> names;
      for (const ir::Collection& one : owner->connector->collections) names.push_back(one.name);
      add(hold, named, key + " has no collection '" + name + "'", suggestion(name, names));
    }
    return found;
  }

  void field(const config::Placed& named) {
    const std::size_t colon = named.text.find(':');
    const std::size_t dot = named.text.find('.', colon);
    if (dot == std::string::npos) return;  // said when the file was read
    const ir::Collection* const owner = resolve(false, named, named.text.substr(0, colon),
                                                named.text.substr(colon + 1, dot - colon - 1));
    if (owner == nullptr || has_field(owner->fields, named.text.substr(dot + 1))) return;
    add(false, named,
        "collection '" + owner->name + "' declares no field '" + named.text.substr(dot + 1) + "'",
        "");
  }

  void preferred(const config::Placed& named) {
    const std::size_t dot = named.text.find('.');
    if (dot == std::string::npos) return;
    (void)resolve(false, named, named.text.substr(0, dot), named.text.substr(dot + 1));
  }

  void hold(const config::Placed& named) {
    const auto parsed = privacy::parse_hold(named.text);
    if (!parsed) return;  // said when the file was read
    if (parsed->kind == privacy::HoldKind::identity) return identity(named, parsed->identity);
    if (parsed->kind == privacy::HoldKind::instance) {
      if (subject(parsed->instance) != nullptr) return;
      if (std::find(known_.begin(), known_.end(), parsed->instance) != known_.end()) return;
      std::vector<std::string> keys = known_;
      for (const Subject& one : subjects_) keys.push_back(one.key);
      return add(true, named, "there is no instance '" + parsed->instance + "'",
                 suggestion(parsed->instance, keys));
    }
    (void)resolve(true, named, parsed->instance, parsed->collection);
    if (parsed->kind != privacy::HoldKind::rows) return;
    if (auto compiled = compile_condition(*parsed); !compiled) {
      add(true, named, compiled.error().text, compiled.error().help,
          parsed->where_at + compiled.error().at);
    }
  }

  /// Only where every instance's connector is there: another one may know the identity.
  void identity(const config::Placed& named, const std::string& name) {
    const bool all = std::all_of(known_.begin(), known_.end(), [this](const std::string& key) {
      return subject(key) != nullptr;
    });
    if (!all) return;
    std::vector<std::string> names;
    for (const Subject& one : subjects_) {
      for (const ir::Identity& identity : one.connector->identities) names.push_back(identity.name);
    }
    if (names.empty() || std::find(names.begin(), names.end(), name) != names.end()) return;
    add(true, named, "no connector knows an identity '" + name + "'", suggestion(name, names));
  }

  const std::vector<Subject>& subjects_;
  const std::vector<std::string>& known_;
  std::set<std::string> categories_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> match(const config::Policy& policy, const std::vector<Subject>& subjects,
                           const std::vector<std::string>& known) {
  return Matcher(subjects, known).run(policy);
}

}  // namespace fconn::policy
