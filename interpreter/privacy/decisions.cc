#include "interpreter/privacy/decisions.hh"

#include <algorithm>

#include "interpreter/privacy/category.hh"
#include "interpreter/privacy/strategies.hh"

namespace fconn::privacy {
namespace {

constexpr std::string_view own_mask = "mask of the connector";

struct Decider {
  const ir::Collection& collection;
  std::string_view instance;
  const Policy& policy;

  const Mask* field_override(std::string_view path) const {
    for (const FieldOverride& one : policy.field_overrides) {
      if (one.instance == instance && one.collection == collection.name && one.path == path) {
        return &one.mask;
      }
    }
    return nullptr;
  }

  const Mask& category_mask(std::string_view category) const {
    const CategoryOverride* best = nullptr;
    for (const CategoryOverride& one : policy.category_overrides) {
      if (!covers(one.category, category)) continue;
      if (best == nullptr || one.category.size() > best->category.size()) best = &one;
    }
    return best == nullptr ? policy.mask : best->mask;
  }

  static bool is_object(const ir::Field& field) {
    return !field.fields.empty() || field.type == ir::ScalarType::object;
  }

  /// A type that the strategy doesn't take: an object's fields decide then, a value stays.
  static void unsupported(FieldNode& node) {
    node.decision.reason = LeftAlone::type_unsupported;
    const std::string strategy(name(node.mask->strategy));
    if (!node.field->fields.empty()) {
      node.decision.text =
          "`" + strategy + "` doesn't mask an object; its fields are looked at one by one";
      return;
    }
    node.decision.text = "`" + strategy + "` masks strings, and this is declared as " +
                         std::string(ir::name(node.field->type)) +
                         "; mask it with null, or give it a mask of its own";
  }

  void choose(FieldNode& node) const {
    const ir::Field& field = *node.field;
    const auto targeted = targeted_by(policy, field.categories);
    if (!targeted) return;
    FieldDecision& decision = node.decision;
    decision.category = targeted->category;
    node.mask = field_override(decision.path);
    if (node.mask == nullptr && !field.mask) node.mask = &category_mask(targeted->category);
    decision.strategy = node.mask == nullptr ? own_mask : name(node.mask->strategy);
    if (field.readonly) {
      decision.reason = LeftAlone::read_only;
      decision.text = "the API doesn't let it be written";
      return;
    }
    decision.masked =
        node.mask == nullptr ||
        supports(node.mask->strategy, is_object(field) ? ir::ScalarType::object : field.type);
    if (!decision.masked) unsupported(node);
  }

  FieldNode node(const ir::Field& field, std::string& path) const {
    FieldNode out;
    out.field = &field;
    const std::size_t before = path.size();
    if (before > 0) path += '.';
    path += field.name;
    out.decision.path = path;
    choose(out);
    if (field.readonly && out.decision.category.empty()) {
      out.decision.reason = LeftAlone::read_only;
    }
    if (!out.decision.masked && !field.readonly) {
      out.below = nodes(field.fields, path);
      out.masks_below = std::any_of(out.below.begin(), out.below.end(), [](const FieldNode& one) {
        return one.decision.masked || one.masks_below;
      });
    }
    path.resize(before);
    return out;
  }

  std::vector<FieldNode> nodes(const std::vector<ir::Field>& fields, std::string& path) const {
    std::vector<FieldNode> out;
    out.reserve(fields.size());
    for (const ir::Field& field : fields) out.push_back(node(field, path));
    return out;
  }
};

}  // namespace

std::vector<FieldNode> decide(const ir::Collection& collection, std::string_view instance,
                              const Policy& policy) {
  std::string path;
  return Decider{collection, instance, policy}.nodes(collection.fields, path);
}

}  // namespace fconn::privacy
