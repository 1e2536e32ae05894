#include "interpreter/run/inputs.hh"

#include <algorithm>

#include "interpreter/http/url.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

namespace {

/// A batch of all values, also of none.
constexpr std::int64_t all_at_once = 0;

bool mentions(const ir::Expr& expr, ir::Op op, std::int64_t number) {
  return (expr.op == op && expr.number == number) ||
         std::any_of(expr.kids.begin(), expr.kids.end(),
                     [&](const ir::Expr& kid) { return mentions(kid, op, number); });
}

/// What one more value of a batch makes a URL longer by, besides itself: the name of a parameter
/// that is repeated. Nothing where no URL of the chain holds the values.
std::optional<std::size_t> cost_in_url(const ir::Chain& chain, std::uint32_t slot) {
  const auto holds = [&](const ir::Expr& expr) {
    if (mentions(expr, ir::Op::bound, slot)) return true;
    return std::any_of(chain.steps.begin(), chain.steps.end(), [&](const ir::Step& step) {
      return step.value && mentions(*step.value, ir::Op::bound, slot) &&
             (step.kind == ir::StepKind::for_each ||
              mentions(expr, ir::Op::let_value, static_cast<std::int64_t>(step.slot)));
    });
  };
  std::optional<std::size_t> most;
  const auto look_at = [&](const ir::Request& request) {
    for (const ir::TargetPart& part : request.target) {
      if (part.value && holds(*part.value)) most = std::max<std::size_t>(most.value_or(0), 3);
    }
    if (!request.query || !holds(*request.query)) return;
    most = std::max<std::size_t>(most.value_or(0), 3);  // a comma between them: %2C
    for (const ir::Expr& entry : request.query->kids) {
      if (!holds(entry)) continue;
      most = std::max(*most, http::encode_query(entry.text).size() + 2);
    }
  };
  for (const ir::Step& step : chain.steps) {
    if (step.request) look_at(*step.request);
  }
  if (chain.request) look_at(*chain.request);
  return most;
}

std::optional<std::size_t> cost_in_url(const ir::Collection& collection, std::uint32_t slot) {
  std::optional<std::size_t> most;
  const auto look_at = [&](const ir::Chain& chain) {
    most = std::max(most, cost_in_url(chain, slot));
  };
  for (const ir::Read& read : collection.reads) look_at(read.chain);
  if (collection.update) look_at(*collection.update);
  if (collection.erase) look_at(*collection.erase);
  return most;
}

}  // namespace

std::vector<bool> sources_of(const ir::Collection& collection,
                             std::span<const std::uint32_t> slots) {
  std::vector<bool> tied(collection.sources.size(), false);
  for (const std::uint32_t slot : slots) tied[collection.slots[slot].source] = true;
  if (std::find(tied.begin(), tied.end(), true) == tied.end()) tied.assign(tied.size(), true);
  for (bool grew = true; grew;) {
    grew = false;
    for (std::size_t i = 0; i < tied.size(); ++i) {
      for (const std::uint32_t other : collection.sources[i].depends) {
        grew = grew || tied[i] != tied[other];
        tied[i] = tied[other] = tied[i] || tied[other];
      }
    }
  }
  return tied;
}

InputJoin::InputJoin(const ir::Collection& collection, std::vector<bool> wanted,
                     eval::Evaluator& evaluator, const eval::Environment& env,
                     rows::RowHasher hasher, Limits limits)
    : collection_(collection),
      evaluator_(evaluator),
      env_(env),
      hasher_(hasher),
      limits_(limits),
      sources_(collection.sources.size()),
      locals_(collection.locals) {
  env_.locals = locals_;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const ir::Source& source = collection.sources[i];
    sources_[i].wanted = wanted[i];
    sources_[i].computed = !source.collection && !source.depends.empty() && !source.batch;
    const auto slot = value_slot(i);
    if (source.batch && slot) {
      sources_[i].url_cost = cost_in_url(collection, static_cast<std::uint32_t>(*slot));
    }
  }
}

std::optional<std::size_t> InputJoin::value_slot(std::size_t source) const {
  for (std::size_t i = 0; i < collection_.slots.size(); ++i) {
    if (collection_.slots[i].source == source && !collection_.slots[i].cell) return i;
  }
  return std::nullopt;
}

/// The elements of `values`: a list gives each, null none, anything else itself; nulls skipped.
Result<std::vector<Value>> InputJoin::elements(std::size_t source, const Slots& current) {
  env_.bound = current;
  auto result = evaluator_.evaluate(*collection_.sources[source].values, env_, scratch_);
  if (!result) return fail(result.error());
  const Value all = value::decoded(*result, scratch_);
  std::vector<Value> found;
  if (all.kind == Kind::list) {
    for (const Value& element : all.list_view()) {
      const Value item = value::decoded(element, scratch_);
      if (!item.is_null()) found.push_back(item);
    }
  } else if (!all.is_null()) {
    found.push_back(all);
  }
  return found;
}

Result<void> InputJoin::start(const Emit& emit) {
  if (sources_.empty()) return emit({});
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const ir::Source& source = collection_.sources[i];
    if (source.collection || sources_[i].computed || !source.values) continue;
    if (!sources_[i].wanted) continue;
    scratch_.reset();
    Slots slots(collection_.slots.size());
    auto found = elements(i, slots);
    if (!found) return fail(found.error());
    const auto slot = value_slot(i);
    for (const Value& element : *found) {
      if (source.batch) {
        if (auto added = add_to_batch(i, element, emit); !added) return added;
        continue;
      }
      if (slot) slots[*slot] = element;
      if (auto done = candidate(i, slots, emit); !done) return done;
    }
    if (source.batch) {
      if (auto flushed = flush(i, emit); !flushed) return flushed;
    }
  }
  return {};
}

Result<void> InputJoin::offer(std::size_t source, std::span<const Value> cells, const Emit& emit) {
  if (!sources_[source].wanted) return {};
  scratch_.reset();
  const ir::Source& declared = collection_.sources[source];
  Slots slots(collection_.slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const ir::Slot& slot = collection_.slots[i];
    if (slot.source == source && slot.cell) slots[i] = cells[*slot.cell];
  }
  if (!declared.values) return candidate(source, std::move(slots), emit);
  auto found = elements(source, slots);
  if (!found) return fail(found.error());
  const auto slot = value_slot(source);
  for (const Value& element : *found) {
    if (declared.batch) {
      if (auto added = add_to_batch(source, element, emit); !added) return added;
      continue;
    }
    if (slot) slots[*slot] = element;
    if (auto done = candidate(source, slots, emit); !done) return done;
  }
  return {};
}

Result<void> InputJoin::add_to_batch(std::size_t source, const Value& element, const Emit& emit) {
  SourceState& state = sources_[source];
  const std::string text = value::to_json(element);
  auto fresh = state.seen.insert(hasher_.hash(text));
  if (!fresh) return fail(fresh.error());
  if (!*fresh) return {};
  const std::string_view sent = element.kind == Kind::string ? element.view() : text;
  const std::int64_t size = *collection_.sources[source].batch;
  if (size == all_at_once && state.batch.size() >= limits_.max_kept) {
    return fail(FailureKind::limit,
                "`" + collection_.name + "` would take more than " +
                    std::to_string(limits_.max_kept) + " values together",
                collection_.sources[source].span);
  }
  const std::size_t url = state.url_cost ? http::encode_query(sent).size() + *state.url_cost : 0;
  if (size != all_at_once && !state.batch.empty() &&
      state.batch_url + url > limits_.batch_url_bytes) {
    if (auto flushed = flush(source, emit); !flushed) return flushed;
  }
  state.batch.push_back(value::copy(element, kept_arena_));
  state.batch_url += url;
  if (size != all_at_once && std::ssize(state.batch) >= size) return flush(source, emit);
  return {};
}

Result<void> InputJoin::flush(std::size_t source, const Emit& emit) {
  SourceState& state = sources_[source];
  if (state.batch.empty() && collection_.sources[source].batch != all_at_once) return {};
  auto list = kept_arena_.make<Value>(state.batch.size());
  std::copy(state.batch.begin(), state.batch.end(), list.begin());
  state.batch.clear();
  state.batch_url = 0;
  Slots slots(collection_.slots.size());
  if (const auto slot = value_slot(source)) slots[*slot] = Value::list(list);
  auto done = candidate(source, std::move(slots), emit);
  if (std::count_if(sources_.begin(), sources_.end(),
                    [](const SourceState& s) { return s.wanted; }) == 1) {
    kept_arena_.reset();
  }
  return done;
}

Result<void> InputJoin::finish(std::size_t source, const Emit& emit) {
  scratch_.reset();
  return flush(source, emit);
}

Result<void> InputJoin::candidate(std::size_t source, Slots slots, const Emit& emit) {
  Slots current(collection_.slots.size());
  if (auto done = combine(0, source, slots, current, emit); !done) return done;
  const auto independent =
      std::count_if(sources_.begin(), sources_.end(),
                    [](const SourceState& s) { return s.wanted && !s.computed; });
  if (independent <= 1) return {};
  if (++kept_ > limits_.max_kept) {
    return fail(FailureKind::limit,
                "the product of `" + collection_.name + "`'s sources would keep more than " +
                    std::to_string(limits_.max_kept) + " values",
                collection_.sources[source].span);
  }
  for (Value& slot : slots) slot = value::copy(slot, kept_arena_);
  sources_[source].kept.push_back(std::move(slots));
  return {};
}

Result<void> InputJoin::combine(std::size_t at, std::size_t fresh, const Slots& slots,
                                Slots& current, const Emit& emit) {
  if (at == sources_.size()) return emit(current);
  if (!sources_[at].wanted) return combine(at + 1, fresh, slots, current, emit);
  if (at == fresh) return place(at, fresh, slots, slots, current, emit);
  if (sources_[at].computed) {
    auto found = elements(at, current);
    if (!found) return fail(found.error());
    const auto slot = value_slot(at);
    for (const Value& element : *found) {
      Slots computed(collection_.slots.size());
      if (slot) computed[*slot] = element;
      if (auto done = place(at, fresh, computed, slots, current, emit); !done) return done;
    }
    return {};
  }
  for (const Slots& kept : sources_[at].kept) {
    if (auto done = place(at, fresh, kept, slots, current, emit); !done) return done;
  }
  return {};
}

/// Sets the slots of source `at` to the candidate, tests its `where`, goes on with the next source.
Result<void> InputJoin::place(std::size_t at, std::size_t fresh, const Slots& candidate,
                              const Slots& slots, Slots& current, const Emit& emit) {
  for (std::size_t i = 0; i < current.size(); ++i) {
    if (collection_.slots[i].source == at) current[i] = candidate[i];
  }
  if (collection_.sources[at].where) {
    env_.bound = current;
    auto holds = evaluator_.test(*collection_.sources[at].where, env_, scratch_);
    if (!holds) return fail(holds.error());
    if (!*holds) return {};
  }
  return combine(at + 1, fresh, slots, current, emit);
}

}  // namespace fconn::run
