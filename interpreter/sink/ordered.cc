// --ordered: batches wait in a spool and leave sorted by instance, collection and position.
#include <algorithm>
#include <tuple>

#include "interpreter/sink/sinks.hh"
#include "interpreter/sink/spool.hh"

namespace fconn::sink {
namespace {

class OrderedSink : public value::Sink {
 public:
  explicit OrderedSink(value::Sink& inner) : inner_(inner) {}

  value::Result<void> write(std::string_view instance, std::string_view collection,
                            const value::RowBatch& batch) override {
    Held held;
    held.instance = instance;
    held.collection = collection;
    held.provenance = batch.provenance;
    held.sequence = held_.size();
    held.offset = spool_.size();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (batch.dropped(i)) continue;
      held.rows.push_back(static_cast<std::uint32_t>(batch.row(i).size()));
      held.hashes.push_back(batch.hash(i));
      if (auto spooled = spool_.append(batch.row(i)); !spooled) return spooled;
    }
    held_.push_back(std::move(held));
    return {};
  }

  value::Result<void> finish(std::string_view instance, std::string_view collection,
                             const value::Outcome& outcome) override {
    finished_.push_back({std::string(instance), std::string(collection), outcome});
    return {};
  }

  value::Result<void> close() override {
    std::sort(held_.begin(), held_.end(), [](const Held& a, const Held& b) {
      return std::tie(a.instance, a.collection, a.provenance.position, a.sequence) <
             std::tie(b.instance, b.collection, b.provenance.position, b.sequence);
    });
    std::sort(finished_.begin(), finished_.end(), [](const Finished& a, const Finished& b) {
      return std::tie(a.instance, a.collection) < std::tie(b.instance, b.collection);
    });
    for (Held& held : held_) {
      if (auto written = replay(held); !written) return written;
    }
    for (const Finished& finished : finished_) {
      auto done = inner_.finish(finished.instance, finished.collection, finished.outcome);
      if (!done) return done;
    }
    return inner_.close();
  }

 private:
  struct Held {
    std::string instance, collection;
    value::Provenance provenance;
    std::size_t sequence = 0;
    std::uint64_t offset = 0;
    std::vector<std::uint32_t> rows;
    std::vector<value::RowHash> hashes;
  };
  struct Finished {
    std::string instance, collection;
    value::Outcome outcome;
  };

  value::Result<void> replay(Held& held) {
    value::RowBatch batch;
    batch.provenance = std::move(held.provenance);
    std::uint64_t offset = held.offset;
    for (std::size_t i = 0; i < held.rows.size(); ++i) {
      auto text = spool_.read(offset, held.rows[i]);
      if (!text) return value::fail(text.error());
      batch.text().append(*text);
      batch.end_row(held.hashes[i]);
      offset += held.rows[i];
    }
    return inner_.write(held.instance, held.collection, batch);
  }

  value::Sink& inner_;
  Spool spool_{std::size_t{8} << 20U};
  std::vector<Held> held_;
  std::vector<Finished> finished_;
};

}  // namespace

std::unique_ptr<value::Sink> make_ordered(value::Sink& inner) {
  return std::make_unique<OrderedSink>(inner);
}

}  // namespace fconn::sink
