// An OpenAPI 3.0 or 3.1 or a Swagger 2.0 document as what a connector can be made of: the requests
// that read, with their parameters and answers, servers and ways to sign in. The two generations
// come out alike. Schemas stay nodes of the document (shape.hh looks into them).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tools/import/yaml.hh"
#include "tools/openapi/report.hh"

namespace fconn::openapi {

using grammar::Span;
using importer::Node;

/// Follows `$ref` within the document. The first one into another document is an error (F1010); one
/// that leads nowhere, or around in a circle, describes nothing, and is said in the report.
class Refs {
 public:
  Refs(const Node& root, Report& report, grammar::Diagnostics& diagnostics)
      : root_(root), report_(report), diagnostics_(diagnostics) {}

  /// The node itself, or what its reference leads to in the end; null where it leads nowhere.
  const Node* follow(const Node* node);
  /// A member, followed.
  const Node* member(const Node* node, std::string_view key);
  /// Counts a schema that is looked at; false when a document asks for more than is ever looked at.
  bool spend();

 private:
  const Node* target(const Node& reference);
  const Node* walk(std::string_view pointer);
  const Node* child(const Node& map, const std::string& key);

  const Node& root_;
  Report& report_;
  grammar::Diagnostics& diagnostics_;
  std::unordered_map<std::string, const Node*> known_;
  /// Of maps with many members, by the map.
  std::unordered_map<const Node*, std::unordered_map<std::string_view, const Node*>> indices_;
  std::size_t spent_ = 0;
  bool left_ = false;  // a reference into another document was said
};

enum class Place : std::uint8_t { path, query, header };
struct Parameter {
  std::string name;
  Place place{};
  bool required = false;
  const Node* schema = nullptr;  // of its value; in Swagger 2.0 the parameter itself
  Span where{};
};

/// A way to sign in.
struct Scheme {
  enum class Kind : std::uint8_t {
    basic,
    bearer,
    digest,
    header,
    query,
    cookie,
    client_credentials,
    authorization_code,
    password,
    unsupported
  };
  std::string id;  // as the document calls it
  Kind kind = Kind::unsupported;
  std::string name;  // of the header, query parameter or cookie
  std::string authorize_url, token_url;
  std::vector<std::string> scopes;
  std::string note;  // what a person has to know
  Span where{};
};

struct Server {
  struct Variable {
    std::string name, default_value;
    std::vector<std::string> choices;
  };
  std::string url;  // with `{variable}`, without a slash at its end; may be relative or empty
  bool plain_http = false;  // the document knows no https address of it
  std::vector<Variable> variables;
};

/// A GET request. `why_not` says why it can't become a collection.
struct Operation {
  std::string path;
  std::vector<std::string> tags;
  std::string summary;
  std::vector<Parameter> parameters;
  const Node* answer = nullptr;  // schema of the body of its good answer
  bool link_header = false;      // the answer has a Link header
  Server server;
  std::string why_not;
  Span where{};  // the path
};

struct Document {
  std::string title, description, docs;
  std::vector<Operation> reads;            // in the document's order
  std::vector<Scheme> schemes;             // those that most requests need together
  std::vector<std::string> other_schemes;  // left out, by name
  std::map<std::string, std::vector<std::string>> other_methods;  // by path
  std::vector<std::string> tags;
};

/// Null with a diagnostic when it is no such document.
std::optional<Document> read_document(const Node& root, Refs& refs,
                                      grammar::Diagnostics& diagnostics);

/// The text of a scalar member; empty where there is none.
std::string text_of(const Node* node, std::string_view key);

}  // namespace fconn::openapi
