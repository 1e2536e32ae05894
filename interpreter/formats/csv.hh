// CSV (RFC 4180), both ways. Reading is strict: a row that has not as many fields as the header, a
// quote where none may stand and a column that is there twice are failures that name the line; no
// value ever moves to another column. Line ends of any kind; a byte order mark is skipped.
#pragma once

#include <optional>
#include <span>

#include "interpreter/formats/decoder.hh"
#include "interpreter/value/value.hh"

namespace fconn::formats {

/// Bytes that one row of a CSV text may have.
constexpr std::size_t max_csv_row = std::size_t{16} << 20U;

struct CsvShape {
  char delimiter = ',';
  bool header = true;  // the first line names the columns; without: rows are lists
};

/// CSV to the JSON text of a list of rows; every field is a string, also an empty one. Lines
/// without any character are no rows. Keeps one row in memory.
std::unique_ptr<Decoder> csv_decoder(CsvShape shape);

/// The whole of a CSV text as JSON.
value::Result<std::string> csv_to_json(std::string_view text, CsvShape shape);

/// Appends the CSV text of a list of objects, or of a list of lists. Objects give a header line:
/// `columns`, or else every key in the order of first appearance. Null and a missing key are empty
/// fields; lists and objects are written as JSON. Lines end in CR LF. A `shape` failure for
/// anything else.
value::Result<void> append_csv(const value::Value& rows, char delimiter,
                               std::optional<std::span<const value::Value>> columns,
                               value::Arena& arena, std::string& out);

}  // namespace fconn::formats
