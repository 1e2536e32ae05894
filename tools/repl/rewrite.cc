#include "tools/repl/rewrite.hh"

#include <algorithm>
#include <map>
#include <optional>

#include "interpreter/formats/csv.hh"
#include "interpreter/formats/ndjson.hh"
#include "interpreter/formats/packed.hh"
#include "interpreter/formats/xml.hh"
#include "interpreter/value/utf8.hh"
#include "interpreter/value/value.hh"

namespace fconn::repl {

using value::Kind;
using value::Result;
using value::Value;

namespace {

/// Texts of one value to those of the other, which has the same form.
using Texts = std::map<std::string, std::string, std::less<>>;

void pair_up(const Value& any, const Value& other, value::Arena& arena, Texts& out) {
  const Value from = value::decoded(any, arena), to = value::decoded(other, arena);
  if (from.kind != to.kind) return;
  if (from.kind == Kind::string) out.emplace(from.view(), to.view());
  if (from.kind != Kind::list && from.kind != Kind::object) return;
  for (std::size_t i = 0; i < std::min(from.count, to.count); ++i) {
    if (from.kind == Kind::list) {
      pair_up(from.list_view()[i], to.list_view()[i], arena, out);
    } else {
      pair_up(from.object_view()[i].value, to.object_view()[i].value, arena, out);
    }
  }
}

/// What references of XML stand for; none: one that isn't known.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '&') {
      out += text[at++];
      continue;
    }
    const std::size_t end = text.find(';', at);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view name = text.substr(at + 1, end - at - 1);
    at = end + 1;
    constexpr std::pair<std::string_view, char> known[] = {
        {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
    bool found = false;
    for (const auto& [word, stands_for] : known) {
      if (name == word) out += stands_for, found = true;
    }
    if (found) continue;
    const bool hex = name.starts_with("#x");
    if (!name.starts_with('#') || name.size() > 9) return std::nullopt;
    char32_t code = 0;
    const std::string_view digits = name.substr(hex ? 2 : 1);
    for (const char c : digits) {
      const std::size_t digit =
          std::string_view("0123456789abcdef")
              .find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
      if (digit >= (hex ? 16U : 10U)) return std::nullopt;
      code = code * (hex ? 16U : 10U) + static_cast<char32_t>(digit);
    }
    if (digits.empty()) return std::nullopt;
    value::append_utf8(out, code);
  }
  return out;
}

/// Exchanges texts between tags and in attributes. Comments and processing instructions go: they
/// may say anything, and no value is in them.
class XmlRewriter {
 public:
  XmlRewriter(std::string_view text, const Texts& texts) : text_(text), texts_(texts) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (skip("<!--", "-->") || skip("<?", "?>")) continue;
      if (begins("<![CDATA[")) {
        const std::size_t begin = at_ + 9;
        const std::size_t end = std::min(text_.find("]]>", begin), text_.size());
        append(std::string(text_.substr(begin, end - begin)));
        at_ = std::min(end + 3, text_.size());
      } else if (text_[at_] == '<') {
        tag();
      } else {
        const std::size_t end = std::min(text_.find('<', at_), text_.size());
        exchange(text_.substr(at_, end - at_));
        at_ = end;
      }
    }
    return std::move(out_);
  }

 private:
  bool begins(std::string_view mark) const { return text_.substr(at_).starts_with(mark); }

  bool skip(std::string_view begin, std::string_view end) {
    if (!begins(begin)) return false;
    const std::size_t found = text_.find(end, at_ + begin.size());
    at_ = found == std::string_view::npos ? text_.size() : found + end.size();
    return true;
  }

  /// A tag as it is, with the values of its attributes exchanged.
  void tag() {
    while (at_ < text_.size() && text_[at_] != '>') {
      const char c = text_[at_++];
      out_ += c;
      if (c != '"' && c != '\'') continue;
      const std::size_t end = std::min(text_.find(c, at_), text_.size());
      exchange(text_.substr(at_, end - at_));
      at_ = end;
      if (at_ < text_.size()) out_ += text_[at_++];
    }
    if (at_ < text_.size()) out_ += text_[at_++];
  }

  void exchange(std::string_view written) {
    const bool blank = written.find_first_not_of(" \t\r\n") == std::string_view::npos;
    const auto plain = unescaped(written);
    if (blank || !plain) {
      if (blank) out_ += written;
      return;
    }
    append(*plain);
  }

  /// What isn't known goes: then the text isn't what it has to be, and that is seen.
  void append(const std::string& plain) {
    auto found = texts_.find(plain);
    if (found == texts_.end()) {
      const std::size_t begin = plain.find_first_not_of(" \t\r\n");
      if (begin == std::string::npos) return;
      found = texts_.find(plain.substr(begin, plain.find_last_not_of(" \t\r\n") - begin + 1));
    }
    if (found != texts_.end()) formats::append_xml_escaped(found->second, out_);
  }

  std::string_view text_;
  const Texts& texts_;
  std::string out_;
  std::size_t at_ = 0;
};

std::string ndjson_text(const Value& rows, value::Arena& arena) {
  std::string out;
  for (const Value& row : rows.list_view())
    out += value::to_json(value::decoded(row, arena)) + "\n";
  return out;
}

bool gives(const Result<std::string>& json, const Value& wanted, value::Arena& arena) {
  if (!json) return false;
  const auto parsed = value::parse_json(*json, arena);
  return parsed && value::equal(*parsed, wanted, arena);
}

Result<std::string> read_ndjson(std::string_view text) {
  const auto decoder = formats::ndjson_decoder();
  std::string out;
  if (auto fed = decoder->feed(text, out); !fed) return value::fail(fed.error());
  if (auto done = decoder->finish(out); !done) return value::fail(done.error());
  return out;
}

}  // namespace

Result<std::string> rewritten(const Rewriting& answer) {
  const auto no = [](std::string text) {
    return value::fail(value::FailureKind::configuration, std::move(text));
  };
  if (formats::is_gzip(answer.body) || formats::is_zip(answer.body)) {
    return no("it is packed, and a test holds texts");
  }
  value::Arena arena;
  // Both are texts that were written by this program.
  const auto before = value::parse_json(answer.json, arena);
  const auto after = value::parse_json(answer.scrubbed, arena);
  if (!before || !after) return no("what is personal in it can't be told");
  if (after->kind == Kind::string) return std::string(value::decoded(*after, arena).view());
  if (after->kind == Kind::list) {
    std::string lines = ndjson_text(*after, arena);
    if (answer.media_type != "text/csv" && gives(read_ndjson(answer.body), *before, arena)) {
      if (gives(read_ndjson(lines), *after, arena)) return lines;
    }
    std::string table;
    if (formats::append_csv(*after, ',', std::nullopt, arena, table) &&
        gives(formats::csv_to_json(table, {}), *after, arena)) {
      return table;
    }
    return no("it is a table that can't be written with stand-ins");
  }
  if (!value::valid_utf8(answer.body)) return no("it isn't UTF-8");
  Texts texts;
  pair_up(*before, *after, arena, texts);
  std::string document = XmlRewriter(answer.body, texts).run();
  if (gives(formats::xml_to_json(document), *after, arena)) return document;
  return no("what is personal in its XML can't be told");
}

}  // namespace fconn::repl
