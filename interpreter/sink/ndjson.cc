// NDJSON and JSON: a copy of the rows' bytes between a prefix and a suffix.
#include "interpreter/sink/lines.hh"
#include "interpreter/sink/sinks.hh"

namespace fconn::sink {
namespace {

class LineSink : public value::Sink {
 public:
  LineSink(Output& output, bool provenance, bool array)
      : output_(output), provenance_(provenance), array_(array) {}

  value::Result<void> write(std::string_view instance, std::string_view collection,
                            const value::RowBatch& batch) override {
    const std::string& prefix = prefix_.of(instance, collection);
    const std::string suffix = line_suffix(batch, provenance_) + (array_ ? "" : "\n");
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (batch.dropped(i)) continue;
      std::string& buffer = output_.buffer();
      if (array_) buffer += first_ ? "[\n" : ",\n";
      first_ = false;
      buffer.append(prefix).append(batch.row(i)).append(suffix);
      if (auto written = output_.maybe_flush(); !written) return written;
    }
    return output_.end_of_batch();
  }

  value::Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }

  value::Result<void> close() override {
    if (array_) output_.buffer() += first_ ? "[]\n" : "\n]\n";
    return output_.flush();
  }

 private:
  Output& output_;
  bool provenance_;
  bool array_;
  bool first_ = true;
  LinePrefix prefix_;
};

}  // namespace

std::unique_ptr<value::Sink> make_ndjson(Output& output, bool provenance) {
  return std::make_unique<LineSink>(output, provenance, false);
}

std::unique_ptr<value::Sink> make_json(Output& output, bool provenance) {
  return std::make_unique<LineSink>(output, provenance, true);
}

}  // namespace fconn::sink
