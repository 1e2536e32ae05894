// The rows of a run, by collection.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "interpreter/value/ports.hh"

namespace fconn::contract {

class CollectingSink final : public value::Sink {
 public:
  value::Result<void> write(std::string_view, std::string_view collection,
                            const value::RowBatch& batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (!batch.dropped(i)) rows[std::string(collection)].emplace_back(batch.row(i));
    }
    return {};
  }
  value::Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }
  value::Result<void> close() override { return {}; }

  std::map<std::string, std::vector<std::string>> rows;
};

}  // namespace fconn::contract
