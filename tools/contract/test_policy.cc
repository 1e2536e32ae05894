#include "tools/contract/test_policy.hh"

#include "interpreter/privacy/category.hh"

namespace fconn::contract {

using value::Kind;
using value::Value;

namespace {

class PolicyReader {
 public:
  PolicyReader(grammar::Span where, const std::function<void(std::string, std::string)>& wrong)
      : wrong_(wrong) {
    made_.where = where;
    made_.written.where = where;
  }

  TestPolicy read(const NamedValues& members) {
    for (const auto& [name, owned] : members) {
      const Value given = value::decoded(owned.get(), arena_);
      if (name == "targets") {
        for (const std::string& target : texts(name, given)) add_target(target);
      } else if (name == "mask") {
        if (const auto written = text(name, given)) made_.policy.mask = mask(*written);
      } else if (name == "scope") {
        if (one_of(name, given, {"targeted", "all"}) == "all") {
          made_.policy.scope = privacy::Scope::all;
        }
      } else if (name == "prefer") {
        made_.policy.prefer_delete = one_of(name, given, {"update", "delete"}) == "delete";
      } else if (name == "prefer_delete") {
        for (const std::string& written : texts(name, given)) add_preferred(written);
      } else if (name == "hold") {
        for (const std::string& written : texts(name, given)) add_hold(written);
      } else if (name == "overrides") {
        add_overrides(given);
      } else {
        unknown(name);
      }
    }
    if (made_.policy.targets.empty() && made_.policy.scope == privacy::Scope::targeted) {
      wrong_("this policy targets nothing", "write targets: [\"user\"], or scope: \"all\"");
    }
    return std::move(made_);
  }

 private:
  void unknown(const std::string& name) {
    static const std::vector<std::string> names{"targets", "mask",          "scope",    "prefer",
                                                "hold",    "prefer_delete", "overrides"};
    const auto near = grammar::did_you_mean(name, names);
    wrong_("a policy has no `" + name + "`",
           near ? "did you mean `" + *near + "`?"
                : "it has targets, mask, scope, prefer, prefer_delete, hold and overrides");
  }

  std::optional<std::string> text(const std::string& name, const Value& given) {
    if (given.kind == Kind::string) return std::string(given.view());
    wrong_("`" + name + "` of a policy must be a text", "");
    return std::nullopt;
  }

  /// A text, or a list of them.
  std::vector<std::string> texts(const std::string& name, const Value& given) {
    std::vector<std::string> all;
    if (given.kind != Kind::list) {
      if (auto one = text(name, given)) all.push_back(*std::move(one));
      return all;
    }
    for (const Value& element : given.list_view()) {
      if (auto one = text(name, value::decoded(element, arena_))) all.push_back(*std::move(one));
    }
    return all;
  }

  std::string one_of(const std::string& name, const Value& given,
                     const std::vector<std::string>& choices) {
    const auto written = text(name, given);
    if (!written) return {};
    for (const std::string& choice : choices) {
      if (choice == *written) return choice;
    }
    wrong_("`" + name + "` of a policy can't be \"" + *written + "\"",
           "write \"" + choices[0] + "\" or \"" + choices[1] + "\"");
    return {};
  }

  privacy::Mask mask(const std::string& written) {
    auto parsed = privacy::parse_mask(written);
    if (parsed) return *std::move(parsed);
    wrong_("mask: " + parsed.error().text, "");
    return {};
  }

  void add_target(const std::string& target) {
    if (!privacy::well_formed_category(target)) {
      wrong_("\"" + target + "\" isn't written like a data category",
             "small letters, digits and _, joined by dots: user.contact.email");
      return;
    }
    made_.policy.targets.push_back(target);
    made_.written.targets.push_back({target, made_.where});
  }

  void add_preferred(const std::string& written) {
    const std::size_t dot = written.find('.');
    if (dot == std::string::npos) {
      wrong_("prefer_delete: \"" + written + "\" names no collection",
             "write \"connector.collection\"");
      return;
    }
    made_.policy.prefer_delete_for.push_back({written.substr(0, dot), written.substr(dot + 1)});
    made_.written.prefer_delete_for.push_back({written, made_.where});
  }

  void add_hold(const std::string& written) {
    auto hold = privacy::parse_hold(written);
    if (!hold) {
      wrong_("hold: " + hold.error().text, std::string(privacy::hold_forms));
      return;
    }
    made_.policy.holds.push_back(*std::move(hold));
    made_.written.hold.push_back({written, made_.where});
  }

  void add_overrides(const Value& given) {
    if (given.kind != Kind::object) {
      wrong_("`overrides` of a policy must be an object",
             "write overrides: { \"user.contact.email\": \"string:gone@example.com\" }");
      return;
    }
    for (const value::Member& member : given.object_view()) {
      const std::string name(member.key);
      const auto written = text("overrides", value::decoded(member.value, arena_));
      if (!written) continue;
      const std::size_t colon = name.find(':');
      const std::size_t dot = name.find('.', colon == std::string::npos ? 0 : colon);
      if (colon == std::string::npos) {
        made_.policy.category_overrides.push_back({name, mask(*written)});
      } else if (dot == std::string::npos) {
        wrong_("overrides: \"" + name + "\" names no field",
               "write \"connector:collection.field\"");
        continue;
      } else {
        made_.policy.field_overrides.push_back({name.substr(0, colon),
                                                name.substr(colon + 1, dot - colon - 1),
                                                name.substr(dot + 1), mask(*written)});
      }
      made_.written.overrides.push_back({{name, made_.where}, {}});
    }
  }

  const std::function<void(std::string, std::string)>& wrong_;
  TestPolicy made_;
  value::Arena arena_{4 * 1024};
};

}  // namespace

TestPolicy test_policy(const NamedValues& members, grammar::Span where,
                       const std::function<void(std::string, std::string)>& wrong) {
  return PolicyReader(where, wrong).read(members);
}

}  // namespace fconn::contract
