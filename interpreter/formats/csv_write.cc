// Rows to CSV text.
#include <algorithm>
#include <unordered_set>
#include <vector>

#include "interpreter/formats/csv.hh"

namespace fconn::formats {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

namespace {

class Writer {
 public:
  Writer(char delimiter, value::Arena& arena, std::string& out)
      : delimiter_(delimiter), arena_(arena), out_(out) {}

  void text(std::string_view field) {
    separate();
    // A byte order mark in front of the text would be skipped by readers.
    const bool quote = field.starts_with("\xEF\xBB\xBF") ||
                       field.find_first_of("\"\r\n") != std::string_view::npos ||
                       field.find(delimiter_) != std::string_view::npos;
    if (!quote) {
      out_ += field;
      return;
    }
    out_ += '"';
    for (const char c : field) {
      if (c == '"') out_ += '"';
      out_ += c;
    }
    out_ += '"';
  }

  Result<void> cell(const Value& from) {
    const Value plain = value::decoded(from, arena_);
    switch (plain.kind) {
      case Kind::null_value:
        text({});
        return {};
      case Kind::string:
      case Kind::xml:
        text(plain.view());
        return {};
      case Kind::bytes:
        return fail(FailureKind::shape,
                    "bytes can't be a CSV field; write them as `base64` or `hex`");
      default: {
        std::string json;
        value::append_json(plain, json);
        text(json);
        return {};
      }
    }
  }

  void end_line() {
    // A line without any character would be no row.
    if (fields_ == 1 && out_.size() == line_start_) out_ += "\"\"";
    out_ += "\r\n";
    fields_ = 0;
    line_start_ = out_.size();
  }
  void begin() { line_start_ = out_.size(); }

 private:
  void separate() {
    if (fields_++ > 0) out_ += delimiter_;
  }

  const char delimiter_;
  value::Arena& arena_;
  std::string& out_;
  std::size_t fields_ = 0;
  std::size_t line_start_ = 0;
};

Result<std::vector<std::string_view>> given_columns(std::span<const Value> columns,
                                                    value::Arena& arena) {
  std::vector<std::string_view> names;
  std::unordered_set<std::string_view> seen;
  for (const Value& column : columns) {
    const Value name = value::decoded(column, arena);
    if (name.kind != Kind::string) {
      return fail(FailureKind::shape, "the columns of a CSV text are strings");
    }
    if (!seen.insert(name.view()).second) {
      return fail(FailureKind::shape,
                  "the CSV column \"" + std::string(name.view()) + "\" is named twice");
    }
    names.push_back(name.view());
  }
  return names;
}

std::vector<std::string_view> all_columns(std::span<const Value> rows) {
  std::vector<std::string_view> names;
  std::unordered_set<std::string_view> seen;
  for (const Value& row : rows) {
    for (const value::Member& member : row.object_view()) {
      if (seen.insert(member.key).second) names.push_back(member.key);
    }
  }
  return names;
}

Result<void> write_lists(std::span<const Value> rows, Writer& writer) {
  for (const Value& row : rows) {
    if (row.count != rows[0].count) {
      return fail(FailureKind::shape, "the rows of a CSV text have different lengths");
    }
    if (row.count == 0) return fail(FailureKind::shape, "a CSV row needs a field");
    for (const Value& item : row.list_view()) {
      if (auto done = writer.cell(item); !done) return done;
    }
    writer.end_line();
  }
  return {};
}

Result<void> write_objects(std::span<const Value> rows,
                           const std::vector<std::string_view>& columns, Writer& writer) {
  if (columns.empty()) {
    if (rows.empty()) return {};
    return fail(FailureKind::shape, "a CSV text needs a column");
  }
  for (const std::string_view column : columns) writer.text(column);
  writer.end_line();
  for (const Value& row : rows) {
    for (const std::string_view column : columns) {
      const Value* found = value::find_member(row, column);
      if (auto done = writer.cell(found == nullptr ? Value::null() : *found); !done) return done;
    }
    writer.end_line();
  }
  return {};
}

}  // namespace

Result<void> append_csv(const Value& rows, char delimiter,
                        std::optional<std::span<const Value>> columns, value::Arena& arena,
                        std::string& out) {
  std::vector<Value> all;
  for (const Value& row : rows.list_view()) {
    all.push_back(value::decoded(row, arena));
    const Kind kind = all.back().kind;
    if ((kind != Kind::object && kind != Kind::list) || kind != all.front().kind) {
      return fail(FailureKind::shape,
                  "the rows of a CSV text must be all objects or all lists, and row " +
                      std::to_string(all.size()) + " is " + std::string(value::name(kind)));
    }
  }
  Writer writer(delimiter, arena, out);
  writer.begin();
  if (!all.empty() && all.front().kind == Kind::list) {
    if (!columns) return write_lists(all, writer);
    return fail(FailureKind::shape, "rows that are lists have no named columns");
  }
  if (!columns) return write_objects(all, all_columns(all), writer);
  auto names = given_columns(*columns, arena);
  if (!names) return fail(std::move(names.error()));
  return write_objects(all, *names, writer);
}

}  // namespace fconn::formats
