// What ties a request to the row it is made for, where a null would undo it.
#pragma once

#include <string>
#include <vector>

#include "interpreter/ir/ir.hh"

namespace fconn::ir {

/// An entry of `query` or `headers` whose whole value is one of a row: a null leaves it out.
struct Tie {
  std::string member;           // of the query or the headers
  std::string name;             // as the connector says it: "c.id", "row.owner"
  const Expr* value = nullptr;  // in the chain
  bool keyed = false;           // it is a key of its row
  bool guarded = false;         // the source's `where` looks at it
};

/// All that ties the chain's request to its row, where that is nothing but such entries: if all of
/// them are null, the request asks for everything. Empty where anything else of the request depends
/// on the row or on an identity, or where it depends on none.
std::vector<Tie> loose_ties(const std::vector<Collection>& collections,
                            const Collection& collection, const Chain& chain);

}  // namespace fconn::ir
