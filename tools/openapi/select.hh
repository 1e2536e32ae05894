// Which of a document's requests become collections, what they are called, and which feeds which
// through the parameters of its path. Internal to openapi/.
#pragma once

#include <map>

#include "tools/openapi/guess.hh"
#include "tools/openapi/openapi.hh"
#include "tools/openapi/report.hh"

namespace fconn::openapi {

/// A parameter in a path, and where its value comes from.
struct Hole {
  std::string name;   // as the document calls it
  std::string thing;  // singular of the word before it: "file" of /files/{id}
  std::string field;  // of the parent's rows; empty: from outside
  /// From outside, and further values from outside follow: one for all requests (an account, an
  /// owner), where others are a list of them.
  bool scope = false;
};
struct Candidate {
  const Operation* operation = nullptr;
  std::string name;  // of the collection
  Shape answer;
  RowsGuess rows;
  std::string key;
  std::vector<Hole> holes;            // in the path's order
  std::optional<std::size_t> parent;  // whose rows fill holes
  /// Values of its requests that its rows lack and that collections below it need: by the name of
  /// the member that they become, the hole.
  std::map<std::string, std::size_t> passed;
  std::vector<std::string> actions_near;  // "PATCH /users/{id}": what could change a row
};

/// Parents before children. Empty after a diagnostic.
std::vector<Candidate> select(const Document& document, const Options& options, Refs& refs,
                              Report& report, grammar::Diagnostics& diagnostics);

}  // namespace fconn::openapi
