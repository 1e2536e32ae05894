// Policies of fconn.toml as far as the file alone tells; tools/fconn/project_check.cc holds them
// against the connectors.
#include "interpreter/privacy/category.hh"
#include "interpreter/privacy/hold.hh"
#include "interpreter/privacy/policy.hh"
#include "tools/config/check.hh"

namespace fconn::config {
namespace {

using grammar::DiagnosticId;
using privacy::Strategy;

class PolicyChecker {
 public:
  explicit PolicyChecker(grammar::Diagnostics& out) : out_(out) {}

  void policy(const Policy& policy) {
    for (const Placed& target : policy.targets) category(target);
    if (policy.mask) mask(*policy.mask);
    for (const Override& one : policy.overrides) {
      if (one.name.text.find(':') == std::string::npos) {
        category(one.name);
      } else if (!names_field(one.name.text)) {
        add(DiagnosticId::config_value, one.name.where, "`" + one.name.text + "` names no field",
            "write it like \"shop:orders.customer.email\", or name a data category");
      }
      mask(one.mask);
    }
    for (const Placed& hold : policy.hold) {
      if (auto parsed = privacy::parse_hold(hold.text); !parsed) {
        add(DiagnosticId::config_bad_hold, hold.where, parsed.error().text,
            std::string(privacy::hold_forms));
      }
    }
    for (const Placed& name : policy.prefer_delete_for) {
      const std::size_t dot = name.text.find('.');
      const bool good = dot != std::string::npos && dot > 0 && dot + 1 < name.text.size();
      if (!good) {
        add(DiagnosticId::config_value, name.where, "\"" + name.text + "\" names no collection",
            "write it like \"shop.orders\"");
      }
    }
  }

 private:
  void add(DiagnosticId id, grammar::Span where, std::string text, std::string help = {}) {
    out_.push_back(grammar::diagnostic(id, where, std::move(text), std::move(help)));
  }

  static bool names_field(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::size_t dot = text.find('.', colon);
    return colon > 0 && dot != std::string_view::npos && dot > colon + 1 && dot + 1 < text.size();
  }

  void category(const Placed& name) {
    if (privacy::well_formed_category(name.text)) return;
    add(DiagnosticId::config_bad_category, name.where,
        "\"" + name.text + "\" isn't written like a data category",
        "small letters, digits and `_`, joined by dots: \"user.contact.email\"");
  }

  void mask(const Mask& mask) {
    const auto strategy = privacy::strategy_named(mask.strategy);
    if (!strategy) return;  // said with the key
    const bool hashes = *strategy == Strategy::hash || *strategy == Strategy::hmac;
    const bool writes = *strategy != Strategy::null_value && *strategy != Strategy::preserve;
    surplus(mask, "value", mask.value.has_value() && *strategy != Strategy::string);
    surplus(mask, "algorithm", mask.algorithm.has_value() && !hashes);
    surplus(mask, "salt", mask.salt.has_value() && !hashes);
    surplus(mask, "length", mask.length.has_value() && *strategy != Strategy::random);
    surplus(mask, "suffix", mask.suffix.has_value() && !writes);
    if (*strategy == Strategy::string && !mask.value) {
      add(DiagnosticId::config_missing_key, mask.where, "the strategy `string` needs its `value`",
          "{ strategy = \"string\", value = \"…\" }");
    }
    if (mask.length && *mask.length > privacy::longest_random) {
      add(DiagnosticId::config_value, mask.where,
          "`length` can't be " + std::to_string(*mask.length), "it is between 1 and 10000");
    }
  }

  void surplus(const Mask& mask, std::string_view key, bool given) {
    if (!given) return;
    add(DiagnosticId::config_value, mask.where,
        "the strategy `" + mask.strategy + "` has no `" + std::string(key) + "`",
        "leave it out, or choose a strategy that has it");
  }

  grammar::Diagnostics& out_;
};

}  // namespace

void check_policies(const Project& project, grammar::Diagnostics& out) {
  for (const auto& [name, policy] : project.policies) PolicyChecker(out).policy(policy);
}

}  // namespace fconn::config
