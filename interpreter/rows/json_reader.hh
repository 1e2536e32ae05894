// Bytes of a JSON response to rows and cells. Knows no collection, no request, no expression.
//
// simdjson's stage 1 (structural index and UTF-8 validation, implementation chosen at run time)
// runs over the text; one walk over its index then checks the grammar of every token, follows the
// projection's trie, takes the raw text of each wanted cell and hands over each row. Every row
// handed over is valid JSON: numbers, literals, escapes and surrogate pairs are checked, also in
// parts nobody asked for. Duplicate keys: the last one is the cell's value; the row keeps both.
// Rows holding newlines are minified, so a row is always one line.
//
// Two ways with the same results: a whole body in memory (read), or chunk by chunk (JsonStream),
// which keeps one window and the cells only, so memory does not grow with the body.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/rows/projection.hh"
#include "interpreter/value/result.hh"

namespace fconn::rows {

/// Spare bytes that must lie readable behind a text given to read() (>= SIMDJSON_PADDING).
constexpr std::size_t padding = 64;

struct ReaderLimits {
  std::uint32_t max_depth = 512;
  std::uint64_t max_row_bytes = std::uint64_t{16} << 20U;
  std::uint64_t max_envelope_bytes = std::uint64_t{4} << 20U;  // all body cells of a stream
  std::uint32_t window_bytes = std::uint32_t{256} << 10U;      // a stream's, to begin with
};

class RowHandler {
 public:
  virtual ~RowHandler() = default;
  /// `cells[i]` is the raw JSON text of row_cells[i], data() == nullptr when missing. Views are
  /// good during the call only. A failure ends the reading.
  virtual value::Result<void> row(std::string_view text,
                                  std::span<const std::string_view> cells) = 0;
};

/// What there was beside the rows. Views into the body (read) or into the stream (JsonStream).
struct Envelope {
  std::vector<std::string_view> body_cells;  // raw JSON texts; data() == nullptr when missing
  std::uint64_t rows = 0;                    // elements found, before any keep
  std::string_view first_row, last_row;      // raw texts; empty when there is none
  bool rows_missing = false;                 // there is something, but nowhere for rows to be
};

/// Reuses its index memory from call to call; one per thread.
class JsonReader {
 public:
  explicit JsonReader(ReaderLimits limits = {});
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  /// `body` must have `padding` readable bytes behind it. Rows are handed over in order. The rows
  /// value: a list gives its elements, an object is one row, null or a missing path none; anything
  /// else is a `shape` failure. An empty body is a `protocol` failure. Trailing text is one, too.
  /// Bodies whose first bytes are a UTF-8 byte order mark are accepted; UTF-16 is refused by name.
  value::Result<Envelope> read(std::string_view body, const CompiledProjection& projection,
                               RowHandler& handler);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Incremental twin of read(). Rows are handed over as their bytes arrive; they count only when
/// finish() succeeds (the caller stages them).
class JsonStream {
 public:
  JsonStream(const CompiledProjection& projection, RowHandler& handler, ReaderLimits limits = {});
  ~JsonStream();
  JsonStream(const JsonStream&) = delete;
  JsonStream& operator=(const JsonStream&) = delete;

  value::Result<void> feed(std::string_view chunk);
  /// Envelope views are good until the stream is destroyed.
  value::Result<Envelope> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Compact copy of a valid JSON text: white space outside strings removed.
void append_minified(std::string_view json, std::string& out);

}  // namespace fconn::rows
