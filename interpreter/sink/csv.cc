// CSV (RFC 4180), one file a collection. The header is known only when all rows are: rows wait in a
// spool as they came, in length-prefixed records, and are written in a second pass.
#include <set>

#include "interpreter/sink/sinks.hh"
#include "interpreter/sink/spool.hh"
#include "interpreter/value/value.hh"

namespace fconn::sink {
namespace {

constexpr std::string_view scalar_column = "value";

/// Whether a spreadsheet would compute the text, perhaps with what is outside of the sheet (OWASP
/// "CSV Injection"): what begins with one of these, also in full width. A number is none.
bool is_formula(std::string_view text) {
  for (const std::string_view wide :
       {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"}) {
    if (text.starts_with(wide)) return true;
  }
  if (text.empty() || std::string_view("=+-@\t\r\n").find(text[0]) == std::string_view::npos) {
    return false;
  }
  const bool sign = text[0] == '+' || text[0] == '-';
  const std::string_view digits = text.substr(1);
  return !sign || digits.find_first_of("0123456789") == std::string_view::npos ||
         digits.find_first_not_of("0123456789., ") != std::string_view::npos;
}

void append_cell(std::string& line, std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

/// A text out of a response; `cells` says whether a spreadsheet may take it for a formula.
void append_text(std::string& line, std::string_view text, CsvCells cells) {
  if (cells == CsvCells::exact || !is_formula(text)) return append_cell(line, text);
  append_cell(line, "'" + std::string(text));
}

/// One value as a cell's text; `member` may be raw.
void append_value(std::string& line, const value::Value& member, CsvCells cells,
                  value::Arena& arena) {
  const value::Value plain = value::decoded(member, arena);
  switch (plain.kind) {
    case value::Kind::null_value:
      return;
    case value::Kind::string:
      // An empty text is quoted, so that it can be told from null.
      if (plain.length == 0) line += "\"\"";
      append_text(line, plain.view(), cells);
      return;
    default: {
      std::string text;
      value::append_json(member, text);
      append_cell(line, text);
    }
  }
}

/// How files of a run are written.
struct Style {
  bool provenance = false;
  CsvCells cells = CsvCells::guarded;
};

/// The rows of one collection that wait, and the columns seen so far.
class Table {
 public:
  value::Result<void> add(const value::RowBatch& batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (batch.dropped(i)) continue;
      note_columns(batch.row(i));
      record(batch.row(i));
      record(batch.provenance.request);
      record(batch.provenance.identity);
      if (auto spooled = spool_.append(record_); !spooled) return spooled;
      record_.clear();
    }
    return {};
  }

  value::Result<void> write(Output& output, Style style) {
    std::string line;
    if (style.provenance) line = "from.request,from.identity";
    for (const std::string& column : columns_) {
      if (!line.empty()) line += ',';
      append_text(line, column, style.cells);
    }
    if (line.empty()) return output.flush();
    line += "\r\n";
    if (auto written = output.write(line); !written) return written;
    for (std::uint64_t offset = 0; offset < spool_.size();) {
      auto next = write_row(output, style, offset);
      if (!next) return value::fail(next.error());
      offset = *next;
    }
    return output.flush();
  }

 private:
  void record(std::string_view bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    for (unsigned shift = 0; shift < 32; shift += 8) {
      record_ += static_cast<char>((size >> shift) & 255U);
    }
    record_ += bytes;
  }

  void note_columns(std::string_view row) {
    arena_.reset();
    const value::Value value = value::decoded(value::Value::raw(row), arena_);
    if (value.kind != value::Kind::object) return note(scalar_column);
    for (const value::Member& member : value.object_view()) note(member.key);
  }

  void note(std::string_view column) {
    if (known_.find(column) != known_.end()) return;
    known_.emplace(column);
    columns_.emplace_back(column);
  }

  value::Result<std::string> field(std::uint64_t& offset) {
    auto head = spool_.read(offset, 4);
    if (!head) return value::fail(head.error());
    std::uint32_t size = 0;
    for (unsigned i = 0; i < 4; ++i) {
      size |= static_cast<std::uint32_t>(static_cast<unsigned char>((*head)[i])) << (8 * i);
    }
    auto body = spool_.read(offset + 4, size);
    if (!body) return value::fail(body.error());
    offset += 4 + std::uint64_t{size};
    return std::string(*body);
  }

  value::Result<std::uint64_t> write_row(Output& output, Style style, std::uint64_t offset) {
    auto row = field(offset);
    if (!row) return value::fail(row.error());
    auto request = field(offset);
    if (!request) return value::fail(request.error());
    auto identity = field(offset);
    if (!identity) return value::fail(identity.error());

    std::string line;
    bool first = true;
    if (style.provenance) {
      append_cell(line, *request);
      line += ',';
      append_cell(line, *identity);
      first = false;
    }
    arena_.reset();
    const value::Value value = value::decoded(value::Value::raw(*row), arena_);
    for (const std::string& column : columns_) {
      if (!first) line += ',';
      first = false;
      append_column(line, value, column, style.cells);
    }
    // A line without any character would be no row.
    if (line.empty()) line = "\"\"";
    line += "\r\n";
    if (auto written = output.write(line); !written) return value::fail(written.error());
    return offset;
  }

  void append_column(std::string& line, const value::Value& row, std::string_view column,
                     CsvCells cells) {
    if (row.kind != value::Kind::object) {
      if (column == scalar_column) append_value(line, row, cells, arena_);
      return;
    }
    const value::Member* found = nullptr;
    for (const value::Member& member : row.object_view()) {
      if (member.key == column) found = &member;
    }
    if (found != nullptr) append_value(line, found->value, cells, arena_);
  }

  Spool spool_;
  std::string record_;
  std::vector<std::string> columns_;
  std::set<std::string, std::less<>> known_;
  value::Arena arena_;
};

class CsvSink : public value::Sink {
 public:
  CsvSink(std::string directory, Style style) : directory_(std::move(directory)), style_(style) {}

  value::Result<void> write(std::string_view instance, std::string_view collection,
                            const value::RowBatch& batch) override {
    return tables_[file_stem(instance, collection)].add(batch);
  }

  value::Result<void> finish(std::string_view instance, std::string_view collection,
                             const value::Outcome&) override {
    const std::string stem = file_stem(instance, collection);
    auto written = save(stem, tables_[stem]);
    tables_.erase(stem);
    return written;
  }

  value::Result<void> close() override {
    for (auto& entry : tables_) {
      if (auto written = save(entry.first, entry.second); !written) return written;
    }
    tables_.clear();
    return {};
  }

 private:
  value::Result<void> save(const std::string& stem, Table& table) {
    if (auto made = make_directory(directory_); !made) return made;
    auto output = Output::create(directory_ + "/" + stem + ".csv");
    if (!output) return value::fail(output.error());
    return table.write(**output, style_);
  }

  std::string directory_;
  Style style_;
  std::map<std::string, Table> tables_;
};

}  // namespace

std::unique_ptr<value::Sink> make_csv(std::string directory, bool provenance, CsvCells cells) {
  return std::make_unique<CsvSink>(std::move(directory), Style{provenance, cells});
}

}  // namespace fconn::sink
