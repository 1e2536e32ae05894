// From a document and the requests that were selected to an fconn source. Internal to openapi/.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tools/import/source.hh"
#include "tools/openapi/select.hh"

namespace fconn::openapi {

/// The names that the connector declares, and the parameters and identities among them.
class Values {
 public:
  /// Collections stand where values from outside do, so those may not be called as they are.
  explicit Values(std::set<std::string> collections) : taken_(std::move(collections)) {}

  /// A parameter's name in the connector; the same for the same `name` and type. `schema` gives its
  /// type, its default and its choices; `thing` tells parameters apart whose names say nothing.
  std::string param(const std::string& name, const std::string& thing, const Node* schema,
                    Refs& refs);
  /// A list of values from outside.
  std::string external(const std::string& name, const std::string& thing, const Node* schema,
                       Refs& refs);
  /// A parameter of the connector's own: `type_and_default` as it is written behind the name.
  std::string own_param(const std::string& name, const std::string& label,
                        const std::string& type_and_default);
  std::string secret(const std::string& name, const std::string& label);
  /// A secret that requests hold themselves; one for each name.
  std::string credential(const std::string& name);
  std::string identity(const std::string& name);
  /// A name for a `for` over `collection` that hides none of these.
  std::string binding(const std::string& collection);

  std::vector<importer::Block> blocks() const;

 private:
  std::string fresh(const std::string& name);

  std::set<std::string> taken_, bindings_;
  std::map<std::string, std::string> params_;  // the document's name and the type -> ours
  std::vector<std::string> own_, declared_, secrets_, identities_, externals_;
};

/// The one value that a schema allows, as a literal; empty where it allows others.
std::string constant_of(const Node* schema, Refs& refs);

/// Clients by server: the first is the default one.
class Clients {
 public:
  Clients(const Document& document, const std::vector<Candidate>& candidates, Values& values,
          Report& report);
  /// Whether requests are signed.
  bool signs() const { return signs_; }
  /// " via NAME", empty for the default client.
  std::string via(const Server& server) const;
  std::vector<importer::Block> blocks() const { return blocks_; }

 private:
  std::string base(const Server& server, bool first, Values& values, Report& report);
  /// With the connector's parameters in place of the server's variables.
  std::string filled(const std::string& text, const Server& server, Values& values);
  std::string variable(const std::string& name, const Server& server, Values& values);
  std::vector<std::string> auth(const Document& document, Values& values, Report& report);

  std::map<std::string, std::string> names_;      // server's URL -> client's name
  std::map<std::string, std::string> variables_;  // a server's variable and its type -> parameter
  std::vector<importer::Block> blocks_;
  std::vector<importer::Block> strategies_;
  bool signs_ = false;
};

/// One collection. `all` are its parents, too.
importer::Block collection_block(const Candidate& one, const std::vector<Candidate>& all,
                                 const Clients& clients, Values& values, Refs& refs,
                                 Report& report);

/// `fields { … }` of a row; no items where nothing is described.
importer::Block fields_block(const Candidate& one, Report& report);

/// The member at a row's top that holds an address; empty where none does.
std::string email_member(const Shape& row, const std::string& collection);

struct Lowered {
  std::string name;
  std::vector<importer::Block> blocks;
};
Lowered lower(const Document& document, const std::vector<Candidate>& candidates, Refs& refs,
              Report& report);

}  // namespace fconn::openapi
