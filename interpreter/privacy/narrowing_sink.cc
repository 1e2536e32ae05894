#include "interpreter/privacy/narrowing_sink.hh"

namespace fconn::privacy {
namespace {

class NarrowingSink : public value::Sink {
 public:
  NarrowingSink(value::Sink& inner, const Narrowers& narrowers)
      : inner_(inner), narrowers_(narrowers) {}

  value::Result<void> write(std::string_view instance, std::string_view collection,
                            const value::RowBatch& batch) override {
    const Narrower* const narrower = find(instance, collection);
    if (narrower == nullptr) {
      return value::fail(value::FailureKind::rule, "the policy doesn't say what is kept of " +
                                                       std::string(instance) + ":" +
                                                       std::string(collection));
    }
    narrowed_.clear();
    narrowed_.provenance = batch.provenance;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (batch.dropped(i)) continue;
      narrower->narrow(batch.row(i), narrowed_.text());
      narrowed_.end_row(batch.hash(i));
    }
    return inner_.write(instance, collection, narrowed_);
  }

  value::Result<void> finish(std::string_view instance, std::string_view collection,
                             const value::Outcome& outcome) override {
    return inner_.finish(instance, collection, outcome);
  }
  value::Result<void> close() override { return inner_.close(); }

 private:
  const Narrower* find(std::string_view instance, std::string_view collection) const {
    const auto of_instance = narrowers_.find(instance);
    if (of_instance == narrowers_.end()) return nullptr;
    const auto found = of_instance->second.find(collection);
    return found == of_instance->second.end() ? nullptr : &found->second;
  }

  value::Sink& inner_;
  const Narrowers& narrowers_;
  value::RowBatch narrowed_;
};

}  // namespace

std::unique_ptr<value::Sink> make_narrowing(value::Sink& inner, const Narrowers& narrowers) {
  return std::make_unique<NarrowingSink>(inner, narrowers);
}

}  // namespace fconn::privacy
