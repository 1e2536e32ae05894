// The object that stands for one row in NDJSON and JSON. Internal to the sinks.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/value/row_batch.hh"

namespace fconn::sink {

/// `{"instance":"…","collection":"…","row":` kept for as long as the names stay the same.
class LinePrefix {
 public:
  const std::string& of(std::string_view instance, std::string_view collection);

 private:
  std::string instance_, collection_, prefix_;
};

/// `,"from":{…}}` or `}`: what follows the row.
std::string line_suffix(const value::RowBatch& batch, bool provenance);

}  // namespace fconn::sink
