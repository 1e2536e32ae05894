// What a collection's `for` binds (language.md "Collections"): combines the values of its sources,
// each combination once. Sources arrive row by row, in any order, while their collections are still
// being read; what may be combined with rows that come later is kept.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "interpreter/eval/eval.hh"
#include "interpreter/ir/ir.hh"
#include "interpreter/rows/seen_set.hh"

namespace fconn::run {

/// By source, whether values of `slots` come with it: it gives one of them, or ties the values of
/// one that does (a `where` or values that read another source's). All, where no source gives any.
std::vector<bool> sources_of(const ir::Collection& collection,
                             std::span<const std::uint32_t> slots);

class InputJoin {
 public:
  /// Gets the values of Collection::slots of one combination; valid during the call.
  using Emit = std::function<value::Result<void>(std::span<const value::Value>)>;

  struct Limits {
    std::size_t max_kept = 1'000'000;  // combinations kept for a product, then a `limit` failure
    /// Of a batch's values in a URL, percent-encoded and with the names that are repeated: URLs of
    /// 8,000 bytes are what servers have to take (RFC 9110, 4.1).
    std::size_t batch_url_bytes = 6000;
  };

  /// `env` holds params and externals; `wanted` says, by source, which ones are combined (the
  /// others are passed over, their slots null). All but `wanted` outlive the join.
  InputJoin(const ir::Collection& collection, std::vector<bool> wanted, eval::Evaluator& evaluator,
            const eval::Environment& env, rows::RowHasher hasher, Limits limits);
  InputJoin(const ir::Collection& collection, eval::Evaluator& evaluator,
            const eval::Environment& env, rows::RowHasher hasher, Limits limits)
      : InputJoin(collection, std::vector<bool>(collection.sources.size(), true), evaluator, env,
                  hasher, limits) {}
  InputJoin(const ir::Collection& collection, eval::Evaluator& evaluator,
            const eval::Environment& env, rows::RowHasher hasher)
      : InputJoin(collection, evaluator, env, hasher, Limits{}) {}

  /// Sources that need no collection; also the single empty combination of a collection without
  /// sources. Call once, first.
  value::Result<void> start(const Emit& emit);
  /// A row of the collection that source `source` reads; `cells` are that collection's cells.
  value::Result<void> offer(std::size_t source, std::span<const value::Value> cells,
                            const Emit& emit);
  /// No further rows for this source: a batch that isn't full goes out.
  value::Result<void> finish(std::size_t source, const Emit& emit);

 private:
  using Slots = std::vector<value::Value>;
  struct SourceState {
    std::vector<Slots> kept;          // candidates, when there are other sources
    std::vector<value::Value> batch;  // waiting for more
    std::size_t batch_url = 0;
    /// What a value costs in a URL beside its own length; nothing where it stands in none.
    std::optional<std::size_t> url_cost;
    rows::SeenSet seen;     // distinct batch values
    bool computed = false;  // values come from earlier bindings, not from rows
    bool wanted = true;
  };

  value::Result<void> candidate(std::size_t source, Slots slots, const Emit& emit);
  value::Result<void> add_to_batch(std::size_t source, const value::Value& element,
                                   const Emit& emit);
  value::Result<void> flush(std::size_t source, const Emit& emit);
  value::Result<void> combine(std::size_t at, std::size_t fresh, const Slots& slots, Slots& current,
                              const Emit& emit);
  value::Result<void> place(std::size_t at, std::size_t fresh, const Slots& candidate,
                            const Slots& slots, Slots& current, const Emit& emit);
  value::Result<std::vector<value::Value>> elements(std::size_t source, const Slots& current);
  std::optional<std::size_t> value_slot(std::size_t source) const;

  const ir::Collection& collection_;
  eval::Evaluator& evaluator_;
  eval::Environment env_;
  rows::RowHasher hasher_;
  Limits limits_;
  std::vector<SourceState> sources_;
  std::vector<value::Value> locals_;
  value::Arena kept_arena_;
  value::Arena scratch_;
  std::size_t kept_ = 0;
};

}  // namespace fconn::run
