// What the two fuzz targets of rows/ share: projections, and readers that copy what comes out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interpreter/rows/json_reader.hh"
#include "tests/support/slow_reader.hh"

namespace fconn::fuzz {

constexpr std::uint32_t max_depth = 16;

inline const rows::Projection& projection_for(std::uint8_t choice) {
  using rows::KeyPath;
  static const std::vector<rows::Projection> all = {
      {{}, KeyPath{}, {{"a"}, {"b", "c"}, {}}},
      {{{"next"}, {"meta", "a"}}, KeyPath{"data"}, {{"a"}, {"a", "b"}}},
      {{{"data", "a"}}, KeyPath{"data"}, {{"id"}}},
      {{{"a"}, {"a", "b"}}, std::nullopt, {}},
      {{{"a"}}, KeyPath{"data", "items"}, {{}}},
      {{{}, {"data"}}, KeyPath{"data", "items"}, {{"a"}}},
  };
  return all[choice % all.size()];
}

struct Outcome {
  bool good = false;
  std::vector<support::SlowRow> rows;
  std::vector<support::Cell> body_cells;
};

class Collector final : public rows::RowHandler {
 public:
  value::Result<void> row(std::string_view text, std::span<const std::string_view> cells) override {
    support::SlowRow row{std::string(text), {}};
    for (const std::string_view cell : cells) row.cells.push_back(copy(cell));
    outcome.rows.push_back(std::move(row));
    return {};
  }
  Outcome finish(const value::Result<rows::Envelope>& result) {
    outcome.good = result.has_value();
    if (result) {
      for (const std::string_view cell : result->body_cells) {
        outcome.body_cells.push_back(copy(cell));
      }
    }
    return std::move(outcome);
  }

 private:
  static support::Cell copy(std::string_view cell) {
    return cell.data() == nullptr ? support::Cell() : support::Cell(std::string(cell));
  }
  Outcome outcome;
};

inline Outcome read_whole(const std::string& text, const rows::Projection& projection) {
  const rows::CompiledProjection compiled(projection);
  rows::ReaderLimits limits;
  limits.max_depth = max_depth;
  const std::string padded = text + std::string(rows::padding, '1');
  rows::JsonReader reader(limits);
  Collector collector;
  return collector.finish(
      reader.read(std::string_view(padded).substr(0, text.size()), compiled, collector));
}

inline Outcome read_stream(std::string_view text, const rows::Projection& projection,
                           std::uint32_t window, std::size_t chunk) {
  const rows::CompiledProjection compiled(projection);
  rows::ReaderLimits limits;
  limits.max_depth = max_depth;
  limits.window_bytes = window;
  Collector collector;
  rows::JsonStream stream(compiled, collector, limits);
  for (std::size_t i = 0; i < text.size(); i += chunk) {
    if (!stream.feed(text.substr(i, chunk))) return collector.finish(stream.finish());
  }
  return collector.finish(stream.finish());
}

}  // namespace fconn::fuzz
