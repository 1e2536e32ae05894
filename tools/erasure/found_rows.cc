#include "tools/erasure/found_rows.hh"

#include <algorithm>
#include <map>

#include "interpreter/erase/rows.hh"

namespace fconn::erasure {

std::string name_of(const ir::Collection& collection, const value::Value& row,
                    std::string_view used, value::Arena& arena) {
  return erase::row_identity(collection, row, arena) + std::string(used);
}

std::vector<RowFound> rows_of(const std::vector<run::FoundRow>& found,
                              const std::vector<run::Instance>& instances) {
  std::vector<RowFound> rows;
  std::map<std::string, std::size_t> places;
  std::map<std::size_t, std::vector<std::string>> beside;
  for (run::FoundRow one : found) {
    if (one.row.empty()) {
      rows.push_back({one, {}, ""});
      continue;
    }
    value::Arena arena;
    auto row = value::parse_json(one.row, arena);
    FCONN_ASSERT(row, "rows were valid when they were read");
    // As it is read from a plan.
    if (!one.used.empty()) {
      auto used = value::parse_json(one.used, arena);
      FCONN_ASSERT(used, "a list of our own");
      one.used = value::to_json(*used);
    }
    const auto& collections = instances[one.instance].connector->collections;
    const std::string name = std::to_string(one.instance) + ' ' + std::to_string(one.collection) +
                             ' ' + name_of(collections[one.collection], *row, one.used, arena);
    const auto [place, fresh] = places.emplace(name, rows.size());
    if (fresh) {
      rows.push_back({one, {one.row}, ""});
      continue;
    }
    RowFound& known = rows[place->second];
    known.contents.push_back(one.row);
    if (one.bound != known.row.bound) beside[place->second].push_back(one.bound);
  }
  for (RowFound& row : rows) {
    std::sort(row.contents.begin(), row.contents.end());
    row.contents.erase(std::unique(row.contents.begin(), row.contents.end()), row.contents.end());
    if (!row.contents.empty()) row.row.row = erase::merged_row(row.contents);
  }
  for (const auto& [place, bounds] : beside) {
    std::string& list = rows[place].beside;
    for (const std::string& bound : bounds) list += (list.empty() ? "[" : ",") + bound;
    list += ']';
  }
  return rows;
}

}  // namespace fconn::erasure
