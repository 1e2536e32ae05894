// Requests that a null would widen from one row to everything.
#include <algorithm>

#include "interpreter/compile/lower_collection.hh"
#include "interpreter/ir/ties.hh"

namespace fconn::compile {

void check_narrowing(Unit& unit, const ir::Collection& collection, const ir::Chain& chain,
                     Span keyword) {
  const std::vector<ir::Tie> ties = ir::loose_ties(unit.out.collections, collection, chain);
  // A key that is null is a broken row, which the run finds; a `where` has thought of it. An action
  // is planned before it is sent, and its plan says of such a row that it can't be erased.
  if (ties.empty() || std::any_of(ties.begin(), ties.end(), [](const ir::Tie& tie) {
        return tie.keyed || tie.guarded || tie.value->op != ir::Op::bound;
      })) {
    return;
  }
  const ir::Tie& first = ties.front();
  Span where = keyword;
  if (unit.at(keyword).file == first.value->span.file) {
    where.begin = first.value->span.begin;
    where.end = first.value->span.end;
  }
  unit.report(
      DiagnosticId::dropped_narrowing, where,
      "where " + quoted(first.name) + " is null, " + quoted(first.member) +
          " is left out, and nothing else ties the request to the row",
      "go through the values, as `for x in …` passes nulls over; or leave such rows out by a "
      "`where`");
}

}  // namespace fconn::compile
