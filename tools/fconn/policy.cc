#include "tools/fconn/policy.hh"

#include <algorithm>

#include "interpreter/privacy/category.hh"
#include "tools/fconn/value_files.hh"
#include "tools/policy/condition.hh"
#include "tools/policy/match.hh"

namespace fconn::cli {

namespace {

class PolicyReader {
 public:
  PolicyReader(const RunArgs& args, PolicyUse use, const config::Project* project,
               const std::vector<Loaded>& targets)
      : args_(args), use_(use), project_(project), targets_(targets) {}

  PolicyRead run() {
    if (use_ == PolicyUse::access) refuse_masking();
    if (args_.policy) {
      from_project();
    } else if (!args_.targets_of_policy.empty()) {
      from_options();
    } else if (args_.mask || args_.scope || use_ == PolicyUse::erase) {
      problem("there is no policy", "--target CATEGORY says what data is meant, or --policy NAME");
    }
    if (out_.problems.empty() && policy_) out_.policy = std::move(policy_);
    return std::move(out_);
  }

 private:
  void problem(std::string text, std::string help = {}, std::string code = {}) {
    out_.problems.push_back({std::move(text), std::move(help), std::move(code)});
  }

  /// An option that had no effect would look like masked rows.
  void refuse_masking() {
    if (args_.mask) {
      problem(
          "--mask says how an erasure masks; access leaves out what isn't targeted and masks "
          "nothing",
          "leave --mask out");
    }
    if (args_.scope) problem("--scope says which rows an erasure reaches", "leave --scope out");
  }

  void from_options() {
    config::Policy inline_policy;
    privacy::Policy policy;
    for (const std::string& target : args_.targets_of_policy) {
      if (!privacy::well_formed_category(target)) {
        problem("'" + target + "' isn't written like a data category",
                "small letters, digits and _, joined by dots: user.contact.email", "F0810");
      }
      policy.targets.push_back(target);
      inline_policy.targets.push_back({target, {}});
    }
    if (args_.mask) {
      auto mask = privacy::parse_mask(*args_.mask);
      if (mask) {
        policy.mask = std::move(*mask);
      } else {
        problem("--mask: " + mask.error().text);
      }
    }
    if (args_.scope == "all") policy.scope = privacy::Scope::all;
    match(inline_policy, "");
    policy_ = std::move(policy);
  }

  void from_project() {
    for (const auto& [given, option] :
         {std::pair{!args_.targets_of_policy.empty(), "--target"},
          std::pair{args_.mask && use_ == PolicyUse::erase, "--mask"},
          std::pair{args_.scope && use_ == PolicyUse::erase, "--scope"}}) {
      if (given) problem(std::string("--policy and ") + option + " exclude each other");
    }
    const std::string& name = *args_.policy;
    if (project_ == nullptr) {
      return problem("--policy needs a fconn.toml that has it",
                     "--config FILE names one; --target CATEGORY needs none");
    }
    const auto found = project_->policies.find(name);
    if (found == project_->policies.end()) {
      std::vector<std::string> names;
      for (const auto& entry : project_->policies) names.push_back(entry.first);
      const auto near = grammar::did_you_mean(name, names);
      return problem(project_->path + " has no policy '" + name + "'",
                     near ? "did you mean '" + *near + "'?" : "");
    }
    const std::string place = project_->path + ": policy '" + name + "': ";
    match(found->second, place);
    policy_ = converted(found->second, place);
  }

  privacy::Policy converted(const config::Policy& given, const std::string& place) {
    privacy::Policy policy;
    policy.name = given.name;
    for (const config::Placed& target : given.targets) policy.targets.push_back(target.text);
    if (given.mask) policy.mask = mask(*given.mask, place);
    for (const config::Override& one : given.overrides) {
      const std::size_t colon = one.name.text.find(':');
      if (colon == std::string::npos) {
        policy.category_overrides.push_back({one.name.text, mask(one.mask, place)});
        continue;
      }
      const std::size_t dot = one.name.text.find('.', colon);
      policy.field_overrides.push_back({one.name.text.substr(0, colon),
                                        one.name.text.substr(colon + 1, dot - colon - 1),
                                        one.name.text.substr(dot + 1), mask(one.mask, place)});
    }
    if (given.scope == "all") policy.scope = privacy::Scope::all;
    policy.prefer_delete = given.prefer_delete;
    for (const config::Placed& one : given.prefer_delete_for) {
      const std::size_t dot = one.text.find('.');
      policy.prefer_delete_for.push_back({one.text.substr(0, dot), one.text.substr(dot + 1)});
    }
    for (const config::Placed& one : given.hold) {
      auto hold = privacy::parse_hold(one.text);
      if (!hold) continue;  // said when the file was read
      if (hold->kind == privacy::HoldKind::rows) {
        if (auto compiled = policy::compile_condition(*hold)) hold->condition = *compiled;
      }
      policy.holds.push_back(std::move(*hold));
    }
    return policy;
  }

  privacy::Mask mask(const config::Mask& given, const std::string& place) {
    privacy::Mask out;
    out.strategy = privacy::strategy_named(given.strategy).value_or(privacy::Strategy::null_value);
    out.text = given.value.value_or("");
    out.suffix = given.suffix.value_or("");
    if (given.algorithm) {
      out.digest = privacy::digest_named(*given.algorithm).value_or(privacy::Digest::sha256);
    }
    if (given.length) out.length = static_cast<std::uint32_t>(*given.length);
    // Access masks nothing, so it needs no salt either.
    if (!given.salt || use_ == PolicyUse::access) return out;
    auto salt = read_secret(*given.salt, project_);
    if (salt) {
      out.salt = value::Secret(std::move(*salt));
    } else {
      problem(place + "the salt of `" + given.strategy + "`: " + salt.error().text, "",
              salt.error().code);
    }
    return out;
  }

  /// A policy of the file may be meant for other instances, too; then only holds are looked at, and
  /// whether anything of this run is reached at all.
  void match(const config::Policy& given, const std::string& place) {
    std::vector<policy::Subject> subjects;
    std::vector<std::string> known;
    for (const Loaded& one : targets_) subjects.push_back({one.key, one.connector.get()});
    if (project_ != nullptr) {
      for (const config::Instance& one : project_->instances) known.push_back(one.key);
    }
    std::size_t unreached = 0;
    std::string help;
    for (const policy::Finding& finding : policy::match(given, subjects, known)) {
      if (finding.hold) {
        // A hold for a connector that isn't part of this run is looked at where it is.
        problem(place + "the hold \"" + finding.named.text + "\": " + finding.text, finding.help,
                "F0811");
      } else if (place.empty()) {
        out_.warnings.push_back({"--target: " + finding.text, finding.help, "F0812"});
      } else if (is_target(given, finding.named)) {
        ++unreached;
        help = finding.help;
      }
    }
    if (!place.empty() && !given.targets.empty() && unreached == given.targets.size()) {
      out_.warnings.push_back(
          {place + "no field of these connectors has a category that it targets", help, "F0812"});
    }
  }

  static bool is_target(const config::Policy& given, const config::Placed& named) {
    return std::any_of(given.targets.begin(), given.targets.end(),
                       [&](const config::Placed& one) { return one.text == named.text; });
  }

  const RunArgs& args_;
  PolicyUse use_;
  const config::Project* project_;
  const std::vector<Loaded>& targets_;
  std::optional<privacy::Policy> policy_;
  PolicyRead out_;
};

}  // namespace

PolicyRead read_policy(const RunArgs& args, PolicyUse use, const config::Project* project,
                       const std::vector<Loaded>& targets) {
  return PolicyReader(args, use, project, targets).run();
}

}  // namespace fconn::cli
