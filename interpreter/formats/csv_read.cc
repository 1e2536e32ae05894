// CSV to JSON text, byte by byte: nothing but the row at hand is kept.
#include <algorithm>
#include <unordered_set>
#include <vector>

#include "interpreter/formats/csv.hh"
#include "interpreter/value/utf8.hh"

namespace fconn::formats {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
// Of a column's name in a message.
constexpr std::size_t longest_quote = 60;

std::string fields_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " field" : " fields");
}

class CsvDecoder final : public Decoder {
 public:
  explicit CsvDecoder(CsvShape shape) : shape_(shape) {}

  Result<void> feed(std::string_view bytes, std::string& out) override {
    std::string joined;
    if (!begun_) {
      // The mark may come in pieces.
      first_.append(bytes);
      if (first_.size() < byte_order_mark.size()) return {};
      joined = begin();
      bytes = joined;
    }
    return read(bytes, out);
  }

  Result<void> finish(std::string& out) override {
    if (!begun_) {
      const std::string rest = begin();
      if (auto done = read(rest, out); !done) return done;
    }
    if (state_ == State::quoted) {
      return wrong("a field that begins with a quote on line " + std::to_string(quote_line_) +
                   " never ends");
    }
    if (state_ != State::row_start) {
      if (auto done = end_row(out); !done) return done;
    }
    out += opened_ ? "]" : "[]";
    return {};
  }

 private:
  enum class State : std::uint8_t { row_start, field_start, plain, quoted, after_quote };

  static tl::unexpected<value::Failure> wrong(const std::string& text) {
    return fail(FailureKind::protocol, "this isn't a CSV text that can be read: " + text);
  }

  std::string begin() {
    begun_ = true;
    std::string text = std::move(first_);
    if (std::string_view(text).starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
    return text;
  }

  Result<void> read(std::string_view bytes, std::string& out) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (state_ == State::quoted || state_ == State::plain) {
        // Most bytes of most fields need no look at the state.
        const std::size_t end = plain_end(bytes, i);
        if (end > i) after_return_ = false;
        row_bytes_ += end - i;
        if (row_bytes_ > max_csv_row) return too_long();
        field_.append(bytes.substr(i, end - i));
        i = end;
        if (i == bytes.size()) break;
      }
      if (++row_bytes_ > max_csv_row) return too_long();
      if (auto done = take(bytes[i], out); !done) return done;
    }
    return {};
  }

  std::size_t plain_end(std::string_view bytes, std::size_t i) const {
    while (i < bytes.size() && bytes[i] != '"' && bytes[i] != '\n' && bytes[i] != '\r' &&
           bytes[i] != shape_.delimiter) {
      ++i;
    }
    return i;
  }

  tl::unexpected<value::Failure> too_long() const {
    return fail(FailureKind::limit, "the CSV row that begins on line " + std::to_string(row_line_) +
                                        " is longer than " + std::to_string(max_csv_row >> 20U) +
                                        " MiB");
  }

  Result<void> take(char c, std::string& out) {
    const bool line_feed = c == '\n';
    const bool second_half = line_feed && after_return_;  // of a CR LF
    after_return_ = c == '\r';
    if ((line_feed && !second_half) || c == '\r') ++line_;
    if (state_ == State::quoted) {
      if (c == '"') {
        state_ = State::after_quote;
      } else {
        field_ += c;
      }
      return {};
    }
    if (line_feed || c == '\r') {
      return state_ == State::row_start ? skipped() : end_row(out);
    }
    if (state_ == State::after_quote) {
      if (c == '"') {
        field_ += c;
        state_ = State::quoted;
        return {};
      }
      if (c != shape_.delimiter) {
        return wrong("on line " + std::to_string(line_) +
                     " something follows the quote that ends a field");
      }
      return end_field();
    }
    if (c == shape_.delimiter) return end_field();
    if (c == '"') {
      if (state_ == State::plain) {
        return wrong("on line " + std::to_string(line_) +
                     " a quote stands inside a field that doesn't begin with one");
      }
      state_ = State::quoted;
      quote_line_ = line_;
      return {};
    }
    state_ = State::plain;
    field_ += c;
    return {};
  }

  Result<void> skipped() {
    row_bytes_ = 0;
    row_line_ = line_;
    return {};
  }

  Result<void> end_field() {
    fields_.push_back(std::move(field_));
    field_.clear();
    state_ = State::field_start;
    return {};
  }

  Result<void> end_row(std::string& out) {
    (void)end_field();
    for (const std::string& field : fields_) {
      if (value::valid_utf8(field)) continue;
      return wrong("line " + std::to_string(row_line_) + " holds bytes that aren't UTF-8");
    }
    Result<void> done = columns_ == 0 ? first_row(out) : row(out);
    fields_.clear();
    state_ = State::row_start;
    row_bytes_ = 0;
    row_line_ = line_;
    return done;
  }

  Result<void> first_row(std::string& out) {
    columns_ = fields_.size();
    first_line_ = row_line_;
    if (!shape_.header) return row(out);
    std::unordered_set<std::string_view> seen;
    for (const std::string& name : fields_) {
      if (name.find('\0') != std::string::npos) {
        return wrong("it holds NUL bytes, as UTF-16 does, and only UTF-8 is read");
      }
      if (!seen.insert(name).second) {
        return wrong("two columns are called \"" + name.substr(0, longest_quote) + "\" on line " +
                     std::to_string(row_line_));
      }
      keys_.emplace_back();
      value::append_json_string(name, keys_.back());
      keys_.back() += ':';
    }
    return {};
  }

  Result<void> row(std::string& out) {
    if (fields_.size() != columns_) {
      return wrong("line " + std::to_string(row_line_) + " has " + fields_text(fields_.size()) +
                   ", and line " + std::to_string(first_line_) + " has " + fields_text(columns_));
    }
    out += opened_ ? ",\n" : "[";
    opened_ = true;
    out += shape_.header ? '{' : '[';
    for (std::size_t i = 0; i < columns_; ++i) {
      if (i > 0) out += ',';
      if (shape_.header) out += keys_[i];
      value::append_json_string(fields_[i], out);
    }
    out += shape_.header ? '}' : ']';
    return {};
  }

  const CsvShape shape_;
  std::string first_;  // bytes before it is known whether they begin with a mark
  bool begun_ = false;
  bool opened_ = false;  // the list is
  State state_ = State::row_start;
  bool after_return_ = false;
  std::uint64_t line_ = 1, row_line_ = 1, first_line_ = 1, quote_line_ = 1;
  std::size_t row_bytes_ = 0;
  std::size_t columns_ = 0;
  std::string field_;
  std::vector<std::string> fields_, keys_;
};

}  // namespace

std::unique_ptr<Decoder> csv_decoder(CsvShape shape) { return std::make_unique<CsvDecoder>(shape); }

Result<std::string> csv_to_json(std::string_view text, CsvShape shape) {
  CsvDecoder decoder(shape);
  std::string out;
  if (auto done = decoder.feed(text, out); !done) return fail(std::move(done.error()));
  if (auto done = decoder.finish(out); !done) return fail(std::move(done.error()));
  return out;
}

}  // namespace fconn::formats
