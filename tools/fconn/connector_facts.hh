// What there is to say about a connector, taken from its IR once for text, JSON and Markdown.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "interpreter/ir/ir.hh"

namespace fconn::cli {

struct ParamFacts {
  std::string name, type, label, doc;
  std::string default_json;  // empty: none, or a secret's
  bool secret = false;
  bool required = false;  // it has no default
};
struct CollectionFacts {
  std::string name, doc;
  std::vector<std::string> actions;   // read, update, …
  std::vector<std::string> requests;  // "read GET /people/{id}": as written, the last of a chain
  std::vector<std::string> from;      // collections, externals and identities
};
struct ConnectorFacts {
  std::string name, title, version, category, docs, doc, extends;
  std::vector<std::string> hosts, auth, identities, externals, consents;
  std::vector<std::string> can;  // of access, erase, update, delete, consent, check
  std::vector<ParamFacts> params;
  std::vector<CollectionFacts> collections;
  std::map<std::string, std::vector<std::string>> categories;  // -> collection.field
};

ConnectorFacts facts_of(const ir::Connector& connector);

/// "string", "[string]", "\"us\" | \"eu\"".
std::string type_name(const ir::Param& param);
/// Members of a JSON Schema that say a parameter's type.
std::string schema_type(const ir::Param& param);
/// JSON text of a constant; empty when there is none.
std::string constant_json(const std::optional<ir::Expr>& expr);

}  // namespace fconn::cli
