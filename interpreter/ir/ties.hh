// What ties a request to the row it is made for, where a null would undo it.
#pragma once

#include <string>
#include <vector>

#include "interpreter/ir/ir.hh"

namespace fconn::ir {

/// An entry of `query` or `headers` that is made of a row or the like: a null leaves it out.
struct Tie {
  std::string member;           // of the query or the headers
  std::string name;             // as the connector says it: "c.id", "row.owner"
  const Expr* value = nullptr;  // in the chain
  std::size_t uses = 1;         // how often it names what it is made of
  bool sent = false;            // of a body, where null doesn't leave it out
  bool keyed = false;           // it is a key of its row
  bool guarded = false;         // the source's `where` looks at it
};

/// All that ties one request of the chain to the row or the person that it is made for, where that
/// is nothing but such entries: of a row, of what a `for` of the chain binds, or of a `let` that
/// came from any of these or an identity. If all of them are null, the request asks for everything,
/// or deletes it. Empty where anything else that narrows the request (target, body, `rows`, `keep`,
/// conditions) depends on one of these. `acts`: of an update, a delete or a consent, which is about
/// nobody if what its body says of the row or person is null, too.
std::vector<Tie> request_ties(const std::vector<Collection>& collections,
                              const Collection& collection, const Chain& chain,
                              const Request& request, bool acts);

/// For a read of one request: all that ties the chain's request to its row, where that is nothing
/// but such entries: if all of them are null, the request asks for everything. Empty where anything
/// else of the request depends on the row or on an identity, or where it depends on none.
std::vector<Tie> loose_ties(const std::vector<Collection>& collections,
                            const Collection& collection, const Chain& chain);

}  // namespace fconn::ir
