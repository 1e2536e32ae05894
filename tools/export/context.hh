// What the passes of the exporter share: the connector's names, where a collection takes its inputs
// from, what a place's expressions may name, and the passes themselves; each has a file of its own.
#pragma once

#include <map>
#include <set>

#include "grammar/diagnostics.hh"
#include "tools/export/simplify.hh"
#include "tools/export/tree.hh"
#include "tools/export/yaml.hh"

namespace fconn::exporter {

using grammar::DiagnosticId;

constexpr std::string_view instance_key = "<instance_fides_key>";
constexpr std::string_view form_type = "application/x-www-form-urlencoded";

/// A client as a config has it.
struct Client {
  Yaml config;  // protocol, host, authentication
  std::string protocol, host;
  std::string prefix;  // what each path begins with
  /// Entries of its own that go into each request.
  std::vector<std::pair<std::string, std::string>> headers, query;
  Yaml rates;  // rate_limit_config; empty without one
  bool key_in_body = false;
  /// Parameters that the prefix and the entries name.
  std::set<std::string> settings;
};

struct Context {
  const grammar::SourceMap& sources;
  grammar::Diagnostics& diagnostics;
  const grammar::ConnectorDecl& connector;

  std::map<std::string, const grammar::ParamDecl*, std::less<>> params;
  std::set<std::string, std::less<>> identities;
  std::map<std::string, const grammar::ExternalDecl*, std::less<>> externals;
  std::map<std::string, const grammar::CollectionDecl*, std::less<>> collections;
  std::map<std::string, const grammar::AuthDecl*, std::less<>> auths;
  std::map<std::string, const grammar::PaginationDecl*, std::less<>> paginations;
  /// Those of the connector first, then file by file.
  std::map<std::string, std::vector<const grammar::FnDecl*>, std::less<>> functions;
  std::map<std::string, const grammar::ClientDecl*, std::less<>> clients;  // "" is the default one
  std::map<std::string, std::optional<Client>> emitted_clients;
  /// Names of clients whose pages are found by links. Fides puts a link's path behind the host, so
  /// their hosts may not end in a path.
  std::set<std::string, std::less<>> followed_clients;
  /// Fields of a collection that its actions address a row by.
  std::map<std::string, std::set<std::string>> row_keys;
  /// Names of the parameters of a collection's reads, and lists of which an action changes the
  /// elements alone that are among such a parameter's values.
  std::map<std::string, std::set<std::string>> read_params, own_lists;
  /// Members of a collection's rows that are made up of texts, by `emit` or `map`.
  std::map<std::string, std::set<std::string>> made_texts;
  /// Objects of a collection that a `for` takes one by one, as they may lie in a list: `x in a.b`,
  /// then `x.c`.
  std::map<std::string, std::set<std::string>> maybe_lists;

  /// What has no counterpart.
  void error(Span where, std::string text, std::string help = {});
  /// What is left out, while requests and rows stay the same.
  void warn(Span where, std::string text, std::string help = {});

  const grammar::FieldsDecl* fields_of(std::string_view collection) const;
  /// The declared field at a path of a collection's rows; null when there is none.
  const grammar::Field* field_at(std::string_view collection, const std::vector<Step>& path) const;
  /// Whether the values at a path of a collection's rows are texts.
  bool holds_text(const std::string& collection, const std::vector<Step>& path) const;
  /// Whether the type of the values there is known.
  bool knows(const std::string& collection, const std::vector<Step>& path) const;
  /// Whether they are booleans, which Fides writes as `True` and `False`.
  bool holds_bool(const std::string& collection, const std::vector<Step>& path) const;
  /// Whether what comes from outside under that name is.
  bool is_text_outside(std::string_view external) const;
  /// The function of the files that a call means: of the connector, of the call's own file, of
  /// another one. Null for the library's, and for the importer's, which are Fides' own.
  const grammar::FnDecl* function_of(const grammar::CallExpr& call) const;
};

/// Whether values of a type are texts.
bool is_text(const grammar::TypeExpr& type);

// ---- inputs ------------------------------------------------------------------------------------

/// One source of a collection's `for`.
struct Binding {
  enum class Kind : unsigned char { row, value, external, setting, batch, together };
  std::string name;
  Kind kind{};
  Span span;
  std::string collection;      // whose rows; or the external's or parameter's name
  std::vector<Step> path;      // below the row
  std::string row;             // the binding of the row that it is taken from; empty: of any row
  std::vector<Binding> parts;  // together: the sources of a `union`
};

/// A collection's inputs and the names that they have in the config.
class Inputs {
 public:
  /// Reports sources that no config can say.
  Inputs(Context& context, std::string collection, const grammar::CollectionDecl& decl);

  const Binding* find(std::string_view name) const;
  std::size_t place(std::string_view name) const;
  const std::vector<Binding>& all() const { return bindings_; }
  const std::string& collection() const { return collection_; }
  /// The name of the parameter that holds a field of a row: one for each field.
  std::string name_for(const std::string& collection, const std::vector<Step>& path);

 private:
  void add(const grammar::ForSource& source);
  /// A field of a collection or an external in a `union`.
  void add_part(const Expr& from, Binding& binding);
  void check_where(const Expr& condition, const std::string& bound);

  Context& context_;
  std::string collection_;
  std::vector<Binding> bindings_;
  std::map<std::string, std::string> names_;  // collection.path -> name
};

/// An entry of `param_values`.
struct ParamValue {
  enum class From : unsigned char { identity, reference, external, setting };
  From from{};
  std::string name;
  std::string value;  // the identity, `collection.path`, the external, the connector_param
  bool grouped = false;
  std::size_t place = 0;                // of its binding
  std::vector<ParamValue> others = {};  // references whose values it has as well
};

// ---- templates ---------------------------------------------------------------------------------

/// Where a value lands: Fides drops an entry of a query or header whose value is missing, and fails
/// anywhere else.
enum class Use : unsigned char { strict, entry, body };

/// A placeholder.
struct Hole {
  std::string name;
  bool text = false;   // known to be a text
  bool whole = false;  // an object, written without its braces
  bool optional = false;
  bool known = false;  // of a declared type
};

/// What a helper of the importer treats as Fides does by itself; null when it is another call.
const Expr* imported(const grammar::CallExpr& call);

/// What expressions of one request may name, and what they have named.
class Scope {
 public:
  explicit Scope(Context& context, Inputs* inputs = nullptr) : context_(context), inputs_(inputs) {}

  bool settings_only = false;  // check, hosts, authentication: parameters by their own names
  bool action = false;         // `row`, `masked`, `masked_row`
  bool in_map = false;         // `.` is the row; times and ids aren't there
  std::string element;         // what an action's `for e in row.x[]` binds
  std::set<std::string, std::less<>> optional;           // identities it can do without
  std::map<std::string, std::string, std::less<>> flow;  // of a login: `grant.code`
  Frame names;                                           // parameters of a strategy

  std::vector<ParamValue> params;
  std::set<std::string, std::less<>> mentioned;  // identities
  std::set<std::string, std::less<>> dropped;    // of them: stand in entries alone
  bool masks = false;
  bool may_miss = false;  // a `skip` says that nothing is sent for want of a value

  Context& context() { return context_; }
  Inputs* inputs() { return inputs_; }
  void add(ParamValue value);
  void add_identity(const std::string& name);
  void add_setting(const std::string& name);
  /// With everything worked out that can be: what all the others are given.
  Expr simple(const Expr& expr) const;
  /// Inside of a strategy from here on: its parameters are what the call gives.
  void enter(const std::vector<grammar::FnParam>& parameters,
             const std::vector<grammar::Argument>& arguments);
  /// What stands in a helper of the importer; null when it is another call.
  const Expr* seen_through(const grammar::CallExpr& call);
  /// The placeholder of an expression; null after a mistake, which is reported.
  std::optional<Hole> hole(const Expr& expr, Use use);

 private:
  bool specials() const { return !settings_only && !in_map; }
  std::optional<Hole> of_name(const Path& path, Span span, Use use);
  std::optional<Hole> of_row(const std::vector<Step>& steps, Span span);
  std::optional<Hole> of_several(const Binding& binding, const std::vector<Step>& steps, Span span);
  std::optional<Hole> of_binding(const Binding& binding, const std::vector<Step>& steps, Span span);
  std::optional<Hole> of_masked(const Path& path, Span span);
  std::optional<Hole> of_call(const grammar::CallExpr& call, Span span);
  std::optional<Hole> refuse(Span span, const std::string& text, const std::string& help = {});
  std::optional<Hole> of_text(const grammar::CallExpr& call);
  bool holds_all_fields(const Expr& picked) const;

  Context& context_;
  Inputs* inputs_;
};

/// An expression as the text of a template; null after a mistake.
std::optional<std::string> text_template(Scope& scope, const Expr& expr, Use use);
/// The same of one that is simple already.
std::optional<std::string> plain_text(Scope& scope, const Expr& simple, Use use);
/// A header, a query parameter.
struct Entry {
  std::string name;
  Expr value;  // simple, and not null: such an entry isn't sent
};
/// What `headers` and `query` hold, one by one; null after a mistake.
std::optional<std::vector<Entry>> entries_of(Scope& scope, const Expr& expr);
/// A request's path or URL as the text of a template; null after a mistake.
std::optional<std::string> target_text(Scope& scope, const grammar::Request& request);
/// A text as JSON has it; placeholders stay.
std::string json_text(std::string_view text);
/// As a template of JSON; in a `form` true is a text, as Fides would write `True`.
std::optional<std::string> json_template(Scope& scope, const Expr& expr, bool form = false);

/// What writes one part of a config: it goes on after a mistake, to report the next one, too.
class Writer {
 protected:
  explicit Writer(Context& context) : context_(context) {}

  void refuse(Span span, const std::string& text, const std::string& help = {}) {
    context_.error(span, text, help);
    failed_ = true;
  }
  /// A part of it; nothing after a mistake, which was reported.
  template <class T>
  T taken(std::optional<T> part) {
    failed_ = failed_ || !part;
    return part ? std::move(*part) : T{};
  }

  Context& context_;
  bool failed_ = false;
};

// ---- passes ------------------------------------------------------------------------------------

/// The config's client of that name (`""` the default one); null after a mistake.
const Client* client_of(Context& context, const std::string& name, Span where);
/// `authentication` for an OAuth2 strategy of the file or of the library; null after a mistake.
std::optional<Yaml> oauth_of_file(Context& context, const grammar::AuthDecl& decl,
                                  const grammar::AuthClause& use, const Client& client);
std::optional<Yaml> oauth_of_library(Context& context, const grammar::AuthClause& use, Span where,
                                     const Client& client);
/// Protocol, host and path of a URL's template.
struct Target {
  std::string protocol, host, path;
};
std::optional<Target> split_url(const std::string& url);
std::optional<Yaml> rate_limits(Context& context, const grammar::RateClause& clause);

/// Methods, paths and what else a request says, with the `param_values` that it needs.
struct RequestKind {
  bool read = false;
  bool action = false;  // may name a row
  bool consent = false;
  bool identities_known = false;  // an action's: without them there is no row
};
std::optional<Yaml> request_yaml(Scope& scope, const grammar::Request& request,
                                 const RequestKind& kind, const std::string& data_path = {});
/// `param_values`, `grouped_inputs` and `skip_missing_param_values` of what a scope has named.
void add_params(Yaml& request, Scope& scope, const RequestKind& kind, Span where);
/// What `rows`, `keep`, `map` and `paginate` say.
struct RowParts {
  Yaml steps = Yaml::list();  // postprocessors
  std::string data_path, output;
  Yaml pagination;
};
void add_rows(Scope& scope, const grammar::Request& request, const std::string& collection,
              RowParts& out);
/// A condition as `filter` postprocessors; false after a mistake.
bool add_filters(Scope& scope, const Expr& written, bool of_row, Yaml& steps);

/// The endpoint; null when it has nothing, or after a mistake.
std::optional<Yaml> endpoint_yaml(Context& context, const std::string& name,
                                  const grammar::CollectionDecl& decl);
std::optional<Yaml> check_yaml(Context& context, const grammar::Chain& chain);
std::optional<Yaml> consent_yaml(Context& context, const grammar::ConsentDecl& decl, Span where);
/// The dataset's collection; null when it would say nothing.
std::optional<Yaml> collection_yaml(Context& context, const std::string& name,
                                    const grammar::Decl& decl);

}  // namespace fconn::exporter
