#include "interpreter/erase/decide.hh"

#include <algorithm>
#include <vector>

namespace fconn::erase {

using value::Value;

namespace {

bool satisfied(const ir::Connector& connector, const ir::Chain& chain,
               const std::set<std::string>& given) {
  return chain.needs.empty() ||
         std::any_of(chain.needs.begin(), chain.needs.end(), [&](const auto& set) {
           return std::all_of(set.begin(), set.end(), [&](ir::IdentityId id) {
             return given.contains(connector.identities[id.value].name);
           });
         });
}

std::string needs_text(const ir::Connector& connector, const ir::Chain& chain) {
  std::string text;
  for (const auto& set : chain.needs) {
    if (!text.empty()) text += " or ";
    for (const ir::IdentityId& id : set) {
      if (&id != &set.front()) text += " and ";
      text += connector.identities[id.value].name;
    }
  }
  return text;
}

Value laid(const Value& base_value, const Value& top_value, value::Arena& arena) {
  const Value base = value::decoded(base_value, arena), top = value::decoded(top_value, arena);
  if (top.kind == value::Kind::object && base.kind == value::Kind::object) {
    std::vector<value::Member> members(base.object_view().begin(), base.object_view().end());
    for (const value::Member& masked : top.object_view()) {
      const auto found =
          std::find_if(members.begin(), members.end(),
                       [&](const value::Member& member) { return member.key == masked.key; });
      if (found == members.end()) {
        members.push_back(masked);
      } else {
        found->value = laid(found->value, masked.value, arena);
      }
    }
    auto kept = arena.make<value::Member>(members.size());
    std::copy(members.begin(), members.end(), kept.begin());
    return Value::object(kept);
  }
  if (top.kind == value::Kind::list && base.kind == value::Kind::list) {
    auto kept = arena.make<Value>(base.count);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      kept[i] = i < top.count ? laid(base.list_view()[i], top.list_view()[i], arena)
                              : base.list_view()[i];
    }
    return Value::list(kept);
  }
  return top;
}

bool targets_one_of(const std::vector<ir::Field>& fields, const privacy::Policy& policy) {
  return std::any_of(fields.begin(), fields.end(), [&](const ir::Field& field) {
    return privacy::targeted_by(policy, field.categories) || targets_one_of(field.fields, policy);
  });
}

}  // namespace

bool targets_field(const ir::Collection& collection, const privacy::Policy& policy) {
  return targets_one_of(collection.fields, policy);
}

Choice choose(const ir::Connector& connector, const ir::Collection& collection,
              std::string_view instance, const privacy::Policy& policy, bool maskable,
              const std::set<std::string>& identities) {
  const ir::Chain* update = collection.update ? &*collection.update : nullptr;
  const ir::Chain* removal = collection.erase ? &*collection.erase : nullptr;
  if (update == nullptr && removal == nullptr)
    return {{}, "it has neither update nor delete", false};
  std::string lacking;
  for (const auto** chain : {&update, &removal}) {
    if (*chain == nullptr || satisfied(connector, **chain, identities)) continue;
    lacking = needs_text(connector, **chain);
    *chain = nullptr;
  }
  if (update == nullptr && removal == nullptr) {
    return {{}, "no identity: its erasure needs " + lacking, false};
  }
  const bool prefers = privacy::prefers_delete(policy, instance, collection);
  Choice choice;
  const bool remove = removal != nullptr && (prefers || update == nullptr);
  choice.kind = remove ? ActionKind::removal : ActionKind::update;
  if (remove) {
    choice.reason = update == nullptr ? collection.update
                                            ? "deletes, as its update needs identity " + lacking
                                            : "deletes, as it has no update"
                                      : "deletes, as the policy or the connector prefers that";
  } else {
    choice.reason = "updates";
    if (collection.erase) {
      choice.reason += removal != nullptr ? ", which goes before delete"
                                          : ", as its delete needs identity " + lacking;
    }
  }
  choice.masks = (remove ? removal : update)->uses_masked;
  const bool targeted = targets_field(collection, policy);
  if (choice.masks && !maskable) {
    return {{},
            targeted ? "none of the fields that the policy targets can be masked (read-only, or of "
                       "a type that the mask doesn't take), and its request is made of those"
                     : "the policy targets none of its fields, and its request is made of those",
            false};
  }
  const bool everything = policy.scope == privacy::Scope::all;
  if (!choice.masks && !everything && collection.has_fields && !targeted) {
    return {{}, "the policy targets none of its fields", false};
  }
  if (!choice.masks) {
    choice.reason += targeted                 ? "; the policy targets fields of it"
                     : !collection.has_fields ? "; it declares no fields, so all of it counts"
                                              : "; the policy's scope is all";
  }
  return choice;
}

std::string masks_what(const privacy::MaskedRow& masked) {
  std::string fields, categories;
  std::set<std::string> named;
  std::size_t shown = 0;
  constexpr std::size_t most = 4;
  for (const privacy::FieldChange& change : masked.changes) {
    if (shown < most) fields += (fields.empty() ? "" : ", ") + change.path;
    ++shown;
    if (named.insert(change.category).second) {
      categories += (categories.empty() ? "" : ", ") + change.category;
    }
  }
  if (shown > most) fields += " and " + std::to_string(shown - most) + " more";
  return "masks " + fields + " (" + categories + ")";
}

std::string overlay(std::string_view base, std::string_view masked) {
  value::Arena arena;
  auto below = value::parse_json(base, arena), above = value::parse_json(masked, arena);
  if (!below || !above) return std::string(base);
  return value::to_json(laid(*below, *above, arena));
}

}  // namespace fconn::erase
