// An erasure plan as data: every action in order, what each would send, what it was decided from
// and why, and every row that is left alone. A person reads and approves it; `apply` does exactly
// this.
//
// What can be read in it is free of personal values and secrets: values of rows and identities
// stand as keyed hashes ("hash-3fa9…"), secrets as their names ("secret-api_key"). What is needed
// to send the requests is in `sealed` texts, which only who has the key can open, and the whole is
// sealed too, so that an edited plan isn't applied. With --reveal, `revealed` shows the values
// beside the hashes; it counts for nothing else and is left out of the seal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/value/ports.hh"
#include "interpreter/value/result.hh"

namespace fconn::erase {

/// The key's side of a plan: hashes that only its owner can make, and boxes that only it can open.
class Keeper {
 public:
  virtual ~Keeper() = default;
  /// Lower-case hexadecimal digits; equal texts give equal hashes.
  virtual std::string hash(std::string_view text) const = 0;
  /// Printable; bound to its context.
  virtual std::string seal(std::string_view text, std::string_view context) const = 0;
  virtual std::optional<std::string> open(std::string_view sealed,
                                          std::string_view context) const = 0;
};

enum class ActionKind : std::uint8_t { update, removal };
/// "update", "delete".
std::string_view name(ActionKind kind);

/// A request of an action that may change something.
struct PlannedRequest {
  std::string method;
  std::string url;     // of one that isn't known: as the connector writes it
  std::string body;    // JSON text, also of a form; a JSON string of any other; empty: none
  std::string digest;  // keyed, of the exact request but for secrets; empty unless known
  bool known = true;   // false: what it says depends on answers to requests that change something
  bool repeatable = false;  // its method, or the connector, says that repeating it changes nothing
};

struct Change {
  std::string field;  // with indices: "emails[1].value"
  std::string category, strategy;
  std::string before;  // JSON text: a hash; null, true and false as they are
  std::string after;   // JSON text of the mask; a hash where the mask is made from the value
};

struct Action {
  std::string id;  // "a1", in order
  std::string instance, collection;
  std::string key;  // JSON text: an object of the key's fields; hashed where they are personal
  ActionKind kind = ActionKind::update;
  std::vector<PlannedRequest> requests;
  std::vector<Change> changes;
  std::vector<std::string> keeps;      // targeted fields that keep their values: "age: why"
  std::vector<std::string> waits_for;  // "instance:collection", all of its actions
  std::string row;                     // keyed digest of the row; empty: there is none
  bool reread = false;                 // apply reads the row again before
  std::string reason;                  // why this request, for this row
  std::string sealed;                  // what apply needs (ActionContext)
  std::string revealed;                // JSON object's text; empty without --reveal
};

struct LeftAlone {
  std::string instance, collection;
  std::string key;  // of one row; empty: of the whole collection
  std::uint64_t rows = 0;
  std::string reason;
};

struct ReadCollection {
  std::string instance, collection, state, reason;  // as a run's summary
  std::uint64_t rows = 0, updates = 0, deletes = 0, left_alone = 0;
};

struct Target {
  std::string key;        // of the instance
  std::string source;     // what loads the connector: a path, a bundled name, an instance's key
  std::string connector;  // "mailchimp"
  std::string version;    // of the connector
  std::string digest;     // of the compiled connector
};

struct Plan {
  std::string id;          // "01J…"
  std::string created;     // RFC 3339
  std::string request_id;  // of the privacy request
  std::string program;     // "fconn 0.1.0"
  std::string policy;      // its name; empty: made from options
  std::vector<std::string> targets_of_policy;
  std::string mask, scope;
  std::uint64_t holds = 0;
  std::vector<std::string> identities;  // names, with hashes: "email hash-3fa9…"
  std::optional<std::string> config;    // the fconn.toml that was used
  std::vector<Target> targets;
  std::vector<ReadCollection> collections;
  std::vector<Action> actions;
  std::vector<LeftAlone> left_alone;
  std::string sealed;  // what apply needs (PlanContext)
  std::string seal;    // of all the above
};

/// Of an action, sealed. JSON texts.
struct ActionContext {
  std::string row;  // empty: there is none
  std::string masked, masked_row;
  std::string bound;       // list: the collection's slots
  std::string used;        // list: those of them that its actions use; empty: none
  std::string beside;      // list of such lists, below which other contents of the row were found
  std::string identities;  // list by IdentityId
  std::uint32_t turn = 0;  // of the chain's `for`
  std::string fields;      // object: digests of the row's members, to name what drifted
};
std::string to_json(const ActionContext& context);
value::Result<ActionContext> action_context(std::string_view json);

/// Of the plan, sealed: what the instances were run with, but for secrets.
struct PlanContext {
  std::string identities, params, externals;  // {"KEY": {"NAME": …}}
  std::vector<std::string> holds;             // the policy's, as written
  std::int64_t now_ms = 0;                    // what `now()` says in every request of the plan
  std::uint64_t seed = 0;                     // of what `uuid()` says
  std::string send_to;                        // origin that stood for the hosts; empty: none did
};
std::string to_json(const PlanContext& context);
value::Result<PlanContext> plan_context(std::string_view json);

/// The file, pretty, with a line end. JSON texts in it are written as they are: read it once
/// before it is sealed, so that its spelling is the one that reading gives.
std::string to_json(const Plan& plan, bool with_revealed = true);
/// Refuses another version, unknown or missing members, and wrong types, each by its place.
value::Result<Plan> from_json(std::string_view text);

/// Contexts that sealed texts are bound to, so that none can be moved.
std::string context_of(const Plan& plan);
std::string context_of(const Plan& plan, const Action& action);

/// The seal that belongs to what the plan says.
std::string seal_of(const Plan& plan, const Keeper& keeper);

}  // namespace fconn::erase
