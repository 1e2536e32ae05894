// Rows on their way from a response to the sink. A row is its JSON text (one line, valid, as
// received); the texts of a batch lie in one buffer, so writing NDJSON is a copy of bytes. All
// rows of a batch come from one response: provenance is kept once. Move-only; batches are moved
// between threads and never shared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fconn::value {

/// 96 bits of a keyed 128-bit hash: identifies a row within its collection (by key, else by text).
struct RowHash {
  std::uint64_t high = 0;
  std::uint32_t low = 0;
  std::uint32_t content = 0;  // of all the row holds, where the rest is of its key; not compared
  friend bool operator==(const RowHash& a, const RowHash& b) {
    return a.high == b.high && a.low == b.low;
  }
};

/// Where the rows of a batch came from (--provenance).
struct Provenance {
  std::string request;              // "r17"
  std::vector<std::string> steps;   // earlier requests of its chain: "r3", "r9"
  std::vector<std::string> inputs;  // JSON texts of the values that the request used
  std::string identity;             // name of the identity it goes back to; may be empty
  std::uint64_t position = 0;       // orders batches of one collection for --ordered
};

class RowBatch {
 public:
  RowBatch() = default;
  RowBatch(const RowBatch&) = delete;
  RowBatch& operator=(const RowBatch&) = delete;
  RowBatch(RowBatch&&) = default;
  RowBatch& operator=(RowBatch&&) = default;

  /// The buffer to append the next row's text to; then call end_row().
  std::string& text() { return text_; }
  void end_row(RowHash hash) {
    rows_.push_back({static_cast<std::uint32_t>(text_.size()), hash, false});
  }
  /// Takes back what was appended since the last end_row().
  void abandon_row() { text_.resize(rows_.empty() ? 0 : rows_.back().end); }

  std::size_t size() const { return rows_.size(); }
  std::size_t bytes() const { return text_.size(); }
  std::string_view row(std::size_t i) const {
    const std::uint32_t begin = i == 0 ? 0 : rows_[i - 1].end;
    return std::string_view(text_).substr(begin, rows_[i].end - begin);
  }
  RowHash hash(std::size_t i) const { return rows_[i].hash; }
  /// A dropped row (a duplicate) stays in the buffer and is skipped by sinks.
  void drop(std::size_t i) { rows_[i].dropped = true; }
  bool dropped(std::size_t i) const { return rows_[i].dropped; }
  /// Empties it but keeps the memory.
  void clear() {
    text_.clear();
    rows_.clear();
  }

  Provenance provenance;

 private:
  struct Row {
    std::uint32_t end;
    RowHash hash;
    bool dropped;
  };
  std::string text_;
  std::vector<Row> rows_;
};

}  // namespace fconn::value
