// Runs the reader or the stream over a text and keeps copies of all that comes out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/rows/json_reader.hh"
#include "tests/support/slow_reader.hh"

namespace fconn::rows::test {

struct Collected {
  bool good = false;
  value::Failure failure;
  std::vector<support::SlowRow> rows;
  std::vector<support::Cell> body_cells;
  std::uint64_t count = 0;
  std::string first_row, last_row;
  bool rows_missing = false;
};

class Collector final : public RowHandler {
 public:
  value::Result<void> row(std::string_view text, std::span<const std::string_view> cells) override {
    support::SlowRow row{std::string(text), {}};
    for (const std::string_view cell : cells) row.cells.push_back(copy(cell));
    rows.push_back(std::move(row));
    return {};
  }
  static support::Cell copy(std::string_view cell) {
    return cell.data() == nullptr ? support::Cell() : support::Cell(std::string(cell));
  }
  std::vector<support::SlowRow> rows;
};

inline Collected collected(const value::Result<Envelope>& result, Collector& collector) {
  Collected all;
  all.good = result.has_value();
  all.rows = std::move(collector.rows);
  if (!result) {
    all.failure = result.error();
    return all;
  }
  for (const std::string_view cell : result->body_cells) {
    all.body_cells.push_back(Collector::copy(cell));
  }
  all.count = result->rows;
  all.first_row = result->first_row;
  all.last_row = result->last_row;
  all.rows_missing = result->rows_missing;
  return all;
}

/// The padding behind the text is full of what must not be read as JSON.
inline Collected read_whole(std::string_view text, const Projection& projection,
                            ReaderLimits limits = {}) {
  const std::string padded = std::string(text) + std::string(padding, '7');
  const CompiledProjection compiled(projection);
  JsonReader reader(limits);
  Collector collector;
  return collected(
      reader.read(std::string_view(padded).substr(0, text.size()), compiled, collector), collector);
}

/// `next_size` gives the size of each chunk.
inline Collected read_stream(std::string_view text, const Projection& projection,
                             const std::function<std::size_t()>& next_size,
                             ReaderLimits limits = {}) {
  const CompiledProjection compiled(projection);
  Collector collector;
  JsonStream stream(compiled, collector, limits);
  while (!text.empty()) {
    // A copy of its own, so that reading past a chunk shows under sanitizers.
    const std::string chunk(text.substr(0, next_size()));
    text.remove_prefix(chunk.size());
    if (auto fed = stream.feed(chunk); !fed) {
      return collected(value::fail(fed.error()), collector);
    }
  }
  return collected(stream.finish(), collector);
}

inline std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace fconn::rows::test
