// Which collections a run needs, in what order, and why. Pure: evaluates nothing, knows no time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "interpreter/ir/ir.hh"

namespace fconn::plan {

enum class Action : std::uint8_t { access, read, erase, consent };

struct Goal {
  Action action = Action::access;
  std::set<std::string> identities;   // names that were given
  std::set<std::string> collections;  // --collection: only these and what they need; empty: all
  std::set<std::string> externals;    // names that were given values
  /// Collections whose rows nobody wants, with the reason: read only as far as others need them.
  std::map<std::string, std::string> left_out;
  std::string direction;           // consent: opt_in or opt_out
  std::set<std::string> purposes;  // consent: only these; empty: all
};

/// Why a read or a collection is in or out.
struct Reason {
  std::string collection;
  std::string text;  // "reaches identity email", "no identity: needs email or phone_number", …
};

struct PlannedRead {
  std::uint32_t read = 0;  // index into Collection::reads
  bool runs = true;
  std::string reason;  // when it doesn't run
};
struct PlannedCollection {
  ir::CollectionId id{};
  bool output = true;  // false: only needed as a parent of what --collection names
  bool runs = true;
  std::string skip_reason;  // when it doesn't
  std::string left_out;  // why its rows aren't output though it was asked for; may run all the same
  std::vector<PlannedRead> reads;
  std::vector<ir::CollectionId> parents;
};
struct PlannedConsent {
  std::uint32_t consent = 0;  // index into Connector::consents
  bool runs = true;
  std::string skip_reason;  // when it doesn't
};
struct Plan {
  Action action = Action::access;
  std::vector<PlannedConsent> consents;        // of Goal::direction and Goal::purposes
  std::vector<PlannedCollection> collections;  // parents before children, then by declaration
};

struct Planned {
  Plan plan;
  std::vector<Reason> reasons;
};

/// Rules (language.md "Identities"): a read runs when one alternative of its needs is given whole;
/// a collection runs when one of its reads can, or when it emits, and every input of its `for` runs
/// and has values. Action `read` ignores identities: reads that need one are skipped and said.
/// Collections that are only erased don't run there. Action `erase` plans the collections that have
/// `update` or `delete` and what feeds them; `consent` none, but the consents of a direction. With
/// Goal::collections the others are not part of the plan. Those of Goal::left_out are, and say so.
/// Every collection of the connector has a reason, in or out.
Planned plan(const ir::Connector& connector, const Goal& goal);

/// Stable text form of a plan with its reasons.
std::string dump(const ir::Connector& connector, const Planned& planned);

/// Cycles of a graph given as (name, names it depends on): for each strongly connected part its
/// shortest cycle, from its first declared name on, each name depending on the next and the last on
/// the first. Names that aren't nodes are passed over.
std::vector<std::vector<std::string>> cycles(
    const std::vector<std::pair<std::string, std::vector<std::string>>>& graph);

/// The dependency graph for people: nodes are collections (and identities), edges carry the values
/// that flow ("id").
enum class GraphFormat : std::uint8_t { dot, mermaid, json };
std::string graph(const ir::Connector& connector, GraphFormat format);

}  // namespace fconn::plan
