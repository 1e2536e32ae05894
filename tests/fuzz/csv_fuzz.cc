// CSV: what is read is JSON that a reader takes, is the same in pieces of any size, and is itself
// again after writing and reading.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "interpreter/formats/csv.hh"
#include "interpreter/formats/ndjson.hh"

namespace {

using namespace fconn;

void require(bool holds) {
  if (!holds) std::abort();
}

value::Result<std::string> in_pieces(std::string_view text, std::size_t size) {
  auto decoder = formats::csv_decoder({});
  std::string out;
  while (!text.empty()) {
    if (auto done = decoder->feed(text.substr(0, size), out); !done) {
      return value::fail(done.error());
    }
    text.remove_prefix(std::min(size, text.size()));
  }
  if (auto done = decoder->finish(out); !done) return value::fail(done.error());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = formats::csv_to_json(text, {});
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}}) {
    const auto same = in_pieces(text, piece);
    require(same.has_value() == whole.has_value());
    require(whole ? *same == *whole : same.error().text == whole.error().text);
  }
  (void)formats::csv_to_json(text, {';', false});
  auto lines = formats::ndjson_decoder();
  std::string list;
  require(lines->feed(text, list).has_value() && lines->finish(list).has_value());
  if (!whole) return 0;

  value::Arena arena;
  const auto rows = value::parse_json(*whole, arena);
  require(rows.has_value());
  std::string written;
  require(formats::append_csv(*rows, ',', std::nullopt, arena, written).has_value());
  const auto again = formats::csv_to_json(written, {});
  require(again && *again == *whole);
  return 0;
}
