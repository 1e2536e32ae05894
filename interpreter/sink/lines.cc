#include "interpreter/sink/lines.hh"

#include "interpreter/value/value.hh"

namespace fconn::sink {

const std::string& LinePrefix::of(std::string_view instance, std::string_view collection) {
  if (prefix_.empty() || instance != instance_ || collection != collection_) {
    instance_ = instance;
    collection_ = collection;
    prefix_ = "{\"instance\":";
    value::append_json_string(instance, prefix_);
    prefix_ += ",\"collection\":";
    value::append_json_string(collection, prefix_);
    prefix_ += ",\"row\":";
  }
  return prefix_;
}

std::string line_suffix(const value::RowBatch& batch, bool provenance) {
  if (!provenance) return "}";
  std::string suffix = ",\"from\":{\"request\":";
  value::append_json_string(batch.provenance.request, suffix);
  if (!batch.provenance.steps.empty()) {
    suffix += ",\"steps\":[";
    for (const std::string& step : batch.provenance.steps) {
      if (suffix.back() != '[') suffix += ',';
      value::append_json_string(step, suffix);
    }
    suffix += ']';
  }
  suffix += ",\"inputs\":[";
  for (std::size_t i = 0; i < batch.provenance.inputs.size(); ++i) {
    if (i > 0) suffix += ',';
    suffix += batch.provenance.inputs[i];
  }
  suffix += "],\"identity\":";
  if (batch.provenance.identity.empty()) {
    suffix += "null";
  } else {
    value::append_json_string(batch.provenance.identity, suffix);
  }
  suffix += "}}";
  return suffix;
}

}  // namespace fconn::sink
