// Rows onward: distinct ones to the children that need them and to the writer.
#include "interpreter/run/state.hh"

namespace fconn::run {

using value::fail;
using value::Result;
using value::Value;

namespace {
/// Rows of small pages are written together; a flush timer bounds how long they wait.
constexpr std::size_t write_at_bytes = std::size_t{192} << 10U;
constexpr value::Milliseconds flush_after{25};
}  // namespace

Result<void> Engine::State::deliver(CollectionRun& collection, const Page& full, std::size_t row) {
  value::Arena arena(512);
  auto cells = value::parse_json(full.cells_of(row), arena);
  if (!cells) return fail(cells.error());
  for (const auto& [child_index, source] : collection.children) {
    CollectionRun& child = *collection.instance->collections[child_index];
    if (child.abandoned) continue;
    for (InputRun& input : child.inputs) {
      auto offered = input.join->offer(
          source, cells->list_view(),
          [&](std::span<const Value> slots) { return emit_inputs(child, input.reads, slots); });
      if (!offered) fail_collection(child, offered.error(), "");
    }
  }
  return {};
}

/// What an erasure may act on: each row once for each set of the bindings that its `update` and
/// `delete` use, as one row may be there below several parents, and once for each content that its
/// key was found with.
Result<void> Engine::State::find_row(CollectionRun& collection, const Page& full, std::size_t row,
                                     const Task* task) {
  if (!collection.output || (!collection.update && !collection.removal)) return {};
  const bool from_task = task != nullptr && task->live;
  const auto bound = from_task ? std::span<const Value>(task->live->bound) : emitting;
  const value::RowHash hash = full.rows.hash(row);
  std::string used;
  for (const std::uint32_t slot : collection.erasure_uses) {
    used += used.empty() ? '[' : ',';
    value::append_json(slot < bound.size() ? bound[slot] : Value::null(), used);
  }
  if (!used.empty()) used += ']';
  const std::string identity = "row " + std::to_string(hash.high) + '-' + std::to_string(hash.low) +
                               '-' + std::to_string(hash.content) + used;
  auto fresh = collection.inputs_seen.insert(rows::RowHasher(seed).hash(identity));
  if (!fresh) return fail(fresh.error());
  if (!*fresh) return {};
  if (found_bytes > options.max_found_bytes) {
    return fail(value::FailureKind::limit, "there are more rows to be erased than the " +
                                               std::to_string(options.max_found_bytes >> 20U) +
                                               " MiB that are kept");
  }
  find(collection, full.rows.row(row), bound, std::move(used),
       from_task ? collection.reads[task->read].choices[task->choice].identities
                 : std::vector<Value>(collection.instance->connector->identities.size()));
  return {};
}

Result<void> Engine::State::commit(CollectionRun& collection, Page& full, Task* task) {
  std::uint64_t fresh_rows = 0;
  constexpr std::size_t ahead = 8;  // look-ups whose memory is fetched meanwhile
  for (std::size_t i = 0; i < full.rows.size(); ++i) {
    if (i + ahead < full.rows.size()) {
      collection.rows_seen.prefetch(full.rows.hash(i + ahead));
    }
    auto known = collection.rows_seen.look(full.rows.hash(i));
    if (!known) return fail(known.error());
    if (*known == rows::Seen::unlike) ++collection.outcome.unlike;
    if (*known != rows::Seen::fresh) {
      if (observed() && task != nullptr) {
        const Seen about = seen(*task);
        tell([&](Observer& one) { one.repeated(about, full.rows.row(i)); });
      }
      if (auto found = find_row(collection, full, i, task); !found) return found;
      // What this one leads to counts, too: which of the two came first is chance.
      if (*known == rows::Seen::unlike && !collection.children.empty()) {
        if (auto delivered = deliver(collection, full, i); !delivered) return delivered;
      }
      full.rows.drop(i);
      continue;
    }
    ++fresh_rows;
    if (auto found = find_row(collection, full, i, task); !found) return found;
    if (collection.children.empty()) continue;
    if (auto delivered = deliver(collection, full, i); !delivered) return delivered;
  }
  collection.outcome.rows += fresh_rows;
  if (collection.output) rows += fresh_rows;
  if (!collection.output || fresh_rows == 0) {
    full.clear();
    return {};
  }
  value::RowBatch& pending = collection.pending.rows;
  if (pending.size() == 0) {
    std::swap(pending, full.rows);
  } else {
    for (std::size_t i = 0; i < full.rows.size(); ++i) {
      if (full.rows.dropped(i)) continue;
      pending.text().append(full.rows.row(i));
      pending.end_row(full.rows.hash(i));
    }
  }
  full.clear();
  pending.provenance.position = collection.position++;
  if (options.provenance && task != nullptr && task->live) {
    pending.provenance.request = task->live->request_name;
    pending.provenance.steps = task->live->earlier;
    pending.provenance.identity = collection.reads[task->read].choices[task->choice].names;
    pending.provenance.inputs.clear();
    for (const Value& input : task->live->bound) {
      if (!input.is_null()) pending.provenance.inputs.push_back(value::to_json(input));
    }
  }
  if (pending.bytes() >= write_at_bytes || options.provenance) {
    write_pending(collection);
  } else if (!flush_at) {
    flush_at = ports.clock.now() + flush_after;
  }
  return {};
}

void Engine::State::write_pending(CollectionRun& collection) {
  if (collection.pending.rows.size() == 0) return;
  value::RowBatch spare =
      writer->write(collection.instance->instance.key, collection.collection->name,
                    std::move(collection.pending.rows));
  spare.provenance = {};
  collection.pending.rows = std::move(spare);
}

void Engine::State::write_all_pending() {
  flush_at.reset();
  for (auto& instance : instances) {
    for (auto& collection : instance->collections) write_pending(*collection);
  }
}

}  // namespace fconn::run
