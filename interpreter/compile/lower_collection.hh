// Collections to IR, in passes over all of them: order, fields, then sources, reads and actions
// (which ask parents for cells), and last the cells that each read gives. Private to compile/.
#pragma once

#include "interpreter/compile/lower_request.hh"

namespace fconn::compile {

/// Sorts unit.collections so that parents come before children (else as declared) and numbers
/// them; cycles are reported and cut.
void order_collections(Unit& unit);

/// Fields, keys and categories of every collection.
void lower_fields(Unit& unit, const CollectionSymbol& symbol);

/// Sources and their bindings.
void lower_sources(Unit& unit, CollectionEnv& env, const grammar::ForDecl& decl);

/// All collections, in the order of order_collections().
void lower_collections(Unit& unit);

/// Read::cells, Read::key, emit_cells and emit_key, once all cells are known.
void project_cells(ir::Collection& collection);

/// What a read's chain alone can't say: whether an identical request may be sent by another one.
struct ReadFacts {
  ir::CollectionId collection{};
  std::size_t read = 0;
  bool shares = false;  // its inputs don't all get into what is sent as they are
  bool until = false;
};
/// Decides Chain::shareable for all reads.
void decide_sharing(Unit& unit, const std::vector<ReadFacts>& facts);
/// Whether the chain's inputs reach the request unchanged, so that different inputs always make
/// different requests.
bool inputs_show(const ChainEnv& env);

/// The collection's declared reads that would send and give the same are reported.
void check_same_reads(Unit& unit, const CollectionSymbol& symbol,
                      const std::vector<Span>& read_spans);

/// A request that a null of a row that `for` binds would widen to everybody's rows is reported.
/// `keyword` is where it begins.
void check_narrowing(Unit& unit, const ir::Collection& collection, const ir::Chain& chain,
                     Span keyword);

}  // namespace fconn::compile
