// Times the JSON reader and the stream in memory over generated pages, best of several rounds.
// Usage: rows_bench flat|tree|big DATA_DIR [rounds] [read|stream] [8|0 (cells a row)]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "interpreter/rows/json_reader.hh"

namespace {

using fconn::rows::CompiledProjection;
using fconn::rows::Envelope;
using fconn::rows::Projection;

class Counter final : public fconn::rows::RowHandler {
 public:
  fconn::value::Result<void> row(std::string_view text,
                                 std::span<const std::string_view> cells) override {
    ++rows;
    bytes += text.size();
    for (const std::string_view cell : cells) cell_bytes += cell.size();
    return {};
  }
  std::size_t rows = 0, bytes = 0, cell_bytes = 0;
};

Projection projection_of(const std::string& data, bool cells) {
  Projection projection;
  if (data == "big") {
    projection.rows.emplace();
  } else {
    projection.rows = {"data"};
    projection.body_cells = {{data == "flat" ? "next" : "has_more"}};
  }
  if (!cells) return projection;
  if (data == "tree") {
    projection.row_cells = {{"id"},
                            {"customer"},
                            {"amount"},
                            {"currency"},
                            {"created"},
                            {"status"},
                            {"billing_details", "address", "city"},
                            {"payment_method_details", "card", "last4"}};
  } else {
    projection.row_cells = {
        {"id"},   {"email"},   {"name"}, {"address", "city"}, {"address", "country"},
        {"tags"}, {"balance"}, {"notes"}};
  }
  return projection;
}

std::vector<std::string> load(const std::filesystem::path& folder) {
  std::vector<std::string> bodies;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::string body;
    body.reserve(entry.file_size() + fconn::rows::padding);
    body.assign(std::istreambuf_iterator<char>(file), {});
    bodies.push_back(std::move(body));
  }
  return bodies;
}

bool read_all(const std::vector<std::string>& bodies, const CompiledProjection& projection,
              Counter& counter) {
  fconn::rows::JsonReader reader;
  for (const std::string& body : bodies) {
    if (!reader.read(body, projection, counter)) return false;
  }
  return true;
}

bool stream_all(const std::vector<std::string>& bodies, const CompiledProjection& projection,
                Counter& counter) {
  constexpr std::size_t chunk = std::size_t{16} << 10U;
  for (const std::string& body : bodies) {
    fconn::rows::JsonStream stream(projection, counter);
    for (std::size_t i = 0; i < body.size(); i += chunk) {
      if (!stream.feed(std::string_view(body).substr(i, chunk))) return false;
    }
    if (!stream.finish()) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s flat|tree|big DATA_DIR [rounds] [read|stream] [8|0]\n",
                 argv[0]);
    return 2;
  }
  const std::string data = argv[1];
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
  const std::string way = argc > 4 ? argv[4] : "read";
  const bool cells = argc <= 5 || std::string(argv[5]) != "0";
  const char* folder = data == "flat" ? "flat" : data == "tree" ? "tree/charges" : "big";
  const std::vector<std::string> bodies = load(std::filesystem::path(argv[2]) / folder);
  const CompiledProjection projection(projection_of(data, cells));

  double best = 1e9;
  Counter counter;
  for (int round = 0; round < rounds; ++round) {
    counter = Counter();
    const auto begin = std::chrono::steady_clock::now();
    const bool good = way == "stream" ? stream_all(bodies, projection, counter)
                                      : read_all(bodies, projection, counter);
    if (!good) {
      std::fprintf(stderr, "the data can't be read\n");
      return 1;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  std::printf("%s %s cells=%d rows=%zu bytes=%zu cell_bytes=%zu: %.3f us/row, %.2f GB/s\n",
              data.c_str(), way.c_str(), cells ? 8 : 0, counter.rows, counter.bytes,
              counter.cell_bytes, best * 1e6 / static_cast<double>(counter.rows),
              static_cast<double>(counter.bytes) / best / 1e9);
  return 0;
}
