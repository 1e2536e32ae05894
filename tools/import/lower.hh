// The typed Fides documents to an fconn source: names, clients, strategies, collections. What the
// passes share is here; each has a file of its own.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "tools/import/body.hh"
#include "tools/import/model.hh"
#include "tools/import/report.hh"
#include "tools/import/source.hh"

namespace fconn::importer {

using grammar::DiagnosticId;

/// The text of a bundled connector; null when there is none.
using Bundled = std::function<std::optional<std::string>(const std::string& connector)>;

struct Documents {
  const Config& config;
  const Dataset* dataset = nullptr;  // null: without fields
  std::vector<Comment> config_comments, dataset_comments;
  const grammar::SourceMap& sources;
};

struct Context {
  const Documents& documents;
  const Config& config;
  bool exact = false;
  const Bundled& bundled;
  grammar::Diagnostics& diagnostics;
  Report& report;

  std::set<std::string> used_params, used_identities, used_externals;
  std::set<std::string> reachable;                      // endpoints that a person leads to
  std::set<std::string> hosts;                          // parameters that are a whole host
  std::map<std::string, std::set<std::string>> wanted;  // collection -> paths that something reads
  /// Fields of a collection that its actions address a row by.
  std::map<std::string, std::set<std::string>> row_keys;
  std::vector<Block> clients;
  std::vector<Block> helpers;  // strategies and functions below the connector
  std::set<std::string> helper_names;
  std::set<std::uint32_t> said;                     // offsets of the comments that are kept already
  std::map<std::string, std::string> client_names;  // what a client says -> its name

  void error(DiagnosticId id, Span where, std::string text, std::string help = {});
  void warn(Span where, std::string text, std::string help = {});

  const ConnectorParam* param(std::string_view name) const;
  const Endpoint* endpoint(std::string_view name) const;
  const Collection* fields_of(std::string_view collection) const;
  bool own_dataset(std::string_view key) const;
  /// A value that a parameter, identity or external has already.
  bool taken(const std::string& name) const;
  /// A name for a helper that no other has.
  std::string helper(const std::string& name);
  /// Says that placeholders have no value, with what was perhaps meant.
  void unresolved(const std::vector<std::string>& missing, Span where,
                  const std::vector<ParamValue>* params);
};

// ---- values ------------------------------------------------------------------------------------

/// Parameters and secrets by their own names, as in hosts, authentication and tests.
Lookup secrets(Context& context);
Value param_value(Context& context, const ConnectorParam& param);
/// `privacy_request_id`, `uuid`, … ; `collection` for `field_list`.
std::optional<Value> special_value(const Context& context, const std::string& name,
                                   const std::string& collection);
std::string field_list(const Context& context, const std::string& collection);

// ---- fields ------------------------------------------------------------------------------------

struct FieldPath {
  std::string steps;      // `.a[].b`
  bool lists = false;     // goes through a list, or ends at one
  bool known = false;     // the dataset declares every segment with a type
  bool declared = false;  // the dataset says something of every segment
  bool key = false;
  bool text = false;    // ends at a string
  bool scalar = false;  // ends at a string or a number, through no list
  /// `steps` cut behind each segment of unknown shape, which may hold one object or a list of them.
  std::vector<std::string> parts;
};
/// A path of a row as fconn spells it, with `[]` where the dataset has lists.
FieldPath field_path(const Context& context, std::string_view collection, std::string_view path);
/// Whether a field will be the collection's `key`.
bool has_key(const Context& context, const std::string& collection);
/// Whether anything of the collection can be masked.
bool has_category(const Context& context, const std::string& collection);
std::optional<Block> fields_block(Context& context, const std::string& collection);

// ---- clients and authentication ----------------------------------------------------------------

/// `via NAME`, or empty for the default client. Declares the client when it is new.
std::string via(Context& context, const Request& request, const std::string& hint);
Block default_client(Context& context);
/// The `auth …` clause; null when there is none, or when that was a mistake.
std::optional<std::string> auth_clause(Context& context, const ClientConfig& client);
std::optional<std::string> oauth_clause(Context& context, const ClientConfig& client);
bool signs_query(const Context& context, const Request& request);
/// `"https://{domain}/v1"` without its quotes.
std::string base_text(Context& context, const ClientConfig& client);

// ---- requests ----------------------------------------------------------------------------------

struct Lowered {
  std::string head;  // `GET /a/{b} via c`
  std::string each;  // `for e in row.list[]` before it; empty without
  std::vector<Block> clauses;
  std::vector<std::string> comments;
  std::set<std::string> required, optional;  // identities, by whether it can do without
  /// What may be null of that which a path or a body can't do without.
  std::set<std::string> may_miss;
  bool masks = false;
};

/// What a request's placeholders mean; books what they use.
struct Scope {
  Lookup lookup;
  std::map<std::string, std::string> identities;  // placeholder -> identity
  std::string collection = {};                    // whose row it may name
};
std::optional<Lowered> request_text(Context& context, const Request& request, const Scope& scope,
                                    const std::string& hint);
/// Where Fides writes a value between no quotes: what stands there in JSON.
Unquoted unquoted(Context& context);
/// An entry of a query or of headers: Fides leaves it out where a value is null, and writes a list
/// as JSON.
std::string entry_expr(Context& context, const Template& pieces, const Lookup& lookup,
                       std::string expr);
std::string skip_clause(const Context& context, const Request& request);
/// `skip_missing_param_values`: what isn't sent for want of a value.
void add_missing_skips(const Request& request, Lowered& out);
/// In Fides a status that is ignored isn't asked again. Empty where that changes nothing.
std::string retry_clause(const Context& context, const Request& request);
std::string rate_text(const std::vector<RateLimit>& rates);
/// `# …` lines of the comments that belong to these lines and weren't said yet, commented-out YAML
/// aside.
std::vector<std::string> comments_at(Context& context, std::uint32_t first, std::uint32_t last);
std::uint32_t line_of(const Context& context, Span span);

// ---- rows --------------------------------------------------------------------------------------

/// A filter as a condition on `root` (`` for a row's `.`, `row` in an action); null after a
/// mistake. `below`: the list of the row whose members `root` is one of.
std::optional<std::string> filter_condition(Context& context, const Strategy& filter,
                                            const std::string& collection, const std::string& root,
                                            const std::map<std::string, std::string>& lists,
                                            std::set<std::string>& identities,
                                            const std::string& below = {});
/// rows, keep, map and paginate of a read.
void row_clauses(Context& context, const Request& request, const std::string& collection,
                 const Scope& scope, const std::map<std::string, std::string>& lists, Lowered& out);
std::optional<std::string> paginate_clause(Context& context, const Request& request,
                                           const std::string& collection, const std::string& data);

// ---- collections -------------------------------------------------------------------------------

/// The endpoints that an identity or another dataset leads to.
std::set<std::string> reached(const Context& context);
bool has_identity(const Request& request);
/// Fides drops reads without an identity when that of another read is given, which is always where
/// no run has any other. Of `--exact` alone, and where no action needs what the read brings.
bool never_selected(const Context& context, const Endpoint& endpoint, const Request& request);
std::optional<Block> collection_block(Context& context, const Endpoint& endpoint);
/// What an action may name besides its row.
struct ActionInputs {
  std::map<std::string, std::string> values;    // parameter of a read -> binding
  std::map<std::string, std::string> elements;  // list of the row -> the person's elements
};
/// `update` or `delete`.
std::optional<Block> action_block(Context& context, const Request& request, const std::string& word,
                                  const std::string& collection, const ActionInputs& inputs);
std::vector<Block> consent_blocks(Context& context);

// ---- lists -------------------------------------------------------------------------------------

/// The values of a list, each as the type that the elements of a field have; what can't be is left
/// out.
std::string cast_elements(Context& context, const std::string& type, const std::string& values);
/// Fields of a row, of whose list `name` only the elements in `own` are changed.
std::string matching_elements(Context& context, const std::string& fields, const std::string& name,
                              const std::string& own, bool masked);
/// Whether Fides spells something of a collection's fields in its own way in a form.
bool form_differs(const Context& context, const std::string& collection);
/// Declares a function below the connector, once.
void declare(Context& context, const std::string& name, const std::string& text,
             const std::string& comment = {});
/// A form's fields with Fides' spelling.
std::string fides_form(Context& context, const std::string& fields);
/// The name of the connector in fconn.
std::string connector_name(const Config& config);
/// What the bundled connector says in the place of something that can't be carried over.
std::string bundled_help(const Context& context, const std::string& collection,
                         const std::string& word);

/// The whole file, not laid out yet.
std::vector<Block> lower(Context& context);

}  // namespace fconn::importer
