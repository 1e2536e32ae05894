#include "interpreter/plan/plan.hh"

#include <algorithm>

#include "interpreter/plan/uses.hh"

namespace fconn::plan {
namespace {

using ir::Collection;
using ir::CollectionId;
using ir::IdentityId;

std::string quoted(const std::string& name) { return '`' + name + '`'; }

bool erases(const Collection& collection) { return collection.update || collection.erase; }
bool gives_rows(const Collection& collection) {
  return !collection.reads.empty() || collection.emit.has_value();
}

// What is known of a collection while the plan is made; parents are finished before children.
struct Node {
  bool wanted = true;     // in the plan
  std::string needed_by;  // child for which a collection is in that nobody asked for
  PlannedCollection planned;
  std::set<std::uint32_t> identities;  // that its rows go back to
  std::vector<std::string> through;    // collections between them and this one
};

class Planner {
 public:
  Planner(const ir::Connector& connector, const Goal& goal)
      : connector_(connector), goal_(goal), nodes_(connector.collections.size()) {}

  Planned plan() {
    Planned result;
    result.plan.action = goal_.action;
    if (goal_.action == Action::consent) plan_consents(result.plan);
    select();
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
      Node& node = nodes_[i];
      const std::string& name = connector_.collections[i].name;
      if (goal_.action == Action::consent) {
        result.reasons.push_back({name, "consent reads no collections"});
        continue;
      }
      if (!node.wanted) {
        result.reasons.push_back({name, "not asked for"});
        continue;
      }
      decide(i);
      result.reasons.push_back({name, reason(node)});
    }
    for (Node& node : nodes_) {
      if (node.wanted && goal_.action != Action::consent) {
        result.plan.collections.push_back(std::move(node.planned));
      }
    }
    return result;
  }

 private:
  // ---- which -----------------------------------------------------------------------------------

  /// What gives output needs its inputs, and so on: children stand after parents, so one pass from
  /// the end carries the need upwards.
  void select() {
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
      const Collection& collection = connector_.collections[i];
      const bool asked = goal_.collections.empty() || goal_.collections.count(collection.name) != 0;
      PlannedCollection& planned = nodes_[i].planned;
      planned.id = CollectionId{i};
      nodes_[i].wanted = planned.output = asked;
      for (const ir::Source& source : collection.sources) {
        if (!source.collection) continue;
        auto& parents = planned.parents;
        if (std::find(parents.begin(), parents.end(), *source.collection) == parents.end()) {
          parents.push_back(*source.collection);
        }
      }
      if (goal_.action == Action::erase) {
        planned.output = asked && erases(collection);
      } else if (!gives_rows(collection)) {
        planned.output = false;
      }
      const auto left_out = goal_.left_out.find(collection.name);
      if (left_out != goal_.left_out.end() && planned.output) {
        planned.output = false;
        planned.left_out = left_out->second;
      }
    }
    for (std::size_t i = nodes_.size(); i-- > 0;) carry_up(i);
  }

  void carry_up(std::size_t i) {
    const Node& node = nodes_[i];
    if (!node.planned.output && node.needed_by.empty()) return;
    for (const CollectionId parent : node.planned.parents) {
      Node& above = nodes_[parent.value];
      if (above.planned.output) continue;
      above.wanted = true;
      above.needed_by = connector_.collections[i].name;
    }
  }

  // ---- whether ---------------------------------------------------------------------------------

  void decide(std::uint32_t index) {
    Node& node = nodes_[index];
    const Collection& collection = connector_.collections[index];
    const bool only_erased = !gives_rows(collection);
    plan_reads(node, collection);
    if (!node.planned.left_out.empty() && node.needed_by.empty()) {
      skip(node, node.planned.left_out);
    } else if (only_erased && goal_.action != Action::erase) {
      skip(node, erases(collection) ? "only erased, never read" : "has neither read nor emit");
    } else if (goal_.action == Action::erase && !erases(collection) && node.needed_by.empty()) {
      skip(node, "has neither update nor delete");
    } else if (const std::string lacking = missing_input(collection); !lacking.empty()) {
      skip(node, lacking);
    } else if (only_erased) {
      plan_erasure(node, collection);
    } else if (!collection.emit && !any_read_runs(node)) {
      skip(node, lacks_identity(chains_of(collection)));
    }
    if (node.planned.runs) inherit(node);
  }

  static void skip(Node& node, std::string why) {
    node.planned.runs = false;
    node.planned.skip_reason = std::move(why);
  }

  void plan_reads(Node& node, const Collection& collection) {
    for (std::uint32_t i = 0; i < collection.reads.size(); ++i) {
      const ir::Chain& chain = collection.reads[i].chain;
      PlannedRead read{i, satisfied(chain), {}};
      if (read.runs) {
        add_identities(node, chain);
      } else {
        read.reason = lacks_identity({&chain});
      }
      node.planned.reads.push_back(std::move(read));
    }
  }

  /// Without a read, `update` or `delete` is a request of its own and has needs of its own.
  void plan_erasure(Node& node, const Collection& collection) {
    std::vector<const ir::Chain*> chains;
    if (collection.update) chains.push_back(&*collection.update);
    if (collection.erase) chains.push_back(&*collection.erase);
    bool any = false;
    for (const ir::Chain* chain : chains) {
      if (!satisfied(*chain)) continue;
      any = true;
      add_identities(node, *chain);
    }
    if (!any) skip(node, lacks_identity(chains));
  }

  void plan_consents(Plan& plan) const {
    for (std::uint32_t i = 0; i < connector_.consents.size(); ++i) {
      const ir::Consent& consent = connector_.consents[i];
      const bool asked = consent.direction == goal_.direction &&
                         (goal_.purposes.empty() || goal_.purposes.count(consent.purpose) != 0);
      if (!asked) continue;
      PlannedConsent planned{i, satisfied(consent.chain), {}};
      if (!planned.runs) planned.skip_reason = lacks_identity({&consent.chain});
      plan.consents.push_back(std::move(planned));
    }
  }

  static bool any_read_runs(const Node& node) {
    return std::any_of(node.planned.reads.begin(), node.planned.reads.end(),
                       [](const PlannedRead& read) { return read.runs; });
  }
  static std::vector<const ir::Chain*> chains_of(const Collection& collection) {
    std::vector<const ir::Chain*> chains;
    for (const ir::Read& read : collection.reads) chains.push_back(&read.chain);
    return chains;
  }

  /// Why an input of the `for` has nothing to give; empty if all have. A part of a `union` may have
  /// nothing, as long as another has.
  std::string missing_input(const Collection& collection) const {
    for (const ir::Source& source : collection.sources) {
      if (is_part(source)) continue;
      if (std::string lacking = missing_input(source); !lacking.empty()) return lacking;
      std::string all;
      for (const std::uint32_t other : source.depends) {
        const ir::Source& part = collection.sources[other];
        std::string lacking = is_part(part) ? missing_input(part) : std::string();
        if (lacking.empty()) {
          all.clear();
          break;
        }
        all += (all.empty() ? "" : ", ") + lacking;
      }
      if (!all.empty()) return all;
    }
    return {};
  }

  static bool is_part(const ir::Source& source) { return source.batch == 0; }

  std::string missing_input(const ir::Source& source) const {
    if (source.collection && !nodes_[source.collection->value].planned.runs) {
      const std::string& name = connector_.collections[source.collection->value].name;
      return "its input " + quoted(name) + " is skipped";
    }
    std::set<std::uint32_t> externals;
    if (source.values) add_externals(*source.values, externals);
    for (const std::uint32_t id : externals) {
      const std::string& name = connector_.externals[id].name;
      if (goal_.externals.count(name) == 0) return "no values for external " + quoted(name);
    }
    return {};
  }

  // ---- identities ------------------------------------------------------------------------------

  bool given(IdentityId id) const {
    return goal_.action != Action::read &&
           goal_.identities.count(connector_.identities[id.value].name) != 0;
  }
  bool given(const std::vector<IdentityId>& set) const {
    return std::all_of(set.begin(), set.end(), [&](IdentityId id) { return given(id); });
  }
  bool satisfied(const ir::Chain& chain) const {
    return chain.needs.empty() ||
           std::any_of(chain.needs.begin(), chain.needs.end(),
                       [&](const std::vector<IdentityId>& set) { return given(set); });
  }

  void add_identities(Node& node, const ir::Chain& chain) const {
    const auto add = [&](const std::vector<IdentityId>& ids) {
      for (const IdentityId id : ids) {
        if (given(id)) node.identities.insert(id.value);
      }
    };
    add(chain.request_identities);
    add(chain.keep_identities);
    for (const std::vector<IdentityId>& set : chain.needs) {
      if (given(set)) add(set);
    }
  }

  /// What doesn't mention an identity itself goes back to those of its inputs.
  void inherit(Node& node) const {
    if (!node.identities.empty()) return;
    for (const CollectionId id : node.planned.parents) {
      const Node& parent = nodes_[id.value];
      if (parent.identities.empty()) continue;
      node.identities = parent.identities;
      node.through = parent.through;
      node.through.push_back(connector_.collections[id.value].name);
      return;
    }
  }

  std::string lacks_identity(const std::vector<const ir::Chain*>& chains) const {
    std::vector<std::string> alternatives;
    for (const ir::Chain* chain : chains) {
      for (const std::vector<IdentityId>& set : chain->needs) {
        std::string text;
        for (const IdentityId id : set) {
          text += (text.empty() ? "" : " and ") + connector_.identities[id.value].name;
        }
        if (std::find(alternatives.begin(), alternatives.end(), text) == alternatives.end()) {
          alternatives.push_back(std::move(text));
        }
      }
    }
    std::string needs;
    for (const std::string& text : alternatives) needs += (needs.empty() ? "" : " or ") + text;
    if (goal_.action == Action::read) {
      return "no identity: needs " + needs + ", and `read` uses none";
    }
    std::string names;
    for (const std::string& name : goal_.identities) names += (names.empty() ? "" : ", ") + name;
    return "no identity: needs " + needs + " (given: " + (names.empty() ? "none" : names) + ')';
  }

  // ---- reasons ---------------------------------------------------------------------------------

  std::string reason(const Node& node) const {
    if (!node.planned.runs) return node.planned.skip_reason;
    std::string text = reach(node);
    if (!node.planned.left_out.empty()) text += "; " + node.planned.left_out;
    if (!node.planned.output && !node.needed_by.empty()) {
      text += "; only needed by " + quoted(node.needed_by);
    }
    return text;
  }

  std::string reach(const Node& node) const {
    if (node.identities.empty()) return "needs no identity";
    std::string text = node.identities.size() == 1 ? "reaches identity " : "reaches identities ";
    for (const std::uint32_t id : node.identities) {
      if (id != *node.identities.begin()) text += ", ";
      text += connector_.identities[id].name;
    }
    for (std::size_t i = 0; i < node.through.size(); ++i) {
      text += (i == 0 ? " through " : ", ") + quoted(node.through[i]);
    }
    return text;
  }

  const ir::Connector& connector_;
  const Goal& goal_;
  std::vector<Node> nodes_;
};

}  // namespace

Planned plan(const ir::Connector& connector, const Goal& goal) {
  return Planner(connector, goal).plan();
}

}  // namespace fconn::plan
